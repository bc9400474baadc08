package main

import (
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// keysetFS presents the objects of a keyset as a file system. It makes the content
// of a file when it is read, so that it needs no memory and little time.
type keysetFS struct{ *keyset }

func (s keysetFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if index, ok := slices.BinarySearch(s.keys, name); ok {
		return &keysetFile{keysetEntry: keysetEntry{path: name}, index: index}, nil
	}
	under := ""
	if name != "." {
		under = name + "/"
	}
	keys := withPrefix(s.keys, under)
	if len(keys) == 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &keysetDir{keysetEntry: keysetEntry{path: name, dir: true}, under: under, rest: keys}, nil
}

// keysetEntry describes a file or directory. It implements fs.FileInfo and
// fs.DirEntry.
type keysetEntry struct {
	path string
	dir  bool
}

func (e keysetEntry) Name() string               { return e.path[strings.LastIndexByte(e.path, '/')+1:] }
func (e keysetEntry) IsDir() bool                { return e.dir }
func (e keysetEntry) Type() fs.FileMode          { return e.Mode().Type() }
func (e keysetEntry) Info() (fs.FileInfo, error) { return e, nil }
func (e keysetEntry) Stat() (fs.FileInfo, error) { return e, nil }
func (e keysetEntry) ModTime() time.Time         { return time.Time{} }
func (e keysetEntry) Sys() any                   { return nil }
func (e keysetEntry) Close() error               { return nil }

func (e keysetEntry) Mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (e keysetEntry) Size() int64 {
	if e.dir {
		return 0
	}
	return objectSize
}

type keysetFile struct {
	keysetEntry
	index int
	read  int // bytes
}

func (f *keysetFile) Read(p []byte) (int, error) {
	if f.read == objectSize {
		return 0, io.EOF
	}
	var content [objectSize]byte
	stamp(content[:], f.index)
	n := copy(p, content[f.read:])
	f.read += n
	return n, nil
}

type keysetDir struct {
	keysetEntry
	under string   // prefix of the keys beneath it
	rest  []string // keys that ReadDir has not reached
}

func (d *keysetDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: fs.ErrInvalid}
}

func (d *keysetDir) ReadDir(n int) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	for len(d.rest) > 0 && (n <= 0 || len(entries) < n) {
		key := d.rest[0]
		name, _, isDir := strings.Cut(key[len(d.under):], "/")
		child := keysetEntry{d.under + name, isDir}
		entries = append(entries, child)
		if isDir {
			d.rest = d.rest[len(withPrefix(d.rest, child.path+"/")):]
		} else {
			d.rest = d.rest[1:]
		}
	}
	if n > 0 && len(entries) == 0 {
		return nil, io.EOF
	}
	return entries, nil
}
