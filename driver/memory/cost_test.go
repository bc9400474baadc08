package memdriver_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// cost is the allocations of one call.
type cost struct{ allocs, bytes uint64 }

// costOf measures op as [testing.AllocsPerRun] does, and its bytes too. It is the
// least of some rounds, since the runtime allocates beside the test.
func costOf(op func()) cost {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	op()
	least := cost{1 << 60, 1 << 60}
	for range 5 {
		const runs = 100
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			op()
		}
		runtime.ReadMemStats(&after)
		least.allocs = min(least.allocs, (after.Mallocs-before.Mallocs)/runs)
		least.bytes = min(least.bytes, (after.TotalAlloc-before.TotalAlloc)/runs)
	}
	return least
}

// must is require.NoError, which allocates.
func must(t *testing.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// TestCostDoesNotGrow: snapshots, forks, moves of directories and Update cost the same
// whatever the store holds, in bytes and allocations.
func TestCostDoesNotGrow(t *testing.T) {
	measured := map[string][]cost{}
	for _, n := range []int{1_000, 10_000, 100_000} {
		st := memdriver.Open()
		b := st.Bucket("b")
		for i := range n {
			_, err := b.Write(ctx, fmt.Sprintf("big/%d/%d", i/1000, i), bytes.NewReader(nil), 0, "", nil)
			must(t, err)
		}
		dirs := b.(storage.HasDirectories)
		full := st.Snapshot()
		for name, op := range map[string]func(){
			"Snapshot": func() { st.Snapshot() },
			"Restore":  func() { must(t, st.Restore(full)) },
			"Directory.Move": func() {
				_, err := dirs.Directory("big").Move(ctx, "new", nil)
				must(t, err)
				_, err = dirs.Directory("new").Move(ctx, "big", nil)
				must(t, err)
			},
			"Update": func() {
				must(t, st.Update(ctx, func(tx storage.Storage) error {
					_, err := tx.Bucket("b").Write(ctx, "big/0/0", nil, 0, "", nil)
					return err
				}))
			},
			"fork": func() {
				must(t, memdriver.Open(memdriver.WithSnapshot(full)).Bucket("b").Delete(ctx, "big/0/0", nil))
			},
		} {
			measured[name] = append(measured[name], costOf(op))
		}
	}
	t.Logf("allocations and bytes at 1,000, 10,000 and 100,000 objects: %+v", measured)
	for _, name := range []string{"Snapshot", "Restore"} {
		for _, c := range measured[name] {
			assert.Equal(t, cost{}, c, "%s allocates", name)
		}
	}
	for _, name := range []string{"Directory.Move", "fork", "Update"} {
		for _, c := range measured[name] {
			assert.LessOrEqual(t, c.allocs, uint64(100), name)
			if !raceEnabled() { // with it, pools drop buffers at random
				assert.LessOrEqual(t, c.bytes, uint64(20_000), name)
			}
		}
	}
}

// TestAllocations pins the allocations of the hot paths in a bucket of 10,000 objects
// of 1 KiB: the caller's results, the content, and for a write the page of names and
// the path to it. It depends on the compiler's inlining.
func TestAllocations(t *testing.T) {
	if raceEnabled() {
		t.Skip("under the race detector a sync.Pool forgets at random")
	}
	st := memdriver.Open()
	b := st.Bucket("b")
	content, buf := make([]byte, 1<<10), make([]byte, 1<<10)
	keys := make([]string, 10_000)
	writeTo := func(b storage.Bucket, key string) {
		_, err := b.Write(ctx, key, bytes.NewReader(content), int64(len(content)), "", nil)
		must(t, err)
	}
	write := func(key string) { writeTo(b, key) }
	n := len(keys)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%05d", i)
		write(keys[i])
	}
	some := keys[n/2]
	for name, test := range map[string]struct {
		op   func()
		most cost
	}{
		"Stat": {func() {
			_, err := b.Stat(ctx, some, nil)
			must(t, err)
		}, cost{1, 160}},
		"Open and read": {func() {
			r, _, err := b.Open(ctx, some, 0, 0, nil)
			must(t, err)
			_, err = io.ReadFull(r, buf)
			must(t, err)
			must(t, r.Close())
		}, cost{1, 192}},
		"Write": {func() { write(some) }, cost{16, 2_850}},
		"Update of 100 writes": {func() {
			must(t, st.Update(ctx, func(tx storage.Storage) error {
				b := tx.Bucket("b")
				for i := range 100 {
					writeTo(b, keys[i*7919%n])
				}
				return nil
			}))
		}, cost{742, 192_000}},
		"List a page of 100": {func() {
			it, err := b.List(ctx, "", 100, n/2, nil)
			must(t, err)
			for range 100 {
				obj, err := it.Next()
				must(t, err)
				if obj == nil {
					t.Fatal("the page is short")
				}
			}
		}, cost{103, 16_400}},
	} {
		c := costOf(test.op)
		t.Logf("%s: %+v", name, c)
		assert.LessOrEqual(t, c.allocs, test.most.allocs, "allocations of %s", name)
		assert.LessOrEqual(t, c.bytes, test.most.bytes, "bytes of %s", name)
	}
}
