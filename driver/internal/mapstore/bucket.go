package mapstore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"open-lake.dev/lib/storage"
)

// bucket is a bucket and the handle on it. It outlives DeleteBucket, so that a
// handle stays good when the bucket is created again.
type bucket struct {
	store *store
	name  string
	err   error // why name is bad

	// mu guards the rest. It is never held while a caller's reader is read.
	// Whether info is nil changes only with store.mu held too.
	mu      sync.RWMutex
	info    *storage.BucketInfo // nil while the bucket does not exist; then the maps are empty
	objects map[string]*entry
	uploads map[string]*upload
}

// entry is an object with its content. It never changes once it is in the map.
type entry struct {
	obj  storage.Object
	data []byte
}

func (b *bucket) Name() string               { return b.name }
func (b *bucket) Features() storage.Features { return b.store.Features() }

func (b *bucket) Info(ctx context.Context) (*storage.BucketInfo, error) {
	if err := b.begin(ctx, nil); err != nil {
		return nil, fail("info", b.name, "", err)
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.info == nil {
		return nil, fail("info", b.name, "", storage.ErrNotExist)
	}
	return cloneInfo(b.info), nil
}

func (b *bucket) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (obj *storage.Object, err error) {
	err = b.run(ctx, "write", key, opts, func(key string) error {
		data, sums, err := readContent(ctx, src, size, opts)
		if err != nil {
			return err
		}
		meta, _ := opts.StringMap(storage.OptMetadata)
		e := &entry{data: data, obj: storage.Object{ContentType: contentType, ETag: etag(data), Hash: sums, Metadata: meta}}
		return b.commit(ctx, b, func() error {
			obj, err = b.replace(key, e, opts)
			return err
		})
	})
	return obj, err
}

func (b *bucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (rc io.ReadCloser, obj *storage.Object, err error) {
	err = b.run(ctx, "open", key, opts, func(key string) error {
		b.mu.RLock()
		e, err := b.get(key)
		b.mu.RUnlock()
		if err != nil {
			return err
		}
		data := e.data[min(max(offset, 0), int64(len(e.data))):]
		if length > 0 {
			data = data[:min(length, int64(len(data)))]
		}
		r := new(reader)
		r.Reset(data)
		rc, obj = r, cloneObject(&e.obj)
		return check(obj, opts)
	})
	if err != nil {
		return nil, nil, err
	}
	return rc, obj, nil
}

type reader struct{ bytes.Reader }

func (*reader) Close() error { return nil }

func (b *bucket) Stat(ctx context.Context, key string, opts storage.Options) (obj *storage.Object, err error) {
	err = b.run(ctx, "stat", key, opts, func(clean string) error {
		asDir, _ := storage.CleanPrefix(key) // key was good, so this is
		b.mu.RLock()
		defer b.mu.RUnlock()
		if e := b.objects[clean]; e != nil && asDir == clean {
			obj = cloneObject(&e.obj)
		} else if obj = b.directory(clean); obj == nil {
			return storage.ErrNotExist
		}
		return check(obj, opts)
	})
	if err != nil {
		return nil, err
	}
	return obj, nil
}

func (b *bucket) Delete(ctx context.Context, key string, opts storage.Options) error {
	return b.run(ctx, "delete", key, opts, func(key string) error {
		return b.commit(ctx, b, func() error {
			e, err := b.get(key)
			recursive := opts.Bool(storage.OptRecursive, false)
			var obj *storage.Object
			if err == nil {
				obj = &e.obj
			} else if obj = b.directory(key); obj == nil || !recursive {
				return err
			}
			if err := check(obj, opts); err != nil {
				return err
			}
			delete(b.objects, key)
			if recursive {
				b.cut(key, true)
			}
			return nil
		})
	})
}

func (b *bucket) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return b.transfer(ctx, "copy", dstKey, srcBucket, srcKey, opts)
}

func (b *bucket) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return b.transfer(ctx, "move", dstKey, srcBucket, srcKey, opts)
}

func (b *bucket) transfer(ctx context.Context, op, dstKey, srcBucket, srcKey string, opts storage.Options) (obj *storage.Object, err error) {
	err = b.run(ctx, op, dstKey, opts, func(dstKey string) error {
		src, srcKey, err := b.source(srcBucket, srcKey)
		if err != nil {
			return err
		}
		return b.commit(ctx, src, func() error {
			from, err := src.get(srcKey)
			if err != nil {
				return fmt.Errorf("source %q in bucket %q: %w", srcKey, src.name, err)
			}
			if err := b.checkWrite(dstKey, opts); err != nil {
				return err
			}
			if op == "move" && src == b && srcKey == dstKey {
				obj = cloneObject(&from.obj)
				return nil
			}
			e := &entry{obj: from.obj, data: from.data}
			e.obj.Bucket, e.obj.Key = b.name, dstKey
			if meta, ok := opts.StringMap(storage.OptMetadata); ok {
				e.obj.Metadata = meta
			}
			if op == "copy" {
				e.obj.Created = now()
				e.obj.Updated = e.obj.Created
			} else {
				delete(src.objects, srcKey)
			}
			b.objects[dstKey] = e
			obj = cloneObject(&e.obj)
			return nil
		})
	})
	return obj, err
}

