package memdriver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// updated is a store with one object, and the snapshot of that.
func updated(t *testing.T, opts ...memdriver.Option) (*memdriver.Store, storage.Bucket, *snapshot.Snapshot) {
	st := memdriver.Open(opts...)
	put(t, st.Bucket("b"), "k")
	return st, st.Bucket("b"), st.Snapshot()
}

// TestUpdateIsOneCommit: until the function has returned nothing of it is seen, and
// then all.
func TestUpdateIsOneCommit(t *testing.T) {
	st, b, before := updated(t)
	err := st.Update(ctx, func(tx storage.Storage) error {
		put(t, tx.Bucket("b"), "l", "m")
		require.NoError(t, tx.Bucket("b").Delete(ctx, "k", nil))
		require.Same(t, before, st.Snapshot())
		it, err := tx.Bucket("b").List(ctx, "", 0, 0, nil)
		require.NoError(t, err)
		require.Equal(t, []string{"l", "m"}, keysOf(t, it), "it sees what it did itself")
		return nil
	})
	require.NoError(t, err)
	it, err := b.List(ctx, "", 0, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"l", "m"}, keysOf(t, it))
	assert.Equal(t, 1, before.Len())
}

// TestUpdateFails: an error of the function, a panic and a runtime.Goexit leave the
// store as it was, and no lock behind.
func TestUpdateFails(t *testing.T) {
	st, b, before := updated(t)
	change := func(tx storage.Storage) { put(t, tx.Bucket("b"), "l") }
	err := st.Update(ctx, func(tx storage.Storage) error { change(tx); return errBoom })
	require.Same(t, errBoom, err)
	require.Same(t, before, st.Snapshot())
	require.PanicsWithValue(t, "boom", func() {
		st.Update(ctx, func(tx storage.Storage) error { change(tx); panic("boom") })
	})
	require.Same(t, before, st.Snapshot())
	var tx storage.Storage
	t.Run("skipped", func(t *testing.T) {
		st.Update(ctx, func(inner storage.Storage) error { tx = inner; change(tx); t.SkipNow(); return nil })
	})
	require.Same(t, before, st.Snapshot())
	require.ErrorIs(t, tx.Bucket("b").Delete(ctx, "k", nil), storage.ErrClosed)
	put(t, b, "k")
}

// TestUpdateIsOvertaken: after another commit, a Restore too, the function runs again
// on the value that is current then.
func TestUpdateIsOvertaken(t *testing.T) {
	for name, overtake := range map[string]func(st *memdriver.Store, first *snapshot.Snapshot){
		"write":   func(st *memdriver.Store, _ *snapshot.Snapshot) { put(t, st.Bucket("b"), "other") },
		"restore": func(st *memdriver.Store, first *snapshot.Snapshot) { require.NoError(t, st.Restore(first)) },
		"update": func(st *memdriver.Store, _ *snapshot.Snapshot) {
			require.NoError(t, st.Update(ctx, func(tx storage.Storage) error { put(t, tx.Bucket("b"), "other"); return nil }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			st, b, _ := updated(t)
			first := st.Snapshot()
			put(t, b, "l")
			var seen []int
			err := st.Update(ctx, func(tx storage.Storage) error {
				seen = append(seen, tx.(snapshot.Store).Snapshot().Len())
				put(t, tx.Bucket("b"), "mine")
				if len(seen) <= 2 {
					overtake(st, first)
				}
				return nil
			})
			require.NoError(t, err)
			want := map[string][]int{"write": {2, 3, 3}, "restore": {2, 1}, "update": {2, 3, 3}}[name]
			if name == "restore" { // the second Restore changes nothing
				require.Equal(t, want, seen[:2])
			} else {
				require.Equal(t, want, seen)
			}
			_, err = b.Stat(ctx, "mine", nil)
			require.NoError(t, err)
		})
	}
}

// TestUpdateThatOvertakesItself: a function that writes to the store itself is run
// until the context is done.
func TestUpdateThatOvertakesItself(t *testing.T) {
	st, b, _ := updated(t)
	cancelled, cancel := context.WithCancel(ctx)
	runs := 0
	err := st.Update(cancelled, func(tx storage.Storage) error {
		put(t, tx.Bucket("b"), "tx")
		put(t, b, "k")
		if runs++; runs == 3 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, runs)
	_, err = b.Stat(ctx, "tx", nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
}

// TestUpdateHoldsNoLock: the function may wait for another writer.
func TestUpdateHoldsNoLock(t *testing.T) {
	st, b, _ := updated(t)
	waited := false
	require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
		put(t, tx.Bucket("b"), "tx")
		if !waited {
			var wg sync.WaitGroup
			wg.Go(func() { put(t, b, "writer") })
			wg.Wait()
			waited = true
		}
		return nil
	}))
	require.Equal(t, 3, st.Snapshot().Len())
}

