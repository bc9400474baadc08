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
	invalid error // the error of a bad name
}

func (h *bucketHandle) Name() string { return h.name }

func (h *bucketHandle) Features() storage.Features { return h.store.Features() }

// ExactKeys implements [storage.HasExactKeys].
func (h *bucketHandle) ExactKeys() bool { return h.store.ExactKeys() }

func (h *bucketHandle) Info(ctx context.Context) (*storage.BucketInfo, error) {
	cur, err := h.begin(ctx, "info", nil, Head.Load)
	if err != nil {
		return nil, fail("info", h.name, "", err)
	}
	b := cur.bucket(h.name)
	if b == nil {
		return nil, fail("info", h.name, "", storage.ErrNoBucket)
	}
	return b.info(h.name), nil
}

func (h *bucketHandle) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	var in received
	return runUpdate(ctx, h, "write", key, rules.cleanKey, opts, func(by rules, key string) (*storage.Object, error) {
		metadata := metadataOf(opts)
		if err := h.checkWrite(key, metadata, size, opts); err != nil {
			return nil, err
		}
		err := h.receive(ctx, &in, src, size, by.md5ETags, opts)
		if err == nil {
			err = h.store.limits.CheckSize(in.size()) // which may have been unknown
		}
		if err != nil {
			return nil, err
		}
		o := newObject(in, contentType, metadata)
		c := h.store.change(by, opts)
		err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.put(address{h.name, key}, o, c) })
		if err != nil {
			return nil, err
		}
		return h.describe(o, key), nil
	})
}

// checkWrite returns the error of a write that the limits forbid, before its body
// is read.
func (h *bucketHandle) checkWrite(key string, metadata map[string]string, size int64, opts storage.Options) error {
	if !h.store.limited {
		return nil
	}
	l := &h.store.limits
	if len(l.Relaxed) > 0 {
		cur, err := h.store.head.Load()
		if err == nil {
			err = cur.checkRelaxed(address{h.name, key}, l)
		}
		if err != nil {
			return err
		}
	}
	return cmp.Or(l.CheckKey(key), l.CheckMetadata(metadata), l.CheckSize(size),
		l.CheckConditional(storage.RelaxedO7Write, opts))
}

// receive receives the body of a write or a part in in. If an operation that begins
// again has it there, only its ETag is computed again.
func (h *bucketHandle) receive(ctx context.Context, in *received, src io.Reader, size int64, md5ETag bool, opts storage.Options) (err error) {
	if in.etag.size == 0 {
		*in, err = receive(ctx, src, size, h.store.admit, md5ETag, opts)
		return err
	}
	in.etag, err = in.computeETag(ctx, md5ETag)
	return err
}

// describe describes an object to a caller.
func (h *bucketHandle) describe(o *object, key string) *storage.Object {
	to := new(storage.Object)
	h.describeInto(to, o, key)
	return to
}

// describeInto describes an object in to, which is zero.
func (h *bucketHandle) describeInto(to *storage.Object, o *object, key string) {
	o.describeInto(to, h.name, key)
	if len(h.store.limits.Relaxed) > 0 {
		relaxTimes(&h.store.limits, to)
	}
}

// openResult is what Open returns, in one allocation.
type openResult struct {
	reader
	object storage.Object
}

