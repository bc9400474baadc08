package snapshot

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// FS returns s as a file system whose top directories are the buckets. Files
// are open to Seek, ReadAt and WriteTo; their Sys is a *storage.Object.
//
// A file system cannot have a file and a directory of one name: where a bucket
// has an object "a" and objects beneath "a/", the directory stands in the file
// system and the object does not.
func (s *Snapshot) FS() fs.FS { return fsys{s} }

// BucketFS returns the objects of one bucket as a file system, as [Snapshot.FS]
// does; ErrNotExist if there is no such bucket.
func (s *Snapshot) BucketFS(name string) (fs.FS, error) {
	clean, err := storage.CleanBucket(name)
	if err == nil && s.bucket(clean) == nil {
		err = storage.ErrNotExist
	}
	if err != nil {
		return nil, &storage.Error{Op: "bucketfs", Bucket: name, Err: err}
	}
	return fs.Sub(s.FS(), clean)
}

var (
	errIsDir  = errors.New("is a directory")
	errNotDir = errors.New("not a directory")
)

// fsys is a snapshot as an [fs.StatFS], [fs.ReadDirFS] and [fs.ReadFileFS].
type fsys struct{ s *Snapshot }

// entry is a file or a directory: its own fs.FileInfo and fs.DirEntry.
type entry struct {
	name   string
	bucket string
	key    string // in the bucket
	file   *object
	dir    tree.Tree[*object]
	mtime  time.Time
}

func (e *entry) Name() string               { return e.name }
func (e *entry) IsDir() bool                { return e.file == nil }
func (e *entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e *entry) ModTime() time.Time         { return e.mtime }
func (e *entry) Info() (fs.FileInfo, error) { return e, nil }
func (e *entry) String() string             { return fs.FormatFileInfo(e) }

func (e *entry) Size() int64 {
	if e.file == nil {
		return 0
	}
	return e.file.size()
}

func (e *entry) Mode() fs.FileMode {
	if e.file == nil {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (e *entry) Sys() any {
	if e.file == nil {
		return nil
	}
	return e.file.describe(new(storage.Object), e.bucket, e.key)
}

// lookup finds what has the name.
func (f fsys) lookup(op, name string) (*entry, error) {
	fail := func(err error) (*entry, error) { return nil, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if name == "." {
		return &entry{name: "."}, nil
	}
	bucketName, key, _ := strings.Cut(name, "/")
	b := f.s.bucket(bucketName)
	if b == nil {
		return fail(fs.ErrNotExist)
	}
	e := &entry{name: path.Base(name), bucket: bucketName, key: key}
	if info := f.s.directory(bucketName, key); info != nil {
		e.mtime = info.Updated
		e.dir = b.objects
		if key != "" {
			e.dir, _ = b.objects.Dir(key + "/")
		}
		return e, nil
	}
	if e.file, _ = b.objects.Get(key); e.file == nil {
		return fail(fs.ErrNotExist)
	}
	e.mtime = e.file.updated()
	return e, nil
}

// children returns the entries of a directory by name.
func (f fsys) children(e *entry) []fs.DirEntry {
	var list []fs.DirEntry
	if e.bucket == "" {
		for it := f.s.table().Iterator(); !it.Done(); {
			name, _, _ := it.Next()
			child, _ := f.lookup("readdir", name)
			list = append(list, child)
		}
		return list
	}
	prefix := e.key
	if prefix != "" {
		prefix += "/"
	}
	c := e.dir.Walk(tree.Walk{Shallow: true, Values: true, Dirs: true})
	for t, ok := c.Next(); ok; t, ok = c.Next() {
		name := strings.TrimSuffix(t.Key, "/")
		child := &entry{name: name, bucket: e.bucket, key: prefix + name, file: t.Value, dir: t.Dir}
		if t.IsDir {
			child.mtime = t.Dir.Changed()
		} else {
			child.mtime = t.Value.updated()
		}
		list = append(list, child)
	}
	// The tree sorts a directory as its name with the slash, a file system as
	// its name; a directory stands before its twin and hides it.
	slices.SortStableFunc(list, func(a, b fs.DirEntry) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), cmp.Compare(b.Type(), a.Type()))
	})
	return slices.CompactFunc(list, func(a, b fs.DirEntry) bool { return a.Name() == b.Name() })
}

// Open opens a file or a directory.
func (f fsys) Open(name string) (fs.File, error) {
	e, err := f.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if e.IsDir() {
		return &openDir{entry: e, path: name, fsys: f}, nil
	}
	file := &openFile{entry: e}
	file.section(e.file.content, 0, 0)
	return file, nil
}

// Stat describes a file or a directory.
func (f fsys) Stat(name string) (fs.FileInfo, error) {
	e, err := f.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ReadDir lists a directory by name.
func (f fsys) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotDir}
	}
	return f.children(e), nil
}

// ReadFile returns a copy of a file's content.
func (f fsys) ReadFile(name string) ([]byte, error) {
	e, err := f.lookup("readfile", name)
	if err != nil {
		return nil, err
	}
	if e.IsDir() {
		return nil, &fs.PathError{Op: "readfile", Path: name, Err: errIsDir}
	}
	var r reader
	r.section(e.file.content, 0, 0)
	p := make([]byte, e.Size())
	_, err = io.ReadFull(&r, p)
	return p, err
}

// openFile is an open file.
type openFile struct {
	*entry
	reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.entry, nil }

// openDir is an open directory.
type openDir struct {
	*entry
	path string
	fsys fsys
	left []fs.DirEntry
	read bool // left is filled
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.entry, nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) Close() error { return nil }

// ReadDir returns the next n entries, or all that are left if n ≤ 0.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		d.left, d.read = d.fsys.children(d.entry), true
	}
	if n <= 0 {
		n = len(d.left)
	} else if len(d.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.left))
	list := d.left[:n:n]
	d.left = d.left[n:]
	return list, nil
}