// TestUpdateIsSeen: whoever looks into the store within an Update keeps what he saw,
// whatever it writes later to the same objects, and by whichever call he looked.
func TestUpdateIsSeen(t *testing.T) {
	st, _, _ := updated(t)
	var seen []storage.ObjectIter
	var snaps []*snapshot.Snapshot
	var readers []io.Reader
	const rounds = 20
	err := st.Update(ctx, func(tx storage.Storage) error {
		seen, snaps, readers = nil, nil, nil
		b := tx.Bucket("b")
		for i := range rounds {
			text := strings.Repeat("x", i)
			for _, key := range []string{"d/same", fmt.Sprint("d/", i)} {
				_, err := b.Write(ctx, key, strings.NewReader(text), -1, "", nil)
				require.NoError(t, err)
			}
			it, err := b.List(ctx, "d/", 0, 0, nil)
			require.NoError(t, err)
			seen = append(seen, it)
			snaps = append(snaps, tx.(*memdriver.Store).Snapshot())
			r, _, err := b.Open(ctx, "d/same", 0, 0, nil)
			require.NoError(t, err)
			readers = append(readers, r)
			require.NoError(t, b.Delete(ctx, fmt.Sprint("d/", i), nil))
		}
		return nil
	})
	require.NoError(t, err)
	for i := range rounds {
		require.Equal(t, []string{fmt.Sprint("d/", i), "d/same"}, keysOf(t, seen[i]))
		info, err := snaps[i].Storage().Bucket("b").Stat(ctx, "d/same", nil)
		require.NoError(t, err)
		require.EqualValues(t, i, info.Size)
		content, err := io.ReadAll(readers[i])
		require.NoError(t, err)
		require.Len(t, content, i)
	}
}

// TestUpdateUnseen: a question about the rules of tx, or a handle on a directory, does
// not make the next write copy what it could change in place.
func TestUpdateUnseen(t *testing.T) {
	st, _, _ := updated(t)
	require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
		b := tx.Bucket("b")
		for i := range 1000 {
			put(t, b, fmt.Sprint("d/e/", i))
		}
		write := func() { must(t, second(b.Write(ctx, "d/e/7", nil, 0, "", nil))) }
		want := testing.AllocsPerRun(100, write)
		assert.Equal(t, want, testing.AllocsPerRun(100, func() { tx.(storage.HasExactKeys).ExactKeys(); write() }))
		assert.Equal(t, want, testing.AllocsPerRun(100, func() { b.(storage.HasExactKeys).ExactKeys(); write() }))
		dirs := b.(storage.HasDirectories)
		directory := testing.AllocsPerRun(100, func() { dirs.Directory("d") })
		assert.Equal(t, want+directory, testing.AllocsPerRun(100, func() { dirs.Directory("d"); write() }))
		assert.Less(t, want, testing.AllocsPerRun(100, func() { tx.(*memdriver.Store).Snapshot(); write() }), "after a look")
		return nil
	}))
}

// TestUpdateConcurrently: any number of goroutines may read and write the store within
// an Update.
func TestUpdateConcurrently(t *testing.T) {
	st, _, _ := updated(t)
	before := st.Snapshot().Len()
	require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				b := tx.Bucket("b")
				for i := range 50 {
					_, err := b.Write(ctx, fmt.Sprintf("g%d/%d", g, i), nil, 0, "", nil)
					assert.NoError(t, err)
					it, err := b.List(ctx, fmt.Sprintf("g%d/", g), 0, 0, nil)
					assert.NoError(t, err)
					assert.Len(t, keysOf(t, it), i+1)
					_, err = b.Stat(ctx, fmt.Sprintf("g%d/%d", (g+1)%4, i), nil)
					assert.True(t, err == nil || errors.Is(err, storage.ErrNotExist), err)
				}
			})
		}
		wg.Wait()
		return nil
	}))
	require.Equal(t, before+200, st.Snapshot().Len())
}

