package drivertest

import (
	"bytes"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var sharingCases = []testCase{
	{"O8_metadata_passed_in", o8MetadataPassedIn},
	{"O8_bucket_metadata", o8BucketMetadata},
	{"O8_upload_metadata", o8UploadMetadata},
	{"O8_options_passed_in", o8OptionsPassedIn},
	{"O8_objects_given_out", o8ObjectsGivenOut},
	{"O8_listed_objects", o8ListedObjects},
	{"O8_bytes_passed_in", o8BytesPassedIn},
	{"O8_bytes_given_out", o8BytesGivenOut},
	{"O8_parts_given_out", o8PartsGivenOut},
}

// scribble changes all that can be changed in an object.
func scribble(o *storage.Object) {
	for _, m := range []map[string]string{o.Metadata, o.Hash} {
		clear(m)
		if m != nil {
			m["scribbled"] = "yes"
		}
	}
	*o = storage.Object{Key: "scribbled", Updated: time.Unix(0, 0)}
}

// wantA checks the metadata of what was stored with {"a": "b"}.
func wantA(h *harness, got map[string]string, message string) {
	require.Equal(h, map[string]string{"a": "b"}, got, message)
}

func o8MetadataPassedIn(h *harness) {
	meta := map[string]string{"a": "b"}
	opts := storage.Options{storage.OptMetadata: meta}
	h.putWith("written", "content", opts)
	_, err := h.b.Copy(h.ctx, "copied", "", "written", opts)
	require.NoError(h, err)
	h.put("source", "content")
	_, err = h.b.Move(h.ctx, "moved", "", "source", opts)
	require.NoError(h, err)
	meta["a"] = "scribbled"
	for _, key := range []string{"written", "copied", "moved"} {
		wantA(h, h.stat(key).Metadata, "O8: changing the metadata map after it was passed in must not change object "+key)
	}
}

func o8BucketMetadata(h *harness) {
	meta := map[string]string{"a": "b"}
	created, err := h.st.CreateBucket(h.ctx, "fresh", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	meta["a"] = "scribbled"
	info, err := h.st.Bucket("fresh").Info(h.ctx)
	require.NoError(h, err)
	wantA(h, info.Metadata, "O8: changing the metadata map after CreateBucket must not change the bucket")
	created.Metadata["a"] = "scribbled"
	info.Metadata["a"] = "scribbled"
	h.buckets(h.st.Buckets(h.ctx, 1, 0, nil))[0].Metadata["a"] = "scribbled"
	info, err = h.st.Bucket("fresh").Info(h.ctx)
	require.NoError(h, err)
	wantA(h, info.Metadata, "O8: changing a BucketInfo that was given out must not change the bucket")
}

func o8UploadMetadata(h *harness) {
	meta := map[string]string{"a": "b"}
	mu, err := h.multipart().InitMultipart(h.ctx, "key", "", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	meta["a"] = "scribbled"
	if mu.Metadata != nil {
		mu.Metadata["a"] = "scribbled"
	}
	h.complete(mu, h.part(mu, 1, "content"))
	wantA(h, h.stat("key").Metadata, "O8: changing the metadata map after InitMultipart must not change the object")
}

func o8OptionsPassedIn(h *harness) {
	algorithms, sums := []string{storage.HashSHA1, storage.HashMD5}, maps.Clone(helloHashes)
	opts := storage.Options{storage.OptChecksumAlgorithms: algorithms, storage.OptChecksum: sums, storage.OptIfNoneMatch: "*",
		storage.OptMetadata: map[string]string{"a": "b"}}
	given := maps.Clone(opts)
	h.putWith("key", "hello", opts)
	require.Equal(h, given, opts, "O8: an operation must not change the options it is given")
	require.Equal(h, []string{storage.HashSHA1, storage.HashMD5}, algorithms, "O8: an operation must not change checksum_algorithms")
	require.Equal(h, helloHashes, sums, "O8: an operation must not change checksum")
}

func o8ObjectsGivenOut(h *harness) {
	opts := storage.Options{storage.OptMetadata: map[string]string{"a": "b"}, storage.OptChecksumAlgorithms: []string{storage.HashMD5}}
	written := h.putWith("key", "content", opts)
	want := plain(written)
	scribble(written)
	h.same(&want, h.stat("key"), "O8: changing the object that Write returned must change nothing")
	scribble(h.stat("key"))
	h.same(&want, h.stat("key"), "O8: changing the object that Stat returned must change nothing")
	rc, opened, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	scribble(opened)
	require.Equal(h, "content", h.readAll(rc), "O8: changing the object that Open returned must not change the reader")
	h.same(&want, h.stat("key"), "O8: changing the object that Open returned must change nothing")
	for _, t := range h.transfers() {
		o, err := t.do(h.b, "key", "", "key", nil)
		require.NoError(h, err)
		want = plain(o)
		scribble(o)
		h.same(&want, h.stat("key"), "O8: changing the object that %s returned must change nothing", t.name)
	}
}

func o8ListedObjects(h *harness) {
	h.putRich("dir/key")
	for _, opts := range []storage.Options{nil, {storage.OptRecursive: false}, {storage.OptDirsOnly: true}} {
		before := h.entries(h.b.List(h.ctx, "", 0, 0, opts))
		want := plain(before[0])
		scribble(before[0])
		after := h.entries(h.b.List(h.ctx, "", 0, 0, opts))
		h.same(&want, after[0], "O8: changing an object that List gave must change nothing (options %v)", opts)
	}
}

func o8BytesPassedIn(h *harness) {
	for kind, wrap := range map[string]func([]byte) io.Reader{
		"bytes.Reader": func(p []byte) io.Reader { return bytes.NewReader(p) },
		"bytes.Buffer": func(p []byte) io.Reader { return bytes.NewBuffer(p) },
	} {
		for _, size := range []int64{-1, 200_000} {
			content := strings.Repeat("x", 200_000)
			p := []byte(content)
			_, err := h.b.Write(h.ctx, "key", wrap(p), size, "", nil)
			require.NoError(h, err)
			clear(p)
			require.True(h, content == h.get("key"), "O8: changing the bytes beneath a %s after Write must change nothing (size %d)", kind, size)
		}
	}
}

func o8BytesGivenOut(h *harness) {
	h.put("key", "content")
	rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	p, err := io.ReadAll(rc)
	require.NoError(h, err)
	require.NoError(h, rc.Close())
	clear(p)
	require.Equal(h, "content", h.get("key"), "O8: changing bytes that a reader gave must change nothing")
}

func o8PartsGivenOut(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	list := func() []*storage.PartInfo {
		parts, err := h.multipart().ListParts(h.ctx, mu, 0, 0, nil)
		require.NoError(h, err)
		require.Len(h, parts, 2)
		return parts
	}
	etag, at := parts[0].ETag, *list()[0].LastModified
	for _, p := range []*storage.PartInfo{parts[0], list()[0]} {
		*p.LastModified = time.Unix(0, 0)
		p.ETag, p.Size = "scribbled", 0
	}
	got := list()[0]
	require.Equal(h, etag, got.ETag, "O8: changing a PartInfo that was given out must not change the part")
	require.EqualValues(h, 3, got.Size, "O8: changing a PartInfo that was given out must not change the part")
	h.sameTime(at, *got.LastModified, "O8: changing a PartInfo's LastModified must not change the part")
}
