package drivertest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/stretchr/testify/require"
)

// lastBytes are lengths of content. Readers that work in blocks return the error
// together with the last bytes for some, and in a Read of its own for others.
var lastBytes = []int{1, 1_000, 32 << 10, 32<<10 + 1, 64 << 10, 128 << 10, 256 << 10}

func o1ErrorWithTheLastBytes(h *harness) {
	for _, n := range lastBytes {
		h.wantReceiveFails(errSource, fmt.Sprintf("a source that fails together with its last bytes, of %d", n),
			func() io.Reader { return brokenAtTheEnd(h.sized(n), errSource) }, -1, int64(n))
	}
}

func o1ErrorAfterTheLastBytes(h *harness) {
	for _, n := range lastBytes {
		h.wantReceiveFails(errSource, fmt.Sprintf("a source that fails when it is read after its last bytes, of %d", n),
			func() io.Reader { return broken(h.sized(n), errSource) }, -1, int64(n))
	}
}

// fullWriter fails when it has been given size bytes.
type fullWriter struct{ size int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.size -= len(p); w.size <= 0 {
		return len(p), errSource
	}
	return len(p), nil
}

func o1TeeThatFails(h *harness) {
	for _, n := range lastBytes {
		h.wantReceiveFails(errSource, fmt.Sprintf("a TeeReader whose writer fails with the last of %d bytes", n),
			func() io.Reader { return io.TeeReader(strings.NewReader(h.sized(n)), &fullWriter{n}) }, -1, int64(n))
	}
}

func o1NeverStopsFailing(h *harness) {
	h.wantReceiveFails(errSource, "a source that always returns as many bytes as it is asked for, and an error",
		func() io.Reader { return source(func(p []byte) (int, error) { clear(p); return len(p), errSource }) }, -1, 1, 10, 64<<10, 1<<20)
}

// archives are the ways to pack content with a checksum that its reader verifies
// at the end.
var archives = map[string]func(content string, sum uint32) (io.Reader, error){
	"gzip":     gzipped,
	"zip":      func(content string, sum uint32) (io.Reader, error) { return zipped(content, sum, zip.Store) },
	"deflated": func(content string, sum uint32) (io.Reader, error) { return zipped(content, sum, zip.Deflate) },
}

func gzipped(content string, sum uint32) (io.Reader, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	packed := buf.Bytes()
	trailer := packed[len(packed)-8:]
	trailer[0], trailer[1], trailer[2], trailer[3] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	return gzip.NewReader(bytes.NewReader(packed))
}

func zipped(content string, sum uint32, method uint16) (io.Reader, error) {
	packed := content
	if method == zip.Deflate {
		var buf bytes.Buffer
		w, err := flate.NewWriter(&buf, 1)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, content); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		packed = buf.String()
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	raw, err := w.CreateRaw(&zip.FileHeader{Name: "file", Method: method, CRC32: sum,
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(content))})
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(raw, packed); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return nil, err
	}
	return r.File[0].Open()
}

// unpacked returns a reader of content whose recorded checksum may be wrong.
func (h *harness) unpacked(kind, content string, sum uint32) func() io.Reader {
	return func() io.Reader {
		r, err := archives[kind](content, sum)
		require.NoError(h, err)
		return r
	}
}

func o1BadArchives(h *harness) {
	for kind, want := range map[string]error{"gzip": gzip.ErrChecksum, "zip": zip.ErrChecksum, "deflated": zip.ErrChecksum} {
		for _, n := range lastBytes {
			content := h.sized(n)
			h.wantReceiveFails(want, fmt.Sprintf("a %s archive of %d bytes with a bad checksum", kind, n),
				h.unpacked(kind, content, crc32.ChecksumIEEE([]byte(content))+1), -1, int64(n))
		}
	}
}

func o1GoodArchives(h *harness) {
	for kind := range archives {
		for _, n := range lastBytes {
			content := h.sized(n)
			h.wantReceived(content, fmt.Sprintf("a %s archive of %d bytes", kind, n),
				h.unpacked(kind, content, crc32.ChecksumIEEE([]byte(content))), -1, int64(n))
		}
	}
}
