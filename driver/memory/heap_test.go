package memdriver_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// heap returns how many bytes are alive.
func heap() int64 {
	for range 3 { // a sync.Pool lets go of its buffers in the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// retains returns how many bytes the results of do keep alive.
func retains(do func() any) int64 {
	before := heap()
	kept := do()
	after := heap()
	runtime.KeepAlive(kept)
	return after - before
}

// TestNothingKeepsABody: what a caller got from a store does not keep the body of an
// object that was deleted since, once it is closed (O4).
func TestNothingKeepsABody(t *testing.T) {
	const size = 10 << 20
	for name, get := range map[string]func(st *memdriver.Store, b storage.Bucket, written *storage.Object) any{
		"the object that Write returned": func(_ *memdriver.Store, _ storage.Bucket, written *storage.Object) any { return written },
		"the object that Stat returned": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			obj, err := b.Stat(ctx, "d/k", nil)
			require.NoError(t, err)
			return obj
		},
		"the object that Open returned": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			rc, obj, err := b.Open(ctx, "d/k", 0, 0, nil)
			require.NoError(t, err)
			require.NoError(t, rc.Close())
			return obj
		},
		"a listed object": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			it, err := b.List(ctx, "", 0, 0, nil)
			require.NoError(t, err)
			obj, err := it.Next()
			require.NoError(t, err)
			return obj
		},
		"a closed reader": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			rc, _, err := b.Open(ctx, "d/k", 1, 0, nil)
			require.NoError(t, err)
			_, err = rc.Read(make([]byte, 1))
			require.NoError(t, err)
			require.NoError(t, rc.Close())
			return rc
		},
		"a closed iterator": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			it, err := b.List(ctx, "", 0, 0, nil)
			require.NoError(t, err)
			require.NoError(t, it.Close())
			return it
		},
		"a closed iterator of buckets": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			it, err := st.Buckets(ctx, 0, 0, nil)
			require.NoError(t, err)
			require.NoError(t, it.Close())
			return it
		},
		"a closed iterator of uploads": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			mp := b.(storage.HasMultipart)
			mu, err := mp.InitMultipart(ctx, "d/k", "", nil)
			require.NoError(t, err)
			_, err = mp.UploadPart(ctx, mu, 1, bytes.NewReader(make([]byte, size)), size, nil)
			require.NoError(t, err)
			it, err := b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil)
			require.NoError(t, err)
			require.NoError(t, it.Close())
			require.NoError(t, mp.AbortMultipart(ctx, mu, nil))
			return it
		},
		"handles": func(_ *memdriver.Store, b storage.Bucket, _ *storage.Object) any {
			d := b.(storage.HasDirectories).Directory("d")
			_, err := d.Info(ctx)
			require.NoError(t, err)
			return []any{b, d}
		},
		"a closed store": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			require.NoError(t, st.Close())
			return st
		},
		"a closed view of a snapshot": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			view := st.Snapshot().Storage()
			_, err := view.Bucket("b").Stat(ctx, "d/k", nil)
			require.NoError(t, err)
			require.NoError(t, view.Close())
			return view
		},
		"the store of an Update": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) (kept any) {
			require.NoError(t, st.Update(ctx, func(tx storage.Storage) error { kept = tx; return nil }))
			return kept
		},
		"a store of which an Update wrote and deleted": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
				b := tx.Bucket("b")
				_, err := b.Write(ctx, "e/0", bytes.NewReader(make([]byte, size)), size, "", nil)
				require.NoError(t, err)
				for i := range 10 {
					_, err := storage.WriteAll(ctx, b, fmt.Sprint("e/", i+1), nil, "", nil)
					require.NoError(t, err)
				}
				return b.Delete(ctx, "e/0", nil)
			}))
			return nil
		},
		"a closed fs.File": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			return closedFile(t, st, "b/d/k")
		},
		"a closed fs.File of a directory": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			return closedFile(t, st, "b/d")
		},
		"a FileInfo": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			info, err := fs.Stat(st.Snapshot().FS(), "b/d/k")
			require.NoError(t, err)
			require.EqualValues(t, size, info.Size())
			return info
		},
		"the FileInfo of a directory": func(st *memdriver.Store, _ storage.Bucket, _ *storage.Object) any {
			info, err := fs.Stat(st.Snapshot().FS(), "b/d")
			require.NoError(t, err)
			return info
		},
	} {
		t.Run(name, func(t *testing.T) {
			kept := retains(func() any {
				st := memdriver.Open()
				b := st.Bucket("b")
				written, err := b.Write(ctx, "d/k", bytes.NewReader(make([]byte, size)), size, "", nil)
				require.NoError(t, err)
				got := get(st, b, written)
				if err := b.Delete(ctx, "d/k", nil); err != nil {
					require.ErrorIs(t, err, storage.ErrClosed)
				}
				return []any{st, got}
			})
			assert.Less(t, kept, int64(size/10))
		})
	}
}

