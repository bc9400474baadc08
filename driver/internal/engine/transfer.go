package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"open-lake.dev/lib/storage"
)

func (b *bucket) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return b.transfer(ctx, "copy", dstKey, srcBucket, srcKey, opts, (*bucket).copy)
}

func (b *bucket) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	return b.transfer(ctx, "move", dstKey, srcBucket, srcKey, opts, (*bucket).move)
}

// source is the source of a Copy or Move.
type source struct {
	*bucket
	key  string
	blob *Blob
}

// transferFunc is [bucket.copy] or [bucket.move].
type transferFunc func(b *bucket, ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error)

func (b *bucket) transfer(ctx context.Context, op, dstKey, srcBucket, srcKey string, opts storage.Options, do transferFunc) (*storage.Object, error) {
	return run(ctx, b, op, dstKey, storage.CleanKey, opts, func(key string) (*storage.Object, error) {
		src, err := b.source(srcBucket, srcKey)
		if err != nil {
			return nil, err
		}
		meta, _ := opts.StringMap(storage.OptMetadata)
		if err := cmp.Or(b.store.limits.CheckConditional(storage.RelaxedO7Copy, opts), b.checkPut(&storage.Object{Key: key, Metadata: meta})); err != nil {
			return nil, err
		}
		var o *storage.Object
		err = b.guarded(ctx, func() error {
			if src.blob, err = b.store.engine.Head(ctx, src.blobKey(src.key)); err != nil {
				return src.wrap(src.missing(ctx, src.key, err))
			}
			o, err = do(b, ctx, key, src, opts)
			return err
		})
		return o, err
	})
}

// source resolves the source of a transfer. It does not look at the object.
func (b *bucket) source(name, key string) (source, error) {
	from := b
	if name != "" {
		from = b.store.bucket(name)
	}
	clean, err := storage.CleanKey(key)
	src := source{bucket: from, key: clean}
	if err = cmp.Or(from.err, err); err != nil {
		return src, fmt.Errorf("source %q in bucket %q: %w", key, name, err)
	}
	return src, nil
}

func (s source) wrap(err error) error {
	return fmt.Errorf("source %q in bucket %q: %w", s.key, s.name, err)
}

func (s source) is(b *bucket, key string) bool { return s.name == b.name && s.key == key }

// target returns the object at key that src becomes, and its header if that is not
// the one of src.
func (s source) target(b *bucket, key string, opts storage.Options) (*storage.Object, *Header) {
	o := objectOf(b.name, key, s.blob)
	meta, replace := opts.StringMap(storage.OptMetadata)
	if !replace {
		return o, nil
	}
	o.Metadata = meta
	h := headerOf(o)
	return o, &h
}

// copy copies an object. If the engine kept the time of the source, as gocloud.dev's
// memblob does, it is written again.
func (b *bucket) copy(ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error) {
	o, h := src.target(b, key, opts)
	blob, err := b.put(ctx, key, opts, func(guard Guard) (*Blob, error) {
		return b.store.engine.Copy(ctx, b.blobKey(key), src.blob, h, guard)
	})
	if errors.Is(err, storage.ErrUnsupported) {
		return b.rewrite(ctx, o, src, opts)
	}
	if err != nil {
		return nil, src.changed(err)
	}
	o, err = b.stored(ctx, o, src.blob.ETag, blob)
	if err == nil && o.Updated.Equal(src.blob.Updated) && o.Updated.Nanosecond() != 0 && !src.is(b, key) {
		return b.rewrite(ctx, o, src, opts)
	}
	return o, err
}

// changed returns the error of an operation on a source of which the version is not
// there any more. It begins again.
func (s source) changed(err error) error {
	if errors.Is(err, storage.ErrNotExist) && !errors.Is(err, storage.ErrNoBucket) {
		return errRefused
	}
	return err
}

// rewrite stores the content of src as o, of which the rest is set.
func (b *bucket) rewrite(ctx context.Context, o *storage.Object, src source, opts storage.Options) (*storage.Object, error) {
	rc, blob, err := b.store.engine.Get(ctx, src.blobKey(src.key), 0, 0)
	if err != nil {
		return nil, src.wrap(src.missing(ctx, src.key, err))
	}
	defer rc.Close()
	body, err := b.store.receive(ctx, rc, blob.Size, nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	o.Size, o.ETag, o.ContentType, o.Hash = body.size, body.etag(), blob.ContentType, blob.Hash
	return b.putBody(ctx, o, body, opts)
}

// move moves an object: it copies it and then deletes the source, if the engine cannot
// move. Onto itself it changes only the metadata, if that is given.
func (b *bucket) move(ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error) {
	if src.is(b, key) && opts[storage.OptMetadata] == nil {
		o := objectOf(b.name, key, src.blob)
		return o, storage.CheckConditions(opts, o)
	}
	if e, ok := b.store.engine.(Mover); ok {
		o, h := src.target(b, key, opts)
		blob, err := b.put(ctx, key, opts, func(guard Guard) (*Blob, error) {
			return e.Move(ctx, b.blobKey(key), src.blob, h, guard)
		})
		if err != nil {
			return nil, src.changed(err)
		}
		return b.stored(ctx, o, src.blob.ETag, blob)
	}
	o, err := b.copy(ctx, key, src, opts)
	if err != nil || src.is(b, key) {
		return o, err
	}
	return o, src.remove(ctx)
}

// remove deletes a source that has been copied. One that has changed since stays, if the
// engine can tell.
func (s source) remove(ctx context.Context) error {
	err := s.store.engine.Delete(ctx, s.blobKey(s.key), Guard{Version: s.blob.Version})
	switch {
	case errors.Is(err, storage.ErrUnsupported):
		err = s.store.engine.Delete(ctx, s.blobKey(s.key), Guard{})
	case errors.Is(err, storage.ErrPrecondition):
		return nil
	}
	return ignoreNotExist(err)
}
