package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// bucketHandle is a storage.Bucket with directories and multipart uploads.
type bucketHandle struct {
	store   *store
	name    string
	invalid error // why the name cannot be, if it cannot
}

func (h *bucketHandle) Name() string { return h.name }

func (h *bucketHandle) Features() storage.Features { return h.store.Features() }

// begin begins an operation on the bucket.
func (h *bucketHandle) begin(ctx context.Context, opts storage.Options) (*Snapshot, error) {
	cur, err := begin(ctx, h.store.head, opts)
	if err == nil {
		err = h.invalid
	}
	return cur, err
}

// beginAt begins an operation on a key and normalises it, if it can be.
func (h *bucketHandle) beginAt(ctx context.Context, key *string, opts storage.Options) (*Snapshot, error) {
	cur, err := h.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	clean, err := storage.CleanKey(*key)
	if err == nil {
		*key = clean
	}
	return cur, err
}

func (h *bucketHandle) Info(ctx context.Context) (_ *storage.BucketInfo, err error) {
	defer wrap("info", h.name, nil, &err)
	cur, err := h.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	b := cur.bucket(h.name)
	if b == nil {
		return nil, storage.ErrNotExist
	}
	return b.info(h.name), nil
}

func (h *bucketHandle) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (_ *storage.Object, err error) {
	defer wrap("write", h.name, &key, &err)
	if _, err := h.beginAt(ctx, &key, opts); err != nil {
		return nil, err
	}
	c, e, hash, err := receive(ctx, src, size, h.store.head, opts)
	if err != nil {
		return nil, err
	}
	metadata, _ := opts.StringMap(storage.OptMetadata)
	o := newObject(c, e, contentType, metadata, hash)
	now := h.store.head.Now()
	to := key // which does not change any more, so Commit may keep it without an allocation
	err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.put(h.name, to, o, now, opts) })
	if err != nil {
		return nil, err
	}
	return o.describe(new(storage.Object), h.name, key), nil
}

// put returns s with o at key, if the conditions allow it (O7). o, not shared
// yet, takes over the creation of an object it replaces (O2).
func (s *Snapshot) put(bucketName, key string, o *object, now time.Time, opts storage.Options) (*Snapshot, error) {
	if err := s.permit(bucketName, key, opts); err != nil {
		return nil, err
	}
	o.setCreated(now)
	o.setUpdated(now)
	var old *object
	next := s.edit(bucketName, now, func(b *bucket) { b.objects, old, _ = b.objects.Swap(key, o, now) })
	if old != nil {
		o.createdSec, o.createdNsec = old.createdSec, old.createdNsec
	}
	return next, nil
}

// opened is what Open returns, in one allocation.
type opened struct {
	reader
	object storage.Object
}

func (h *bucketHandle) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (_ io.ReadCloser, _ *storage.Object, err error) {
	defer wrap("open", h.name, &key, &err)
	cur, err := h.beginAt(ctx, &key, opts)
	if err != nil {
		return nil, nil, err
	}
	o := cur.object(h.name, key)
	if o == nil {
		return nil, nil, cur.missing(h.name, key)
	}
	r := new(opened)
	o.describe(&r.object, h.name, key)
	if err := judge(opts, r.object.ETag, r.object.Updated); err != nil {
		return nil, nil, err
	}
	r.section(o.content, offset, length)
	return &r.reader, &r.object, nil
}

func (h *bucketHandle) Stat(ctx context.Context, key string, opts storage.Options) (_ *storage.Object, err error) {
	defer wrap("stat", h.name, &key, &err)
	cur, err := h.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	clean, err := storage.CleanPrefix(key) // a key, but that a slash at its end counts
	if err != nil {
		return nil, err
	}
	clean, onlyDir := strings.CutSuffix(clean, "/")
	if clean == "" {
		_, err := storage.CleanKey(clean)
		return nil, err
	}
	key = clean
	var found *storage.Object
	if o := cur.object(h.name, key); o != nil && !onlyDir {
		found = o.describe(new(storage.Object), h.name, key)
	} else if found = cur.directory(h.name, key); found == nil {
		return nil, storage.ErrNotExist
	}
	if err := judge(opts, found.ETag, found.Updated); err != nil {
		return nil, err
	}
	return found, nil
}