func TestUpdateNests(t *testing.T) {
	st, _, before := updated(t)
	err := st.Update(ctx, func(tx storage.Storage) error {
		inner := tx.(snapshot.Store)
		require.NoError(t, inner.Update(ctx, func(tx storage.Storage) error { put(t, tx.Bucket("b"), "in"); return nil }))
		require.Same(t, errBoom, inner.Update(ctx, func(tx storage.Storage) error { put(t, tx.Bucket("b"), "failed"); return errBoom }))
		require.Equal(t, 2, inner.Snapshot().Len())
		require.Same(t, before, st.Snapshot())
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, st.Snapshot().Len())
}

// TestUpdateClosesItsStore: afterwards tx is closed, but readers and iterators of it
// stay good (C2).
func TestUpdateClosesItsStore(t *testing.T) {
	st, _, _ := updated(t)
	var tx storage.Storage
	var rc io.ReadCloser
	var it storage.ObjectIter
	require.NoError(t, st.Update(ctx, func(inner storage.Storage) (err error) {
		tx = inner
		put(t, tx.Bucket("b"), "l")
		rc, _, err = tx.Bucket("b").Open(ctx, "l", 0, 0, nil)
		require.NoError(t, err)
		it, err = tx.Bucket("b").List(ctx, "", 0, 0, nil)
		return err
	}))
	_, err := tx.Bucket("b").Write(ctx, "m", nil, 0, "", nil)
	require.ErrorIs(t, err, storage.ErrClosed)
	require.Nil(t, tx.(snapshot.Store).Snapshot())
	text, err := io.ReadAll(rc)
	require.NoError(t, err)
	require.Equal(t, "text of l", string(text))
	require.Equal(t, []string{"k", "l"}, keysOf(t, it))
	require.Equal(t, 2, st.Snapshot().Len())
}

// TestUpdateAndClose: a store that is closed meanwhile stays closed, and a function
// that closes its own store commits nothing.
func TestUpdateAndClose(t *testing.T) {
	st, _, before := updated(t)
	err := st.Update(ctx, func(tx storage.Storage) error { put(t, tx.Bucket("b"), "l"); return tx.Close() })
	require.ErrorIs(t, err, storage.ErrClosed)
	require.Same(t, before, st.Snapshot())
	err = st.Update(ctx, func(tx storage.Storage) error { put(t, tx.Bucket("b"), "l"); return st.Close() })
	require.ErrorIs(t, err, storage.ErrClosed)
	require.Nil(t, st.Snapshot())
	err = st.Update(ctx, func(storage.Storage) error { t.Error("it runs on a closed store"); return nil })
	require.ErrorIs(t, err, storage.ErrClosed)
}

// TestUpdateQuota: the limit is on what the function leaves.
func TestUpdateQuota(t *testing.T) {
	st := memdriver.Open(memdriver.WithMaxBytes(10))
	write := func(tx storage.Storage, key string, n int) error {
		return second(tx.Bucket("b").Write(ctx, key, strings.NewReader(strings.Repeat("x", n)), -1, "", nil))
	}
	require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
		require.NoError(t, write(tx, "a", 8))
		require.NoError(t, write(tx, "b", 8), "more than the limit meanwhile")
		return tx.Bucket("b").Delete(ctx, "a", nil)
	}))
	require.EqualValues(t, 8, st.Snapshot().Bytes())
	err := st.Update(ctx, func(tx storage.Storage) error { return write(tx, "c", 3) })
	require.ErrorIs(t, err, storage.ErrQuota)
	require.EqualValues(t, 8, st.Snapshot().Bytes())
	err = st.Update(ctx, func(tx storage.Storage) error { return write(tx, "b", 11) })
	require.ErrorIs(t, err, storage.ErrQuota, "a body that is longer than the limit")
}

// TestUpdateKeepsOptions: tx has the default bucket, the limits, the kind of keys and
// the ETags of the store.
func TestUpdateKeepsOptions(t *testing.T) {
	st := memdriver.Open(memdriver.WithDefaultBucket("main"), memdriver.WithExactKeys(), memdriver.WithMD5ETags(),
		memdriver.WithLimits(storage.Limits{MaxKey: 4}))
	require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
		b := tx.Bucket("")
		require.Equal(t, "main", b.Name())
		require.Equal(t, 4, storage.LimitsOf(tx).MaxKey)
		obj, err := b.Write(ctx, "a//b", nil, 0, "", nil)
		require.NoError(t, err)
		require.Equal(t, "d41d8cd98f00b204e9800998ecf8427e", obj.ETag)
		require.ErrorIs(t, second(b.Write(ctx, "a//bc", nil, 0, "", nil)), storage.ErrInvalid)
		return nil
	}))
	require.Equal(t, 1, st.Snapshot().Len())
}

// TestUpdateLosesNothing: eight writers add to one number and move units between two
// others, which readers never see half.
func TestUpdateLosesNothing(t *testing.T) {
	const writers, each = 8, 40
	st := memdriver.Open()
	set := func(tx storage.Storage, key string, n int) error {
		text := strconv.Itoa(n)
		return second(tx.Bucket("b").Write(ctx, key, strings.NewReader(text), int64(len(text)), "", nil))
	}
	get := func(tx storage.Storage, key string) int {
		rc, _, err := tx.Bucket("b").Open(ctx, key, 0, 0, nil)
		require.NoError(t, err)
		text, err := io.ReadAll(rc)
		require.NoError(t, err)
		n, err := strconv.Atoi(string(text))
		require.NoError(t, err)
		return n
	}
	for _, key := range []string{"sum", "from", "to"} {
		require.NoError(t, set(st, key, 0))
	}
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				assert.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
					for key, add := range map[string]int{"sum": 1, "from": -1, "to": 1} {
						if err := set(tx, key, get(tx, key)+add); err != nil {
							return err
						}
					}
					return nil
				}))
				now := st.Snapshot().Storage()
				assert.Zero(t, get(now, "from")+get(now, "to"), "half of a transfer is seen")
			}
		})
	}
	wg.Wait()
	assert.Equal(t, writers*each, get(st, "sum"), "updates are lost")
}
