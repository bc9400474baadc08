package snaptest_test

import (
	"context"
	"strings"
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
		"changed b/grown\n\t@@ -1,2 +1,2 @@\n\t-1\n\t+12\n\t \\ No newline at end of file",
		`created "b/line\nfeed"`,
		"changed b/rewritten",
	}, snaptest.Diff(t, before, after))
	require.Equal(t, []string{
		"changed bucket a",
		"removed bucket c",
		"created b/gone",
		"changed b/grown\n\t@@ -1,2 +1,2 @@\n\t-12\n\t+1\n\t \\ No newline at end of file",
		`removed "b/line\nfeed"`,
		"changed b/rewritten",
	}, snaptest.Diff(t, after, before))
	require.Equal(t, []string{
		"created bucket c",
		"removed b/gone",
		"changed b/grown",
		`created "b/line\nfeed"`,
	}, snaptest.Diff(t, before, after, snaptest.Created|snaptest.Updated, snaptest.Metadata, snaptest.Content))
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
        content:
        @@ -1,2 +1,2 @@
        -1
        +12
         \ No newline at end of file
    created "b/line\nfeed"
    changed b/rewritten
        - updated: 2024-01-01T00:00:00Z
        + updated: 2024-01-01T01:00:00Z`, r.failure(t))

	r = record(t, func(tb testing.TB) { snaptest.AssertUnchanged(tb, before, before) })
	require.Empty(t, r.failures)
}

// TestContentOfChanges: of short text, the lines that changed are shown.
func TestContentOfChanges(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("line\n", n) }
	for name, c := range map[string]struct{ old, new, want string }{
		"a line":           {lines(9) + "old\n", lines(9) + "new\n", "@@ -7,4 +7,4 @@\n line\n line\n line\n-old\n+new"},
		"emptied":          {"text\n", "", "@@ -1,1 +1,0 @@\n-text"},
		"filled":           {"", "text\n", "@@ -1,0 +1,1 @@\n+text"},
		"the last newline": {"text\n", "text", "@@ -1,1 +1,2 @@\n text\n+\\ No newline at end of file"},
		"look alike":       {"text\n", "text\u200b\n", "@@ -1,1 +1,1 @@\n-\"text\"\n+\"text\\u200b\""},
		"much":             {lines(20), strings.Repeat("new\n", 20), "@@ -1,20 +1,20 @@\n" + strings.Repeat("-line\n", 19) + "… 21 more lines"},
		"binary":           {"text\n", "\x00", ""},
		"binary before":    {"\xff", "text\n", ""},
		"long":             {"text\n", lines(206), ""},
		"the longest":      {lines(204), lines(204) + "1", "@@ -202,3 +202,5 @@\n line\n line\n line\n+1\n+\\ No newline at end of file"},
	} {
		t.Run(name, func(t *testing.T) {
			st := snaptest.New(t)
			put(t, st.Bucket("b"), "k", c.old, nil)
			before := st.Snapshot()
			put(t, st.Bucket("b"), "k", c.new, nil)
			_, shown, _ := strings.Cut(record(t, func(tb testing.TB) {
				snaptest.AssertUnchanged(tb, before, st.Snapshot(), snaptest.Updated)
			}).failure(t), "        content:\n")
			require.Equal(t, c.want, strings.ReplaceAll("\n"+shown, "\n        ", "\n")[1:])
			require.NotContains(t, record(t, func(tb testing.TB) {
				snaptest.AssertUnchanged(tb, before, st.Snapshot(), snaptest.Content)
			}).failure(t), "content:")
		})
	}
}
