package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

var (
	in2023 = time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC)
	in2024 = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
)

// filled returns an archive with two open invoices and a paid one, and its store.
func filled(t *testing.T) (*Archive, snapshot.Store) {
	st := snaptest.New(t)
	a := New(st)
	for _, inv := range []Invoice{{"1", "ann", 1000}, {"2", "bob", 250}, {"3", "ann", 4900}} {
		require.NoError(t, a.File(t.Context(), inv))
	}
	require.NoError(t, a.Pay(t.Context(), "3", in2023))
	return a, st
}

func TestArchive(t *testing.T) {
	a, st := filled(t)
	before := st.Snapshot()

	t.Run("a paid invoice is no longer due", func(t *testing.T) {
		snaptest.Rollback(t, st)
		require.NoError(t, a.Pay(t.Context(), "1", in2024))
		due, err := a.Due(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 250, due)
		require.Equal(t, []string{
			"removed invoices/open/1.json",
			"created invoices/paid/2024/1.json",
		}, snaptest.Diff(t, before, st.Snapshot()))
	})

	t.Run("a year is forgotten as a whole", func(t *testing.T) {
		snaptest.Rollback(t, st)
		require.NoError(t, a.Forget(t.Context(), 2023))
		require.Equal(t, []string{"removed invoices/paid/2023/3.json"}, snaptest.Diff(t, before, st.Snapshot()))
	})

	t.Run("a failed operation changes nothing", func(t *testing.T) {
		snaptest.Rollback(t, st)
		require.ErrorIs(t, a.File(t.Context(), Invoice{"1", "eve", 1}), storage.ErrExist)
		require.ErrorIs(t, a.Pay(t.Context(), "3", in2024), storage.ErrNotExist)
		require.ErrorIs(t, a.Forget(t.Context(), 2024), storage.ErrNotExist)
		snaptest.AssertUnchanged(t, before, st.Snapshot())
	})

	// The subtests have left the store as it was.
	snaptest.AssertUnchanged(t, before, st.Snapshot())
}
