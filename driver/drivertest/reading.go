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
	{"O4_part_of_an_object_reads_as_readers_must", o4PartReadsAsReadersMust},
	{"O4_seek_and_read_at_stay_in_the_part", o4SeekAndReadAt},
	{"O4_closed_reader", o4ClosedReader},
	{"O4_readers_are_apart", o4ReadersAreApart},
	{"O4_reader_keeps_its_content", o4ReaderKeepsItsContent},
	{"O4_reader_outlives_a_moved_directory", o4ReaderOutlivesAMovedDirectory},
	{"O4_open_of_a_missing_key", o4OpenOfAMissingKey},
	{"O5_open_of_a_directory", o5OpenOfADirectory},
	{"O5_stat_of_a_directory", o5StatOfADirectory},
	{"O5_stat_prefers_the_object", o5StatPrefersTheObject},
	{"O5_stat_with_a_slash_looks_for_the_directory_first", o5StatWithASlash},
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
	content := h.sized(len(large()))
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
	for _, content := range []string{"", "x", "0123456789", h.sized(300_000)} {
		h.put("key", content)
		rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err)
		require.NoError(h, iotest.TestReader(rc, []byte(content)), "O4: testing/iotest.TestReader on %d bytes", len(content))
		require.NoError(h, rc.Close(), "O4: Close of a reader")
	}
}

func o4PartReadsAsReadersMust(h *harness) {
	content := h.sized(300_000)
	h.put("key", content)
	for _, c := range []struct{ offset, length int }{{0, 10}, {5, 100}, {100_000, 131_072}, {len(content) - 3, 3}, {len(content) - 3, 99}} {
		rc, _, err := h.b.Open(h.ctx, "key", int64(c.offset), int64(c.length), nil)
		require.NoError(h, err)
		want := content[c.offset:min(c.offset+c.length, len(content))]
		require.NoError(h, iotest.TestReader(rc, []byte(want)), "O4: testing/iotest.TestReader on %d bytes from %d", c.length, c.offset)
		require.NoError(h, rc.Close(), "O4: Close of a reader")
	}
}

// o4SeekAndReadAt goes beyond the ends of a part, if its reader can.
func o4SeekAndReadAt(h *harness) {
	h.put("key", "0123456789")
	rc, _, err := h.b.Open(h.ctx, "key", 3, 4, nil)
	require.NoError(h, err)
	defer rc.Close()
	if s, ok := rc.(io.Seeker); ok {
		for _, c := range []struct {
			offset int64
			whence int
		}{{-1, io.SeekStart}, {-5, io.SeekEnd}, {-1, io.SeekCurrent}, {math.MinInt64, io.SeekEnd}, {0, 9}} {
			_, err := s.Seek(c.offset, c.whence)
			require.Error(h, err, "O4: Seek(%d, %d) to before the start of a part", c.offset, c.whence)
		}
		at, err := s.Seek(-1, io.SeekEnd)
		require.NoError(h, err)
		require.EqualValues(h, 3, at, "O4: Seek counts from the start of the part")
		_, err = s.Seek(0, io.SeekStart)
		require.NoError(h, err)
	}
	if r, ok := rc.(io.ReaderAt); ok {
		p := make([]byte, 9)
		n, err := r.ReadAt(p, 1)
		require.ErrorIs(h, err, io.EOF, "O4: ReadAt past the end of a part")
		require.Equal(h, "456", string(p[:n]), "O4: ReadAt must stay in the part")
		for _, offset := range []int64{-1, 4, 5, math.MaxInt64, math.MinInt64} {
			n, err := r.ReadAt(p, offset)
			require.Error(h, err, "O4: ReadAt(%d) outside of a part of 4 bytes", offset)
			require.Zero(h, n, "O4: ReadAt(%d) outside of a part of 4 bytes", offset)
		}
	}
	got, err := io.ReadAll(rc)
	require.NoError(h, err)
	require.Equal(h, "3456", string(got), "O4: a reader must give its part")
}

