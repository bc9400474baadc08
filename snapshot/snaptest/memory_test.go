package snaptest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// heap returns the bytes that are alive, and those that were ever allocated.
func heap() (alive, total int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.TotalAlloc)
}

// A thousand parallel subtests share a fixture of 100,000 objects. Each changes
// its fork and finds in it nothing of the others'; kept alive together, all the
// forks take less than the fixture does.
func TestThousandForks(t *testing.T) {
	const objects, dirs, forks = 100_000, 1000, 1000
	ctx := context.Background()
	before, _ := heap()
	st := snaptest.New(t)
	for i := range objects {
		put(t, st.Bucket("archive"), fmt.Sprintf("customer-%03d/invoice-%06d.json", i%dirs, i), fmt.Sprintf("{\"number\": %d, \"total\": \"%d.00\"}\n", i, i%977), nil)
	}
	fixture := st.Snapshot()
	filled, start := heap()

	states := make([]*snapshot.Snapshot, forks)
	t.Run("forks", func(t *testing.T) {
		for i := range forks {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				fork := snaptest.Fork(t, fixture)
				b := fork.Bucket("archive")
				mine := fmt.Sprintf("customer-%03d/invoice-%06d.json", i%dirs, i)
				put(t, b, mine, fmt.Sprint("mine: ", i), nil)
				put(t, b, "new.json", fmt.Sprint("new: ", i), nil)
				require.NoError(t, b.Delete(ctx, fmt.Sprintf("customer-%03d", (i+1)%dirs), storage.Options{storage.OptRecursive: true}))
				require.Equal(t, objects+1-objects/dirs, fork.Snapshot().Len())
				states[i] = fork.Snapshot()
			})
		}
	})
	kept, end := heap()
	for i, state := range states {
		require.Equal(t, fmt.Sprint("new: ", i), content(t, state, "archive", "new.json"))
		mine := fmt.Sprintf("customer-%03d/invoice-%06d.json", i%dirs, i)
		require.Equal(t, fmt.Sprint("mine: ", i), content(t, state, "archive", mine))
		require.True(t, strings.HasPrefix(content(t, fixture, "archive", mine), "{\"number\""))
	}
	require.Equal(t, objects, st.Snapshot().Len())

	t.Logf("the fixture takes %d kB; %d forks, changed and kept alive, take %d kB together, and allocated %d kB in all",
		(filled-before)>>10, forks, (kept-filled)>>10, (end-start)>>10)
	require.Less(t, kept-filled, filled-before)
	require.Less(t, (end-start)/forks, int64(128<<10), "bytes allocated per subtest")
}

// A fork that is not written to takes the same few words whatever it forks.
func TestForkAllocatesTheSameWhateverItForks(t *testing.T) {
	allocated := func(objects int) int64 {
		st := snaptest.New(t)
		for i := range objects {
			put(t, st.Bucket("b"), fmt.Sprint(i), "content", nil)
		}
		snap := st.Snapshot()
		const forks = 1000
		_, before := heap()
		for range forks {
			record(t, func(tb testing.TB) { snaptest.Fork(tb, snap) })
		}
		_, after := heap()
		return (after - before) / forks
	}
	few, many := allocated(1), allocated(10_000)
	t.Logf("a fork of one object allocates %d bytes, of 10,000 objects %d", few, many)
	require.InDelta(t, few, many, 512)
}
