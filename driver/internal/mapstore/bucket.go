package mapstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"open-lake.dev/lib/storage"
)

// bucket is a bucket and the only handle on it. It outlives DeleteBucket, so that
// the handle stays good when the bucket is created again.
type bucket struct {
	store *store
	name  string
	err   error // of a name that cannot be normalised

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

// object returns the description of e, or nil if e is nil.
func (e *entry) object() *storage.Object {
	if e == nil {
		return nil
	}
	return &e.obj
}

func (b *bucket) Name() string               { return b.name }
func (b *bucket) Features() storage.Features { return b.store.Features() }

func (b *bucket) Info(ctx context.Context) (*storage.BucketInfo, error) {
	if err := b.begin(ctx, "info", nil); err != nil {
		return nil, fail("info", b.name, "", err)
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.info == nil {
		return nil, fail("info", b.name, "", storage.ErrNoBucket)
	}
	return cloneInfo(b.info), nil
}

func (b *bucket) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (obj *storage.Object, err error) {
	err = b.run(ctx, "write", key, opts, func(key string) error {
		data, sums, err := readContent(ctx, src, size, opts)
		if err != nil {
			return err
		}
		meta := metadata(opts)
		e := &entry{data: data, obj: storage.Object{
			ContentType: strings.Clone(contentType), ETag: etag(data), Hash: sums, Metadata: meta}}
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
		if err := storage.CheckConditions(opts, &e.obj); err != nil {
			return err
		}
		data := e.data[min(max(offset, 0), int64(len(e.data))):]
		if length > 0 {
			data = data[:min(length, int64(len(data)))]
		}
		rc, obj = &reader{content: bytes.NewReader(data)}, cloneObject(&e.obj)
		return nil
	})
	return rc, obj, err
}

// reader reads content. It does not have the WriteTo of content, which would pass
// the store's own bytes to the caller's writer (contract rule O8).
type reader struct{ content *bytes.Reader } // nil once the reader is closed

func (r *reader) Read(p []byte) (int, error) {
	if r.content == nil {
		return 0, storage.ErrClosed
	}
	return r.content.Read(p)
}

func (r *reader) Close() error {
	r.content = nil
	return nil
}

func (b *bucket) Stat(ctx context.Context, key string, opts storage.Options) (obj *storage.Object, err error) {
	err = b.run(ctx, "stat", key, opts, func(clean string) error {
		b.mu.RLock()
		defer b.mu.RUnlock()
		found := b.objects[clean].object()
		if found == nil || strings.HasSuffix(key, "/") || strings.HasSuffix(key, `\`) {
			found = cmp.Or(b.directory(clean), found)
		}
		if found == nil {
			return b.missing()
		}
		if err := storage.CheckConditions(opts, found); err != nil {
			return err
		}
		obj = cloneObject(found)
		return nil
	})
	return obj, err
}

func (b *bucket) Delete(ctx context.Context, key string, opts storage.Options) error {
	return b.run(ctx, "delete", key, opts, func(key string) error {
		return b.commit(ctx, b, func() error {
			recursive := opts.Bool(storage.OptRecursive, false)
			e, err := b.get(key)
			obj := e.object()
			if obj == nil && recursive {
				obj = b.directory(key)
			}
			if obj == nil {
				return err
			}
			if err := storage.CheckConditions(opts, obj); err != nil {
				return err
			}
			delete(b.objects, key)
			if recursive {
				b.remove(b.beneath(key, true))
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
			e := &entry{obj: from.obj, data: from.data}
			e.obj.Bucket, e.obj.Key = b.name, strings.Clone(dstKey)
			if meta := metadata(opts); meta != nil {
				e.obj.Metadata = meta
			}
			if op == "copy" {
				e.obj.Created = now()
				e.obj.Updated = b.notBefore(dstKey, e.obj.Created)
			} else {
				delete(src.objects, srcKey)
			}
			b.objects[e.obj.Key] = e
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
	return "", b.deny(ctx, "signedurl", key)
}

// deny returns the error of an operation that the store does not have (contract
// rule M3).
func (b *bucket) deny(ctx context.Context, op, key string) error {
	return fail(op, b.name, key, cmp.Or(b.store.live(ctx), storage.ErrUnsupported))
}

// begin makes the checks that come first in every operation on a bucket.
func (b *bucket) begin(ctx context.Context, op string, opts storage.Options) error {
	if err := b.store.begin(ctx, op, opts); err != nil {
		return err
	}
	return b.err
}

// run runs an operation on a key, which it normalises.
func (b *bucket) run(ctx context.Context, op, key string, opts storage.Options, fn func(key string) error) error {
	return b.runClean(ctx, op, key, storage.CleanKey, opts, fn)
}

// runClean runs an operation on a key or prefix, which clean normalises.
func (b *bucket) runClean(ctx context.Context, op, key string, clean func(string) (string, error), opts storage.Options, fn func(key string) error) error {
	err := b.begin(ctx, op, opts)
	if err == nil {
		var cleaned string
		if cleaned, err = clean(key); err == nil {
			key, err = cleaned, fn(cleaned)
		}
	}
	return fail(op, b.name, key, err)
}

// commit runs fn with b and src locked. If b is missing it is created, unless fn
// fails. An fn that fails must not have changed anything.
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

// apply runs fn unless the store was closed or ctx done before b was locked.
func (b *bucket) apply(ctx context.Context, fn func() error) error {
	if err := b.store.live(ctx); err != nil {
		return err
	}
	return fn()
}

// create makes the bucket exist. The caller holds store.mu and b.mu.
func (b *bucket) create(opts storage.Options) {
	meta := metadata(opts)
	b.info = &storage.BucketInfo{Name: b.name, CreatedAt: now(), Public: opts.Bool(storage.OptPublic, false), Metadata: meta}
}

// clear makes the bucket missing and empty. The caller holds store.mu and b.mu.
func (b *bucket) clear() {
	b.info, b.objects, b.uploads = nil, make(map[string]*entry), make(map[string]*upload)
}

// get returns the object at key, or ErrPermission if there is only a directory
// (contract rule O5). The caller holds b.mu.
func (b *bucket) get(key string) (*entry, error) {
	if e := b.objects[key]; e != nil {
		return e, nil
	}
	if b.directory(key) != nil {
		return nil, fmt.Errorf("%w: it is a directory", storage.ErrPermission)
	}
	return nil, b.missing()
}

// missing returns the error of an operation that found nothing (contract rule
// B2). The caller holds b.mu.
func (b *bucket) missing() error {
	if b.info == nil {
		return storage.ErrNoBucket
	}
	return storage.ErrNotExist
}

// replace stores e at key with the times of an overwrite (contract rule O2).
// The caller holds b.mu.
func (b *bucket) replace(key string, e *entry, opts storage.Options) (*storage.Object, error) {
	if err := b.checkWrite(key, opts); err != nil {
		return nil, err
	}
	e.obj.Bucket, e.obj.Key, e.obj.Size = b.name, strings.Clone(key), int64(len(e.data))
	e.obj.Created = now()
	e.obj.Updated = b.notBefore(key, e.obj.Created)
	if old := b.objects[key]; old != nil {
		e.obj.Created = old.obj.Created
	}
	b.objects[e.obj.Key] = e
	return cloneObject(&e.obj), nil
}

// notBefore returns t, or the time of the last change of the object at key if the
// clock was set back since (contract rule O2). The caller holds b.mu.
func (b *bucket) notBefore(key string, t time.Time) time.Time {
	if old := b.objects[key]; old != nil && old.obj.Updated.After(t) {
		return old.obj.Updated
	}
	return t
}

// checkWrite returns nil if the conditions in opts allow to store something at
// key. The caller holds b.mu.
func (b *bucket) checkWrite(key string, opts storage.Options) error {
	return storage.CheckConditions(opts, b.objects[key].object())
}