func closedFile(t *testing.T, st *memdriver.Store, name string) fs.File {
	f, err := st.Snapshot().FS().Open(name)
	require.NoError(t, err)
	_, err = f.Stat()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return f
}

// TestShortStringsAreCut: a short string that a caller passes in does not keep the
// long one alive that it was cut from (O8).
func TestShortStringsAreCut(t *testing.T) {
	const size = 16 << 20
	cut := func(text string) string { return strings.Repeat(text, size/len(text))[len(text) : 2*len(text)] }
	write := func(b storage.Bucket, key, contentType string, opts storage.Options) {
		_, err := b.Write(ctx, key, nil, 0, contentType, opts)
		require.NoError(t, err)
	}
	begin := func(b storage.Bucket, key, contentType string, opts storage.Options) {
		_, err := b.(storage.HasMultipart).InitMultipart(ctx, key, contentType, opts)
		require.NoError(t, err)
	}
	metadata := func(key, value string) storage.Options {
		return storage.Options{storage.OptMetadata: map[string]string{key: value}}
	}
	for name, do := range map[string]func(st *memdriver.Store, b storage.Bucket){
		"content type":              func(_ *memdriver.Store, b storage.Bucket) { write(b, "k", cut("text/plain"), nil) },
		"content type of an upload": func(_ *memdriver.Store, b storage.Bucket) { begin(b, "k", cut("text/plain"), nil) },
		"metadata":                  func(_ *memdriver.Store, b storage.Bucket) { write(b, "k", "", metadata("k", cut("ten bytes."))) },
		"key of metadata":           func(_ *memdriver.Store, b storage.Bucket) { write(b, "k", "", metadata(cut("ten bytes."), "v")) },
		"metadata from JSON": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", storage.Options{storage.OptMetadata: map[string]any{cut("ten bytes."): cut("ten bytes.")}})
		},
		"metadata of an upload": func(_ *memdriver.Store, b storage.Bucket) { begin(b, "k", "", metadata("k", cut("ten bytes."))) },
		"metadata of a copy": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", nil)
			_, err := b.Copy(ctx, "l", "", "k", metadata("k", cut("ten bytes.")))
			require.NoError(t, err)
		},
		"metadata of a bucket": func(st *memdriver.Store, _ storage.Bucket) {
			_, err := st.CreateBucket(ctx, "new", metadata("k", cut("ten bytes.")))
			require.NoError(t, err)
		},
		"name of a bucket": func(st *memdriver.Store, _ storage.Bucket) {
			_, err := st.CreateBucket(ctx, cut("ten bytes."), nil)
			require.NoError(t, err)
		},
		"name of a bucket that a write makes": func(st *memdriver.Store, _ storage.Bucket) { write(st.Bucket(cut("ten bytes.")), "k", "", nil) },
		"name of a bucket that an upload makes": func(st *memdriver.Store, _ storage.Bucket) {
			begin(st.Bucket(cut("ten bytes.")), "k", "", nil)
		},
		"name of a bucket that a copy makes": func(st *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", nil)
			_, err := st.Bucket(cut("ten bytes.")).Copy(ctx, "k", "b", "k", nil)
			require.NoError(t, err)
		},
		"key":              func(_ *memdriver.Store, b storage.Bucket) { write(b, cut("ten/bytes."), "", nil) },
		"key of an upload": func(_ *memdriver.Store, b storage.Bucket) { begin(b, cut("ten/bytes."), "", nil) },
		"key of a copy": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", nil)
			_, err := b.Copy(ctx, cut("ten/bytes."), "", "k", nil)
			require.NoError(t, err)
		},
		"key of a moved object": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", nil)
			_, err := b.Move(ctx, cut("ten/bytes."), "", "k", nil)
			require.NoError(t, err)
		},
		"key of a completed upload": func(_ *memdriver.Store, b storage.Bucket) {
			mp := b.(storage.HasMultipart)
			mu, err := mp.InitMultipart(ctx, "ten/bytes.", "", nil)
			require.NoError(t, err)
			part, err := mp.UploadPart(ctx, mu, 1, nil, 0, nil)
			require.NoError(t, err)
			mu.Key, mu.UploadID = cut(mu.Key), cut(mu.UploadID)
			_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, nil)
			require.NoError(t, err)
		},
		"upload ID of a handle": func(_ *memdriver.Store, b storage.Bucket) {
			mp := b.(storage.HasMultipart)
			mu, err := mp.InitMultipart(ctx, "ten/bytes.", "", nil)
			require.NoError(t, err)
			mu.Key, mu.UploadID = cut(mu.Key), cut(mu.UploadID)
			_, err = mp.UploadPart(ctx, mu, 1, nil, 0, nil)
			require.NoError(t, err)
		},
		"path of a moved directory": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "d/k", "", nil)
			_, err := b.(storage.HasDirectories).Directory("d").Move(ctx, cut("ten/bytes."), nil)
			require.NoError(t, err)
		},
		"algorithm of a digest": func(_ *memdriver.Store, b storage.Bucket) {
			write(b, "k", "", storage.Options{storage.OptChecksumAlgorithms: []string{cut("sha256")}})
		},
		"algorithm of a digest to verify": func(_ *memdriver.Store, b storage.Bucket) {
			md5 := cut("md5")
			write(b, "k", "", storage.Options{
				storage.OptChecksumAlgorithms: []string{md5}, storage.OptChecksum: storage.Hashes{md5: modelHashes["md5"]("")}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			kept := retains(func() any {
				st := memdriver.Open()
				put(t, st.Bucket("b"), "other")
				do(st, st.Bucket("b"))
				return st
			})
			assert.Less(t, kept, int64(size/8))
		})
	}
	for name, open := range map[string]func() any{
		"default bucket": func() any { return memdriver.Open(memdriver.WithDefaultBucket(cut("ten bytes."))) },
		"data source name": func() any {
			st, err := storage.Open(ctx, "mem://"+strings.Repeat("n", size)+"?bucket=ten")
			require.True(t, err == nil, "a long name is one")
			return st
		},
		"bucket of FromFS": func() any {
			snap, err := snapshot.FromFS(cut("ten bytes."), fstest.MapFS{"k": {}})
			require.NoError(t, err)
			return snap
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Less(t, retains(open), int64(size/8)) })
	}
}

