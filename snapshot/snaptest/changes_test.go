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

// history returns a store before and after changes of every kind.
func history(t *testing.T) (before, after *snapshot.Snapshot) {
	ctx := context.Background()
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	st := snaptest.New(t, memdriver.WithClock(func() time.Time { return now }))
	b := st.Bucket("b")
	put(t, b, "gone", "gone", nil)
	put(t, b, "kept", "kept", nil)
	put(t, b, "rewritten", "same", nil)
	put(t, b, "grown", "1", storage.Options{storage.OptMetadata: map[string]string{"k": "old", "same": "s"}})
	_, err := st.CreateBucket(ctx, "a", nil)
	require.NoError(t, err)
	before = st.Snapshot()

	now = now.Add(time.Hour)
	require.NoError(t, b.Delete(ctx, "gone", nil))
	put(t, b, "rewritten", "same", nil)
	put(t, b, "grown", "12", storage.Options{storage.OptMetadata: map[string]string{"k": "new", "same": "s"}})
	put(t, b, "line\nfeed", "", nil)
	require.NoError(t, st.DeleteBucket(ctx, "a", nil))
	_, err = st.CreateBucket(ctx, "a", storage.Options{storage.OptPublic: true})
	require.NoError(t, err)
	_, err = st.CreateBucket(ctx, "c", nil)
	require.NoError(t, err)
	return before, st.Snapshot()
}

func TestDiff(t *testing.T) {
	before, after := history(t)
	require.Equal(t, []string{
		"changed bucket a",
		"created bucket c",
		"removed b/gone",
		"changed b/grown",
		`created "b/line\nfeed"`,
		"changed b/rewritten",
	}, snaptest.Diff(t, before, after))
	require.Equal(t, []string{
		"changed bucket a",
		"removed bucket c",
		"created b/gone",
		"changed b/grown",
		`removed "b/line\nfeed"`,
		"changed b/rewritten",
	}, snaptest.Diff(t, after, before))
	require.Equal(t, []string{
		"created bucket c",
		"removed b/gone",
		"changed b/grown",
		`created "b/line\nfeed"`,
	}, snaptest.Diff(t, before, after, snaptest.Created|snaptest.Updated, snaptest.Metadata))
	require.Empty(t, snaptest.Diff(t, after, after))
}

func TestAssertUnchanged(t *testing.T) {
	before, after := history(t)
	r := record(t, func(tb testing.TB) { snaptest.AssertUnchanged(tb, before, after) })
	require.False(t, r.fatal)
	require.Equal(t, `snaptest.AssertUnchanged: the store has changed:
    changed bucket a
        - created: 2024-01-01T00:00:00Z
        + public
        + created: 2024-01-01T01:00:00Z
    created bucket c
    removed b/gone
    changed b/grown
        - size: 1
        - etag: b7b41276360564d4
        - meta k: old
        - updated: 2024-01-01T00:00:00Z
        + size: 2
        + etag: 5460f49adbe7aba2
        + meta k: new
        + updated: 2024-01-01T01:00:00Z
    created "b/line\nfeed"
    changed b/rewritten
        - updated: 2024-01-01T00:00:00Z
        + updated: 2024-01-01T01:00:00Z`, r.failure(t))

	r = record(t, func(tb testing.TB) { snaptest.AssertUnchanged(tb, before, before) })
	require.Empty(t, r.failures)
}
