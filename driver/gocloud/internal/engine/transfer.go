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
		meta, _ := cloneMetadata(opts)
		if err := cmp.Or(unconditional(opts), b.checkPut(&storage.Object{Key: key, Metadata: meta})); err != nil {
			return nil, err
		}
		if src.blob, err = b.store.engine.Head(ctx, src.blobKey(src.key)); err != nil {
			return nil, src.wrap(src.missing(ctx, src.key, err))
		}
		return do(b, ctx, key, src, opts)
	})
}

// source resolves the source of a transfer. It does not look at the object.
func (b *bucket) source(name, key string) (source, error) {
	from := b
	if name != "" {
		from = b.store.Bucket(name).(*bucket)
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

// copy copies an object. If the engine kept the time of the source, as gocloud.dev's
// memblob does, it is written again.
func (b *bucket) copy(ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error) {
	o, err := b.copied(ctx, key, src, opts)
	if err == nil && o.Updated.Equal(src.blob.Updated) && o.Updated.Nanosecond() != 0 && !src.is(b, key) {
		return b.rewrite(ctx, o, src)
	}
	return o, err
}

// copied copies an object. The engine does it, unless the header is another.
func (b *bucket) copied(ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error) {
	o := objectOf(b.name, key, src.blob)
	meta, replace := cloneMetadata(opts)
	if replace {
		o.Metadata = meta
	}
	if replace || src.is(b, key) {
		return b.rewrite(ctx, o, src)
	}
	return b.copyBlob(ctx, o, src)
}

// copyBlob lets the engine copy src to o.
func (b *bucket) copyBlob(ctx context.Context, o *storage.Object, src source) (*storage.Object, error) {
	err := b.store.engine.Copy(ctx, b.blobKey(o.Key), src.blobKey(src.key))
	if errors.Is(err, storage.ErrNotExist) {
		err = src.wrap(err)
	}
	if err != nil {
		return nil, err
	}
	return b.stored(ctx, o, extraOf(src.blob).MD5)
}

// rewrite stores the content of src as o, of which the rest is set.
func (b *bucket) rewrite(ctx context.Context, o *storage.Object, src source) (*storage.Object, error) {
	rc, blob, err := b.store.engine.Get(ctx, src.blobKey(src.key), 0, 0)
	if err != nil {
		return nil, src.wrap(src.missing(ctx, src.key, err))
	}
	defer rc.Close()
	content, err := receive(ctx, rc, blob.Size, nil)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	now := objectOf(src.name, src.key, blob)
	o.Size, o.ETag, o.ContentType, o.Hash = content.size, content.etag, now.ContentType, now.Hash
	return b.put(ctx, o, content.reader, nil)
}

// move copies an object and then deletes the source. Onto itself it changes only
// the metadata, if that is given.
func (b *bucket) move(ctx context.Context, key string, src source, opts storage.Options) (*storage.Object, error) {
	if src.is(b, key) {
		if opts[storage.OptMetadata] == nil {
			return objectOf(b.name, key, src.blob), nil
		}
		return b.copy(ctx, key, src, opts)
	}
	o, err := b.copied(ctx, key, src, opts)
	if err != nil {
		return nil, err
	}
	return o, ignoreNotExist(b.store.engine.Delete(ctx, src.blobKey(src.key)))
}
