package snaptest

import (
	"errors"
	"slices"
	"testing"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// New returns an empty store in memory, closed when the test ends.
func New(tb testing.TB, opts ...memdriver.Option) snapshot.Store {
	mustTB(tb, "New").Helper()
	must(tb, "New", allSet(opts), noOption)
	st := memdriver.Open(opts...)
	tb.Cleanup(func() { st.Close() })
	return st
}

// Fork returns a store of its own that starts from a snapshot, closed when the
// test ends. It costs the same whatever the snapshot holds, and what is written
// to the store is seen nowhere else.
func Fork(tb testing.TB, snap *snapshot.Snapshot, opts ...memdriver.Option) snapshot.Store {
	mustTB(tb, "Fork").Helper()
	must(tb, "Fork", snap != nil, noSnapshot)
	must(tb, "Fork", allSet(opts), noOption)
	return New(tb, append(slices.Clip(opts), memdriver.WithSnapshot(snap))...)
}

// Rollback restores the store's present state when the test or subtest ends. It
// ends the test at once if the driver cannot be rewound.
func Rollback(tb testing.TB, st storage.Storage) {
	mustTB(tb, "Rollback").Helper()
	must(tb, "Rollback", !isNil(st), noStore)
	s, ok := st.(snapshot.Store)
	if !ok {
		tb.Fatalf("snaptest.Rollback: a %T cannot be rewound, for it is no snapshot.Store; use a store in memory (snaptest.New), or give each test a store of its own", st)
	}
	snap := s.Snapshot()
	must(tb, "Rollback", snap != nil, noSnapshot)
	tb.Cleanup(func() {
		tb.Helper()
		// A store that was closed meanwhile has no state for anyone to meet.
		if err := s.Restore(snap); err != nil && !errors.Is(err, storage.ErrClosed) {
			tb.Errorf("snaptest.Rollback: %v", err)
		}
	})
}
