package faults

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

var (
	spring = Site{"index.html": "spring", "menu.html": "spring"}
	summer = Site{"index.html": "summer", "menu.html": "summer"}
)

// TestRelease lets every write of a release fail in turn. Whatever happens, readers
// see one release, and the new one if Release has said so.
func TestRelease(t *testing.T) {
	st := snaptest.New(t)
	require.NoError(t, Release(t.Context(), st.Bucket("site"), "spring", spring))

	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		return Release(t.Context(), st.Bucket("site"), "summer", summer)
	}, func(t *testing.T, st snapshot.Store, err error) {
		index, pageErr := Page(t.Context(), st.Bucket("site"), "index.html")
		require.NoError(t, pageErr)
		menu, pageErr := Page(t.Context(), st.Bucket("site"), "menu.html")
		require.NoError(t, pageErr)
		require.Equal(t, index, menu, "pages of two releases")
		if err == nil {
			require.Equal(t, "summer", index)
		}
	})
}

// TestOverwrite shows that the same test finds the fault of Overwrite. A real test
// would fail in check instead of counting.
func TestOverwrite(t *testing.T) {
	st := snaptest.New(t)
	require.NoError(t, Overwrite(t.Context(), st.Bucket("site"), spring))

	torn := 0
	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		return Overwrite(t.Context(), st.Bucket("site"), summer)
	}, func(t *testing.T, st snapshot.Store, _ error) {
		index, _, err := storage.ReadAll(t.Context(), st.Bucket("site"), "index.html")
		require.NoError(t, err)
		menu, _, err := storage.ReadAll(t.Context(), st.Bucket("site"), "menu.html")
		require.NoError(t, err)
		if string(index) != string(menu) {
			torn++
		}
	})
	require.NotZero(t, torn)
}

// TestReleaseTwiceAtOnce publishes in the middle of another release.
func TestReleaseTwiceAtOnce(t *testing.T) {
	st := snaptest.New(t)
	slow := wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if c.Key == "releases/summer/menu.html" {
			require.NoError(t, Release(ctx, st.Bucket("site"), "spring", spring))
		}
		return next(ctx)
	})
	require.ErrorIs(t, Release(t.Context(), slow.Bucket("site"), "summer", summer), storage.ErrPrecondition)
	index, err := Page(t.Context(), st.Bucket("site"), "index.html")
	require.NoError(t, err)
	require.Equal(t, "spring", index)
}
