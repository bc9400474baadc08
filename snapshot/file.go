package snapshot

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"open-lake.dev/lib/storage"
)

// The files and directories of [Snapshot.FS].

var (
	errIsDir  = errors.New("is a directory")
	errNotDir = errors.New("not a directory")
)

// fileInfo describes a file or a directory; it is also a directory entry. It holds
// no content.
type fileInfo struct {
	name  string
	mtime time.Time
	file  *storage.Object // nil for a directory
}

func (i *fileInfo) Name() string               { return i.name }
func (i *fileInfo) IsDir() bool                { return i.file == nil }
func (i *fileInfo) Type() fs.FileMode          { return i.Mode().Type() }
func (i *fileInfo) ModTime() time.Time         { return i.mtime }
func (i *fileInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i *fileInfo) String() string             { return fs.FormatFileInfo(i) }

func (i *fileInfo) Size() int64 {
	if i.file == nil {
		return 0
	}
	return i.file.Size
}

func (i *fileInfo) Mode() fs.FileMode {
	if i.file == nil {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (i *fileInfo) Sys() any {
	if i.file == nil {
		return nil
	}
	return cloneObject(i.file)
}

// openFile is an open file.
type openFile struct {
	info *fileInfo
	reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// openDir is an open directory.
type openDir struct {
	info   *fileInfo
	path   string
	list   func() []fs.DirEntry // nil once called
	left   []fs.DirEntry
	closed bool
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) Close() error {
	d.list, d.left, d.closed = nil, nil, true
	return nil
}

// ReadDir returns the next n entries, or all that are left if n ≤ 0.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if d.closed {
		return nil, &fs.PathError{Op: "readdir", Path: d.path, Err: fs.ErrClosed}
	}
	if d.list != nil {
		d.left, d.list = d.list(), nil
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
