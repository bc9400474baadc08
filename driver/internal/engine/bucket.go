package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// bucket is a handle on a bucket.
type bucket struct {
	store *store
	name  string
	err   error // of a name that cannot be normalised
}

func (b *bucket) Name() string               { return b.name }
func (b *bucket) Features() storage.Features { return b.store.Features() }

// blobKey returns the key of the blob that stores the object at key.
func (b *bucket) blobKey(key string) string { return b.name + "/" + key }

func (b *bucket) Info(ctx context.Context) (*storage.BucketInfo, error) {
	if err := b.begin(ctx, "info", nil); err != nil {
		return nil, fail("info", b.name, "", err)
	}
	info, err := b.info(ctx)
	return info, fail("info", b.name, "", err)
}

func (b *bucket) begin(ctx context.Context, op string, opts storage.Options) error {
	return cmp.Or(b.store.begin(ctx, op, opts), b.err)
}

// run runs an operation on a key or prefix, which clean normalises.
func run[T any](ctx context.Context, b *bucket, op, key string, clean func(string) (string, error), opts storage.Options, do func(key string) (T, error)) (T, error) {
	var result T
	err := b.begin(ctx, op, opts)
	if err == nil {
		var cleaned string
		if cleaned, err = clean(key); err == nil {
			key = strings.Clone(cleaned)
			result, err = do(key)
		}
	}
	if err != nil {
		var zero T
		return zero, fail(op, b.name, key, err)
	}
	return result, nil
}

// opened is the result of Open.
type opened struct {
	io.ReadCloser
	object *storage.Object
}

func (b *bucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	r, err := run(ctx, b, "open", key, storage.CleanKey, opts, func(key string) (opened, error) {
		rc, blob, err := b.store.engine.Get(ctx, b.blobKey(key), max(offset, 0), length)
		if err != nil {
			return opened{}, b.missing(ctx, key, err)
		}
		o := objectOf(b.name, key, blob)
		if err := storage.CheckConditions(opts, o); err != nil {
			rc.Close()
			return opened{}, err
		}
		return opened{rc, o}, nil
	})
	return r.ReadCloser, r.object, err
}

