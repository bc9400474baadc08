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
	if bucketName != "" {
		clean, err := storage.CleanBucket(bucketName)
		if err != nil {
			return nil, err
		}
		bucketName = strings.Clone(clean)
	}
	f := filesReader{fromFSConfig: c, fsys: fsys, bucket: bucketName, draft: NewDraft(nil)}
	if bucketName != "" {
		f.addBucket(bucketName)
	}
	inside := false // the walk is past the root
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !inside {
			inside = true
			return err
		}
		if err := f.addEntry(name, d); err != nil {
			return &storage.Error{Op: "fromfs", Bucket: f.bucket, Key: name, Err: err}
		}
		return nil
	})
	return f.draft.Snapshot(), err
}

// filesReader reads the files of a file system.
type filesReader struct {
	*fromFSConfig
	fsys   fs.FS
	bucket string // empty if the top directories are the buckets
	draft  *Draft
	buf    []byte // that content passes through
}

// addEntry adds an entry of the file system: an object of the bucket or, if there are
// many, of the bucket that the path begins with.
func (f *filesReader) addEntry(name string, d fs.DirEntry) error {
	if base := d.Name(); !fs.ValidPath(base) || base == "." || path.Base(name) != base {
		return fmt.Errorf("%w: the file system lists an entry %q, which is not a name", storage.ErrInvalid, base)
	}
	bucketName, key := f.bucket, name
	if bucketName == "" {
		bucketName, key, _ = strings.Cut(name, "/")
		if key == "" {
			return f.addTopDir(bucketName, d)
		}
	}
	if d.IsDir() {
		return nil
	}
	if clean, err := storage.CleanKey(key); err != nil || clean != key {
		return fmt.Errorf("%w: a key cannot be like this; rename the file", storage.ErrInvalid)
	}
	o, err := f.read(name, d)
	if err != nil {
		return err
	}
	f.edit(bucketName, o.updated(), func(b *bucket) { b.objects, _, _ = b.objects.SwapBy(b.owner, key, o, o.updated()) })
	return nil
}

var errDirLink = fmt.Errorf("%w: a link to a directory; put the directory there", storage.ErrUnsupported)

// addTopDir adds a bucket for an entry of the top directory.
func (f *filesReader) addTopDir(name string, d fs.DirEntry) error {
	if !d.IsDir() {
		if info, err := fs.Stat(f.fsys, name); err == nil && info.IsDir() {
			return errDirLink
		}
		return fmt.Errorf("%w: the file is in no bucket; put it in a directory, whose name is the bucket's", storage.ErrInvalid)
	}
	if clean, err := storage.CleanBucket(name); err != nil || clean != name {
		return fmt.Errorf("%w: a bucket cannot have this name; rename the directory", storage.ErrInvalid)
	}
	f.addBucket(name)
	return nil
}

func (f *filesReader) addBucket(name string) {
	f.edit(strings.Clone(name), time.Time{}, func(*bucket) {})
}

func (f *filesReader) edit(bucketName string, at time.Time, change func(*bucket)) {
	f.draft.Update(func(cur *Snapshot) (*Snapshot, error) { return cur.edit(bucketName, at, change), nil })
}

// open opens a regular file, or what a link leads to. It looks at the mode before, since
// to open another file may wait, and after, since the listing may be old or wrong.
func (f *filesReader) open(name string, d fs.DirEntry) (fs.File, fs.FileInfo, error) {
	mode := d.Type()
	if !mode.IsRegular() {
		info, err := fs.Stat(f.fsys, name)
		if err != nil {
			return nil, nil, err
		}
		mode = info.Mode()
	}
	if err := checkRegular(mode); err != nil {
		return nil, nil, err
	}
	file, err := f.fsys.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkRegular(info.Mode())
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// checkRegular returns an error for a file of a mode that no object can be.
func checkRegular(mode fs.FileMode) error {
	switch {
	case mode.IsDir():
		return errDirLink
	case !mode.IsRegular():
		return fmt.Errorf("%w: not a regular file but %v, which no object can be", storage.ErrUnsupported, mode)
	}
	return nil
}

// read reads a file.
func (f *filesReader) read(name string, d fs.DirEntry) (*object, error) {
	file, info, err := f.open(name, d)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if n := min(max(info.Size(), 0), maxBuffer-1) + 1; int64(len(f.buf)) < n { // one more, to find the end
		f.buf = make([]byte, n)
	}
	r := receiver{ctx: context.Background(), size: -1, admit: admitAll, buf: f.buf}
	if err := r.digest.start(false, nil); err != nil {
		return nil, err
	}
	in, err := r.receive(file)
	if err != nil {
		return nil, err
	}
	at := info.ModTime()
	if at.Equal(time.Unix(0, 0)) {
		at = time.Time{}
	}
	o := newObject(in, f.typeOf(name, &in.content), nil)
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