func (h *bucketHandle) Delete(ctx context.Context, key string, opts storage.Options) (err error) {
	defer wrap("delete", h.name, &key, &err)
	if _, err := h.beginAt(ctx, &key, opts); err != nil {
		return err
	}
	recursive := opts.Bool(storage.OptRecursive, false)
	now := h.store.head.Now()
	return h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		var etag string
		var updated time.Time
		if o := cur.object(h.name, key); o != nil {
			etag, updated = o.etag, o.updated()
		} else if dir := cur.directory(h.name, key); recursive && dir != nil {
			updated = dir.Updated
		} else {
			return nil, cur.missing(h.name, key)
		}
		if err := judge(opts, etag, updated); err != nil {
			return nil, err
		}
		return cur.edit(h.name, now, func(b *bucket) {
			b.objects, _ = b.objects.Delete(key, now)
			if recursive {
				b.objects, _ = b.objects.DeleteDir(key+"/", now)
			}
		}), nil
	})
}

func (h *bucketHandle) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (_ *storage.Object, err error) {
	defer wrap("copy", h.name, &dstKey, &err)
	return h.transfer(ctx, &dstKey, srcBucket, srcKey, opts, false)
}

func (h *bucketHandle) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (_ *storage.Object, err error) {
	defer wrap("move", h.name, &dstKey, &err)
	return h.transfer(ctx, &dstKey, srcBucket, srcKey, opts, true)
}

// transfer copies or moves an object; both share its content.
func (h *bucketHandle) transfer(ctx context.Context, dstKey *string, srcBucket, srcKey string, opts storage.Options, move bool) (*storage.Object, error) {
	if _, err := h.beginAt(ctx, dstKey, opts); err != nil {
		return nil, err
	}
	from := h
	if srcBucket != "" {
		from = h.store.bucket(srcBucket)
	}
	given := srcKey
	srcKey, err := storage.CleanKey(srcKey)
	if err = cmp.Or(from.invalid, err); err != nil {
		return nil, fmt.Errorf("source %q in bucket %q: %w", given, from.name, err)
	}
	metadata, replace := opts.StringMap(storage.OptMetadata)
	now := h.store.head.Now()
	o := new(object)
	err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		src := cur.object(from.name, srcKey)
		if src == nil {
			return nil, fmt.Errorf("source %q in bucket %q: %w", srcKey, from.name, cur.missing(from.name, srcKey))
		}
		if err := cur.permit(h.name, *dstKey, opts); err != nil {
			return nil, err
		}
		*o = *src
		if replace {
			o.setExtra(metadata, src.hash())
		}
		switch {
		case !move:
			o.setCreated(now)
			o.setUpdated(now)
		case from.name == h.name && srcKey == *dstKey:
			if !replace {
				return cur, nil
			}
			move = false
		}
		next := cur.edit(h.name, now, func(b *bucket) { b.objects = b.objects.Set(*dstKey, o, now) })
		if !move {
			return next, nil
		}
		// Only now, so that a directory both keys are in does not vanish between.
		return next.edit(from.name, now, func(b *bucket) { b.objects, _ = b.objects.Delete(srcKey, now) }), nil
	})
	if err != nil {
		return nil, err
	}
	return o.describe(new(storage.Object), h.name, *dstKey), nil
}

func (h *bucketHandle) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (_ string, err error) {
	defer wrap("signedurl", h.name, &key, &err)
	if _, err := h.beginAt(ctx, &key, opts); err != nil {
		return "", err
	}
	return "", storage.ErrUnsupported
}