// TestRestoreKeepsNothing: everything is read and a snapshot taken, everything is
// overwritten, read, and rewound. What no version holds is gone.
func TestRestoreKeepsNothing(t *testing.T) {
	const objects, size = 2_000, 10 << 10
	st := memdriver.Open(memdriver.WithMaxBytes(objects * size))
	b := st.Bucket("b")
	fill := func(content []byte) {
		for i := range objects {
			key := fmt.Sprintf("d%d/%d", i%7, i)
			_, err := b.Write(ctx, key, bytes.NewReader(content), int64(len(content)), "", nil)
			require.NoError(t, err)
		}
	}
	readAll := func() {
		for i := range objects {
			for range 5 {
				_, err := b.Stat(ctx, fmt.Sprintf("d%d/%d", i%7, i), nil)
				require.NoError(t, err)
			}
		}
	}
	fill([]byte("small"))
	readAll()
	snaps := []*snapshot.Snapshot{st.Snapshot()}
	kept := retains(func() any {
		for range 4 {
			fill(make([]byte, size))
			readAll()
			require.NoError(t, st.Restore(snaps[0]))
			fill([]byte("other"))
			snaps = append(snaps, st.Snapshot())
			require.NoError(t, st.Restore(snaps[0]))
			readAll()
		}
		return st
	})
	// The four snapshots hold objects of five bytes, which take about 1 MB each.
	assert.Less(t, kept, int64(objects*size/2))
	runtime.KeepAlive(snaps)
}
