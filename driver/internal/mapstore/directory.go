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
	err  error // why path is bad
}

func (b *bucket) Directory(path string) storage.Directory {
	clean, err := storage.CleanDir(path)
	if err != nil {
		return &directory{b, path, err}
	}
	return &directory{b, clean, nil}
}

// directory describes the directory at path, nil if there is none; the root, "",
// is there while the bucket is (contract rule D1). The lock is held.
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

// dirPrefix is what the keys beneath a directory begin with.
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
			return storage.ErrNotExist
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
			if len(d.b.cut(d.path, opts.Bool(storage.OptRecursive, false))) == 0 {
				return storage.ErrNotExist
			}
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
		return d.b.commit(ctx, d.b, func() error {
			if d.b.directory(d.path) == nil {
				return storage.ErrNotExist
			}
			for rest, e := range d.b.cut(d.path, true) {
				moved := &entry{obj: e.obj, data: e.data}
				moved.obj.Key = dirPrefix(dstPath) + rest
				d.b.objects[moved.obj.Key] = moved
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return &directory{b: d.b, path: dstPath}, nil
}

// run runs an operation on the directory.
func (d *directory) run(ctx context.Context, op string, opts storage.Options, fn func() error) error {
	err := d.b.begin(ctx, opts)
	if err == nil {
		err = d.err
	}
	if err == nil {
		err = fn()
	}
	return fail("directory."+op, d.b.name, d.path, err)
}

// cut removes what lies beneath a directory, or only directly in it, and returns
// it by key below the directory. The lock is held.
func (b *bucket) cut(path string, recursive bool) map[string]*entry {
	cut := make(map[string]*entry)
	for key, e := range b.objects {
		rest, beneath := strings.CutPrefix(key, dirPrefix(path))
		if beneath && (recursive || !strings.Contains(rest, "/")) {
			cut[rest] = e
			delete(b.objects, key)
		}
	}
	return cut
}
