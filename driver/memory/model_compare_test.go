package memdriver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

var errBoom = errors.New("boom") // of a source

// classes are the errors that an operation can fail with.
var classes = []error{
	storage.ErrNoBucket, storage.ErrNotExist, storage.ErrExist, storage.ErrPermission, storage.ErrUnsupported, storage.ErrInvalid,
	storage.ErrClosed, storage.ErrPrecondition, storage.ErrChecksum, storage.ErrQuota,
	context.Canceled, io.ErrUnexpectedEOF, io.ErrNoProgress, errBoom,
}

// agree compares the results of an operation with those of want, or with the error
// that the call must fail with before. Then it scribbles on everything that was passed
// in and out: the store must not share it (O8).
func agree[T any](t *rapid.T, c call, got T, err error, want func() (T, error)) {
	var wanted T
	wantErr := c.err
	if wantErr == nil {
		wanted, wantErr = want()
	}
	if wantErr != nil {
		var zero T
		wanted = zero
		requireError(t, c, wantErr, err)
	} else if err != nil {
		require.NoError(t, err)
	}
	requireSame(t, wanted, got)
	scribble(got)
	for _, v := range c.opts {
		scribble(v)
	}
}

// agreeOn is agree for an operation that returns only an error.
func agreeOn(t *rapid.T, c call, err error, want func() error) {
	agree(t, c, nil, err, func() (any, error) { return nil, want() })
}

// requireError demands an error of one class, wrapped with the operation.
func requireError(t *rapid.T, c call, want, err error) {
	var e *storage.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, storage.Error{Op: c.op, Bucket: c.bucket, Key: c.key, Err: e.Err}, *e)
	for _, class := range classes {
		if errors.Is(err, class) != errors.Is(want, class) {
			require.Equal(t, want, err)
		}
	}
}

// requireSame demands equal values; an empty map is as good as none.
func requireSame(t *rapid.T, want, got any) {
	tidy(want)
	tidy(got)
	if !reflect.DeepEqual(want, got) {
		require.Equal(t, want, got)
	}
}

func tidy(v any) {
	empty := func(m *map[string]string) {
		if len(*m) == 0 {
			*m = nil
		}
	}
	switch v := v.(type) {
	case *storage.Object:
		if v != nil {
			empty((*map[string]string)(&v.Hash))
			empty(&v.Metadata)
		}
	case *storage.BucketInfo:
		if v != nil {
			empty(&v.Metadata)
		}
	case *storage.MultipartUpload:
		if v != nil {
			empty(&v.Metadata)
		}
	case *storage.UploadInfo:
		if v != nil {
			empty(&v.Metadata)
		}
	case *storage.PartInfo:
		if v != nil {
			empty((*map[string]string)(&v.Hash))
		}
	case []*storage.PartInfo:
		for _, p := range v {
			tidy(p)
		}
	}
}

// scribble changes everything that a caller may change.
func scribble(v any) {
	switch v := v.(type) {
	case map[string]string:
		for key := range v {
			v[key] = "scribble"
		}
	case storage.Hashes:
		scribble(map[string]string(v))
	case []string:
		for i := range v {
			v[i] = "scribble"
		}
	case map[string]any:
		for key := range v {
			v[key] = "scribble"
		}
	case []any:
		for i := range v {
			v[i] = "scribble"
		}
	case *storage.Object:
		if v != nil {
			scribble(v.Metadata)
			scribble(v.Hash)
			v.Size, v.ETag = -1, "scribble"
		}
	case *storage.BucketInfo:
		if v != nil {
			scribble(v.Metadata)
			v.Public = !v.Public
		}
	case *storage.UploadInfo:
		scribble(v.Metadata)
		v.UploadID = "scribble"
	case []*storage.PartInfo:
		for _, p := range v {
			scribble(p.Hash)
		}
	}
}

// mustNot is require.NoError, which is slow when there is none.
func mustNot(t *rapid.T, err error) {
	if err != nil {
		require.NoError(t, err)
	}
}

// requireObjects demands that an iterator gives the objects, and then the end.
func requireObjects(t *rapid.T, want []*storage.Object, it storage.ObjectIter) {
	for _, o := range want {
		got, err := it.Next()
		mustNot(t, err)
		requireSame(t, o, got)
		scribble(got)
	}
	for range 2 {
		got, err := it.Next()
		mustNot(t, err)
		require.Nil(t, got)
	}
}

// compareStore compares the whole state of a store with a model.
func compareStore(t *rapid.T, st storage.Storage, m *model) {
	ctx := context.Background()
	names := slices.Sorted(maps.Keys(m.buckets))
	it, err := st.Buckets(ctx, 0, 0, nil)
	require.NoError(t, err)
	for info, err := range storage.All(it) {
		mustNot(t, err)
		require.NotEmpty(t, names, "bucket %q should not be", info.Name)
		requireSame(t, m.buckets[names[0]].describe(names[0]), info)
		names = names[1:]
	}
	require.Empty(t, names)
	for bucket := range m.buckets {
		if m.limitBucket(name{clean: bucket}).err == nil {
			compareBucket(t, st.Bucket(bucket), m)
		}
	}
}

