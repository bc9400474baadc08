package snapshot

import (
	"context"
	"fmt"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// directory is a storage.Directory. Each operation normalises its path by the rules
// of the value that it finds.
type directory struct {
	bucket *bucketHandle
	given  string
	path   string // given, normalised, or as it is if it cannot be
}

func (h *bucketHandle) Directory(path string) storage.Directory {
	cur, err := h.store.head.Peek()
	if err != nil {
		cur = new(Snapshot) // methods will say that the store is closed
	}
	clean, err := cur.cleanDir(path)
	if err != nil {
		clean = path
	}
	return &directory{bucket: h, given: path, path: clean}
}

func (d *directory) Bucket() storage.Bucket { return d.bucket }

func (d *directory) Path() string { return d.path }

func (d *directory) Info(ctx context.Context) (*storage.Object, error) {
	return run(ctx, d.bucket, "directory.info", d.given, rules.cleanDir, nil, func(cur *Snapshot, path string) (*storage.Object, error) {
		info := d.bucket.directory(cur, path)
		if info == nil {
			return nil, cur.notExist(d.bucket.name)
		}
		return info, nil
	})
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	return run(ctx, d.bucket, "directory.list", d.given, rules.cleanDir, opts, func(cur *Snapshot, path string) (storage.ObjectIter, error) {
		return d.bucket.list(ctx, cur, tree.Walk{Prefix: dirPrefix(path), Shallow: true}, limit, offset, opts)
	})
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) error {
	_, err := runUpdate(ctx, d.bucket, "directory.delete", d.given, rules.cleanDir, opts, func(by rules, path string) (any, error) {
		c := d.bucket.store.change(by, opts)
		return nil, d.bucket.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
			return cur.removeDir(d.bucket.name, dirPrefix(path), c)
		})
	})
	return err
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	return runUpdate(ctx, d.bucket, "directory.move", d.given, rules.cleanDir, opts, func(by rules, path string) (storage.Directory, error) {
		dst, err := by.cleanDir(dstPath)
		if err != nil {
			return nil, fmt.Errorf("destination %q: %w", dstPath, err)
		}
		c := d.bucket.store.change(by, opts)
		err = d.bucket.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
			return cur.moveDir(d.bucket.name, dirPrefix(dst), dirPrefix(path), c)
		})
		if err != nil {
			return nil, err
		}
		return &directory{bucket: d.bucket, given: dst, path: dst}, nil
	})
}
