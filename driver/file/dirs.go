package filedriver

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// DeleteDir implements [engine.DirEngine].
func (e *files) DeleteDir(_ context.Context, dir string, o engine.DeleteDirOptions) error {
	return translate(e.change(func() error {
		paths, err := e.doomed(dir, o)
		if err == nil && len(paths) == 0 {
			err = storage.ErrNotExist
		}
		if err != nil {
			return err
		}
		return e.steps(&journal{Remove: paths})
	}))
}

// doomed returns the paths of what DeleteDir removes. Those of blobs come before those
// of their records.
func (e *files) doomed(dir string, o engine.DeleteDirOptions) ([]string, error) {
	name, ok := pathOf(dir)
	if !ok {
		return nil, nil
	}
	var files, records []string
	add := func(key string, p place) {
		files = append(files, p.path)
		records = append(records, recordPath(key, p.version()))
	}
	if o.Twin {
		key := strings.TrimSuffix(dir, "/")
		p, err := e.find(key)
		if err == nil {
			err = p.check(o.Guard)
		}
		if err != nil {
			return nil, err
		}
		if p.info != nil {
			add(key, p)
		}
	}
	if !o.Shallow {
		found, err := e.holds(dir)
		if found {
			files, records = append(files, name), append(records, recordDir(name))
		}
		return append(files, records...), err
	}
	keys, err := e.childrenNow(dir)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if strings.HasSuffix(key, "/") {
			continue
		}
		p, err := e.look(key)
		if err != nil {
			return nil, err
		}
		add(key, p)
	}
	return append(files, records...), nil
}

// MoveDir implements [engine.DirEngine].
func (e *files) MoveDir(_ context.Context, dst, src string, check func(key string) error) error {
	return translate(e.change(func() error {
		found, err := e.holds(src)
		if err == nil && !found {
			err = storage.ErrNotExist
		}
		if err == nil {
			err = e.checkKeys(src, func(key string) error { return check(dst + strings.TrimPrefix(key, src)) })
		}
		if err == nil {
			err = e.startMove(dst, src)
		}
		return err
	}))
}

// checkKeys calls check with the keys of all blobs in a directory.
func (e *files) checkKeys(dir string, check func(key string) error) error {
	keys, err := e.childrenNow(dir)
	for _, key := range keys {
		if err != nil {
			break
		}
		if strings.HasSuffix(key, "/") {
			err = e.checkKeys(key, check)
		} else {
			err = check(key)
		}
	}
	return err
}

func (e *files) startMove(dst, src string) error {
	if err := checkKey(strings.TrimSuffix(dst, "/")); err != nil {
		return err
	}
	from, _ := pathOf(src)
	to, ok := pathOf(dst)
	if !ok || from == "" || to == "" {
		return storage.ErrInvalid
	}
	if _, err := e.exactly(place{path: to}); err != nil {
		return err
	}
	trash, err := e.toTrash(movingDir) // left by a move whose journal somebody removed
	if err != nil {
		return err
	}
	e.addTrash(trash)
	if err := e.root.MkdirAll(movingDir, 0o777); err != nil {
		return err
	}
	return e.steps(&journal{Move: &moveDir{Dst: to, Src: from}})
}

// redoMove moves a directory: away from its place with its records, and then to where
// it shall be, where it merges with what is there.
func (e *files) redoMove(m *moveDir) error {
	if !m.Merge {
		if err := e.takeAway(m); err != nil {
			return err
		}
	}
	if err := e.merge(movingFiles, m.Dst, e.mergeBlob); err != nil {
		return err
	}
	if err := e.merge(movingMeta, recordDir(m.Dst), e.rename); err != nil {
		return err
	}
	e.prune(path.Dir(m.Src), ".")
	e.prune(path.Dir(recordDir(m.Src)), metaDir)
	if err := e.root.RemoveAll(movingDir); err != nil {
		return err
	}
	return errors.Join(e.settle(path.Dir(m.Src)), e.settle(path.Dir(m.Dst)), e.settle(ownDir))
}

// takeAway is the first part of a move, which the journal then says is over.
func (e *files) takeAway(m *moveDir) error {
	if err := e.root.Rename(m.Src, movingFiles); ignoreMissing(err) != nil {
		return fmt.Errorf("%w: %w", errUntouched, err)
	}
	if err := e.root.Rename(recordDir(m.Src), movingMeta); ignoreMissing(err) != nil {
		return err
	}
	if err := e.settle(movingDir); err != nil {
		return err
	}
	m.Merge = true
	return e.writeJournal(&journal{Move: m})
}

// merge moves what is in a directory, if it is there, into another one.
func (e *files) merge(from, to string, move func(from, to string) error) error {
	info, err := e.root.Lstat(from)
	if err != nil {
		return ignoreMissing(err)
	}
	if !info.IsDir() {
		return move(from, to)
	}
	if old, err := e.root.Stat(to); err != nil || !old.IsDir() {
		if ignoreMissing(err) != nil {
			return err
		}
		return e.putDir(from, to)
	}
	names, err := e.names(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := e.merge(from+"/"+name, to+"/"+name, move); err != nil {
			return err
		}
	}
	return e.root.Remove(from)
}

// putDir renames a directory to a place where there is none, but maybe a blob of its
// name, which steps aside.
func (e *files) putDir(from, to string) error {
	if _, err := e.root.Stat(to); err == nil {
		if err := e.root.Rename(to, to+twinSuffix); err != nil {
			return err
		}
	}
	return e.rename(from, to)
}

// mergeBlob moves the file of a blob, which replaces that of its key. Other files, which
// nobody sees, just move.
func (e *files) mergeBlob(from, to string) error {
	key := keyOfPath(to)
	p, err := e.find(key)
	if info, failed := e.root.Lstat(from); err != nil || failed != nil || !info.Mode().IsRegular() {
		return e.rename(from, to)
	}
	if p.info != nil {
		e.forget(key, p.info)
	}
	return e.rename(from, p.path)
}

// keyOfPath returns the key of a file on disk.
func keyOfPath(file string) string {
	names := strings.Split(file, "/")
	for i, name := range names {
		names[i] = nameOf(name)
	}
	return strings.Join(names, "/")
}
