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
	{"O8_source_that_keeps_its_buffer", o8SourceThatKeepsItsBuffer},
	{"O8_writer_that_keeps_its_bytes", o8WriterThatKeepsItsBytes},
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
	keys := []string{"written"}
	for _, t := range h.transfers() {
		h.put("source", "content")
		_, err := t.do(h.b, "to-"+t.name, "", "source", opts)
		require.NoError(h, err)
		keys = append(keys, "to-"+t.name)
	}
	meta["a"] = "scribbled"
	for _, key := range keys {
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
	it, err := h.st.Buckets(h.ctx, 1, 0, nil)
	drain(h, it, err)[0].Metadata["a"] = "scribbled"
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
	h.condition(storage.Options{storage.OptIfNoneMatch: "*"})
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
		"io.Reader":    func(p []byte) io.Reader { return io.MultiReader(bytes.NewReader(p)) },
	} {
		for _, size := range []int64{-1, 200_000} {
			content := strings.Repeat("x", 200_000)
			p := []byte(content)
			_, err := h.b.Write(h.ctx, "key", wrap(p), size, "", nil)
			require.NoError(h, err)
			clear(p)
			h.holds(content, "key", "O8: changing the bytes beneath a %s after Write must change nothing (size %d)", kind, size)
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
	list := func() *storage.PartInfo { return h.listParts(mu, 0, 0)[0] }
	etag, size, at := parts[0].ETag, parts[0].Size, *list().LastModified
	for _, p := range []*storage.PartInfo{parts[0], list()} {
		*p.LastModified = time.Unix(0, 0)
		p.ETag, p.Size = "scribbled", 0
	}
	got := list()
	require.Equal(h, etag, got.ETag, "O8: changing a PartInfo that was given out must not change the part")
	require.Equal(h, size, got.Size, "O8: changing a PartInfo that was given out must not change the part")
	h.sameTime(at, *got.LastModified, "O8: changing a PartInfo's LastModified must not change the part")
}

// o8SourceThatKeepsItsBuffer writes from a reader that goes on to write into the
// buffers that it was given.
func o8SourceThatKeepsItsBuffer(h *harness) {
	for _, size := range []int64{-1, 200_000} {
		content := strings.Repeat("x", 200_000)
		var kept [][]byte
		src := strings.NewReader(content)
		_, err := h.b.Write(h.ctx, "key", source(func(p []byte) (int, error) {
			kept = append(kept, p)
			return src.Read(p)
		}), size, "", nil)
		require.NoError(h, err)
		seen := h.put("other", strings.Repeat("y", 200_000))
		for _, p := range kept {
			require.NotContains(h, string(p), "y", "O8: a reader must not see in its buffers what another caller writes")
			clear(p)
		}
		h.holds(content, "key", "O8: a reader that writes into its buffers after Write must change nothing (size %d)", size)
		h.holds(strings.Repeat("y", 200_000), "other", "O8: a reader must not change what another caller writes")
		h.same(seen, h.stat("other"), "O8: a reader must not change what another caller writes")
	}
}

// o8WriterThatKeepsItsBytes copies to a writer that changes the bytes that it is
// given, and keeps them.
func o8WriterThatKeepsItsBytes(h *harness) {
	mine, theirs := strings.Repeat("x", 200_000), strings.Repeat("y", 200_000)
	h.put("mine", mine)
	h.put("theirs", theirs)
	copyTo := func(key string, w io.Writer) {
		rc, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
		require.NoError(h, err)
		if wt, ok := rc.(io.WriterTo); ok {
			_, err = wt.WriteTo(w)
		} else {
			_, err = io.Copy(w, rc)
		}
		require.NoError(h, err)
		require.NoError(h, rc.Close())
	}
	var kept [][]byte
	copyTo("mine", writer(func(p []byte) (int, error) {
		for i := range p {
			p[i] = 'z'
		}
		kept = append(kept, p)
		return len(p), nil
	}))
	h.holds(mine, "mine", "O8: a writer that changes the bytes it is given must not change the object")
	var got strings.Builder
	copyTo("theirs", &got)
	require.True(h, theirs == got.String(), "O8: a writer must not change what another caller reads")
	for _, p := range kept {
		require.NotContains(h, string(p), "y", "O8: a writer must not see in the bytes it kept what another caller reads")
	}
}

// writer is a function as an io.Writer.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
