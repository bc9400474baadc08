package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/afero"
	"github.com/spf13/afero/mem"
)

// aferoStore is afero's MemMapFs: a mutex and a map from path to file. Each
// directory also has a map of its children.
type aferoStore struct{ fs afero.Fs }

func openAfero(int) (Store, error) { return aferoStore{afero.NewMemMapFs()}, nil }

// Put overwrites an existing file in place. That allocates nothing, and no reader
// finds the file empty, as it might with Create or afero.WriteFile. But a reader
// that has the file open sees the new content.
func (s aferoStore) Put(key string, content []byte) error {
	f, err := s.fs.OpenFile(key, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = s.fs.Create(key)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Truncate(int64(len(content)))
}

func (s aferoStore) Get(key string, buf []byte) error {
	f, err := s.fs.Open(key)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadFull(f, buf)
	return err
}

func (s aferoStore) Stat(key string) (int64, error) {
	info, err := s.fs.Stat(key)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (s aferoStore) Delete(key string) error { return s.fs.Remove(key) }

// Copy reads the whole file and writes it at once. A copy in pieces would grow the
// new file's buffer, and copy that buffer each time.
func (s aferoStore) Copy(dst, src string) error {
	content, err := afero.ReadFile(s.fs, src)
	if err != nil {
		return err
	}
	return s.Put(dst, content)
}

func (s aferoStore) MoveDir(src, dst string) error { return s.fs.Rename(src, dst) }

// ListPrefix walks only the directory that contains the prefix.
func (s aferoStore) ListPrefix(prefix string, limit int, yield func(string)) error {
	dir, take := prefix[:max(0, strings.LastIndexByte(prefix, '/'))], upTo(limit, yield)
	_, err := s.walk(dir, func(key string, info *mem.FileInfo) step {
		switch {
		case !strings.HasPrefix(key, prefix):
			return skip
		case info.IsDir():
			return descend
		}
		return take(key)
	})
	return err
}

// ListAfter skips directories that sort before the key.
func (s aferoStore) ListAfter(after string, limit int, yield func(string)) error {
	take := upTo(limit, yield)
	_, err := s.walk("", func(key string, info *mem.FileInfo) step {
		switch {
		case info.IsDir():
			if dir := key + "/"; dir < after && !strings.HasPrefix(after, dir) {
				return skip
			}
			return descend
		case key <= after:
			return skip
		}
		return take(key)
	})
	return err
}

// ListOffset visits the files that it skips, since a directory does not know the
// number of files beneath it.
func (s aferoStore) ListOffset(offset, limit int, yield func(string)) error {
	take := upTo(limit, yield)
	return s.files(func(key string, _ *mem.FileInfo) step {
		if offset > 0 {
			offset--
			return skip
		}
		return take(key)
	})
}

func (s aferoStore) ListAll(yield func(string)) error {
	return s.files(func(key string, _ *mem.FileInfo) step {
		yield(key)
		return skip
	})
}

func (s aferoStore) ListDir(dir string, yield func(string)) error {
	_, err := s.walk(dir, func(key string, _ *mem.FileInfo) step {
		yield(key)
		return skip
	})
	return err
}

// step tells a walk how to continue after an entry.
type step int

const (
	skip    step = iota // go on with the next entry
	descend             // go into the directory
	stop                // end the walk
)

// walk visits the entries of a directory in order of name. That is the order of
// keys unless a directory's name is a prefix of its sibling's and the next byte
// sorts before the slash.
//
// Unlike afero.Walk it does not look up each listed file again, and it uses the
// path stored in the file instead of joining one.
func (s aferoStore) walk(dir string, visit func(key string, info *mem.FileInfo) step) (step, error) {
	f, err := s.fs.Open(dir)
	if err != nil {
		return stop, err
	}
	defer f.Close()
	infos, err := f.Readdir(-1)
	if err != nil {
		return stop, err
	}
	for _, info := range infos {
		info := info.(*mem.FileInfo)
		key := info.FileData.Name()
		next := visit(key, info)
		if next == descend {
			if next, err = s.walk(key, visit); err != nil {
				return stop, err
			}
		}
		if next == stop {
			return stop, nil
		}
	}
	return skip, nil
}

// files walks the whole store and visits only files.
func (s aferoStore) files(visit func(key string, info *mem.FileInfo) step) error {
	_, err := s.walk("", func(key string, info *mem.FileInfo) step {
		if info.IsDir() {
			return descend
		}
		return visit(key, info)
	})
	return err
}

// upTo returns a visitor that yields limit keys and then stops the walk.
func upTo(limit int, yield func(string)) func(key string) step {
	return func(key string) step {
		if limit == 0 {
			return stop
		}
		limit--
		yield(key)
		return skip
	}
}

// Upload writes the parts to the file as they arrive.
func (s aferoStore) Upload(key string) (Upload, error) {
	f, err := s.fs.Create(key)
	return aferoUpload{f}, err
}

type aferoUpload struct{ f afero.File }

func (u aferoUpload) Part(content []byte) error {
	_, err := u.f.Write(content)
	return err
}

func (u aferoUpload) Complete() error { return u.f.Close() }

// Snapshot copies the content of every file, since writes change a file's buffer
// in place. Restore walks again and writes back the files that differ.
//
// A CopyOnWriteFs over the saved state would cost nothing, but it cannot remove or
// rename the files of its base.
func (s aferoStore) Snapshot() (Snapshot, error) {
	snap := &aferoSnapshot{of: s, content: make(map[string][]byte)}
	var failed error
	err := s.files(func(key string, info *mem.FileInfo) step {
		content := make([]byte, info.Size())
		if _, failed = io.ReadFull(mem.NewReadOnlyFileHandle(info.FileData), content); failed != nil {
			return stop
		}
		snap.content[key] = content
		snap.before = append(snap.before, version{key, info.ModTime().UnixNano()})
		return skip
	})
	if err == nil {
		err = failed
	}
	return snap, err
}

type aferoSnapshot struct {
	noDrop
	of      aferoStore
	content map[string][]byte
	before  []version
}

func (s *aferoSnapshot) Restore() error {
	var now []version
	err := s.of.files(func(key string, info *mem.FileInfo) step {
		now = append(now, version{key, info.ModTime().UnixNano()})
		return skip
	})
	if err != nil {
		return err
	}
	putBack := func(key string) error { return s.of.Put(key, s.content[key]) }
	return rewind(s.before, now, putBack, s.of.Delete)
}
