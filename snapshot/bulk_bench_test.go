package snapshot_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// BenchmarkBulk fills a bucket with files of 1 KiB: by single writes, by FromFS and by
// Load. FromFS cannot take less than reading the files does.
func BenchmarkBulk(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		content := make([]byte, 1<<10)
		files := make(fstest.MapFS, n)
		for i := range n {
			files[fmt.Sprintf("p%02d/k%07d", i%10, i)] = &fstest.MapFile{Data: content}
		}
		state, err := snapshot.FromFS("b", files)
		require.NoError(b, err)
		var saved bytes.Buffer
		require.NoError(b, state.Save(&saved))
		run := func(name string, fill func() error) {
			b.Run(fmt.Sprint(name, "/files ", n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					require.NoError(b, fill())
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/file")
			})
		}
		run("single writes", func() error {
			bucket := memdriver.Open().Bucket("b")
			for name, f := range files {
				if _, err := bucket.Write(ctx, name, bytes.NewReader(f.Data), int64(len(f.Data)), "", nil); err != nil {
					return err
				}
			}
			return nil
		})
		run("FromFS", func() error { _, err := snapshot.FromFS("b", files); return err })
		run("reading the files", func() error {
			return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					_, err = fs.ReadFile(struct{ fs.FS }{files}, name)
				}
				return err
			})
		})
		run("Load", func() error { _, err := snapshot.Load(bytes.NewReader(saved.Bytes())); return err })
	}
}
