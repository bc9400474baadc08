package snapshot

import (
	"context"
	"fmt"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// directory is a storage.Directory.
type directory struct {
	bucket  *bucketHandle
	path    string
	invalid error // why the path cannot be, if it cannot
}

func (h *bucketHandle) Directory(path string) storage.Directory {
	clean, err := storage.CleanDir(path)
	if err != nil {
		clean = path
	}
	return &directory{bucket: h, path: clean, invalid: err}
}

func (d *directory) Bucket() storage.Bucket { return d.bucket }

func (d *directory) Path() string { return d.path }

// prefix returns what the keys beneath the directory begin with.
func (d *directory) prefix() string {
	if d.path == "" {
		return ""
	}
	return d.path + "/"
}

// begin begins an operation on the directory.
func (d *directory) begin(ctx context.Context, opts storage.Options) (*Snapshot, error) {
	cur, err := d.bucket.begin(ctx, opts)
	if err == nil {
		err = d.invalid
	}
	return cur, err
}

// change commits what f makes of the bucket's objects, ErrNotExist if it finds
// nothing to change.
func (d *directory) change(f func(objects tree.Tree[*object]) (tree.Tree[*object], bool)) error {
	now := d.bucket.store.head.Now()
	return d.bucket.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		b := cur.bucket(d.bucket.name)
		if b == nil {
			return nil, storage.ErrNotExist
		}
		objects, ok := f(b.objects)
		if !ok {
			return nil, storage.ErrNotExist
		}
		return cur.edit(d.bucket.name, now, func(b *bucket) { b.objects = objects }), nil
	})
}

func (d *directory) Info(ctx context.Context) (_ *storage.Object, err error) {
	defer wrap("directory.info", d.bucket.name, &d.path, &err)
	cur, err := d.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	info := cur.directory(d.bucket.name, d.path)
	if info == nil {
		return nil, storage.ErrNotExist
	}
	return info, nil
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (_ storage.ObjectIter, err error) {
	defer wrap("directory.list", d.bucket.name, &d.path, &err)
	cur, err := d.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	return d.bucket.list(ctx, cur, tree.Walk{Prefix: d.prefix(), Shallow: true}, limit, offset, opts)
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) (err error) {
	defer wrap("directory.delete", d.bucket.name, &d.path, &err)
	if _, err := d.begin(ctx, opts); err != nil {
		return err
	}
	now := d.bucket.store.head.Now()
	remove := tree.Tree[*object].DeleteValues
	if opts.Bool(storage.OptRecursive, false) {
		remove = tree.Tree[*object].DeleteDir
	}
	return d.change(func(objects tree.Tree[*object]) (tree.Tree[*object], bool) {
		return remove(objects, d.prefix(), now)
	})
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (_ storage.Directory, err error) {
	defer wrap("directory.move", d.bucket.name, &d.path, &err)
	if _, err := d.begin(ctx, opts); err != nil {
		return nil, err
	}
	dst := &directory{bucket: d.bucket}
	if dst.path, err = storage.CleanDir(dstPath); err != nil {
		return nil, fmt.Errorf("destination %q: %w", dstPath, err)
	}
	now := d.bucket.store.head.Now()
	err = d.change(func(objects tree.Tree[*object]) (tree.Tree[*object], bool) {
		return objects.Move(dst.prefix(), d.prefix(), now)
	})
	if err != nil {
		return nil, err
	}
	return dst, nil
}
