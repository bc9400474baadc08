package filedriver

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// List implements [engine.Engine]. It reads one directory at a time, when it comes to
// it, and holds its names.
func (e *files) List(prefix string, o engine.ListOptions) engine.Lister {
	base := prefix[:strings.LastIndexByte(prefix, '/')+1]
	return &lister{e: e, o: o, prefix: prefix, left: []string{base}}
}

// lister walks the directories beneath the first one.
type lister struct {
	e      *files
	o      engine.ListOptions
	prefix string
	begun  bool
	left   []string // keys of blobs and directories, the next one last
}

// Next implements [engine.Lister].
func (l *lister) Next(ctx context.Context) (*engine.Blob, error) {
	for len(l.left) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		key := l.left[len(l.left)-1]
		l.left = l.left[:len(l.left)-1]
		b, err := l.entry(ctx, key)
		if b != nil || err != nil {
			return b, translate(err)
		}
	}
	return nil, nil
}

// entry returns the entry for a key, nil if there is none.
func (l *lister) entry(ctx context.Context, key string) (*engine.Blob, error) {
	switch {
	case !l.begun:
		l.begun = true
		return nil, l.enter(key)
	case !strings.HasSuffix(key, "/"):
		b, err := l.e.Head(ctx, key)
		if errors.Is(err, storage.ErrNotExist) {
			return nil, nil // deleted since
		}
		return b, err
	case !l.o.Shallow:
		return nil, l.enter(key)
	}
	found, err := l.e.holds(key)
	if !found || err != nil {
		return nil, err
	}
	return &engine.Blob{Key: key, IsDir: true}, nil
}

// enter adds what is in a directory to what is left.
func (l *lister) enter(dir string) error {
	keys, err := l.e.children(dir)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool {
		outside := !strings.HasPrefix(key, l.prefix)
		before := key <= l.o.After && !(strings.HasSuffix(key, "/") && strings.HasPrefix(l.o.After, key))
		return outside || before
	})
	slices.Reverse(keys)
	l.left = append(l.left, keys...)
	return nil
}

// children returns the keys of the blobs and directories in a directory in order.
func (e *files) children(dir string) (keys []string, err error) {
	err = e.stable(func() error {
		keys, err = e.childrenNow(dir)
		return err
	})
	return keys, err
}

// childrenNow is children for a caller that has the lock.
func (e *files) childrenNow(dir string) ([]string, error) {
	var keys []string
	err := e.readDir(dir, -1, func(key string) bool {
		keys = append(keys, key)
		return true
	})
	slices.Sort(keys)
	return slices.Compact(keys), err
}

// readDir calls do with the keys of what is in a directory, in no order, until it
// returns false. It reads size entries at once. A missing directory has none.
func (e *files) readDir(dir string, size int, do func(key string) bool) error {
	name, ok := pathOf(dir)
	if !ok {
		return nil
	}
	if name == "" {
		name = "."
	}
	if info, err := e.root.Stat(name); err != nil || !info.IsDir() {
		return ignoreMissing(err)
	}
	f, err := e.root.Open(name)
	if err != nil {
		return ignoreMissing(err)
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(size)
		for _, entry := range entries {
			if key := e.keyOf(dir, entry); key != "" && !do(key) {
				return nil
			}
		}
		if err == io.EOF || err == nil && size < 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// keyOf returns the key of an entry of a directory, empty if it is neither a blob nor
// a directory.
func (e *files) keyOf(dir string, entry fs.DirEntry) string {
	file := entry.Name()
	name := nameOf(file)
	if name == "" || dir == "" && file == ownDir || runtime.GOOS == "windows" && escape(name) != strings.TrimSuffix(file, twinSuffix) {
		return ""
	}
	mode := entry.Type()
	if mode&fs.ModeSymlink != 0 {
		path, _ := pathOf(dir + name)
		info, err := e.root.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return ""
		}
		mode = info.Mode()
	}
	switch {
	case mode.IsRegular():
		return dir + name
	case mode.IsDir() && !strings.HasSuffix(file, twinSuffix):
		return dir + name + "/"
	}
	return ""
}

// holds reports whether there is a blob in a directory or beneath it.
func (e *files) holds(dir string) (found bool, err error) {
	var dirs []string
	err = e.readDir(dir, 100, func(key string) bool {
		found = !strings.HasSuffix(key, "/")
		if !found {
			dirs = append(dirs, key)
		}
		return !found
	})
	for _, dir := range dirs {
		if found || err != nil {
			break
		}
		found, err = e.holds(dir)
	}
	return found, err
}
