package gocloud

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"gocloud.dev/blob/driver"

	"open-lake.dev/lib/storage"
)

// NewTypedWriter implements [driver.Bucket].
func (b *bucket) NewTypedWriter(ctx context.Context, key, contentType string, opts *driver.WriterOptions) (driver.Writer, error) {
	writeOpts := storage.Options{storage.OptMetadata: metadata(opts)}
	if !b.opts.NoMD5 {
		writeOpts[storage.OptChecksumAlgorithms] = []string{storage.HashMD5}
	}
	if len(opts.ContentMD5) > 0 {
		writeOpts[storage.OptChecksum] = storage.Hashes{storage.HashMD5: hex.EncodeToString(opts.ContentMD5)}
	}
	if opts.IfNotExist {
		writeOpts[storage.OptIfNoneMatch] = "*"
	}
	if err := before(opts.BeforeWrite, writeOpts); err != nil {
		return nil, err
	}
	return &writer{ctx: ctx, store: func(src io.Reader) error {
		_, err := b.store.Write(ctx, b.keys().stored(key), src, -1, contentType, writeOpts)
		return err
	}}, nil
}

// writer is a [driver.Writer] and a [driver.Uploader]. A goroutine runs the store's
// Write, which reads from a pipe what is written here. It ends with Close or with
// the context.
type writer struct {
	ctx    context.Context
	store  func(src io.Reader) error // stores all of src, or nothing
	pipe   *io.PipeWriter            // nil before the first Write
	result func() error              // waits for store to end; nil before it begins
}

func (w *writer) Write(p []byte) (int, error) {
	if w.pipe == nil {
		w.start()
	}
	n, err := w.pipe.Write(p)
	if done := w.ctx.Err(); err != nil && done != nil {
		err = done // the context closed the pipe
	}
	return n, err
}

func (w *writer) start() {
	src, pipe := io.Pipe()
	stop := context.AfterFunc(w.ctx, func() { pipe.CloseWithError(w.ctx.Err()) })
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		defer stop()
		err = w.store(src)
		src.CloseWithError(err) // fails a Write that is under way
	}()
	w.pipe = pipe
	w.result = func() error {
		<-done
		return err
	}
}

// Upload implements [driver.Uploader]. The store reads r directly.
func (w *writer) Upload(r io.Reader) error {
	err := w.store(r)
	w.result = func() error { return err }
	return err
}

// Close stores what was written, unless the context is done. A second Close returns
// the same result.
func (w *writer) Close() error {
	switch {
	case w.pipe != nil:
		w.pipe.CloseWithError(w.ctx.Err()) // nil is io.EOF
	case w.result == nil:
		return w.Upload(strings.NewReader("")) // an empty blob
	}
	return w.result()
}

// Copy implements [driver.Bucket].
func (b *bucket) Copy(ctx context.Context, dstKey, srcKey string, opts *driver.CopyOptions) error {
	copyOpts := storage.Options{}
	if err := before(opts.BeforeCopy, copyOpts); err != nil {
		return err
	}
	srcKey = b.keys().stored(srcKey)
	_, err := b.store.Copy(ctx, b.keys().stored(dstKey), "", srcKey, copyOpts)
	return b.flatten(ctx, "copy", srcKey, err)
}

// Delete implements [driver.Bucket].
func (b *bucket) Delete(ctx context.Context, key string, opts *driver.DeleteOptions) error {
	deleteOpts := storage.Options{}
	if err := before(opts.BeforeDelete, deleteOpts); err != nil {
		return err
	}
	key = b.keys().stored(key)
	return b.flatten(ctx, "delete", key, b.store.Delete(ctx, key, deleteOpts))
}

// SignedURL implements [driver.Bucket].
func (b *bucket) SignedURL(ctx context.Context, key string, opts *driver.SignedURLOptions) (string, error) {
	if opts.ContentType != "" || opts.EnforceAbsentContentType {
		return "", fmt.Errorf("%w: a signed URL that enforces a content type", storage.ErrUnsupported)
	}
	signOpts := storage.Options{}
	if err := before(opts.BeforeSign, signOpts); err != nil {
		return "", err
	}
	return b.store.SignedURL(ctx, b.keys().stored(key), opts.Method, opts.Expiry, signOpts)
}
