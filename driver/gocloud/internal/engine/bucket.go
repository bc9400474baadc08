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
		if err := unconditional(opts); err != nil {
			return nil, err
		}
		err := b.store.engine.Delete(ctx, b.blobKey(key))
		if !opts.Bool(storage.OptRecursive, false) {
			return nil, b.missing(ctx, key, err)
		}
		if ignoreNotExist(err) != nil {
			return nil, err
		}
		n, failed := b.deleteAll(ctx, dirPrefix(key), true)
		if failed == nil && n == 0 && err != nil {
			failed = b.notExist(ctx)
		}
		return nil, failed
	})
	return err
}

// deleteAll deletes the objects that begin with prefix, and with a slash after it
// only if it is recursive. It returns their number.
func (b *bucket) deleteAll(ctx context.Context, prefix string, recursive bool) (int, error) {
	n := 0
	for key, err := range b.keys(ctx, prefix, recursive) {
		if err == nil {
			err = ignoreNotExist(b.store.engine.Delete(ctx, b.blobKey(key)))
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (b *bucket) SignedURL(ctx context.Context, key, _ string, _ time.Duration, _ storage.Options) (string, error) {
	return "", fail("signedurl", b.name, key, cmp.Or(b.store.begin(ctx, "signedurl", nil), storage.ErrUnsupported))
}

// unconditional returns ErrUnsupported if opts hold a condition.
func unconditional(opts storage.Options) error {
	for _, key := range conditions {
		if opts[key] != nil {
			return fmt.Errorf("%w: %s cannot be judged atomically here", storage.ErrUnsupported, key)
		}
	}
	if !opts.Bool(storage.OptUpsert, true) {
		return fmt.Errorf("%w: %s false cannot be judged atomically here", storage.ErrUnsupported, storage.OptUpsert)
	}
	return nil
}

var conditions = []string{storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince}
