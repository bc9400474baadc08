package drivertest

import (
	"io"
	"math"
	"strings"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var readCases = []testCase{
	{"O4_ranges", o4Ranges},
	{"O4_ranges_of_large_content", o4RangesOfLargeContent},
	{"O4_describes_the_whole_object", o4DescribesTheWholeObject},
	{"O4_reader_reads_as_readers_must", o4ReaderReadsAsReadersMust},
	{"O4_readers_are_apart", o4ReadersAreApart},
	{"O4_reader_keeps_its_content", o4ReaderKeepsItsContent},
	{"O4_reader_outlives_a_moved_directory", o4ReaderOutlivesAMovedDirectory},
	{"O4_open_of_a_missing_key", o4OpenOfAMissingKey},
	{"O5_open_of_a_directory", o5OpenOfADirectory},
	{"O5_stat_of_a_directory", o5StatOfADirectory},
	{"O5_stat_prefers_the_object", o5StatPrefersTheObject},
	{"O5_stat_with_a_slash_wants_the_directory", o5StatWithASlash},
	{"O5_stat_of_a_missing_key", o5StatOfAMissingKey},
}

// openRange returns what Open of a part of an object gives.
func (h *harness) openRange(key string, offset, length int64) string {
	rc, _, err := h.b.Open(h.ctx, key, offset, length, nil)
	require.NoError(h, err, "O4: Open with offset %d and length %d must succeed", offset, length)
	return h.readAll(rc)
}

func o4Ranges(h *harness) {
	h.put("key", "0123456789")
	for _, c := range []struct {
		offset, length int64
		want           string
	}{
		{0, 0, "0123456789"}, {0, -1, "0123456789"}, {0, 10, "0123456789"}, {0, 11, "0123456789"},
		{0, 1, "0"}, {3, 4, "3456"}, {9, 1, "9"}, {3, 0, "3456789"}, {3, -7, "3456789"}, {8, 5, "89"},
		{-1, 0, "0123456789"}, {-3, 2, "01"}, {math.MinInt64, 1, "0"},
		{10, 0, ""}, {10, 1, ""}, {11, 0, ""}, {11, 5, ""}, {math.MaxInt64, 1, ""},
		{1, math.MaxInt64, "123456789"}, {math.MaxInt64, math.MaxInt64, ""}, {0, math.MinInt64, "0123456789"},
	} {
		require.Equal(h, c.want, h.openRange("key", c.offset, c.length), "O4: Open with offset %d and length %d", c.offset, c.length)
	}
}

func o4RangesOfLargeContent(h *harness) {
	content := large()
	h.put("key", content)
	size := int64(len(content))
	for offset := int64(0); offset < size; offset += size/7 - 3 {
		for _, length := range []int64{1, 65_536, 1 << 20, size} {
			want := content[offset:min(size, offset+length)]
			require.True(h, want == h.openRange("key", offset, length), "O4: Open of %d bytes with offset %d and length %d", size, offset, length)
		}
	}
}

func o4DescribesTheWholeObject(h *harness) {
	want := h.put("key", "0123456789")
	for _, offset := range []int64{0, 3, 99} {
		rc, o, err := h.b.Open(h.ctx, "key", offset, 2, nil)
		require.NoError(h, err)
		require.NoError(h, rc.Close())
		h.same(want, o, "O4: Open of a part must describe the whole object")
	}
}

func o4ReaderReadsAsReadersMust(h *harness) {
	for _, content := range []string{"", "x", "0123456789", large()[:300_000]} {
		h.put("key", content)
		rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err)
		require.NoError(h, iotest.TestReader(rc, []byte(content)), "O4: testing/iotest.TestReader on %d bytes", len(content))
		require.NoError(h, rc.Close(), "O4: Close of a reader")
	}
}

func o4ReadersAreApart(h *harness) {
	h.put("key", "0123456789")
	one, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	two, _, err := h.b.Open(h.ctx, "key", 5, 0, nil)
	require.NoError(h, err)
	half := make([]byte, 5)
	_, err = io.ReadFull(one, half)
	require.NoError(h, err)
	require.Equal(h, "56789", h.readAll(two), "O4: readers of one object must not share a position")
	require.Equal(h, "56789", h.readAll(one), "O4: closing one reader must not end another")
}

