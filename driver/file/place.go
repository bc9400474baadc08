package filedriver

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// place is the file of a blob, or the one that it would have.
type place struct {
	path string
	info fs.FileInfo // nil if there is no blob
}

func (p place) version() string { return versionOf(p.info) }

// find returns the place of a blob: the file of its key or, beside a directory of that
// name, one with the suffix.
func (e *files) find(key string) (place, error) {
	name, ok := pathOf(key)
	if !ok {
		return place{}, checkKey(key)
	}
	info, err := e.root.Stat(name)
	if err == nil && info.Mode().IsRegular() {
		return e.exactly(place{name, info})
	}
	if err != nil && !isMissing(err) {
		return place{}, err
	}
	twin, missing := e.root.Stat(name + twinSuffix)
	switch {
	case missing == nil && twin.Mode().IsRegular():
		return e.exactly(place{name + twinSuffix, twin})
	case err == nil && info.IsDir():
		return place{path: name + twinSuffix}, nil
	case err == nil:
		return place{}, fmt.Errorf("%w: %q is not a regular file", storage.ErrPermission, name)
	}
	return e.exactly(place{path: name})
}

// look returns the place of a blob that there is.
func (e *files) look(key string) (place, error) {
	p, err := e.find(key)
	if p.info == nil && (err == nil || errors.Is(err, storage.ErrInvalid) || errors.Is(err, storage.ErrExist)) {
		err = storage.ErrNotExist
	}
	return p, err
}

// exactly returns p, or ErrExist if a name in it has another spelling on disk.
func (e *files) exactly(p place) (place, error) {
	if !e.folds.Load() {
		return p, nil
	}
	parts := strings.Split(p.path, "/")
	dir := "."
	for _, name := range parts {
		names, err := e.names(dir)
		if err != nil {
			break // the rest is missing
		}
		for _, other := range names {
			if other != name && strings.EqualFold(other, name) {
				return place{}, fmt.Errorf("%w: the file system does not distinguish %q from %q", storage.ErrExist, name, other)
			}
		}
		dir = path.Join(dir, name)
	}
	return p, nil
}

// names returns the names in a directory on disk.
func (e *files) names(dir string) ([]string, error) {
	f, err := e.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// check returns ErrPrecondition if the guard does not hold for the blob at p.
func (p place) check(guard engine.Guard) error {
	if guard.Absent && p.info != nil || guard.Version != "" && (p.info == nil || p.version() != guard.Version) {
		return storage.ErrPrecondition
	}
	return nil
}

// rename renames a file, and makes the directories that it needs.
func (e *files) rename(from, to string) error {
	err := e.renameOnce(from, to)
	if isMissing(err) {
		if err = e.makeDir(path.Dir(to)); err == nil {
			err = e.renameOnce(from, to)
		}
	}
	if err == nil && e.sync {
		err = e.syncDir(path.Dir(to))
	}
	return err
}

// makeDir makes a directory and those above it. A blob whose name one of them has
// steps aside.
func (e *files) makeDir(dir string) error {
	if err := e.root.MkdirAll(dir, 0o777); err != nil {
		if err := e.stepAside(dir, err); err != nil {
			return err
		}
		return e.makeDir(dir)
	}
	for ; e.sync && dir != "."; dir = path.Dir(dir) {
		if err := e.syncDir(path.Dir(dir)); err != nil {
			return err
		}
	}
	return nil
}

// stepAside renames the blob that is in the way of a directory, or returns err if there
// is none.
func (e *files) stepAside(dir string, err error) error {
	for ; dir != "."; dir = path.Dir(dir) {
		if info, err := e.root.Stat(dir); err == nil && info.Mode().IsRegular() {
			return e.root.Rename(dir, dir+twinSuffix)
		}
	}
	return err
}

// syncDir makes the names in a directory durable. Windows cannot.
func (e *files) syncDir(dir string) error {
	f, err := e.root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// prune removes directories that are empty, from dir upwards.
func (e *files) prune(dir, top string) {
	for dir != top && dir != "." && dir != metaDir && e.root.Remove(dir) == nil {
		dir = path.Dir(dir)
	}
}

// pruneKey removes what a blob that is gone leaves.
func (e *files) pruneKey(p string) {
	e.prune(path.Dir(p), ".")
	e.prune(recordDir(path.Dir(p)), metaDir)
}
