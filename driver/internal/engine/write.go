package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"strings"
	"unicode/utf8"

	"open-lake.dev/lib/storage"
)

func (b *bucket) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	return run(ctx, b, "write", key, storage.CleanKey, opts, func(key string) (*storage.Object, error) {
		o := &storage.Object{Bucket: b.name, Key: key, ContentType: strings.Clone(contentType)}
		o.Metadata, _ = opts.StringMap(storage.OptMetadata)
		if err := b.checkPut(o); err != nil {
			return nil, err
		}
		if e, ok := b.store.engine.(Streamer); ok && isPlain(opts) {
			return b.stream(ctx, e, o, src, size)
		}
		body, err := b.store.receive(ctx, src, size, opts)
		if err != nil {
			return nil, err
		}
		defer body.Close()
		o.Size, o.ETag, o.Hash = body.size, body.etag(), body.hashes
		return b.putBody(ctx, o, body, opts)
	})
}

// isPlain reports whether a Write has neither conditions nor digests.
func isPlain(opts storage.Options) bool {
	return !conditional(opts) && opts[storage.OptChecksum] == nil && opts[storage.OptChecksumAlgorithms] == nil
}

// stream stores an object while its body is read.
func (b *bucket) stream(ctx context.Context, e Streamer, o *storage.Object, src io.Reader, size int64) (*storage.Object, error) {
	if err := b.store.limits.CheckSize(size); err != nil {
		return nil, err
	}
	s, err := newSource(ctx, src, size)
	if err != nil {
		return nil, err
	}
	s.spool = spool{create: b.store.spool, most: b.store.memory}
	blob, err := e.Stream(ctx, b.blobKey(o.Key), s, headerOf(o))
	if err != nil {
		return nil, err
	}
	return b.stored(ctx, o, "", blob)
}

// checkName returns ErrInvalid if no bucket can have the name.
func (b *bucket) checkName() error {
	if b.store.limits.BucketName == nil {
		return nil
	}
	return b.store.limits.BucketName(b.name)
}

// checkPut returns ErrInvalid if the limits forbid to store o.
func (b *bucket) checkPut(o *storage.Object) error {
	valid := utf8.ValidString(o.ContentType)
	for key, value := range o.Metadata {
		valid = valid && utf8.ValidString(key) && utf8.ValidString(value)
	}
	if !valid {
		return fmt.Errorf("%w: content type or metadata is not valid UTF-8", storage.ErrInvalid)
	}
	return cmp.Or(b.store.limits.CheckMetadata(o.Metadata), b.checkName(), b.checkKey(o.Key))
}

// checkKey returns ErrInvalid if the limits forbid the key.
func (b *bucket) checkKey(key string) error {
	l := b.store.limits
	l.MaxKey = cmp.Or(l.MaxKey, storage.MaxKey)
	return l.CheckKey(key)
}

// putBody stores an object under the conditions in opts and describes it.
func (b *bucket) putBody(ctx context.Context, o *storage.Object, body *Body, opts storage.Options) (*storage.Object, error) {
	if err := b.store.limits.CheckSize(body.size); err != nil {
		return nil, err
	}
	blob, err := b.put(ctx, o.Key, opts, func(guard Guard) (*Blob, error) {
		return b.store.engine.Put(ctx, b.blobKey(o.Key), body, headerOf(o), guard)
	})
	if err != nil {
		return nil, err
	}
	return b.stored(ctx, o, o.ETag, blob)
}

// stored describes an object that has just been stored in a blob with the ETag. If that
// is nil, Head tells; if there is another by now, it describes the one that was stored.
func (b *bucket) stored(ctx context.Context, o *storage.Object, etag string, blob *Blob) (*storage.Object, error) {
	if err := b.mark(ctx); err != nil {
		return nil, err
	}
	if blob != nil {
		return objectOf(b.name, o.Key, blob), nil
	}
	blob, err := b.store.engine.Head(ctx, b.blobKey(o.Key))
	if ignoreNotExist(err) != nil {
		return nil, err
	}
	if err == nil && blob.ETag == etag && maps.Equal(blob.Metadata, o.Metadata) {
		return objectOf(b.name, o.Key, blob), nil
	}
	o.Created, o.Updated = now(), now()
	return o, nil
}
