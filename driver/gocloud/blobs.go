package gocloud

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"gocloud.dev/blob"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// blobs is an [engine.Engine] over a [blob.Bucket].
type blobs struct {
	b      *blob.Bucket
	prefix int  // length of the prefix of b's keys in the service, if it is known
	owned  bool // Close closes b
	files  bool // b keeps blobs as files; see isFiles

	// mu makes up for fileblob, which replaces the content and the attributes of a
	// blob one after the other. It is held while a blob is changed, and shared while
	// one is opened.
	mu sync.RWMutex
}

// isFiles reports whether b is gocloud.dev's fileblob.
func isFiles(b *blob.Bucket) bool {
	var info os.FileInfo
	return b.As(&info)
}

// Limits implements [engine.Engine].
func (e *blobs) Limits() storage.Limits {
	l := storage.Limits{
		MaxKey:      engine.MaxKey - e.prefix,
		MaxMetadata: 1 << 10,
		BucketName:  engine.BucketName,
		Relaxed: []string{
			storage.RelaxedD1, storage.RelaxedD3, storage.RelaxedD4, storage.RelaxedL1, storage.RelaxedL3,
			storage.RelaxedMove, storage.RelaxedO2, storage.RelaxedO6,
			storage.RelaxedO7Write, storage.RelaxedO7Copy, storage.RelaxedO7Delete,
		},
	}
	if e.files {
		l.MaxName = 200 // of 255, for fileblob adds to them
		l.Relaxed = append(l.Relaxed, storage.RelaxedTwins)
	} else {
		l.TimeResolution = time.Second // that of HTTP's Last-Modified
	}
	return l
}

// Close implements [engine.Engine].
func (e *blobs) Close() error {
	if !e.owned {
		return nil
	}
	return e.b.Close()
}

// changing locks e while a blob is changed, if that is necessary.
func (e *blobs) changing() (unlock func()) {
	if !e.files {
		return func() {}
	}
	e.mu.Lock()
	return e.mu.Unlock
}

// looking locks e while a blob is looked at.
func (e *blobs) looking() (unlock func()) {
	if !e.files {
		return func() {}
	}
	e.mu.RLock()
	return e.mu.RUnlock
}

// Head implements [engine.Engine].
func (e *blobs) Head(ctx context.Context, key string) (*engine.Blob, error) {
	defer e.looking()()
	attrs, err := e.b.Attributes(ctx, key)
	if err != nil {
		return nil, translate(err)
	}
	return describe(key, attrs), nil
}

func describe(key string, attrs *blob.Attributes) *engine.Blob {
	h := engine.Decode(attrs.ContentType, attrs.Metadata)
	if len(attrs.MD5) > 0 {
		h.ETag = hex.EncodeToString(attrs.MD5) // as in a listing
	}
	return &engine.Blob{
		Header:  h,
		Key:     key,
		Size:    attrs.Size,
		Version: strings.Trim(strings.TrimPrefix(attrs.ETag, "W/"), `"`),
		Created: attrs.CreateTime,
		Updated: attrs.ModTime,
	}
}

// Get implements [engine.Engine]. A reader of gocloud.dev does not say which version
// it reads, so the attributes are read before and after it was opened.
func (e *blobs) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, *engine.Blob, error) {
	defer e.looking()()
	before, err := e.b.Attributes(ctx, key)
	for err == nil {
		var r *reading
		if r, err = e.read(ctx, key, offset, length, before.Size); err != nil {
			break
		}
		var after *blob.Attributes
		if after, err = e.b.Attributes(ctx, key); err == nil && after.ETag == before.ETag && after.ModTime.Equal(before.ModTime) {
			return r, describe(key, after), nil
		}
		r.Close()
		before = after
	}
	return nil, nil, translate(err)
}

