package drivertest

import (
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// A copy shared its metadata map with the source: go-cloud #3727, objstore #42.
func trapCopySharesMetadata(h *harness) {
	h.putRich("source")
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	o.Metadata["a"] = "scribbled"
	require.Equal(h, "b", h.stat("source").Metadata["a"], "O8: a copy must not share its metadata map with the source")
	require.Equal(h, "b", h.stat("copy").Metadata["a"], "O8: a copy must not share its metadata map with the caller")
	h.putWith("copy", "content", storage.Options{storage.OptMetadata: map[string]string{"a": "changed"}})
	require.Equal(h, "b", h.stat("source").Metadata["a"], "O8: changing a copy must not change the source's metadata")
}

// A FileInfo changed after Stat had returned it: afero.
func trapInfoChangesAfterStat(h *harness) {
	h.putRich("dir/key")
	object, dir := h.stat("dir/key"), h.stat("dir")
	wantObject, wantDir := plain(object), plain(dir)
	h.tick()
	h.put("dir/key", "changed, and longer")
	h.put("dir/new", "content")
	h.same(&wantObject, object, "O8: an object that Stat returned must not change when the key is overwritten")
	h.same(&wantDir, dir, "O8: a directory that Stat returned must not change when something beneath does")
}

// The time of modification was that of the call: go-billy #98.
func trapTimeIsNow(h *harness) {
	h.put("dir/key", "content")
	for _, key := range []string{"dir/key", "dir"} {
		before := h.stat(key)
		h.tick()
		h.same(before, h.stat(key), "O2: times of %q must be those of its last change, not of the call", key)
	}
}

// A write whose condition failed still updated the metadata: go-cloud #3726.
func trapFailedConditionUpdatesMetadata(h *harness) {
	want := h.putRich("key")
	h.put("source", "content")
	opts := storage.Options{storage.OptIfMatch: "other", storage.OptMetadata: map[string]string{"a": "changed"}}
	_, err := h.write("key", "rich content", opts)
	h.failsCondition(storage.RelaxedO7Write, storage.ErrPrecondition, err, "O7: Write with a condition that fails")
	for _, t := range h.transfers() {
		_, err = t.do(h.b, "key", "", "source", opts)
		require.Error(h, err, "O7: %s with a condition that fails", t.name)
	}
	h.same(want, h.stat("key"), "O7: a failed condition must not update metadata")
}

// A lock was held while the caller's reader was read, so a reader over the same
// bucket deadlocked: objstore.
func trapReaderOverTheSameBucket(h *harness) {
	content := h.sized(len(large()))
	h.put("source", content)
	rc, _, err := h.b.Open(h.ctx, "source", 0, 0, nil)
	require.NoError(h, err)
	_, err = h.b.Write(h.ctx, "copy", rc, -1, "", nil)
	require.NoError(h, err, "O1: a source may be a reader over the same bucket")
	require.NoError(h, rc.Close())
	h.holds(content, "copy", "O1: a source may be a reader over the same bucket")
	_, err = h.b.Write(h.ctx, "key", interrupted("0123456789", func() {
		_, _ = h.get("source"), h.stat("copy")
		_ = h.list("", nil)
		_ = h.bucketNames(0, 0)
	}), 10, "", nil)
	require.NoError(h, err, "O1: a source may read, stat and list while it is read")
}

// The same with a reader that writes: objstore.
func trapSourceThatWrites(h *harness) {
	_, err := h.b.Write(h.ctx, "key", interrupted("0123456789", func() {
		h.put("key", "the source's own")
		h.put("another", "content")
		h.delete("another")
		_, err := h.st.CreateBucket(h.ctx, "fresh", nil)
		require.NoError(h, err)
	}), 10, "", nil)
	require.NoError(h, err, "O1: a source may write to the same bucket while it is read")
	require.Equal(h, "0123456789", h.get("key"), "O1: the Write that commits last wins")
	h.mustExist("fresh", true, "O1: what the source wrote must stay")
}

// The same with the reader of a part: objstore.
func trapPartThatWrites(h *harness) {
	mu, _ := h.upload("whole")
	part, err := h.multipart().UploadPart(h.ctx, mu, 1, interrupted("0123456789", func() { h.put("key", "again") }), 10, nil)
	require.NoError(h, err, "O1: the source of a part may write to the same bucket")
	h.complete(mu, part)
}

// A rename that failed kept its lock: afero.
func trapFailedRenameLeaksItsLock(h *harness) {
	h.put("dir/key", "content")
	for _, t := range h.transfers() {
		_, err := t.do(h.b, "x", "", "missing", nil)
		require.ErrorIs(h, err, storage.ErrNotExist)
		_, err = t.do(h.b, "x", "", "dir", nil)
		require.ErrorIs(h, err, storage.ErrPermission)
		_, err = t.do(h.b, "x", "", "dir/key", storage.Options{storage.OptIfMatch: "*"})
		require.Error(h, err)
		h.put("dir/key", "after a failed "+t.name)
		require.Equal(h, "after a failed "+t.name, h.get("dir/key"), "O2: a failed %s must leave the store usable", t.name)
	}
}

// The same with a directory: afero.
func trapFailedDirectoryRename(h *harness) {
	for _, dst := range []string{"x", "../up"} {
		_, err := h.directory("missing").Move(h.ctx, dst, nil)
		require.Error(h, err)
	}
	h.put("dir/key", "after a failed Move")
	require.Equal(h, "after a failed Move", h.get("dir/key"), "D4: a failed Move must leave the store usable")
}

// ETags were built from the time, so that golden files differed on every run:
// memblob.
func trapETagFromTime(h *harness) {
	h.strong(storage.RelaxedO3)
	etag := h.put("key", "content").ETag
	h.tick()
	require.Equal(h, etag, h.put("key", "content").ETag, "O3: an ETag must not be built from time")
	o := putIn(h, bucketIn(h, h.another(), bucketName), "key", "content")
	require.Equal(h, etag, o.ETag, "O3: an ETag must be the same in every run, or golden files differ")
}

// Quoted and bare ETags did not match in conditions: S3Mock #807.
func trapQuotedETags(h *harness) {
	etag := strings.Trim(h.put("key", "content").ETag, `"`)
	for _, form := range []string{etag, `"` + etag + `"`, `W/"` + etag + `"`} {
		_, err := h.b.Stat(h.ctx, "key", storage.Options{storage.OptIfMatch: form})
		require.NoError(h, err, "O7: if_match %s must match, quoted or bare", form)
		_, err = h.b.Stat(h.ctx, "key", storage.Options{storage.OptIfNoneMatch: form})
		require.ErrorIs(h, err, storage.ErrPrecondition, "O7: if_none_match %s must match, quoted or bare", form)
	}
}

// A condition on Copy or Delete was ignored without an error: S3 services.
func trapConditionIsIgnored(h *harness) {
	h.put("source", "new content")
	h.put("key", "old content")
	never := storage.Options{storage.OptIfMatch: "other"}
	require.Error(h, h.b.Delete(h.ctx, "key", never), "O7: Delete must not ignore a condition")
	for _, t := range h.transfers() {
		_, err := t.do(h.b, "key", "", "source", never)
		require.Error(h, err, "O7: %s must not ignore a condition", t.name)
	}
	require.Equal(h, "old content", h.get("key"), "O7: a condition must not be ignored")
}

// The checksum error that comes with the last bytes was lost: libarchive #1225.
func trapChecksumError(h *harness) {
	content := h.sized(64 << 10)
	for kind := range archives {
		for _, size := range []int64{-1, int64(len(content))} {
			_, err := h.b.Write(h.ctx, "key", h.unpacked(kind, content, crc32.ChecksumIEEE([]byte(content))^1)(), size, "", nil)
			require.Error(h, err, "O1: a %s archive with a bad checksum must not be stored (size %d)", kind, size)
			h.gone("key", "O1: an archive with a bad checksum must not be stored")
		}
	}
}

// A second try after a failed write lost the rest: opendal #7400.
func trapFailedWriteLosesTheRest(h *harness) {
	content := h.sized(300_000)
	h.put("key", content)
	for _, taken := range []int{0, 1, 1_000, 131_072, 299_999} {
		rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err)
		var got strings.Builder
		if wt, ok := rc.(io.WriterTo); ok {
			n, err := wt.WriteTo(&limitedWriter{&got, taken})
			require.ErrorIs(h, err, errSource, "O4: WriteTo must return the writer's error")
			require.EqualValues(h, taken, n, "O4: WriteTo must return how much the writer took")
		}
		_, err = io.Copy(&got, rc)
		require.NoError(h, err)
		require.NoError(h, rc.Close())
		require.True(h, content == got.String(), "O4: a reader must go on where a failed WriteTo stopped (after %d bytes)", taken)
	}
}

