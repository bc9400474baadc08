package snapshot

import (
	"fmt"
	"io"
	"sync/atomic"

	"open-lake.dev/lib/storage"
)

// reader reads a section of an object's content. It implements [io.ReadSeekCloser],
// [io.ReaderAt] and [io.WriterTo]; offsets count from the start of the section.
// ReadAt may be called from any number of goroutines, and beside Close.
type reader struct {
	object     atomic.Pointer[object] // nil once closed
	start, end int64
	off        int64 // of the next Read
}

// reset makes r, which is zero, read length bytes of o from offset on (O4).
func (r *reader) reset(o *object, offset, length int64) {
	size := o.size()
	offset = min(max(offset, 0), size)
	if length <= 0 || length > size-offset {
		length = size - offset
	}
	r.object.Store(o)
	r.start, r.end, r.off = offset, offset+length, offset
}

// Read copies from the current offset on.
func (r *reader) Read(p []byte) (n int, err error) {
	n, err = r.copyAt(p, r.off)
	r.off += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// ReadAt copies from off on, whatever the current offset is.
func (r *reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, readError("readat", storage.ErrInvalid)
	}
	return r.copyAt(p, r.start+min(off, r.end-r.start))
}

// copyAt fills p with the bytes from off on; io.EOF if there are fewer.
func (r *reader) copyAt(p []byte, off int64) (n int, err error) {
	o := r.object.Load()
	if o == nil {
		return 0, readError("read", storage.ErrClosed)
	}
	for n < len(p) && off < r.end {
		k := copy(p[n:], r.run(o, off))
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// run returns the bytes from off on, which is within the section, to the end of the section
// or of a leaf.
func (r *reader) run(o *object, off int64) string {
	run := o.at(off)
	if int64(len(run)) > r.end-off {
		run = run[:r.end-off]
	}
	return run
}

// Seek sets the offset of the next Read. It may lie past the end.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	if r.object.Load() == nil {
		return 0, readError("seek", storage.ErrClosed)
	}
	switch whence {
	case io.SeekStart:
		offset += r.start
	case io.SeekCurrent:
		offset += r.off
	case io.SeekEnd:
		offset += r.end
	default:
		return 0, readError("seek", storage.ErrInvalid)
	}
	if offset < r.start {
		return 0, readError("seek", storage.ErrInvalid)
	}
	r.off = offset
	return offset - r.start, nil
}

// WriteTo writes the rest to w. If w fails, the next call continues after the bytes
// that w took.
func (r *reader) WriteTo(w io.Writer) (n int64, err error) {
	o := r.object.Load()
	if o == nil {
		return 0, readError("writeto", storage.ErrClosed)
	}
	write := writerOf(w)
	for r.off < r.end {
		run := r.run(o, r.off)
		k, err := write(run)
		if k < 0 || k > len(run) {
			return n, readError("writeto", fmt.Errorf("%w: the writer's Write returned %d for %d bytes", storage.ErrInvalid, k, len(run)))
		}
		r.off += int64(k)
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// writerOf returns a function that writes content to w and never hands it the
// store's own bytes to change. A string cannot be changed; where w takes none, a
// buffer for this w alone stands between.
func writerOf(w io.Writer) func(run string) (int, error) {
	if w, ok := w.(io.StringWriter); ok {
		return func(run string) (int, error) { return checkedWrite(w.WriteString, run) }
	}
	var buf []byte
	return func(run string) (int, error) {
		if buf == nil {
			buf = make([]byte, min(len(run), maxBuffer))
		}
		return checkedWrite(w.Write, buf[:copy(buf, run)])
	}
}

// checkedWrite calls write and makes a short write an error.
func checkedWrite[T string | []byte](write func(T) (int, error), p T) (int, error) {
	n, err := write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// Close ends reading and lets go of the content. Closing again is nil.
func (r *reader) Close() error {
	r.object.Store(nil)
	return nil
}

func readError(op string, err error) error { return &storage.Error{Op: op, Err: err} }
