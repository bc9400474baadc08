package snaptest

import (
	"slices"
	"testing"

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