// limitedWriter takes some bytes and then fails.
type limitedWriter struct {
	w    io.Writer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if _, err := w.w.Write(p[:n]); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, errSource
	}
	return n, nil
}

// Ten bytes kept a long string alive that they were cut from: nodejs #31891. The
// case passes in the ends of long strings, and checks that they can be collected.
func trapTenBytes(h *harness) {
	var long []weak.Pointer[byte]
	cut := func(text string) string {
		p := []byte(strings.Repeat(".", 1<<20) + text)
		long = append(long, weak.Make(&p[0]))
		return unsafe.String(&p[1<<20], len(text))
	}
	func() {
		meta := storage.Options{storage.OptMetadata: map[string]string{cut("key"): cut("value")}}
		_, err := h.b.Write(h.ctx, cut("dir/key"), strings.NewReader("x"), 1, cut("text/plain"), meta)
		require.NoError(h, err)
		_, err = h.st.CreateBucket(h.ctx, cut("bucket"), storage.Options{storage.OptMetadata: map[string]string{cut("key"): cut("value")}})
		require.NoError(h, err)
		for _, t := range h.transfers() {
			h.put("source", "content")
			_, err = t.do(h.b, cut("to-"+t.name), "", "source", storage.Options{storage.OptMetadata: map[string]string{cut("key"): cut("value")}})
			require.NoError(h, err)
		}
		if d, ok := h.b.(storage.HasDirectories); ok {
			_, err = d.Directory("dir").Move(h.ctx, cut("moved"), nil)
			require.NoError(h, err)
		}
		if m, ok := h.b.(storage.HasMultipart); ok {
			_, err = m.InitMultipart(h.ctx, cut("upload"), cut("text/plain"), storage.Options{storage.OptMetadata: map[string]string{cut("key"): cut("value")}})
			require.NoError(h, err)
		}
	}()
	for range 3 { // what a pool holds goes with the second collection
		runtime.GC()
	}
	for i, p := range long {
		require.Nil(h, p.Value(), "O8: a short string must not keep alive the long one that it was cut from (argument %d)", i)
	}
}
