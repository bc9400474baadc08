package drivertest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var writeCases = []testCase{
	{"O1_content_and_attributes_come_back", o1RoundTrip},
	{"O1_same_object_from_every_method", o1SameObjectEverywhere},
	{"O1_short_source", o1ShortSource},
	{"O1_short_source_at_a_new_key", o1ShortSourceAtANewKey},
	{"O1_failing_source", o1FailingSource},
	{"O1_cancelled_in_mid_body", o1CancelledInMidBody},
	{"O1_failed_condition", o1FailedCondition},
	{"O1_failed_checksum", o1FailedChecksum},
	{"O1_reads_exactly_size_bytes", o1ReadsExactlySize},
	{"O1_negative_size_reads_to_the_end", o1NegativeSize},
	{"O1_empty_object", o1EmptyObject},
	{"O1_last_bytes_come_with_EOF", o1LastBytesWithEOF},
	{"O1_source_in_small_pieces", o1SmallPieces},
	{"O1_large_content", o1LargeContent},
	{"O1_overwrite_replaces_everything", o1OverwriteReplacesEverything},
	{"O1_object_appears_when_whole", o1AppearsWhenWhole},
}

func o1RoundTrip(h *harness) {
	meta := map[string]string{"Author": "me", "empty": "", "ключ": "値"}
	o, err := h.b.Write(h.ctx, "dir/key", strings.NewReader("a\x00\xff\r\n"), 5, "text/x; q=1", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	require.Equal(h, bucketName, o.Bucket, "O1: Write must tell the bucket")
	require.Equal(h, "dir/key", o.Key, "O1: Write must tell the key")
	require.EqualValues(h, 5, o.Size, "O1: Write must tell the size")
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
	listed := h.entries(h.b.List(h.ctx, "", 0, 0, nil))
	require.Len(h, listed, 1)
	h.same(written, listed[0], "O1: List must return the object as Write did")
}

// wantWriteFails checks that a Write over an old object fails and leaves it.
func wantWriteFails(h *harness, want error, reason string, src func() io.Reader, size int64, opts storage.Options) {
	old := h.putWith("key", "old content", storage.Options{storage.OptMetadata: map[string]string{"old": "yes"}})
	h.unchanged("O1: "+reason+" must leave the old object untouched", func() {
		_, err := h.b.Write(h.ctx, "key", src(), size, "new/type", opts)
		require.ErrorIs(h, err, want, "O1: Write with %s", reason)
	})
	h.same(old, h.stat("key"), "O1: "+reason+" must leave the old object untouched")
}

func o1ShortSource(h *harness) {
	for _, given := range []string{"", "1", "123456789"} {
		wantWriteFails(h, io.ErrUnexpectedEOF, fmt.Sprintf("a short source (%d of 10 bytes)", len(given)),
			func() io.Reader { return strings.NewReader(given) }, 10, nil)
	}
}

func o1ShortSourceAtANewKey(h *harness) {
	h.unchanged("O1: a short source must store nothing", func() {
		_, err := h.b.Write(h.ctx, "new", strings.NewReader("12345"), 6, "", nil)
		require.ErrorIs(h, err, io.ErrUnexpectedEOF, "O1: fewer than size bytes")
	})
	h.gone("new", "O1: a short source must store nothing")
}

func o1FailingSource(h *harness) {
	for _, given := range []string{"", "12345", strings.Repeat("x", 100_000)} {
		for _, size := range []int64{-1, int64(len(given)) + 1, 1 << 40} {
			wantWriteFails(h, errSource, fmt.Sprintf("a source that fails after %d bytes, size %d,", len(given), size),
				func() io.Reader { return broken(given, errSource) }, size, nil)
		}
	}
	wantWriteFails(h, io.ErrUnexpectedEOF, "a source that itself fails with ErrUnexpectedEOF",
		func() io.Reader { return broken("12345", io.ErrUnexpectedEOF) }, -1, nil)
}

func o1CancelledInMidBody(h *harness) {
	for _, size := range []int64{-1, 10} {
		old := h.put("key", "old content")
		ctx, cancel := context.WithCancel(h.ctx)
		_, err := h.b.Write(ctx, "key", interrupted("0123456789", cancel), size, "", nil)
		require.ErrorIs(h, err, context.Canceled, "O1: Write whose context is cancelled while it reads (size %d)", size)
		h.same(old, h.stat("key"), "O1: a cancelled context must leave the old object untouched")
		require.Equal(h, "old content", h.get("key"), "O1: a cancelled context must leave the old content")
	}
}

func o1FailedCondition(h *harness) {
	text := func() io.Reader { return strings.NewReader("new") }
	wantWriteFails(h, storage.ErrPrecondition, "a failed if_match", text, 3, storage.Options{storage.OptIfMatch: "other"})
	wantWriteFails(h, storage.ErrPrecondition, "a failed if_none_match", text, -1, storage.Options{storage.OptIfNoneMatch: "*"})
	wantWriteFails(h, storage.ErrExist, "upsert: false", text, 3, storage.Options{storage.OptUpsert: false})
}

func o1FailedChecksum(h *harness) {
	wantWriteFails(h, storage.ErrChecksum, "a checksum that differs", func() io.Reader { return strings.NewReader("new") }, 3,
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

func o1LastBytesWithEOF(h *harness) {
	for _, size := range []int64{-1, 6} {
		_, err := h.b.Write(h.ctx, "key", iotest.DataErrReader(strings.NewReader("123456")), size, "", nil)
		require.NoError(h, err, "O1: a source may return its last bytes together with io.EOF (size %d)", size)
		require.Equal(h, "123456", h.get("key"), "O1: bytes that come together with io.EOF count (size %d)", size)
	}
	wantWriteFails(h, io.ErrUnexpectedEOF, "a short source whose last bytes come with io.EOF",
		func() io.Reader { return iotest.DataErrReader(strings.NewReader("123456")) }, 7, nil)
}

func o1SmallPieces(h *harness) {
	for _, size := range []int64{-1, 1000} {
		content := strings.Repeat("0123456789", 100)
		for kind, wrap := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "half": iotest.HalfReader} {
			_, err := h.b.Write(h.ctx, "key", wrap(strings.NewReader(content)), size, "", nil)
			require.NoError(h, err, "O1: a source may give %s at a time", kind)
			require.Equal(h, content, h.get("key"), "O1: a source may give %s at a time (size %d)", kind, size)
		}
	}
}

// large is content of more than three mebibytes in which no two blocks agree.
var large = sync.OnceValue(func() string {
	p := make([]byte, 3_500_001)
	_, _ = rand.NewChaCha8([32]byte{}).Read(p) // never fails
	return string(p)
})

func o1LargeContent(h *harness) {
	content := large()
	for _, size := range []int64{-1, int64(len(content))} {
		o, err := h.b.Write(h.ctx, "key", strings.NewReader(content), size, "", nil)
		require.NoError(h, err)
		require.EqualValues(h, len(content), o.Size, "O1: size of large content (size %d)", size)
		require.True(h, content == h.get("key"), "O1: large content must come back as it went in (size %d)", size)
	}
}

func o1OverwriteReplacesEverything(h *harness) {
	h.putWith("key", "a longer text", storage.Options{
		storage.OptMetadata: map[string]string{"a": "b"}, storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
	_, err := h.b.Write(h.ctx, "key", strings.NewReader("new"), 3, "", nil)
	require.NoError(h, err, "O1: Write replaces an object unless told otherwise")
	o := h.stat("key")
	require.Equal(h, "new", h.get("key"), "O1: overwriting must replace the content")
	require.EqualValues(h, 3, o.Size, "O1: overwriting must replace the size")
	require.Empty(h, o.ContentType, "O1: overwriting must replace the content type")
	require.Empty(h, o.Metadata, "O1: overwriting must replace the metadata, not merge it")
	require.Empty(h, o.Hash, "O3: overwriting must replace the digests")
	require.Equal(h, []string{"key"}, h.list("", nil), "O1: overwriting must leave one object")
}

func o1AppearsWhenWhole(h *harness) {
	var during []string
	_, err := h.b.Write(h.ctx, "key", interrupted("0123456789", func() { during = h.list("", nil) }), 10, "", nil)
	require.NoError(h, err)
	require.Empty(h, during, "O1: an object must not appear before its Write has succeeded")
	require.Equal(h, []string{"key"}, h.list("", nil), "O1: an object must appear when its Write has succeeded")
}
