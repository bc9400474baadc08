package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"open-lake.dev/lib/storage"
)

// FromFS returns a snapshot with one bucket that holds the regular files of
// fsys, each under its path, with its modification time as both times and no
// content type. The bucket has no creation time, so that the same files make
// the same snapshot.
//
// What cannot be carried is an error, not left out: a file that is not regular,
// and a path that is no normal key (K1). Only empty directories have no place
// in a bucket.
func FromFS(bucketName string, fsys fs.FS) (*Snapshot, error) {
	name, err := storage.CleanBucket(bucketName)
	if err != nil {
		return nil, &storage.Error{Op: "fromfs", Bucket: bucketName, Err: err}
	}
	s := new(Snapshot).edit(name, time.Time{}, nothing)
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		o, err := objectFrom(fsys, path)
		if err != nil {
			return &storage.Error{Op: "fromfs", Bucket: name, Key: path, Err: err}
		}
		s = s.edit(name, o.updated(), func(b *bucket) { b.objects = b.objects.Set(path, o, o.updated()) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func nothing(*bucket) {}

// objectFrom reads a file; a link counts as what it leads to.
func objectFrom(fsys fs.FS, path string) (*object, error) {
	if key, err := storage.CleanKey(path); err != nil || key != path {
		return nil, fmt.Errorf("%w: the path is no normal key; as a key it would be %q", storage.ErrInvalid, key)
	}
	info, err := fs.Stat(fsys, path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file but %v", storage.ErrUnsupported, info.Mode())
	}
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var d digest
	d.sum.Reset()
	c, err := receive(context.Background(), f, -1, anySize, &d)
	if err != nil {
		return nil, err
	}
	o := newObject(c, etag{sum: d.sum.Sum64()}, "", nil, nil)
	o.setCreated(info.ModTime())
	o.setUpdated(info.ModTime())
	return o, nil
}

func anySize(int64) error { return nil }
