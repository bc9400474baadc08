package drivertest

import (
	"io"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var writeCases = []testCase{
	{"O1_content_and_attributes_come_back", o1RoundTrip},
	{"O1_same_object_from_every_method", o1SameObjectEverywhere},
	{"O1_short_source_at_a_new_key", o1ShortSourceAtANewKey},
	{"O1_failed_condition", o1FailedCondition},
	{"O1_failed_checksum", o1FailedChecksum},
	{"O1_reads_exactly_size_bytes", o1ReadsExactlySize},
	{"O1_negative_size_reads_to_the_end", o1NegativeSize},
	{"O1_empty_object", o1EmptyObject},
	{"O1_large_content", o1LargeContent},
	{"O1_overwrite_replaces_everything", o1OverwriteReplacesEverything},
	{"O1_object_appears_when_whole", o1AppearsWhenWhole},
}

func o1RoundTrip(h *harness) {
	meta := map[string]string{"Author": "me", "empty": "", "ключ": "値"}
	o, err := h.b.Write(h.ctx, "dir/key", strings.NewReader("a\x00\xff\r\n"), 5, "text/x; q=1", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	require.Equal(h, bucketName, o.Bucket, "O1: Write must return the bucket")
	require.Equal(h, "dir/key", o.Key, "O1: Write must return the key")
	require.EqualValues(h, 5, o.Size, "O1: Write must return the size")
	require.Equal(h, "text/x; q=1", o.ContentType, "O1: Write must keep the content type as given")
	require.Equal(h, meta, o.Metadata, "O1: Write must keep the metadata as given")
	require.False(h, o.IsDir, "O1: an object is no directory")
	require.Equal(h, "a\x00\xff\r\n", h.get("dir/key"), "O1: content must come back as it went in")
}

func o1SameObjectEverywhere(h *harness) {
	written := h.putWith("key", "content", storage.Options{
		storage.OptMetadata: map[string]string{"a": "b"}, storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
	rc, opened, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	require.NoError(h, rc.Close())
	h.same(written, opened, "O1: Open must return the object as Write did")
	h.same(written, h.stat("key"), "O1: Stat must return the object as Write did")
}

// wantWriteFails checks that a Write over an old object fails and leaves it.
func wantWriteFails(h *harness, want error, reason string, opts storage.Options) {
	old := h.putWith("key", "old content", storage.Options{storage.OptMetadata: map[string]string{"old": "yes"}})
	h.unchanged("O1: "+reason+" must leave the old object untouched", func() {
		for _, size := range []int64{3, -1} {
			_, err := h.b.Write(h.ctx, "key", strings.NewReader("new"), size, "new/type", opts)
			require.ErrorIs(h, err, want, "O1: Write with %s", reason)
		}
	})
	h.same(old, h.stat("key"), "O1: "+reason+" must leave the old object untouched")
}

func o1ShortSourceAtANewKey(h *harness) {
	h.unchanged("O1: a short source must store nothing", func() {
		_, err := h.b.Write(h.ctx, "new", strings.NewReader("12345"), 6, "", nil)
		require.ErrorIs(h, err, io.ErrUnexpectedEOF, "O1: fewer than size bytes")
	})
	h.gone("new", "O1: a short source must store nothing")
}

func o1FailedCondition(h *harness) {
	h.strong(storage.RelaxedO7Write)
	wantWriteFails(h, storage.ErrPrecondition, "a failed if_match", storage.Options{storage.OptIfMatch: "other"})
	wantWriteFails(h, storage.ErrPrecondition, "a failed if_none_match", storage.Options{storage.OptIfNoneMatch: "*"})
	wantWriteFails(h, storage.ErrExist, "upsert: false", storage.Options{storage.OptUpsert: false})
}

func o1FailedChecksum(h *harness) {
	wantWriteFails(h, storage.ErrChecksum, "a checksum that differs",
		storage.Options{storage.OptChecksum: storage.Hashes{storage.HashMD5: strings.Repeat("0", 32)}})
}

func o1ReadsExactlySize(h *harness) {
	for size := range 7 {
		src := strings.NewReader("123456")
		o, err := h.b.Write(h.ctx, "key", src, int64(size), "", nil)
		require.NoError(h, err, "O1: a source may be longer than size %d", size)
		require.EqualValues(h, size, o.Size, "O1: exactly size bytes must be stored")
		require.Equal(h, "123456"[:size], h.get("key"), "O1: exactly size bytes must be stored")
		require.Equal(h, 6-size, src.Len(), "O1: Write must read exactly size bytes, and leave the rest in the source")
	}
}

func o1NegativeSize(h *harness) {
	for _, size := range []int64{-1, -5, -1 << 63} {
		o, err := h.b.Write(h.ctx, "key", strings.NewReader("123456"), size, "", nil)
		require.NoError(h, err, "O1: size %d reads to the end", size)
		require.EqualValues(h, 6, o.Size, "O1: with size %d Object.Size must be what was read", size)
		require.Equal(h, "123456", h.get("key"), "O1: size %d reads to the end", size)
	}
}

func o1EmptyObject(h *harness) {
	for _, size := range []int64{0, -1} {
		o, err := h.b.Write(h.ctx, "dir/empty", strings.NewReader(""), size, "", nil)
		require.NoError(h, err, "O1: an object may be empty (size %d)", size)
		require.Zero(h, o.Size, "O1: an empty object has size 0")
		require.NotEmpty(h, o.ETag, "O3: an empty object has an ETag")
		require.Empty(h, h.get("dir/empty"), "O1: an empty object opens as empty")
		require.Equal(h, []string{"dir/empty"}, h.list("", nil), "O1: an empty object is listed")
	}
}

// large is content of more than three mebibytes in which no two blocks agree.
var large = sync.OnceValue(func() string {
	p := make([]byte, 3_500_001)
	_, _ = rand.NewChaCha8([32]byte{}).Read(p) // never fails
	return string(p)
})

func o1LargeContent(h *harness) {
	content := h.sized(len(large()))
	for _, size := range []int64{-1, int64(len(content))} {
		o, err := h.b.Write(h.ctx, "key", strings.NewReader(content), size, "", nil)
		require.NoError(h, err)
		require.EqualValues(h, len(content), o.Size, "O1: size of large content (size %d)", size)
		h.holds(content, "key", "O1: large content must come back as it went in (size %d)", size)
	}
}

func o1OverwriteReplacesEverything(h *harness) {
	h.putWith("key", "a longer text", storage.Options{
		storage.OptMetadata: map[string]string{"a": "b"}, storage.OptChecksumAlgorithms: []string{storage.HashSHA1}})
	_, err := h.b.Write(h.ctx, "key", strings.NewReader("new"), 3, "", nil)
	require.NoError(h, err, "O1: Write replaces an object unless upsert is false")
	o := h.stat("key")
	require.Equal(h, "new", h.get("key"), "O1: overwriting must replace the content")
	require.EqualValues(h, 3, o.Size, "O1: overwriting must replace the size")
	require.Empty(h, o.ContentType, "O1: overwriting must replace the content type")
	require.Empty(h, o.Metadata, "O1: overwriting must replace the metadata, not merge it")
	require.NotContains(h, o.Hash, storage.HashSHA1, "O3: overwriting must replace the digests")
	require.Equal(h, []string{"key"}, h.list("", nil), "O1: overwriting must leave one object")
}

func o1AppearsWhenWhole(h *harness) {
	var during []string
	_, err := h.b.Write(h.ctx, "key", interrupted("0123456789", func() { during = h.list("", nil) }), 10, "", nil)
	require.NoError(h, err)
	require.Empty(h, during, "O1: an object must not appear before its Write has succeeded")
	require.Equal(h, []string{"key"}, h.list("", nil), "O1: an object must appear when its Write has succeeded")
}