// read opens a blob of the size. The end of ctx ends the opening only.
func (e *blobs) read(ctx context.Context, key string, offset, length, size int64) (*reading, error) {
	if offset >= size {
		return &reading{cancel: func() {}, r: io.NopCloser(strings.NewReader(""))}, nil
	}
	if length <= 0 {
		length = -1
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	r, err := e.b.NewRangeReader(own, key, offset, length, nil)
	if err != nil {
		stop()
		cancel()
		return nil, cmp.Or(ctx.Err(), err)
	}
	reader := &reading{cancel: cancel, r: r}
	if !stop() { // own is done, too
		reader.Close()
		return nil, ctx.Err()
	}
	return reader, nil
}

// reading is a reader that lets go of the content when it is closed.
type reading struct {
	cancel func()
	r      io.ReadCloser // nil once closed
}

func (r *reading) Read(p []byte) (int, error) {
	if r.r == nil {
		return 0, storage.ErrClosed
	}
	n, err := r.r.Read(p)
	return n, translate(err)
}

func (r *reading) Close() error {
	if r.r == nil {
		return nil
	}
	err := r.r.Close()
	r.cancel()
	r.r = nil
	return translate(err)
}

// Put implements [engine.Engine]. The one guard that gocloud.dev has is that there is
// no blob, and fileblob does not keep it among writers of one moment.
func (e *blobs) Put(ctx context.Context, key string, body *engine.Body, h engine.Header, guard engine.Guard) (*engine.Blob, error) {
	if guard.Version != "" || guard.Absent && e.files {
		return nil, fmt.Errorf("%w: gocloud.dev cannot judge this condition atomically", storage.ErrUnsupported)
	}
	contentType, metadata := h.Encode()
	defer e.changing()()
	err := e.b.Upload(ctx, key, body.Reader(), &blob.WriterOptions{
		ContentType: contentType,
		Metadata:    metadata,
		IfNotExist:  guard.Absent,
		BufferSize:  bufferSize(body.Size()),
	})
	return nil, e.refusal(ctx, key, translate(err))
}

// bufferSize returns the size of a buffer into which a blob fits, so that one request
// uploads it; for a large blob 0, which is that of gocloud.dev's driver. gcsblob would
// allocate 16 MiB even for an empty blob.
func bufferSize(size int64) int {
	if size >= 8<<20 {
		return 0
	}
	return int(size) + 1
}

// Copy implements [engine.Engine]. Services refuse to copy a blob onto itself, or have
// no other header for the copy.
func (e *blobs) Copy(ctx context.Context, dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (*engine.Blob, error) {
	if dst == src.Key || h != nil || guard != (engine.Guard{}) {
		return nil, storage.ErrUnsupported
	}
	defer e.changing()()
	return nil, e.refusal(ctx, dst, translate(e.b.Copy(ctx, dst, src.Key, nil)))
}

// refusal returns ErrExist instead of the error of a file beside a directory of its
// name.
func (e *blobs) refusal(ctx context.Context, key string, err error) error {
	if err == nil || !e.files {
		return err
	}
	if list, _, _ := e.b.ListPage(ctx, blob.FirstPageToken, 1, &blob.ListOptions{Prefix: key + "/"}); len(list) > 0 {
		return fmt.Errorf("%w: a directory has the name", storage.ErrExist)
	}
	for i := strings.LastIndexByte(key, '/'); i > 0; i = strings.LastIndexByte(key[:i], '/') {
		if ok, _ := e.b.Exists(ctx, key[:i]); ok {
			return fmt.Errorf("%w: an object has the name of the directory %q", storage.ErrExist, key[:i])
		}
	}
	return err
}

// Delete implements [engine.Engine]. fileblob would delete an empty directory, too.
func (e *blobs) Delete(ctx context.Context, key string, guard engine.Guard) error {
	if guard != (engine.Guard{}) {
		return storage.ErrUnsupported
	}
	defer e.changing()()
	if e.files {
		if _, err := e.b.Attributes(ctx, key); err != nil {
			return translate(err)
		}
	}
	return translate(e.b.Delete(ctx, key))
}

// List implements [engine.Engine].
func (e *blobs) List(prefix string, o engine.ListOptions) engine.Lister {
	opts := &blob.ListOptions{Prefix: prefix}
	if o.Shallow {
		opts.Delimiter = "/"
	}
	p := &pages{blobs: e, opts: opts, token: blob.FirstPageToken}
	if e.files {
		return p // sorted
	}
	return &byteOrder{Lister: p}
}
