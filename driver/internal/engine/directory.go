package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

// directory is a handle on a directory.
type directory struct {
	b    *bucket
	path string
	err  error // of a path that cannot be normalised
}

// Directory implements [storage.HasDirectories].
func (b *bucket) Directory(path string) storage.Directory {
	clean, err := storage.CleanDir(path)
	if err != nil {
		clean = path
	}
	return &directory{b, strings.Clone(clean), err}
}

// dirPrefix returns the prefix of all keys beneath a directory.
func dirPrefix(path string) string {
	if path == "" {
		return ""
	}
	return path + "/"
}

func (d *directory) Bucket() storage.Bucket { return d.b.handle() }
func (d *directory) Path() string           { return d.path }

// runDir runs an operation on a directory.
func runDir[T any](ctx context.Context, d *directory, op string, opts storage.Options, do func() (T, error)) (T, error) {
	path := func(string) (string, error) { return d.path, d.err }
	return run(ctx, d.b, op, d.path, path, opts, func(string) (T, error) { return do() })
}

func (d *directory) Info(ctx context.Context) (*storage.Object, error) {
	return runDir(ctx, d, "directory.info", nil, func() (*storage.Object, error) {
		return d.b.directory(ctx, d.path)
	})
}

func (d *directory) List(ctx context.Context, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	return runDir(ctx, d, "directory.list", opts, func() (storage.ObjectIter, error) {
		return d.b.list(ctx, dirPrefix(d.path), false, limit, offset, opts)
	})
}

func (d *directory) Delete(ctx context.Context, opts storage.Options) error {
	_, err := runDir(ctx, d, "directory.delete", opts, func() (any, error) {
		n, err := d.b.deleteAll(ctx, dirPrefix(d.path), opts.Bool(storage.OptRecursive, false))
		if err == nil && n == 0 {
			err = d.b.notExist(ctx)
		}
		return nil, err
	})
	return err
}

func (d *directory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	return runDir(ctx, d, "directory.move", opts, func() (storage.Directory, error) {
		dst, err := storage.CleanDir(dstPath)
		if err != nil {
			return nil, fmt.Errorf("destination %q: %w", dstPath, err)
		}
		if err := d.move(ctx, dst); err != nil {
			return nil, err
		}
		return &directory{b: d.b, path: strings.Clone(dst)}, nil
	})
}

// move moves everything in the directory to dst.
func (d *directory) move(ctx context.Context, dst string) error {
	if e, ok := d.b.store.engine.(DirEngine); ok && dst != d.path {
		src := d.b.blobKey(dirPrefix(d.path))
		err := e.MoveDir(ctx, d.b.blobKey(dirPrefix(dst)), src, func(key string) error {
			return d.b.checkKey(strings.TrimPrefix(key, d.b.name+"/"))
		})
		if errors.Is(err, storage.ErrNotExist) {
			err = d.b.notExist(ctx)
		}
		return err
	}
	moves, err := d.moves(ctx, dst)
	if err != nil {
		return err
	}
	for _, m := range moves {
		if err := d.b.moveBlob(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// rekey is the move of one object by Directory.Move.
type rekey struct{ from, to string }

// moves returns the moves of all objects to the directory dst, in an order in which
// none overwrites an object that is still to be moved.
func (d *directory) moves(ctx context.Context, dst string) ([]rekey, error) {
	var moves []rekey
	src := dirPrefix(d.path)
	for from, err := range d.b.keys(ctx, src, true) {
		if err != nil {
			return nil, err
		}
		to := dirPrefix(dst) + from[len(src):]
		if err := d.b.checkKey(to); err != nil {
			return nil, fmt.Errorf("moving %q: %w", from, err)
		}
		moves = append(moves, rekey{from, to})
	}
	if len(moves) == 0 {
		return nil, d.b.notExist(ctx)
	}
	if dst == d.path {
		return nil, nil
	}
	// All keys get longer by the same number of bytes, or shorter.
	slices.SortStableFunc(moves, func(a, b rekey) int {
		if len(dst) > len(d.path) {
			a, b = b, a
		}
		return cmp.Compare(len(a.from), len(b.from))
	})
	return moves, nil
}

// moveBlob copies a blob within the bucket and then deletes the source. A source
// that is missing has been deleted meanwhile.
func (b *bucket) moveBlob(ctx context.Context, m rekey) error {
	src := source{bucket: b, key: m.from}
	return ignoreNotExist(b.guarded(ctx, func() (err error) {
		if src.blob, err = b.store.engine.Head(ctx, b.blobKey(m.from)); err != nil {
			return err
		}
		if _, ok := b.store.engine.(Mover); ok {
			_, err = b.move(ctx, m.to, src, nil)
			return err
		}
		_, err = b.store.engine.Copy(ctx, b.blobKey(m.to), src.blob, nil, Guard{})
		if errors.Is(err, storage.ErrUnsupported) {
			_, err = b.rewrite(ctx, objectOf(b.name, m.to, src.blob), src, nil)
		}
		if err != nil {
			return src.changed(err)
		}
		return b.store.engine.Delete(ctx, b.blobKey(m.from), Guard{})
	}))
}
