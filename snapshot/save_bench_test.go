package snapshot_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

const benchSize = 1 << 10 // bytes of an object

// manyObjects returns a snapshot of n objects in directories of 1000.
func manyObjects(b *testing.B, n int) *snapshot.Snapshot {
	b.Helper()
	st := memdriver.Open()
	bucket := st.Bucket("b")
	text := strings.Repeat("x", benchSize)
	for i := range n {
		_, err := bucket.Write(ctx, fmt.Sprintf("%03d/%06d", i/1000, i), strings.NewReader(text), benchSize, "text/plain", nil)
		require.NoError(b, err)
	}
	return st.Snapshot()
}

// BenchmarkSave reports how many bytes the file has for each of content.
func BenchmarkSave(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("objects ", n), func(b *testing.B) {
			s := manyObjects(b, n)
			var size countWriter
			require.NoError(b, s.Save(&size))
			b.ReportAllocs()
			b.SetBytes(s.Bytes())
			for b.Loop() {
				require.NoError(b, s.Save(io.Discard))
			}
			b.ReportMetric(float64(size)/float64(s.Bytes()), "file-B/content-B")
		})
	}
}

type countWriter int64

func (w *countWriter) Write(p []byte) (int, error) {
	*w += countWriter(len(p))
	return len(p), nil
}

// BenchmarkLoad reports how much memory the loaded snapshot takes for each byte of
// content.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("objects ", n), func(b *testing.B) {
			var file bytes.Buffer
			require.NoError(b, manyObjects(b, n).Save(&file))
			var s *snapshot.Snapshot
			before := liveHeap()
			b.ReportAllocs()
			b.SetBytes(int64(n * benchSize))
			for b.Loop() {
				var err error
				s, err = snapshot.Load(bytes.NewReader(file.Bytes()))
				require.NoError(b, err)
			}
			b.ReportMetric(float64(liveHeap()-before)/float64(s.Bytes()), "heap-B/content-B")
			runtime.KeepAlive(s)
			runtime.KeepAlive(&file)
		})
	}
}

// BenchmarkFromFS reads the files of BenchmarkLoad from a directory.
func BenchmarkFromFS(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint("objects ", n), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "files")
			require.NoError(b, os.CopyFS(dir, manyObjects(b, n).FS()))
			b.SetBytes(int64(n * benchSize))
			for b.Loop() {
				_, err := snapshot.FromFS("", os.DirFS(dir))
				require.NoError(b, err)
			}
		})
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