func (b *bucket) Stat(ctx context.Context, given string, opts storage.Options) (*storage.Object, error) {
	return run(ctx, b, "stat", given, storage.CleanKey, opts, func(key string) (*storage.Object, error) {
		o, err := b.find(ctx, key, strings.HasSuffix(given, "/") || strings.HasSuffix(given, `\`))
		if err != nil {
			return nil, err
		}
		return o, storage.CheckConditions(opts, o)
	})
}

// find describes the object at key or the directory of that name, and if there are
// both, the one that dirFirst says (contract rule O5).
func (b *bucket) find(ctx context.Context, key string, dirFirst bool) (*storage.Object, error) {
	if dirFirst {
		if dir, err := b.directory(ctx, key); !errors.Is(err, storage.ErrNotExist) {
			return dir, err
		}
	}
	o, err := b.object(ctx, key)
	if errors.Is(err, storage.ErrNotExist) && !dirFirst {
		return b.directory(ctx, key)
	}
	return o, err
}

// object describes the object at key.
func (b *bucket) object(ctx context.Context, key string) (*storage.Object, error) {
	blob, err := b.store.engine.Head(ctx, b.blobKey(key))
	if errors.Is(err, storage.ErrNotExist) {
		return nil, b.notExist(ctx)
	}
	if err != nil {
		return nil, err
	}
	return objectOf(b.name, key, blob), nil
}

// directory describes the directory at path. The root exists while the bucket does.
func (b *bucket) directory(ctx context.Context, path string) (*storage.Object, error) {
	found, err := b.holds(ctx, dirPrefix(path))
	if err == nil && !found {
		if err = b.notExist(ctx); path == "" && !errors.Is(err, storage.ErrNoBucket) {
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &storage.Object{Bucket: b.name, Key: path, IsDir: true}, nil
}

// notExist returns ErrNotExist, or ErrNoBucket if the bucket is missing.
func (b *bucket) notExist(ctx context.Context) error {
	if _, err := b.info(ctx); err != nil {
		return err
	}
	return storage.ErrNotExist
}

// missing returns the error of an operation that needs an object at key, if err
// says that there is none (contract rules O5, O6).
func (b *bucket) missing(ctx context.Context, key string, err error) error {
	if !errors.Is(err, storage.ErrNotExist) {
		return err
	}
	if _, err := b.directory(ctx, key); err != nil {
		return err
	}
	return fmt.Errorf("%w: it is a directory", storage.ErrPermission)
}

func (b *bucket) Delete(ctx context.Context, key string, opts storage.Options) error {
	_, err := run(ctx, b, "delete", key, storage.CleanKey, opts, func(key string) (any, error) {
		recursive := opts.Bool(storage.OptRecursive, false)
		err := b.deleteObject(ctx, key, opts, recursive)
		if recursive && errors.Is(err, storage.ErrNotExist) {
			err = b.notExist(ctx)
		}
		return nil, err
	})
	return err
}

// deleteObject deletes the object at key, and what is beneath it if it is recursive.
func (b *bucket) deleteObject(ctx context.Context, key string, opts storage.Options, recursive bool) error {
	remove := func(guard Guard) error { return b.store.engine.Delete(ctx, b.blobKey(key), guard) }
	if recursive {
		remove = func(guard Guard) error { return b.deleteBoth(ctx, key, guard) }
	}
	if !conditional(opts) {
		err := remove(Guard{})
		if !recursive {
			err = b.missing(ctx, key, err)
		}
		return err
	}
	if err := b.store.limits.CheckConditional(storage.RelaxedO7Delete, opts); err != nil {
		return err
	}
	return b.guarded(ctx, func() error {
		o, version, err := b.condition(ctx, key)
		if err != nil {
			return err
		}
		if o == nil {
			if !recursive {
				return b.missing(ctx, key, storage.ErrNotExist)
			}
			if o, err = b.directory(ctx, key); err != nil {
				return err
			}
		}
		if err := storage.CheckConditions(opts, o); err != nil {
			return err
		}
		return refused(remove(Guard{Version: version, Absent: version == ""}))
	})
}

// deleteBoth deletes the object at key, if the guard holds, and the directory of that
// name.
func (b *bucket) deleteBoth(ctx context.Context, key string, guard Guard) error {
	if e, ok := b.store.engine.(DirEngine); ok {
		return e.DeleteDir(ctx, b.blobKey(dirPrefix(key)), DeleteDirOptions{Twin: true, Guard: guard})
	}
	var err error = storage.ErrNotExist
	if !guard.Absent {
		err = b.store.engine.Delete(ctx, b.blobKey(key), guard)
	}
	if ignoreNotExist(err) != nil {
		return err
	}
	n, failed := b.deleteAll(ctx, dirPrefix(key), true)
	if failed == nil && n == 0 {
		failed = err
	}
	return failed
}

// deleteAll deletes the objects that begin with prefix, which is empty or ends in a
// slash, and have a slash after it only if it is recursive. It returns their number.
func (b *bucket) deleteAll(ctx context.Context, prefix string, recursive bool) (int, error) {
	if e, ok := b.store.engine.(DirEngine); ok {
		err := e.DeleteDir(ctx, b.blobKey(prefix), DeleteDirOptions{Shallow: !recursive})
		if errors.Is(err, storage.ErrNotExist) {
			return 0, nil
		}
		return 1, err
	}
	n := 0
	var batch []string
	flush := func() error {
		err := b.deleteMany(ctx, batch)
		n += len(batch)
		batch = batch[:0]
		return err
	}
	for key, err := range b.keys(ctx, prefix, recursive) {
		if err != nil {
			return n, err
		}
		if batch = append(batch, b.blobKey(key)); len(batch) == maxBatch {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	return n, flush()
}

// maxBatch is the number of keys of one DeleteMany. Listing goes on after it.
const maxBatch = 1000

// deleteMany deletes blobs, of which some may be missing.
func (b *bucket) deleteMany(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	if e, ok := b.store.engine.(BulkDeleter); ok {
		return e.DeleteMany(ctx, keys)
	}
	for _, key := range keys {
		if err := ignoreNotExist(b.store.engine.Delete(ctx, key, Guard{})); err != nil {
			return err
		}
	}
	return nil
}

func (b *bucket) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	e, ok := b.store.engine.(Signer)
	if !ok {
		return "", fail("signedurl", b.name, key, cmp.Or(b.store.begin(ctx, "signedurl", nil), storage.ErrUnsupported))
	}
	return run(ctx, b, "signedurl", key, storage.CleanKey, opts, func(key string) (string, error) {
		return e.Sign(ctx, b.blobKey(key), method, expires)
	})
}