func compareBucket(t *rapid.T, b storage.Bucket, m *model) {
	ctx, name := context.Background(), b.Name()
	root, err := b.(storage.HasDirectories).Directory("").Info(ctx)
	require.NoError(t, err)
	requireSame(t, m.describeDir(name, ""), root)
	for _, opts := range []storage.Options{nil, {storage.OptDirsOnly: true}} {
		it, err := b.List(ctx, "", 0, 0, opts)
		mustNot(t, err)
		want, err := m.list(name, "", 0, 0, opts)
		mustNot(t, err)
		requireObjects(t, want, it)
	}
	for key, o := range m.buckets[name].objects {
		rc, got, err := b.Open(ctx, key, 0, 0, nil)
		mustNot(t, err)
		requireSame(t, m.describe(o, name, key), got)
		requireRest(t, o.body, rc)
	}
	it, err := b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil)
	mustNot(t, err)
	uploads, err := m.listUploads(name, "", 0, 0)
	mustNot(t, err)
	requireUploads(t, uploads, it)
	for _, up := range uploads {
		want, _ := m.listParts(name, &up.MultipartUpload, 0, 0)
		got, err := b.(storage.HasMultipart).ListParts(ctx, &up.MultipartUpload, 0, 0, nil)
		mustNot(t, err)
		requireSame(t, want, got)
		scribble(got)
	}
}

// requireUploads demands that an iterator gives the uploads, and then the end.
func requireUploads(t *rapid.T, want []*storage.UploadInfo, it storage.UploadIter) {
	for _, up := range want {
		got, err := it.Next()
		mustNot(t, err)
		requireSame(t, up, got)
		scribble(got)
	}
	got, err := it.Next()
	mustNot(t, err)
	require.Nil(t, got)
	mustNot(t, it.Close())
	_, err = it.Next()
	require.ErrorIs(t, err, storage.ErrClosed)
}

// requireRest demands that a reader gives want, and then the end.
func requireRest(t *rapid.T, want string, r io.Reader) {
	p := make([]byte, len(want)+1)
	n, err := io.ReadFull(r, p)
	if n != len(want) || string(p[:n]) != want || err != io.EOF && err != io.ErrUnexpectedEOF {
		mustNot(t, err)
		require.Equal(t, want, string(p[:n]))
	}
}

// compareDiff compares the difference of two snapshots with that of the models.
func compareDiff(t *rapid.T, old, new version) {
	want := map[[2]string]snapshot.Change{}
	for name, b := range old.model.buckets {
		for key, o := range b.objects {
			want[[2]string{name, key}] = snapshot.Change{Bucket: name, Key: key, Old: o.describe(name, key)}
		}
	}
	for name, b := range new.model.buckets {
		for key, o := range b.objects {
			at := [2]string{name, key}
			c := want[at]
			c.Bucket, c.Key, c.New = name, key, o.describe(name, key)
			want[at] = c
		}
	}
	for _, c := range want {
		tidy(c.Old)
		tidy(c.New)
	}
	maps.DeleteFunc(want, func(_ [2]string, c snapshot.Change) bool { return reflect.DeepEqual(c.Old, c.New) })
	last := ""
	for c := range snapshot.Diff(old.snap, new.snap) {
		tidy(c.Old)
		tidy(c.New)
		require.Equal(t, want[[2]string{c.Bucket, c.Key}], c)
		delete(want, [2]string{c.Bucket, c.Key})
		require.Less(t, last, c.Bucket+"\x00"+c.Key, "order")
		last = c.Bucket + "\x00" + c.Key
	}
	require.Empty(t, want)
}

// compareFS compares a snapshot as a file system with a model: it has the objects,
// except those with the name of a directory.
func compareFS(t *rapid.T, fsys fs.FS, m *model) {
	want := map[string]*modelObject{".": nil}
	for name, b := range m.buckets {
		want[name] = nil
		for key, o := range b.objects {
			want[name+"/"+key] = o
		}
		for dir := range b.dirs {
			want[path.Join(name, dir)] = nil
		}
	}
	mustNot(t, fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		mustNot(t, err)
		o, ok := want[name]
		require.True(t, ok, "%s should not be", d)
		delete(want, name)
		require.Equal(t, o == nil, d.IsDir(), name)
		if o == nil {
			return nil
		}
		info, err := fs.Stat(fsys, name)
		mustNot(t, err)
		require.Equal(t, fs.FormatFileInfo(info), fmt.Sprint(d))
		require.Equal(t, int64(len(o.body)), info.Size())
		require.Equal(t, o.updated, info.ModTime())
		require.Equal(t, o.etag, info.Sys().(*storage.Object).ETag)
		body, err := fs.ReadFile(fsys, name)
		mustNot(t, err)
		require.Equal(t, o.body, string(body))
		return nil
	}))
	require.Empty(t, want)
}
