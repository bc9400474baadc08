package gocloud

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"open-lake.dev/lib/storage"
	filedriver "open-lake.dev/lib/storage/driver/file"
)

// disk is a way to keep content in files.
type disk struct {
	name  string
	write func(key string, content []byte) error
	read  func(key string, w io.Writer) error
}

// disks returns driver/file, gocloud.dev's fileblob and package os. None of them waits
// for the disk unless sync is set, which fileblob does not do.
func disks(b *testing.B, sync bool) []disk {
	all := []disk{fileDisk(b, sync), osDisk(b.TempDir(), sync)}
	if !sync {
		all = append(all, blobDisk(b))
	}
	return all
}

func fileDisk(b *testing.B, sync bool) disk {
	var opts []filedriver.Option
	if !sync {
		opts = append(opts, filedriver.WithoutSync())
	}
	st, err := filedriver.Open(b.TempDir(), opts...)
	require.NoError(b, err)
	b.Cleanup(func() { st.Close() })
	bucket := st.Bucket("b")
	return disk{
		"file",
		func(key string, content []byte) error {
			_, err := bucket.Write(context.Background(), key, bytes.NewReader(content), int64(len(content)), "text/plain", nil)
			return err
		},
		func(key string, w io.Writer) error { return readBucket(bucket, key, w) },
	}
}

func readBucket(b storage.Bucket, key string, w io.Writer) error {
	rc, _, err := b.Open(context.Background(), key, 0, 0, nil)
	if err != nil {
		return err
	}
	defer rc.Close()
	_, err = io.Copy(w, rc)
	return err
}

func blobDisk(b *testing.B) disk {
	bucket, err := fileblob.OpenBucket(b.TempDir(), nil)
	require.NoError(b, err)
	b.Cleanup(func() { bucket.Close() })
	ctx := context.Background()
	return disk{
		"fileblob",
		func(key string, content []byte) error {
			return bucket.Upload(ctx, key, bytes.NewReader(content), &blob.WriterOptions{ContentType: "text/plain"})
		},
		func(key string, w io.Writer) error { return bucket.Download(ctx, key, w, nil) },
	}
}

func osDisk(dir string, sync bool) disk {
	return disk{
		"os",
		func(key string, content []byte) error {
			f, err := os.CreateTemp(dir, "tmp")
			if err != nil {
				return err
			}
			if _, err = f.Write(content); err == nil && sync {
				err = f.Sync()
			}
			if failed := f.Close(); err != nil || failed != nil {
				return fmt.Errorf("%w %w", err, failed)
			}
			return os.Rename(f.Name(), filepath.Join(dir, key))
		},
		func(key string, w io.Writer) error {
			f, err := os.Open(filepath.Join(dir, key))
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, f)
			return err
		},
	}
}

// BenchmarkFiles does the same on each disk in turn, and reports how many times
// longer each took than driver/file.
func BenchmarkFiles(b *testing.B) {
	for _, sync := range []bool{false, true} {
		for _, size := range []int{1 << 10, 64 << 20} {
			content := random(size)
			for _, keys := range []int{10, 1 << 30} { // replaced, or new
				b.Run(fmt.Sprintf("write/%d/keys=%d/sync=%t", size, keys, sync), func(b *testing.B) {
					if size > 1<<20 && keys > 10 {
						b.Skip("takes too much room")
					}
					sideBySide(b, disks(b, sync), func(d disk, i int) error {
						return d.write(fmt.Sprintf("key%d", i%keys), content)
					})
				})
			}
			if sync {
				continue
			}
			b.Run(fmt.Sprintf("read/%d", size), func(b *testing.B) {
				all := disks(b, false)
				for _, d := range all {
					require.NoError(b, d.write("key", content))
				}
				sideBySide(b, all, func(d disk, _ int) error {
					return d.read("key", struct{ io.Writer }{io.Discard})
				})
			})
		}
	}
}

// sideBySide calls do with each disk in turn, from another one on each time.
func sideBySide(b *testing.B, all []disk, do func(d disk, i int) error) {
	spent := make([]time.Duration, len(all))
	n := 0
	for b.Loop() {
		for j := range all {
			at := (n + j) % len(all)
			start := time.Now()
			if err := do(all[at], n); err != nil {
				b.Fatal(all[at].name, err)
			}
			spent[at] += time.Since(start)
		}
		n++
	}
	b.ReportMetric(0, "ns/op")
	for i, d := range all {
		b.ReportMetric(float64(spent[i])/float64(n)/1000, d.name+"-µs")
		if i > 0 {
			b.ReportMetric(float64(spent[i])/float64(spent[0]), d.name+"/file")
		}
	}
}