func (h *bucketHandle) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	r, err := run(ctx, h, "open", key, rules.cleanKey, opts, func(cur *Snapshot, key string) (*openResult, error) {
		at := address{h.name, key}
		o := cur.object(at)
		if o == nil {
			return nil, cur.notFound(at)
		}
		r := new(openResult)
		h.describeInto(&r.object, o, key)
		if err := storage.CheckConditions(opts, &r.object); err != nil {
			return nil, err
		}
		r.reset(o, offset, length)
		return r, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return &r.reader, &r.object, nil
}

func (h *bucketHandle) Stat(ctx context.Context, given string, opts storage.Options) (*storage.Object, error) {
	return run(ctx, h, "stat", given, rules.cleanKey, opts, func(cur *Snapshot, key string) (*storage.Object, error) {
		found := h.find(cur, key, given)
		if found == nil {
			return nil, cur.notExist(h.name)
		}
		if err := storage.CheckConditions(opts, found); err != nil {
			return nil, err
		}
		return found, nil
	})
}

// find describes the object at a normalised key or the directory of that name,
// whichever comes first by the way the key was given (O5); nil if there is neither.
// An exact key that ends in a slash is an object's before it is a directory's.
func (h *bucketHandle) find(cur *Snapshot, key, given string) *storage.Object {
	asDir := strings.HasSuffix(given, "/") || strings.HasSuffix(given, `\`)
	if asDir && !cur.exactKeys {
		if dir := h.directory(cur, key); dir != nil {
			return dir
		}
	}
	if o := cur.object(address{h.name, key}); o != nil {
		return h.describe(o, key)
	}
	return h.directory(cur, key)
}

// directory describes a directory to a caller, nil if there is none.
func (h *bucketHandle) directory(cur *Snapshot, path string) *storage.Object {
	dir := cur.directory(h.name, path)
	if dir != nil && len(h.store.limits.Relaxed) > 0 {
		relaxTimes(&h.store.limits, dir)
	}
	return dir
}

func (h *bucketHandle) Delete(ctx context.Context, key string, opts storage.Options) error {
	_, err := runUpdate(ctx, h, "delete", key, rules.cleanKey, opts, func(by rules, key string) (any, error) {
		if err := h.store.limits.CheckConditional(storage.RelaxedO7Delete, opts); err != nil {
			return nil, err
		}
		c := h.store.change(by, opts)
		return nil, h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.remove(address{h.name, key}, c) })
	})
	return err
}

func (h *bucketHandle) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return h.transfer(ctx, "copy", (*Snapshot).copy, dstKey, srcBucket, srcKey, opts)
}

func (h *bucketHandle) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return h.transfer(ctx, "move", (*Snapshot).move, dstKey, srcBucket, srcKey, opts)
}

// transferFunc is [Snapshot.copy] or [Snapshot.move].
type transferFunc func(s *Snapshot, dst, src address, metadata map[string]string, c change) (*Snapshot, *object, error)

// transfer copies or moves an object; both share its content.
func (h *bucketHandle) transfer(ctx context.Context, op string, update transferFunc, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return runUpdate(ctx, h, op, dstKey, rules.cleanKey, opts, func(by rules, dstKey string) (*storage.Object, error) {
		src, err := h.source(by, srcBucket, srcKey)
		if err != nil {
			return nil, err
		}
		metadata, limits := metadataOf(opts), &h.store.limits
		if err := cmp.Or(limits.CheckMetadata(metadata), limits.CheckConditional(storage.RelaxedO7Copy, opts)); err != nil {
			return nil, err
		}
		var o *object
		c := h.store.change(by, opts)
		err = h.store.head.Commit(func(cur *Snapshot) (next *Snapshot, err error) {
			next, o, err = update(cur, address{h.name, dstKey}, src, metadata, c)
			return next, err
		})
		if err != nil {
			return nil, err
		}
		return h.describe(o, dstKey), nil
	})
}

// source returns the address of the source of a copy or a move.
func (h *bucketHandle) source(by rules, bucket, key string) (address, error) {
	from := h
	if bucket != "" {
		from = h.store.bucket(bucket)
	}
	clean, err := by.cleanKey(key)
	if err = cmp.Or(from.invalid, err); err != nil {
		return address{}, fmt.Errorf("source %q in bucket %q: %w", key, from.name, err)
	}
	return address{from.name, clean}, nil
}

func (h *bucketHandle) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	_, err := h.store.begin(ctx, "signedurl", nil, Head.Peek)
	return "", fail("signedurl", h.name, key, cmp.Or(err, storage.ErrUnsupported)) // M3
}
