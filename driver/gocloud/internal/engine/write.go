package engine

import (
	"cmp"
	"context"
	"errors"
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
		o.Metadata, _ = cloneMetadata(opts)
		if err := b.checkPut(o); err != nil {
			return nil, err
		}
		content, err := receive(ctx, src, size, opts)
		if err != nil {
			return nil, err
		}
		defer content.Close()
		o.Size, o.ETag, o.Hash = content.size, content.etag, content.hashes
		return b.put(ctx, o, content.reader, opts)
	})
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
	size, valid := 0, utf8.ValidString(o.ContentType)
	for key, value := range o.Metadata {
		size += len(key) + len(value)
		valid = valid && utf8.ValidString(key) && utf8.ValidString(value)
	}
	if !valid {
		return fmt.Errorf("%w: content type or metadata is not valid UTF-8", storage.ErrInvalid)
	}
	if most := b.store.limits.MaxMetadata; most > 0 && size > most {
		return fmt.Errorf("%w: the metadata has %d bytes, the most are %d", storage.ErrInvalid, size, most)
	}
	return cmp.Or(b.checkName(), b.checkKey(o.Key))
}

// checkKey returns ErrInvalid if the limits forbid the key.
func (b *bucket) checkKey(key string) error {
	l := &b.store.limits
	if most := cmp.Or(l.MaxKey, storage.MaxKey); len(key) > most {
		return fmt.Errorf("%w: the key has %d bytes, the most are %d", storage.ErrInvalid, len(key), most)
	}
	for name := range strings.SplitSeq(key, "/") {
		if l.MaxName > 0 && len(name) > l.MaxName {
			return fmt.Errorf("%w: a name in the key has %d bytes, the most are %d", storage.ErrInvalid, len(name), l.MaxName)
		}
	}
	return nil
}

// put stores an object under the conditions in opts and describes it.
func (b *bucket) put(ctx context.Context, o *storage.Object, content func() io.Reader, opts storage.Options) (*storage.Object, error) {
	for {
		guard, err := b.guard(ctx, o.Key, opts)
		if err != nil {
			return nil, err
		}
		err = b.store.engine.Put(ctx, b.blobKey(o.Key), content(), headerOf(o), guard)
		if err == nil {
			return b.stored(ctx, o, o.ETag)
		}
		if guard == (Guard{}) || !errors.Is(err, storage.ErrPrecondition) {
			return nil, err
		}
	}
}

// guard judges the conditions in opts, and returns the guard under which the result
// holds when the object is put.
func (b *bucket) guard(ctx context.Context, key string, opts storage.Options) (Guard, error) {
	if unconditional(opts) == nil {
		return Guard{}, nil
	}
	blob, err := b.store.engine.Head(ctx, b.blobKey(key))
	if errors.Is(err, storage.ErrNotExist) {
		return Guard{Absent: true}, storage.CheckConditions(opts, nil)
	}
	if err != nil {
		return Guard{}, err
	}
	if err := storage.CheckConditions(opts, objectOf(b.name, key, blob)); err != nil {
		return Guard{}, err
	}
	return Guard{Version: blob.Version}, nil
}

// stored describes an object that has just been stored in a blob that has the MD5 in
// its header. If there is another by now, it describes the one that was stored.
func (b *bucket) stored(ctx context.Context, o *storage.Object, md5 string) (*storage.Object, error) {
	if err := b.mark(ctx); err != nil {
		return nil, err
	}
	blob, err := b.store.engine.Head(ctx, b.blobKey(o.Key))
	if ignoreNotExist(err) != nil {
		return nil, err
	}
	if err == nil && extraOf(blob).MD5 == md5 {
		if now := objectOf(b.name, o.Key, blob); maps.Equal(now.Metadata, o.Metadata) {
			return now, nil
		}
	}
	o.Created, o.Updated = now(), now()
	return o, nil
}