func o4ClosedReader(h *harness) {
	h.put("key", "content")
	rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	require.NoError(h, rc.Close())
	n, err := rc.Read(make([]byte, 1))
	require.Error(h, err, "O4: Read of a closed reader")
	require.NotErrorIs(h, err, io.EOF, "O4: Read of a closed reader must not look like the end")
	require.Zero(h, n, "O4: Read of a closed reader")
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
	content := h.sized(len(large()))
	for name, change := range map[string]func() error{
		"overwritten": func() error { _, err := h.write("key", "new", nil); return err },
		"deleted":     func() error { return h.b.Delete(h.ctx, "key", nil) },
		"moved away": func() error {
			if !h.has(storage.FeatureMove) {
				return nil
			}
			_, err := h.b.Move(h.ctx, "moved", "", "key", nil)
			return err
		},
		"copied over": func() error { _, err := h.b.Copy(h.ctx, "key", "", "other", nil); return err },
		"gone with its bucket": func() error {
			return h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true})
		},
	} {
		h.bucket(bucketName)
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
	keys := []string{"a", "a/b", "a/"}
	if h.exact {
		keys = keys[:2]
	}
	for _, key := range keys {
		_, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
		require.ErrorIs(h, err, storage.ErrPermission, "O5: Open of %q, which is only a directory", key)
	}
	if !h.limits.Relaxes(storage.RelaxedTwins) {
		h.put("a", "object")
		require.Equal(h, "object", h.get("a"), "O5: Open of a name that is both gives the object")
	}
}

func o5StatOfADirectory(h *harness) {
	before := h.now()
	h.put("a/b/c", "content")
	after := h.now()
	spellings := map[string]string{"a": "a", "a/b": "a/b", "a/": "a", "a/b/": "a/b"}
	if !h.exact {
		spellings[`\a\b\`] = "a/b"
	}
	for spelling, path := range spellings {
		o := h.stat(spelling)
		require.True(h, o.IsDir, "O5: Stat of %q, which is only a directory, must have IsDir", spelling)
		require.Equal(h, path, o.Key, "O5: the Key of a directory has no trailing slash")
		require.Equal(h, bucketName, o.Bucket, "O5: Stat of a directory must name the bucket")
		if !h.limits.Relaxes(storage.RelaxedD1) {
			h.between(before, o.Created, after, "O5: Created of a directory")
			h.between(before, o.Updated, after, "O5: Updated of a directory")
		}
	}
}

func o5StatPrefersTheObject(h *harness) {
	h.strong(storage.RelaxedTwins)
	h.putKeys("a/b", "a")
	o := h.stat("a")
	require.False(h, o.IsDir, "O5: Stat of a name that is both must give the object")
	require.EqualValues(h, 1, o.Size, "O5: Stat of a name that is both must give the object")
}

func o5StatWithASlash(h *harness) {
	h.normalised()
	h.putKeys(h.possible("photos/", "a", "b", "b/c")...)
	for spelling, key := range map[string]string{"photos/": "photos", "a/": "a", `\a\`: "a"} {
		o := h.stat(spelling)
		require.False(h, o.IsDir, "O5: Stat of %q must give the object, since there is no directory", spelling)
		require.Equal(h, key, o.Key, "O5: Stat of %q must give the object, since there is no directory", spelling)
	}
	require.True(h, h.stat("b/").IsDir, "O5: with a trailing slash Stat must look for the directory first")
	require.Equal(h, "b", h.stat("b/").Key, "O5: the Key of a directory has no trailing slash")
}

func o5StatOfAMissingKey(h *harness) {
	h.put("foo/a", "content")
	for _, key := range []string{"missing", "missing/", "fo", "fo/", "foo/b", "foo/b/", "foo/a/b"} {
		h.gone(key, "O5: Stat of a missing key")
	}
}
