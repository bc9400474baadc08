package snaptest_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

func TestNilArgumentsEndTheTest(t *testing.T) {
	some := new(snapshot.Snapshot)
	const path = "testdata/empty.txtar"
	for name, do := range map[string]func(tb testing.TB){
		"New: an option is nil":                func(tb testing.TB) { snaptest.New(tb, nil) },
		"Fork: the snapshot is nil":            func(tb testing.TB) { snaptest.Fork(tb, nil) },
		"Fork: an option is nil":               func(tb testing.TB) { snaptest.Fork(tb, some, nil) },
		"Rollback: the store is nil":           func(tb testing.TB) { snaptest.Rollback(tb, nil) },
		"Fail: the store is nil":               func(tb testing.TB) { snaptest.Fail(tb, nil, wrap.Fault{}) },
		"Record: the store is nil":             func(tb testing.TB) { snaptest.Record(tb, nil) },
		"Golden: the store is nil":             func(tb testing.TB) { snaptest.Golden(tb, nil, path) },
		"Golden: an option is nil":             func(tb testing.TB) { snaptest.Golden(tb, snaptest.New(tb), path, nil) },
		"Fixture: the file system is nil":      func(tb testing.TB) { snaptest.Fixture(tb, nil) },
		"Export: the snapshot is nil":          func(tb testing.TB) { snaptest.Export(tb, nil, tb.TempDir()) },
		"Archive: the snapshot is nil":         func(tb testing.TB) { snaptest.Archive(tb, nil) },
		"Diff: the snapshot is nil":            func(tb testing.TB) { snaptest.Diff(tb, nil, some) },
		"AssertUnchanged: the snapshot is nil": func(tb testing.TB) { snaptest.AssertUnchanged(tb, some, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, do)
			require.True(t, r.fatal)
			require.Contains(t, r.failure(t), "snaptest."+name)
		})
	}
}

// A nil pointer in an interface is as good as nil.
func TestNilPointersEndTheTest(t *testing.T) {
	var st *memdriver.Store
	var iface storage.Storage = st
	for name, do := range map[string]func(tb testing.TB){
		"Rollback: the store is nil":      func(tb testing.TB) { snaptest.Rollback(tb, iface) },
		"Golden: the store is nil":        func(tb testing.TB) { snaptest.Golden(tb, iface, "testdata/empty.txtar") },
		"Fixture: the file system is nil": func(tb testing.TB) { snaptest.Fixture(tb, (*brokenFS)(nil)) },
	} {
		t.Run(name, func(t *testing.T) { require.Contains(t, record(t, do).failure(t), "snaptest."+name) })
	}
	require.Zero(t, snaptest.Fixture(t, fstest.MapFS(nil)).Len())
}

type brokenFS struct{ fstest.MapFS }

// Without a test to end there is only a panic that says so.
func TestNilTBPanics(t *testing.T) {
	some := new(snapshot.Snapshot)
	var st snapshot.Store = snaptest.New(t)
	for name, do := range map[string]func(tb testing.TB){
		"New":             func(tb testing.TB) { snaptest.New(tb) },
		"Fork":            func(tb testing.TB) { snaptest.Fork(tb, some) },
		"Rollback":        func(tb testing.TB) { snaptest.Rollback(tb, st) },
		"Fail":            func(tb testing.TB) { snaptest.Fail(tb, st, wrap.Fault{}) },
		"Record":          func(tb testing.TB) { snaptest.Record(tb, st) },
		"Golden":          func(tb testing.TB) { snaptest.Golden(tb, st, "testdata/empty.txtar") },
		"Fixture":         func(tb testing.TB) { snaptest.Fixture(tb, fstest.MapFS{}) },
		"Export":          func(tb testing.TB) { snaptest.Export(tb, some, "testdata") },
		"Archive":         func(tb testing.TB) { snaptest.Archive(tb, some) },
		"Diff":            func(tb testing.TB) { snaptest.Diff(tb, some, some) },
		"AssertUnchanged": func(tb testing.TB) { snaptest.AssertUnchanged(tb, some, some) },
	} {
		t.Run(name, func(t *testing.T) {
			const what = ": the testing.TB is nil; pass that of the test"
			require.PanicsWithValue(t, "snaptest."+name+what, func() { do(nil) })
			require.PanicsWithValue(t, "snaptest."+name+what, func() { do((*testing.T)(nil)) })
		})
	}
}

func TestTimesWithoutAFormat(t *testing.T) {
	show := snaptest.Show(snaptest.Created)
	st := odd(t)
	require.Equal(t, golden(t, st, show), golden(t, st, show, snaptest.Times(nil)))
}
