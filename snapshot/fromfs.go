package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// FromFS returns a snapshot of the regular files in fsys: objects of one
// bucket, each under its path. If bucketName is empty, the top directories are
// the buckets, as in [Snapshot.FS].
//
// A file's modification time is both times of its object. One of
// 1970-01-01T00:00:00Z counts as none: it is how files without a time, such as
// those of an embed.FS, are written to disk. Objects have no content type and
// buckets no creation time, so that the same files make the same snapshot.
//
// What cannot be carried is an error, not left out: a file that is not regular
// (a link counts as what it leads to), a path that is no normal key (K1), a
// file outside of all buckets. Only modes and empty directories have no place.
func FromFS(bucketName string, fsys fs.FS) (*Snapshot, error) {
	s := new(Snapshot)
	if bucketName != "" {
		clean, err := storage.CleanBucket(bucketName)
		if err != nil {
			return nil, &storage.Error{Op: "fromfs", Bucket: bucketName, Err: err}
		}
		bucketName = clean
		s = s.edit(bucketName, time.Time{}, nothing)
	}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		name, key := bucketName, path
		if name == "" {
			name, key, _ = strings.Cut(path, "/")
		}
		if d.IsDir() && key != "" {
			return nil
		}
		next, err := s.carry(fsys, path, name, key, d.IsDir())
		if err != nil {
			return &storage.Error{Op: "fromfs", Bucket: bucketName, Key: path, Err: err}
		}
		s = next
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func nothing(*bucket) {}

// carry returns s with the file at path as an object, or with a bucket for the
// directory there.
func (s *Snapshot) carry(fsys fs.FS, path, name, key string, isBucket bool) (*Snapshot, error) {
	clean, err := storage.CleanBucket(name)
	switch {
	case isBucket && (err != nil || clean != name):
		return nil, fmt.Errorf("%w: a bucket cannot have this name; rename the directory", storage.ErrInvalid)
	case isBucket:
		return s.edit(name, time.Time{}, nothing), nil
	case key == "":
		return nil, fmt.Errorf("%w: the file is in no bucket; put it in a directory, whose name is the bucket's", storage.ErrInvalid)
	}
	if clean, err := storage.CleanKey(key); err != nil || clean != key {
		return nil, fmt.Errorf("%w: a key cannot be like this; rename the file", storage.ErrInvalid)
	}
	o, err := objectFrom(fsys, path)
	if err != nil {
		return nil, err
	}
	return s.edit(name, o.updated(), func(b *bucket) { b.objects = b.objects.Set(key, o, o.updated()) }), nil
}

// objectFrom reads a file.
func objectFrom(fsys fs.FS, path string) (*object, error) {
	info, err := fs.Stat(fsys, path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file but %v, which no object can be", storage.ErrUnsupported, info.Mode())
	}
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, e, _, err := receive(context.Background(), f, -1, anySize{}, nil)
	if err != nil {
		return nil, err
	}
	at := info.ModTime()
	if at.Equal(time.Unix(0, 0)) {
		at = time.Time{}
	}
	o := newObject(c, e, "", nil, nil)
	o.setCreated(at)
	o.setUpdated(at)
	return o, nil
}

// anySize admits all.
type anySize struct{}

func (anySize) Admit(int64) error { return nil }
