package s3driver

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// inMemory and streamed are the bodies of a Write that are stored from where they are,
// and after they were read.
func inMemory(content []byte) io.Reader { return bytes.NewReader(content) }
func streamed(content []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(content)} }

// TestBodies writes the end of a large body, in parts and at once. A body makes the same
// object whether it is in memory or not, but then it is not copied.
func TestBodies(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		b := newStore(t, s).Bucket("data")
		content := pattern(1 + 3*maxPut)
		write := func(src io.Reader, size int64) *storage.Object {
			_, err := src.Read(make([]byte, 1))
			require.NoError(t, err)
			o, err := b.Write(t.Context(), "key", src, size, "", nil)
			require.NoError(t, err)
			got, stat, err := storage.ReadAll(t.Context(), b, "key")
			require.NoError(t, err)
			if size < 0 {
				size = int64(len(content)) - 1
			}
			require.True(t, bytes.Equal(content[1:1+size], got), "%d bytes", size)
			require.Equal(t, stat.ETag, o.ETag)
			require.Equal(t, size, o.Size)
			return o
		}
		for _, size := range []int64{0, 1, maxPut, maxPut + 1, -1} {
			require.Equal(t, write(streamed(content), size).ETag, write(inMemory(content), size).ETag)
		}
		_, err := b.Write(t.Context(), "short", inMemory(content), int64(len(content))+1, "", nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		_, err = b.Stat(t.Context(), "short", nil)
		require.ErrorIs(t, err, storage.ErrNotExist)

		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = storage.WriteAll(t.Context(), b, "key", content, "", nil)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(content)/4))
	})
}