// source resolves the source of Copy and Move.
func (b *bucket) source(name, key string) (src *bucket, clean string, err error) {
	if src = b; strings.TrimSpace(name) != "" {
		if clean, err = storage.CleanBucket(name); err != nil {
			return nil, "", fmt.Errorf("source bucket %q: %w", name, err)
		}
		src = b.store.bucket(clean)
	}
	if clean, err = storage.CleanKey(key); err != nil {
		return nil, "", fmt.Errorf("source %q: %w", key, err)
	}
	return src, clean, nil
}

func (b *bucket) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	return "", b.run(ctx, "signedurl", key, opts, func(string) error { return storage.ErrUnsupported })
}

// begin makes the checks that come first in every operation on a bucket.
func (b *bucket) begin(ctx context.Context, opts storage.Options) error {
	if err := b.store.begin(ctx, opts); err != nil {
		return err
	}
	return b.err
}

// run runs an operation with its key normalised.
func (b *bucket) run(ctx context.Context, op, key string, opts storage.Options, fn func(key string) error) error {
	err := b.begin(ctx, opts)
	if err == nil {
		var clean string
		if clean, err = storage.CleanKey(key); err == nil {
			key, err = clean, fn(clean)
		}
	}
	return fail(op, b.name, key, err)
}

// commit runs fn with b locked, and src too. Unless fn fails, which it must do
// before it changes anything, a missing b is created.
func (b *bucket) commit(ctx context.Context, src *bucket, fn func() error) error {
	if src == b {
		b.mu.Lock()
		if b.info != nil {
			defer b.mu.Unlock()
			return b.apply(ctx, fn)
		}
		b.mu.Unlock()
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if src != b {
		src.mu.Lock()
		defer src.mu.Unlock()
	}
	if b.info != nil {
		return b.apply(ctx, fn)
	}
	if err := b.apply(ctx, fn); err != nil {
		return err
	}
	b.create(nil)
	return nil
}

// apply runs fn unless the store was closed or ctx done before the lock was had.
func (b *bucket) apply(ctx context.Context, fn func() error) error {
	if err := b.store.live(ctx); err != nil {
		return err
	}
	return fn()
}

// create makes the bucket exist. The store and the bucket are locked, as for
// clear.
func (b *bucket) create(opts storage.Options) {
	meta, _ := opts.StringMap(storage.OptMetadata)
	b.info = &storage.BucketInfo{Name: b.name, CreatedAt: now(), Public: opts.Bool(storage.OptPublic, false), Metadata: meta}
}

// clear makes the bucket missing and empty.
func (b *bucket) clear() {
	b.info, b.objects, b.uploads = nil, make(map[string]*entry), make(map[string]*upload)
}

// get returns the object at key: ErrPermission if there is only a directory
// (contract rule O5). The lock is held.
func (b *bucket) get(key string) (*entry, error) {
	if e := b.objects[key]; e != nil {
		return e, nil
	}
	if b.directory(key) != nil {
		return nil, fmt.Errorf("%w: it is a directory", storage.ErrPermission)
	}
	return nil, storage.ErrNotExist
}

// replace stores e at key with the times of an overwrite (contract rule O2).
// The lock is held.
func (b *bucket) replace(key string, e *entry, opts storage.Options) (*storage.Object, error) {
	if err := b.checkWrite(key, opts); err != nil {
		return nil, err
	}
	e.obj.Bucket, e.obj.Key, e.obj.Size = b.name, key, int64(len(e.data))
	e.obj.Updated = now()
	e.obj.Created = e.obj.Updated
	if old := b.objects[key]; old != nil {
		e.obj.Created = old.obj.Created
	}
	b.objects[key] = e
	return cloneObject(&e.obj), nil
}

// checkWrite judges the conditions on storing something at key. The lock is
// held.
func (b *bucket) checkWrite(key string, opts storage.Options) error {
	old := b.objects[key]
	if old == nil {
		return check(nil, opts)
	}
	if !opts.Bool(storage.OptUpsert, true) {
		return storage.ErrExist
	}
	return check(&old.obj, opts)
}
