package engine

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// TestSpool checks that a body is whole and can be read again, and that its file goes
// with it, whatever its size.
func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := &store{spool: newTemp, memory: maxMemory}
	for _, size := range []int{0, 1, maxPiece + 1, maxMemory, maxMemory + 1, maxMemory + 10*maxPiece + 5} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(i / 1000)
		}
		b, err := s.receive(t.Context(), bytes.NewReader(content), -1, storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
		require.NoError(t, err)
		require.Equal(t, size > maxMemory, b.file != nil)
		for range 2 {
			got, err := io.ReadAll(b.Reader())
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, got), "%d bytes", size)
			var written bytes.Buffer
			_, err = b.WriteTo(&written)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, written.Bytes()), "%d bytes", size)
		}
		assert.Equal(t, fmt.Sprintf("%x", md5.Sum(content)), b.etag())
		assert.Equal(t, b.etag(), b.hashes[storage.HashMD5])
		require.NoError(t, b.Close())
	}
	_, err := s.receive(t.Context(), bytes.NewReader(make([]byte, maxMemory+1)), maxMemory+2, nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left)
}

// panics is a reader that panics at the end of its content.
type panics struct{ io.Reader }

func (r panics) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		panic(err)
	}
	return n, nil
}

// TestPanickingSource: the goroutine that hashes ends, too, which TestMain checks.
func TestPanickingSource(t *testing.T) {
	s := &store{spool: newTemp, memory: maxMemory}
	assert.Panics(t, func() {
		_, _ = s.receive(t.Context(), panics{bytes.NewReader(make([]byte, 2*maxAlone))}, -1, nil)
	})
}

// TestSmallBodyAllocatesLittle: no buffer is larger than the body.
func TestSmallBodyAllocatesLittle(t *testing.T) {
	s := &store{spool: newTemp, memory: maxMemory}
	content := make([]byte, 1<<10)
	const runs = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		b, err := s.receive(t.Context(), bytes.NewReader(content), int64(len(content)), nil)
		require.NoError(t, err)
		n, err := b.WriteTo(onlyWriter{io.Discard})
		require.NoError(t, err)
		require.Equal(t, int64(len(content)), n)
		require.NoError(t, b.Close())
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/runs, uint64(8<<10), "bytes of a body of 1 KiB")
}

// onlyWriter hides io.Discard's ReadFrom.
type onlyWriter struct{ io.Writer }
