package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"open-lake.dev/lib/storage"
)

// markers is the directory of the markers.
const markers = ".buckets/"

// maxBucket is the length of the longest name of a bucket, in bytes.
const maxBucket = 63

// MaxKey is the length of the longest key, in bytes: what a bucket's name and a slash
// leave of the 1,024 that services take.
const MaxKey = storage.MaxKey - maxBucket - 1

// BucketName is [storage.Limits].BucketName of a store over an engine.
func BucketName(name string) error {
	if len(name) > maxBucket {
		return fmt.Errorf("%w: the bucket name has %d bytes, the most are %d", storage.ErrInvalid, len(name), maxBucket)
	}
	if name+"/" == markers {
		return fmt.Errorf("%w: the bucket name %q is reserved", storage.ErrInvalid, name)
	}
	return nil
}

// info describes the bucket. Without a marker, it exists if there is an object.
func (b *bucket) info(ctx context.Context) (*storage.BucketInfo, error) {
	if b.store.buckets != nil {
		return b.store.buckets.HeadBucket(ctx, b.name)
	}
	info, err := b.readMarker(ctx)
	if !errors.Is(err, storage.ErrNotExist) {
		return info, err
	}
	found, err := b.holds(ctx, "")
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, storage.ErrNoBucket
	}
	return &storage.BucketInfo{Name: b.name}, nil
}

func (b *bucket) readMarker(ctx context.Context) (*storage.BucketInfo, error) {
	rc, _, err := b.store.engine.Get(ctx, markers+b.name, 0, 0)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	text, err := io.ReadAll(rc)
	if err != nil {
		return nil, err
	}
	info := new(storage.BucketInfo)
	if err := json.Unmarshal(text, info); err != nil {
		return nil, fmt.Errorf("marker of bucket %q: %w", b.name, err)
	}
	info.Name = b.name
	return info, nil
}

// create creates the bucket.
func (b *bucket) create(ctx context.Context, opts storage.Options) (*storage.BucketInfo, error) {
	if err := b.checkName(); err != nil {
		return nil, err
	}
	if b.store.buckets != nil {
		info := b.newInfo(opts)
		return info, b.store.buckets.CreateBucket(ctx, info)
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	found, err := b.holds(ctx, "")
	switch {
	case err != nil:
		return nil, err
	case found:
		return nil, storage.ErrExist
	}
	return b.writeMarker(ctx, opts)
}

// mark makes the bucket outlive its objects, once one has been stored. The end of ctx
// comes too late then.
func (b *bucket) mark(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if _, ok := b.store.marked.Load(b.name); ok || b.store.buckets != nil {
		return nil
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	_, err := b.writeMarker(ctx, nil)
	if errors.Is(err, storage.ErrExist) {
		return nil
	}
	return err
}

// writeMarker writes the marker, or returns ErrExist if there is one. The caller holds
// store.mu.
func (b *bucket) writeMarker(ctx context.Context, opts storage.Options) (*storage.BucketInfo, error) {
	info := b.newInfo(opts)
	text, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	err = b.putAbsent(ctx, markers+b.name, text)
	switch {
	case errors.Is(err, storage.ErrPrecondition):
		info, err = nil, storage.ErrExist
	case err != nil:
		return nil, err
	}
	b.store.marked.Store(b.name, true)
	return info, err
}

// newInfo describes the bucket that CreateBucket creates.
func (b *bucket) newInfo(opts storage.Options) *storage.BucketInfo {
	meta, _ := opts.StringMap(storage.OptMetadata)
	return &storage.BucketInfo{Name: b.name, CreatedAt: now(), Public: opts.Bool(storage.OptPublic, false), Metadata: meta}
}

// putAbsent puts a blob if there is none. It does without the guard of an engine that
// has none: the caller holds store.mu.
func (b *bucket) putAbsent(ctx context.Context, key string, text []byte) error {
	body, err := b.store.receive(ctx, bytes.NewReader(text), int64(len(text)), nil)
	if err != nil {
		return err
	}
	defer body.Close()
	put := func(guard Guard) error {
		_, err := b.store.engine.Put(ctx, key, body, Header{ContentType: "application/json", ETag: body.etag()}, guard)
		return err
	}
	err = put(Guard{Absent: true})
	if !errors.Is(err, storage.ErrUnsupported) {
		return err
	}
	_, err = b.store.engine.Head(ctx, key)
	switch {
	case err == nil:
		return storage.ErrPrecondition
	case errors.Is(err, storage.ErrNotExist):
		return put(Guard{})
	}
	return err
}

// remove deletes the bucket.
func (b *bucket) remove(ctx context.Context, force bool) error {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if _, err := b.info(ctx); err != nil {
		return err
	}
	found, err := b.holds(ctx, "")
	if err == nil && found && !force {
		err = fmt.Errorf("%w: the bucket holds objects", storage.ErrPermission)
	}
	if err == nil && force { // else an object that is written now stays
		_, err = b.deleteAll(ctx, "", true)
	}
	if err == nil {
		err = b.abortAll(ctx)
	}
	if err != nil {
		return err
	}
	if b.store.buckets != nil {
		return b.store.buckets.DeleteBucket(ctx, b.name)
	}
	b.store.marked.Delete(b.name)
	return ignoreNotExist(b.store.engine.Delete(ctx, markers+b.name, Guard{}))
}

// abortAll ends the uploads in the bucket.
func (b *bucket) abortAll(ctx context.Context) error {
	e, ok := b.store.engine.(Multipart)
	if !ok {
		return nil
	}
	uploads, err := e.Uploads(ctx, b.name+"/")
	for _, up := range uploads {
		if err == nil {
			err = ignoreNotExist(e.Abort(ctx, *up))
		}
	}
	return err
}

func ignoreNotExist(err error) error {
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	return err
}

func now() time.Time { return time.Now().UTC().Round(0) }
