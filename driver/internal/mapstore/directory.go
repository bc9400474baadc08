package mapstore

import (
	"context"
	"fmt"
	"strings"

	"open-lake.dev/lib/storage"
)

type directory struct {
	b    *bucket
	path string
	err  error // of a path that cannot be normalised
}

func (b *bucket) Directory(path string) storage.Directory {
	clean, err := storage.CleanDir(path)
	if err != nil {
		return &directory{b, path, err}
	}
	return &directory{b, clean, nil}
}

// directory describes the directory at path, and returns nil if there is none.
// The root, "", exists while the bucket does (contract rule D1). The caller holds
// b.mu.
func (b *bucket) directory(path string) *storage.Object {
	dirs := make(map[string]*storage.Object)
	prefix := dirPrefix(path)
	for key, e := range b.objects {
		if strings.HasPrefix(key, prefix) {
			widen(dirs, path, e)
		}
	}
	if len(dirs) == 0 && path == "" && b.info != nil {
		return &storage.Object{Bucket: b.name, IsDir: true, Created: b.info.CreatedAt, Updated: b.info.CreatedAt}
	}
	return dirs[path]
}

// dirPrefix returns the prefix of all keys beneath a directory.
func dirPrefix(path string) string {
	if path == "" {
		return ""
	}
	return path + "/"
}

func (d *directory) Bucket() storage.Bucket { return d.b }
func (d *directory) Path() string           { return d.path }

func (d *directory) Info(ctx context.Context) (info *storage.Object, err error) {
	err = d.run(ctx, "info", nil, func() error {
		d.b.mu.RLock()
		defer d.b.mu.RUnlock()
		if info = d.b.directory(d.path); info == nil {
			return d.b.missing()
		}
		return nil
	})
	return info, err
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (it storage.ObjectIter, err error) {
	err = d.run(ctx, "list", opts, func() error {
		it, err = d.b.list(ctx, "directory.list", dirPrefix(d.path), false, limit, offset, opts)
		return err
	})
	return it, err
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) error {
	return d.run(ctx, "delete", opts, func() error {
		return d.b.commit(ctx, d.b, func() error {
			found := d.b.beneath(d.path, opts.Bool(storage.OptRecursive, false))
			if len(found) == 0 {
				return d.b.missing()
			}
			d.b.remove(found)
			return nil
		})
	})
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	err := d.run(ctx, "move", opts, func() error {
		clean, err := storage.CleanDir(dstPath)
		if err != nil {
			return fmt.Errorf("destination %q: %w", dstPath, err)
		}
		dstPath = clean
		return d.b.commit(ctx, d.b, func() error { return d.b.rename(d.path, dstPath) })
	})
	if err != nil {
		return nil, err
	}
	return &directory{b: d.b, path: dstPath}, nil
}

// run runs an operation on the directory.
func (d *directory) run(ctx context.Context, op string, opts storage.Options, fn func() error) error {
	op = "directory." + op
	err := d.b.begin(ctx, op, opts)
	if err == nil {
		err = d.err
	}
	if err == nil {
		err = fn()
	}
	return fail(op, d.b.name, d.path, err)
}

// rename moves everything beneath the directory src to dst, or nothing if a key
// would get too long (contract rule D4). The caller holds b.mu.
func (b *bucket) rename(src, dst string) error {
	found := b.beneath(src, true)
	if len(found) == 0 {
		return b.missing()
	}
	var moved []*entry
	for rest, e := range found {
		e = &entry{obj: e.obj, data: e.data}
		if e.obj.Key = dirPrefix(dst) + rest; len(e.obj.Key) > storage.MaxKey {
			return fmt.Errorf("%w: the key of %q would have %d bytes, the most are %d",
				storage.ErrInvalid, dirPrefix(src)+rest, len(e.obj.Key), storage.MaxKey)
		}
		moved = append(moved, e)
	}
	b.remove(found)
	for _, e := range moved {
		b.objects[e.obj.Key] = e
	}
	return nil
}

// beneath returns the objects beneath a directory, or only those directly in it,
// by their key relative to it. The caller holds b.mu.
func (b *bucket) beneath(path string, recursive bool) map[string]*entry {
	found := make(map[string]*entry)
	for key, e := range b.objects {
		rest, ok := strings.CutPrefix(key, dirPrefix(path))
		if ok && (recursive || !strings.Contains(rest, "/")) {
			found[rest] = e
		}
	}
	return found
}

// remove deletes what beneath found. The caller holds b.mu.
func (b *bucket) remove(found map[string]*entry) {
	for _, e := range found {
		delete(b.objects, e.obj.Key)
	}
}
