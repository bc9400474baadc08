package snaptest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

func TestNewIsEmptyAndClosedAtCleanup(t *testing.T) {
	at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	var st snapshot.Store
	r := record(t, func(tb testing.TB) {
		st = snaptest.New(tb, memdriver.WithClock(func() time.Time { return at }))
		require.Zero(t, st.Snapshot().Len())
		put(tb, st.Bucket("b"), "k", "v", nil)
		o, err := st.Bucket("b").Stat(context.Background(), "k", nil)
		require.NoError(t, err)
		require.Equal(t, at, o.Created)
	})
	require.Empty(t, r.failures)
	_, err := st.Bucket("b").Stat(context.Background(), "k", nil)
	require.ErrorIs(t, err, storage.ErrClosed)
}

func TestForksShareAndNeverMeet(t *testing.T) {
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "first", nil)
	snap := st.Snapshot()
	one, two := snaptest.Fork(t, snap), snaptest.Fork(t, snap)
	put(t, one.Bucket("b"), "k", "one", nil)
	put(t, two.Bucket("b"), "k", "two", nil)
	require.Equal(t, "first", content(t, st.Snapshot(), "b", "k"))
	require.Equal(t, "one", content(t, one.Snapshot(), "b", "k"))
	require.Equal(t, "two", content(t, two.Snapshot(), "b", "k"))
}

func TestForkIsClosedAtCleanup(t *testing.T) {
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "v", nil)
	var fork snapshot.Store
	record(t, func(tb testing.TB) { fork = snaptest.Fork(tb, st.Snapshot()) })
	require.Nil(t, fork.Snapshot())
	require.Equal(t, "v", content(t, st.Snapshot(), "b", "k"))
}

func TestForkKeepsTheCallersOptions(t *testing.T) {
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "v", nil)
	opts := make([]memdriver.Option, 1, 2)
	opts[0] = memdriver.WithDefaultBucket("b")
	require.Equal(t, "b", snaptest.Fork(t, st.Snapshot(), opts...).Bucket("").Name())
	require.Nil(t, opts[:2][1])
}

func TestRollbackRestoresTheStateOfNow(t *testing.T) {
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "before", nil)
	t.Run("sub", func(t *testing.T) {
		snaptest.Rollback(t, st)
		put(t, st.Bucket("b"), "k", "after", nil)
		put(t, st.Bucket("other"), "k", "after", nil)
		t.Run("nested", func(t *testing.T) {
			snaptest.Rollback(t, st)
			require.NoError(t, st.DeleteBucket(context.Background(), "b", storage.Options{storage.OptForce: true}))
		})
		require.Equal(t, "after", content(t, st.Snapshot(), "b", "k"))
	})
	require.Equal(t, "before", content(t, st.Snapshot(), "b", "k"))
	require.Equal(t, 1, st.Snapshot().Len())
}

func TestRollbackOfAStoreClosedByTheTest(t *testing.T) {
	r := record(t, func(tb testing.TB) {
		st := snaptest.New(tb)
		snaptest.Rollback(tb, st)
		require.NoError(t, st.Close())
	})
	require.Empty(t, r.failures)
}

// unwilling is a store whose Restore fails.
type unwilling struct{ snapshot.Store }

func (unwilling) Restore(*snapshot.Snapshot) error { return storage.ErrQuota }

func TestRollbackReportsAFailure(t *testing.T) {
	r := record(t, func(tb testing.TB) { snaptest.Rollback(tb, unwilling{snaptest.New(tb)}) })
	require.Equal(t, "snaptest.Rollback: "+storage.ErrQuota.Error(), r.failure(t))
}

func TestFatalSaysWhatToDo(t *testing.T) {
	closed := memdriver.Open()
	require.NoError(t, closed.Close())
	for name, tc := range map[string]struct {
		do   func(tb testing.TB)
		want string
	}{
		"rollback of another driver": {
			func(tb testing.TB) { snaptest.Rollback(tb, foreign{snaptest.New(tb)}) },
			"snaptest.Rollback: a snaptest_test.foreign cannot be rolled back, since it is not a snapshot.Store; " +
				"use a store in memory (snaptest.New), or give each test a store of its own",
		},
		"rollback of a closed store": {
			func(tb testing.TB) { snaptest.Rollback(tb, closed) },
			"snaptest.Rollback: the snapshot is nil; a closed store has none, so take it before",
		},
		"golden of a closed store": {
			func(tb testing.TB) { snaptest.Golden(tb, closed, "testdata/none.txtar") },
			"snaptest.Golden: cannot read the store: storage: buckets: " + storage.ErrClosed.Error(),
		},
		"golden of a missing bucket": {
			func(tb testing.TB) {
				snaptest.Golden(tb, snaptest.New(tb), "testdata/none.txtar", snaptest.Buckets("gallery"))
			},
			`snaptest.Golden: cannot read the store: storage: info bucket "gallery": `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, tc.do)
			require.True(t, r.fatal)
			require.Contains(t, r.failure(t), tc.want)
		})
	}
}
