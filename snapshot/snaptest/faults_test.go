package snaptest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

func TestFail(t *testing.T) {
	full := errors.New("the disk is full")
	hit := 0
	r := record(t, func(tb testing.TB) {
		st := snaptest.Fail(tb, snaptest.New(tb), wrap.Fault{Op: "write", Nth: 2, Err: full, Hit: func(*wrap.Call) { hit++ }})
		put(t, st.Bucket("b"), "k", "1", nil)
		_, err := storage.WriteAll(ctx, st.Bucket("b"), "k", nil, "", nil)
		require.ErrorIs(t, err, full)
	})
	require.Empty(t, r.failures)
	require.Equal(t, 1, hit)
}

// A fault that hits nothing is a test that cannot fail.
func TestFailThatHitsNothing(t *testing.T) {
	r := record(t, func(tb testing.TB) {
		st := snaptest.Fail(tb, snaptest.New(tb), wrap.Fault{Op: "write", Nth: 1}, wrap.Fault{Op: "write", Key: "*.jpg", Nth: 3, After: true, Hit: func(*wrap.Call) {}})
		storage.WriteAll(ctx, st.Bucket("b"), "k", nil, "", nil)
	})
	require.Equal(t, `snaptest.Fail: no call was hit by fault {Op: "write", Key: "*.jpg", Nth: 3, After: true}; the calls were
    write b/k size=0 → injected fault`, r.failure(t))

	r = record(t, func(tb testing.TB) { snaptest.Fail(tb, snaptest.New(tb), wrap.Fault{}) })
	require.Equal(t, "snaptest.Fail: no call was hit by fault {}; the calls were\n    none", r.failure(t))
}

func TestFailWithoutFaults(t *testing.T) {
	r := record(t, func(tb testing.TB) { snaptest.Fail(tb, snaptest.New(tb)) })
	require.True(t, r.fatal)
	require.Equal(t, "snaptest.Fail: there are no faults; pass at least one wrap.Fault", r.failure(t))
}

func TestRecordShowsTheCallsOfAFailedTest(t *testing.T) {
	for _, fails := range []bool{false, true} {
		r := record(t, func(tb testing.TB) {
			st, calls := snaptest.Record(tb, snaptest.New(tb))
			put(t, st.Bucket("b"), "k", "1", nil)
			require.Equal(t, "write b/k size=1\n", calls.String())
			if fails {
				tb.Errorf("wrong")
			}
		})
		if fails {
			require.Equal(t, []string{"snaptest.Record: the calls were\n    write b/k size=1"}, r.logs)
		} else {
			require.Empty(t, r.logs)
		}
	}
}
