package storage

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"sync"
)

// Writer writes an object from one place in a program while its content is made in
// another. Nothing is stored before Close, which stores the whole:
//
//	w := storage.NewWriter(ctx, b, "report.csv", "text/csv", nil)
//	defer w.CloseWithError(nil) // does nothing after Close
//	if err := export(w); err != nil {
//		return err
//	}
//	return w.Close()
//
// A Writer runs a goroutine until it is closed or its context is done, so one of
// the two must happen. Its methods belong to one goroutine at a time, except that
// CloseWithError may be called from any.
type Writer struct {
	ctx         context.Context
	bucket      Bucket
	key         string
	contentType string
	opts        Options

	start sync.Once
	src   *io.PipeReader // of Bucket.Write
	dst   *io.PipeWriter
	done  chan struct{} // closed when Bucket.Write has returned
	obj   *Object
	err   error // of Bucket.Write
}

// NewWriter returns a Writer of the object at key, as [Bucket.Write] with these
// arguments stores it. An error, also of a bad argument, comes from the Writer's
// methods.
func NewWriter(ctx context.Context, b Bucket, key, contentType string, opts Options) *Writer {
	w := &Writer{ctx: ctx, bucket: b, key: key, contentType: contentType, opts: maps.Clone(opts), done: make(chan struct{})}
	w.src, w.dst = io.Pipe()
	return w
}

// errNoWriter is the error of a Writer that NewWriter did not make.
var errNoWriter = fmt.Errorf("%w: a zero Writer; use NewWriter", ErrInvalid)

// Write adds p to the content. If the object cannot be stored it returns the error
// of Bucket.Write, as soon as that is known.
func (w *Writer) Write(p []byte) (int, error) {
	if w.done == nil {
		return 0, w.fail(errNoWriter)
	}
	w.start.Do(w.run)
	n, err := w.dst.Write(p)
	if err == io.ErrClosedPipe { // by one of Close, CloseWithError and the context
		err = w.fail(cmp.Or(w.ctx.Err(), ErrClosed))
	}
	return n, err
}

// Close stores the object and returns the error of Bucket.Write. If the context is
// done, it stores nothing and returns the context's error. Closing again returns
// the same.
func (w *Writer) Close() error {
	if w.done == nil {
		return w.fail(errNoWriter)
	}
	w.start.Do(w.run)
	if w.ctx != nil && w.ctx.Err() != nil {
		w.dst.CloseWithError(w.ctx.Err())
	}
	w.dst.Close()
	<-w.done
	return w.err
}

// CloseWithError ends the Writer and stores nothing. Close then returns the error,
// which is [context.Canceled] if err is nil, and [io.ErrUnexpectedEOF] if it is
// io.EOF. After Close it does nothing. It returns nil.
func (w *Writer) CloseWithError(err error) error {
	if w.done == nil {
		return w.fail(errNoWriter)
	}
	err = cmp.Or(err, context.Canceled)
	if err == io.EOF { // which would end the content, and store it
		err = io.ErrUnexpectedEOF
	}
	w.start.Do(func() { w.finish(nil, w.fail(err)) })
	w.dst.CloseWithError(err)
	<-w.done
	return nil
}

// Object describes the object that Close stored. Before and without that it is nil.
func (w *Writer) Object() *Object {
	select {
	case <-w.done:
		return w.obj
	default:
		return nil
	}
}

// run starts Bucket.Write.
func (w *Writer) run() {
	if w.bucket == nil || w.ctx == nil {
		w.finish(nil, w.fail(fmt.Errorf("%w: the bucket or the context is nil", ErrInvalid)))
		return
	}
	stop := context.AfterFunc(w.ctx, func() { w.dst.CloseWithError(w.ctx.Err()) })
	go func() {
		defer stop()
		w.finish(w.bucket.Write(w.ctx, w.key, w.src, -1, w.contentType, w.opts))
	}()
}

// finish notes what Bucket.Write returned, and makes Write return it.
func (w *Writer) finish(o *Object, err error) {
	w.obj, w.err = o, err
	w.src.CloseWithError(cmp.Or(err, io.ErrClosedPipe))
	close(w.done)
}

func (w *Writer) fail(err error) error {
	e := &Error{Op: "write", Key: w.key, Err: err}
	if w.bucket != nil {
		e.Bucket = w.bucket.Name()
	}
	return e
}