func o4ReaderKeepsItsContent(h *harness) {
	content := large()
	for name, change := range map[string]func() error{
		"overwritten": func() error { _, err := h.write("key", "new", nil); return err },
		"deleted":     func() error { return h.b.Delete(h.ctx, "key", nil) },
		"moved away":  func() error { _, err := h.b.Move(h.ctx, "moved", "", "key", nil); return err },
		"copied over": func() error { _, err := h.b.Copy(h.ctx, "key", "", "other", nil); return err },
		"gone with its bucket": func() error {
			return h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true})
		},
	} {
		h.put("key", content)
		h.put("other", strings.Repeat("x", len(content)))
		rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err)
		head := make([]byte, 1000)
		_, err = io.ReadFull(rc, head)
		require.NoError(h, err)
		require.NoError(h, change())
		require.True(h, content == string(head)+h.readAll(rc), "O4: a reader must keep its content when the key is %s", name)
	}
}

func o4ReaderOutlivesAMovedDirectory(h *harness) {
	h.put("dir/key", "content")
	rc, _, err := h.b.Open(h.ctx, "dir/key", 0, 0, nil)
	require.NoError(h, err)
	_, err = h.directory("dir").Move(h.ctx, "moved", nil)
	require.NoError(h, err)
	require.NoError(h, h.directory("moved").Delete(h.ctx, storage.Options{storage.OptRecursive: true}))
	require.Equal(h, "content", h.readAll(rc), "O4: a reader must keep its content when its directory is moved and deleted")
}

func o4OpenOfAMissingKey(h *harness) {
	h.put("foo/a", "content")
	for _, key := range []string{"missing", "fo", "foo/b", "foo/a/b", "foo/aa"} {
		_, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
		require.ErrorIs(h, err, storage.ErrNotExist, "O4: Open of a missing key %q", key)
	}
}

func o5OpenOfADirectory(h *harness) {
	h.put("a/b/c", "content")
	for _, key := range []string{"a", "a/b", "a/"} {
		_, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
		require.ErrorIs(h, err, storage.ErrPermission, "O5: Open of %q, which is only a directory", key)
	}
	h.put("a", "object")
	require.Equal(h, "object", h.get("a"), "O5: Open of a name that is both gives the object")
}

func o5StatOfADirectory(h *harness) {
	before := h.now()
	h.put("a/b/c", "content")
	after := h.now()
	for _, key := range []string{"a", "a/b", "a/", "a/b/", ` \a\b\ `} {
		o := h.stat(key)
		require.True(h, o.IsDir, "O5: Stat of %q, which is only a directory, must have IsDir", key)
		require.Equal(h, strings.Trim(strings.ReplaceAll(key, `\`, "/"), "/ "), o.Key, "O5: the Key of a directory has no trailing slash")
		require.Equal(h, bucketName, o.Bucket, "O5: Stat of a directory must tell the bucket")
		h.between(before, o.Created, after, "O5: Created of a directory")
		h.between(before, o.Updated, after, "O5: Updated of a directory")
	}
}

func o5StatPrefersTheObject(h *harness) {
	h.putKeys("a/b", "a")
	o := h.stat("a")
	require.False(h, o.IsDir, "O5: Stat of a name that is both must give the object")
	require.EqualValues(h, 1, o.Size, "O5: Stat of a name that is both must give the object")
}

func o5StatWithASlash(h *harness) {
	h.putKeys("a", "b", "b/c")
	h.gone("a/", "O5: with a trailing slash Stat must look only for the directory")
	require.True(h, h.stat("b/").IsDir, "O5: with a trailing slash Stat must give the directory beside the object")
	require.Equal(h, "b", h.stat("b/").Key, "O5: the Key of a directory has no trailing slash")
}

func o5StatOfAMissingKey(h *harness) {
	h.put("foo/a", "content")
	for _, key := range []string{"missing", "missing/", "fo", "fo/", "foo/b", "foo/a/", "foo/a/b"} {
		h.gone(key, "O5: Stat of a missing key")
	}
}
