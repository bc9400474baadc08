package snapshot

import (
	"cmp"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// FS returns s as a file system whose top directories are the buckets. Files are
// open to Seek, ReadAt and WriteTo; Sys of their FileInfo is a *storage.Object.
//
// A file system cannot have a file and a directory of one name: where a bucket has
// an object "a" and objects beneath "a/", the directory hides the object. An exact
// key that is not a valid path (K4) is hidden, too.
func (s *Snapshot) FS() fs.FS { return fsys{s: s.orEmpty()} }

// BucketFS returns the objects of one bucket as a file system, as [Snapshot.FS]
// does; ErrNoBucket if there is no such bucket.
func (s *Snapshot) BucketFS(name string) (fs.FS, error) {
	s = s.orEmpty()
	clean, err := storage.CleanBucket(name)
	if err == nil && s.bucket(clean) == nil {
		err = storage.ErrNoBucket
	}
	if err != nil {
		return nil, &storage.Error{Op: "bucketfs", Bucket: name, Err: err}
	}
	return fsys{s, clean}, nil
}

// fsys is a snapshot, or a directory of it, as an [fs.StatFS], [fs.ReadDirFS],
// [fs.ReadFileFS] and [fs.SubFS].
type fsys struct {
	s   *Snapshot
	dir string // path of the root, empty for the whole snapshot
}

// entry is what lies at a path: a file if file is not nil, the top directory if
// bucket is empty, else a directory.
type entry struct {
	bucket, key string
	file        *object
	dir         tree.Tree[*object]
	mtime       time.Time
}

func (e *entry) info(name string) *fileInfo {
	info := &fileInfo{name: name, mtime: e.mtime}
	if e.file != nil {
		info.file = e.file.describe(e.bucket, e.key)
	}
	return info
}

// lookup finds the entry at a path.
func (f fsys) lookup(op, name string) (*entry, error) {
	fail := func(err error) (*entry, error) { return nil, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	full := path.Join(f.dir, name)
	if full == "." {
		return &entry{}, nil
	}
	bucketName, key, _ := strings.Cut(full, "/")
	b := f.s.bucket(bucketName)
	if b == nil {
		return fail(fs.ErrNotExist)
	}
	e := &entry{bucket: bucketName, key: key}
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
	if e.bucket == "" {
		return f.buckets()
	}
	prefix := e.key
	if prefix != "" {
		prefix += "/"
	}
	var list []fs.DirEntry
	c := e.dir.Walk(tree.Walk{Shallow: true, Values: true, Dirs: true})
	for t, ok := c.Next(); ok; t, ok = c.Next() {
		name := strings.TrimSuffix(t.Key, "/")
		if !fs.ValidPath(name) || name == "." {
			continue
		}
		child := entry{bucket: e.bucket, key: prefix + name, file: t.Value}
		if t.IsDir {
			child.mtime = t.Dir.Changed()
		} else {
			child.mtime = t.Value.updated()
		}
		list = append(list, child.info(name))
	}
	// The tree sorts a directory as its name with the slash, a file system as its
	// name; a directory stands before its twin and hides it.
	slices.SortStableFunc(list, func(a, b fs.DirEntry) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), cmp.Compare(b.Type(), a.Type()))
	})
	return slices.CompactFunc(list, func(a, b fs.DirEntry) bool { return a.Name() == b.Name() })
}

// buckets returns the entries of the top directory.
func (f fsys) buckets() []fs.DirEntry {
	var list []fs.DirEntry
	for name := range f.s.buckets.tree(nil).All() {
		list = append(list, &fileInfo{name: name, mtime: f.s.directory(name, "").Updated})
	}
	return list
}

// Open opens a file or a directory.
func (f fsys) Open(name string) (fs.File, error) {
	e, err := f.lookup("open", name)
	if err != nil {
		return nil, err
	}
	info := e.info(path.Base(name))
	if e.file == nil {
		return &openDir{info: info, path: name, list: func() []fs.DirEntry { return f.children(e) }}, nil
	}
	file := &openFile{info: info}
	file.reset(e.file, 0, 0)
	return file, nil
}

// Stat describes a file or a directory.
func (f fsys) Stat(name string) (fs.FileInfo, error) {
	e, err := f.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return e.info(path.Base(name)), nil
}

// ReadDir lists a directory by name.
func (f fsys) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if e.file != nil {
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
	if e.file == nil {
		return nil, &fs.PathError{Op: "readfile", Path: name, Err: errIsDir}
	}
	var r reader
	r.reset(e.file, 0, 0)
	p := make([]byte, e.file.size())
	_, err = io.ReadFull(&r, p)
	return p, err
}

// Sub returns a directory as a file system of its own.
func (f fsys) Sub(dir string) (fs.FS, error) {
	e, err := f.lookup("sub", dir)
	switch {
	case err != nil:
		return nil, err
	case e.file != nil:
		return nil, &fs.PathError{Op: "sub", Path: dir, Err: errNotDir}
	}
	return fsys{f.s, strings.TrimPrefix(path.Join(f.dir, dir), ".")}, nil
}
