package snaptest

import (
	"errors"
	"slices"
	"testing"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// New returns an empty store in memory. It is closed when the test ends.
func New(tb testing.TB, opts ...memdriver.Option) snapshot.Store {
	mustTB(tb, "New").Helper()
	must(tb, "New", allSet(opts), noOption)
	st := memdriver.Open(opts...)
	tb.Cleanup(func() { st.Close() })
	return st
}

// Fork returns a new store in memory that starts from a snapshot. It is closed
// when the test ends. Fork costs O(1) whatever the snapshot holds, and writes to
// the store change neither the snapshot nor other forks.
func Fork(tb testing.TB, snap *snapshot.Snapshot, opts ...memdriver.Option) snapshot.Store {
	mustTB(tb, "Fork").Helper()
	must(tb, "Fork", snap != nil, noSnapshot)
	must(tb, "Fork", allSet(opts), noOption)
	return New(tb, append(slices.Clip(opts), memdriver.WithSnapshot(snap))...)
}

// Rollback takes a snapshot of the store and restores it when the test or subtest
// ends. The store must be a [snapshot.Store]; any other ends the test at once.
func Rollback(tb testing.TB, st storage.Storage) {
	mustTB(tb, "Rollback").Helper()
	must(tb, "Rollback", !isNil(st), noStore)
	s, ok := st.(snapshot.Store)
	if !ok {
		tb.Fatalf("snaptest.Rollback: a %T cannot be rolled back, since it is not a snapshot.Store; use a store in memory (snaptest.New), or give each test a store of its own", st)
	}
	snap := s.Snapshot()
	must(tb, "Rollback", snap != nil, noSnapshot)
	tb.Cleanup(func() {
		tb.Helper()
		// A store that the test has closed has no state left to restore.
		if err := s.Restore(snap); err != nil && !errors.Is(err, storage.ErrClosed) {
			tb.Errorf("snaptest.Rollback: %v", err)
		}
	})
}
