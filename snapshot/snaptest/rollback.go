package snaptest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Rollback takes a snapshot of the store and restores it when the test or subtest
// ends. The store must be a [snapshot.Store]; any other ends the test at once. So
// does a Rollback of a store that a test which runs at the same time rolls back,
// too: parallel tests need a [Fork] each.
func Rollback(tb testing.TB, st storage.Storage) {
	mustTB(tb, "Rollback").Helper()
	must(tb, "Rollback", !isNil(st), noStore)
	snap := snapshotOf(tb, "Rollback", st)
	s := st.(snapshot.Store)
	if other := rollbacks.begin(s, tb.Name()); other != "" {
		tb.Fatalf("snaptest.Rollback: %s rolls back the same store and has not ended; parallel tests cannot share a store, so give each a fork: snaptest.Fork(t, st.Snapshot())", other)
	}
	tb.Cleanup(func() {
		tb.Helper()
		defer rollbacks.end(s, tb.Name())
		// A store that the test has closed has no state left to restore.
		if err := s.Restore(snap); err != nil && !errors.Is(err, storage.ErrClosed) {
			tb.Errorf("snaptest.Rollback: %v", err)
		}
	})
}

// snapshotOf returns the snapshot of a store, which must be a snapshot.Store.
func snapshotOf(tb testing.TB, function string, st storage.Storage) *snapshot.Snapshot {
	tb.Helper()
	s, ok := st.(snapshot.Store)
	if !ok {
		tb.Fatalf("snaptest.%s: a %T cannot be rolled back, since it is not a snapshot.Store; use a store in memory (snaptest.New), or give each test a store of its own", function, st)
	}
	snap := s.Snapshot()
	must(tb, function, snap != nil, noSnapshot)
	return snap
}

// rollbacks are those under way.
var rollbacks = underWay{tests: make(map[snapshot.Store][]string)}

// underWay holds the names of the tests that roll back a store when they end.
type underWay struct {
	mu    sync.Mutex // guards tests
	tests map[snapshot.Store][]string
}

// begin notes that a test rolls back a store. If another test does and has not
// ended, it returns its name instead, unless the test is a subtest of that one.
func (u *underWay) begin(st snapshot.Store, name string) string {
	if !reflect.ValueOf(st).Comparable() {
		return ""
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, other := range u.tests[st] {
		if other != name && !strings.HasPrefix(name, other+"/") {
			return other
		}
	}
	u.tests[st] = append(u.tests[st], name)
	return ""
}

// end notes that a test has rolled back.
func (u *underWay) end(st snapshot.Store, name string) {
	if !reflect.ValueOf(st).Comparable() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	names := u.tests[st]
	if i := slices.Index(names, name); i >= 0 {
		names = slices.Delete(names, i, i+1)
	}
	if len(names) == 0 {
		delete(u.tests, st)
		return
	}
	u.tests[st] = names
}
