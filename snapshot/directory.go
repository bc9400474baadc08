package snapshot

import (
	"context"
	"fmt"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// directory is a storage.Directory.
type directory struct {
	bucket  *bucketHandle
	path    string
	invalid error // the error of a bad path
}

func (h *bucketHandle) Directory(path string) storage.Directory {
	cur, err := h.store.head.Load()
	if err != nil {
		cur = new(Snapshot) // methods will say that the store is closed
	}
	clean, err := cur.cleanDir(path)
	if err != nil {
		clean = path
	}
	return &directory{bucket: h, path: clean, invalid: err}
}

func (d *directory) Bucket() storage.Bucket { return d.bucket }

func (d *directory) Path() string { return d.path }

// prefix returns what the keys beneath the directory begin with.
func (d *directory) prefix() string { return dirPrefix(d.path) }

// runDir runs an operation on a directory, as [run] does one on a key.
func runDir[T any](ctx context.Context, d *directory, op string, opts storage.Options, do func(cur *Snapshot) (T, error)) (result T, err error) {
	cur, err := d.bucket.begin(ctx, op, opts)
	if err == nil {
		err = d.invalid
	}
	if err == nil {
		result, err = do(cur)
	}
	if err != nil {
		var none T
		return none, fail(op, d.bucket.name, d.path, err)
	}
	return result, nil
}

func (d *directory) Info(ctx context.Context) (*storage.Object, error) {
	return runDir(ctx, d, "directory.info", nil, func(cur *Snapshot) (*storage.Object, error) {
		info := d.bucket.directory(cur, d.path)
		if info == nil {
			return nil, cur.noDirectory(d.bucket.name)
		}
		return info, nil
	})
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	return runDir(ctx, d, "directory.list", opts, func(cur *Snapshot) (storage.ObjectIter, error) {
		return d.bucket.list(ctx, cur, tree.Walk{Prefix: d.prefix(), Shallow: true}, limit, offset, opts)
	})
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) error {
	_, err := runDir(ctx, d, "directory.delete", opts, func(*Snapshot) (any, error) {
		c := d.bucket.store.change(opts)
		return nil, d.bucket.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
			return cur.removeDir(d.bucket.name, d.prefix(), c)
		})
	})
	return err
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	return runDir(ctx, d, "directory.move", opts, func(cur *Snapshot) (storage.Directory, error) {
		clean, err := cur.cleanDir(dstPath)
		if err != nil {
			return nil, fmt.Errorf("destination %q: %w", dstPath, err)
		}
		dst := &directory{bucket: d.bucket, path: strings.Clone(clean)}
		c := d.bucket.store.change(opts)
		err = d.bucket.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
			return cur.moveDir(d.bucket.name, dst.prefix(), d.prefix(), c)
		})
		if err != nil {
			return nil, err
		}
		return dst, nil
	})
}
