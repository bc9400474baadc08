package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// FromFS returns a snapshot of the regular files in fsys: objects of one bucket,
// each under its path. If bucketName is empty, the top directories are the buckets,
// as in [Snapshot.FS].
//
// A file's modification time is both times of its object. The time
// 1970-01-01T00:00:00Z counts as none: files without a time, such as those of an
// embed.FS, are written to disk with it. Content types are guessed by
// [GuessContentType], unless [WithContentTypes] says otherwise, and buckets have no
// creation time, so that the same files make the same snapshot everywhere.
//
// What cannot be carried is an error and not left out: a file that is not regular
// (a link counts as the file it leads to; a link to a directory is refused), a path
// that is not a normal key (K1), a file outside of all buckets. Only modes and
// empty directories are dropped.
func FromFS(bucketName string, fsys fs.FS, opts ...FromFSOption) (*Snapshot, error) {
	c := fromFSConfig{contentType: GuessContentType}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	s, err := c.fromFS(bucketName, fsys)
	if err == nil {
		return s, nil
	}
	if e := (*storage.Error)(nil); errors.As(err, &e) {
		return nil, e
	}
	return nil, &storage.Error{Op: "fromfs", Bucket: bucketName, Err: err}
}

func (c *fromFSConfig) fromFS(bucketName string, fsys fs.FS) (*Snapshot, error) {
	if fsys == nil {
		return nil, fmt.Errorf("%w: the file system is nil", storage.ErrInvalid)
	}
	s := new(Snapshot)
	if bucketName != "" {
		clean, err := storage.CleanBucket(bucketName)
		if err != nil {
			return nil, err
		}
		bucketName = strings.Clone(clean)
		s = s.edit(bucketName, time.Time{}, func(*bucket) {})
	}
	inside := false // the walk is past the root
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !inside {
			inside = true
			return err
		}
		next, err := c.addEntry(s, fsys, bucketName, name, d)
		if err != nil {
			return &storage.Error{Op: "fromfs", Bucket: bucketName, Key: name, Err: err}
		}
		s = next
		return nil
	})
	return s, err
}

// addEntry returns s with an entry of a file system: an object of the bucket or, if
// bucketName is empty, of the bucket that the path begins with.
func (c *fromFSConfig) addEntry(s *Snapshot, fsys fs.FS, bucketName, name string, d fs.DirEntry) (*Snapshot, error) {
	if base := d.Name(); !fs.ValidPath(base) || base == "." || path.Base(name) != base {
		return nil, fmt.Errorf("%w: the file system lists an entry %q, which is not a name", storage.ErrInvalid, base)
	}
	key := name
	if bucketName == "" {
		bucketName, key, _ = strings.Cut(name, "/")
		if key == "" {
			return s.addBucket(fsys, bucketName, d)
		}
	}
	if d.IsDir() {
		return s, nil
	}
	if clean, err := storage.CleanKey(key); err != nil || clean != key {
		return nil, fmt.Errorf("%w: a key cannot be like this; rename the file", storage.ErrInvalid)
	}
	o, err := c.objectFrom(fsys, name)
	if err != nil {
		return nil, err
	}
	return s.edit(bucketName, o.updated(), func(b *bucket) { b.objects = b.objects.Set(key, o, o.updated()) }), nil
}

var errDirLink = fmt.Errorf("%w: a link to a directory; put the directory there", storage.ErrUnsupported)

// addBucket returns s with a bucket for an entry of the top directory.
func (s *Snapshot) addBucket(fsys fs.FS, name string, d fs.DirEntry) (*Snapshot, error) {
	if !d.IsDir() {
		if info, err := fs.Stat(fsys, name); err == nil && info.IsDir() {
			return nil, errDirLink
		}
		return nil, fmt.Errorf("%w: the file is in no bucket; put it in a directory, whose name is the bucket's", storage.ErrInvalid)
	}
	if clean, err := storage.CleanBucket(name); err != nil || clean != name {
		return nil, fmt.Errorf("%w: a bucket cannot have this name; rename the directory", storage.ErrInvalid)
	}
	return s.edit(strings.Clone(name), time.Time{}, func(*bucket) {}), nil
}

// objectFrom reads a file.
func (c *fromFSConfig) objectFrom(fsys fs.FS, name string) (*object, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, errDirLink
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: not a regular file but %v, which no object can be", storage.ErrUnsupported, info.Mode())
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := receive(context.Background(), f, -1, admitAll, false, nil)
	if err != nil {
		return nil, err
	}
	at := info.ModTime()
	if at.Equal(time.Unix(0, 0)) {
		at = time.Time{}
	}
	o := newObject(in, c.typeOf(name, &in.content), nil)
	o.setCreated(at)
	o.setUpdated(at)
	return o, nil
}

// typeOf returns the content type of a file.
func (c *fromFSConfig) typeOf(name string, of *content) string {
	if c.contentType == nil {
		return ""
	}
	start := of.at(0)
	return c.contentType(name, []byte(start[:min(len(start), sniffed)]))
}

func admitAll(int64) error { return nil }
