package snapshot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"open-lake.dev/lib/storage"
)

// received is a body that was read, and its digests.
type received struct {
	content
	etag etag
	hash storage.Hashes
}

// receive reads the body of a write or a part: size bytes of src, or all if size is
// negative (O1). admit is called with the running total, and its error ends the
// body.
func receive(ctx context.Context, src io.Reader, size int64, admit func(bytes int64) error, md5ETag bool, opts storage.Options) (received, error) {
	r := receiver{ctx: ctx, size: size, admit: admit}
	if err := r.digest.start(md5ETag, opts); err != nil {
		return received{}, err
	}
	return r.receive(src)
}

// receiver reads a body. It takes no lock, and allocates as bytes arrive, never from
// size alone.
type receiver struct {
	ctx    context.Context
	size   int64
	admit  func(bytes int64) error
	buf    []byte // to read through, which the source may keep; nil for a new one
	digest digest
	body   body
	shares bool // the content of its source, so body stays empty
	total  int64
}

func (r *receiver) receive(src io.Reader) (received, error) {
	if err := r.admit(max(r.size, 0)); err != nil {
		return received{}, err
	}
	switch {
	case isNil(src) && r.size > 0:
		return received{}, fmt.Errorf("%w: the source is nil", storage.ErrInvalid)
	case isNil(src):
		return r.finish(nil)
	}
	if shared, ok := src.(*reader); ok {
		return r.receiveShared(shared)
	}
	if m := inMemory(src, r.size); m != nil {
		return r.receiveMemory(m)
	}
	return r.finish(r.read(src))
}

// finish returns the body, unless reading it ended with an error.
func (r *receiver) finish(err error) (received, error) {
	switch {
	case err != nil:
	case r.total < r.size:
		err = fmt.Errorf("%w: got %d of %d bytes", io.ErrUnexpectedEOF, r.total, r.size)
	default:
		err = r.ctx.Err()
	}
	if err != nil {
		return received{}, err
	}
	hash, err := r.digest.finish()
	return received{r.body.content(), r.digest.etag(), hash}, err
}

// read reads src through a buffer.
func (r *receiver) read(src io.Reader) error {
	buf, pooled := r.buffer(src)
	if pooled != nil {
		defer buffers.Put(pooled)
	}
	for r.total != r.size {
		window := buf
		if r.size >= 0 && r.size-r.total < int64(len(window)) {
			window = window[:r.size-r.total]
		}
		n, err := fill(r.ctx, src, window)
		if err != nil && err != io.EOF {
			return err
		}
		if err := r.take(window[:n]); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if n == len(buf) && n < maxBuffer {
			buf = make([]byte, min(4*n, maxBuffer))
		}
	}
	return readEnd(src, buf[:0])
}

// take adds bytes to the body.
func (r *receiver) take(p []byte) error {
	r.total += int64(len(p))
	if err := r.admit(r.total); err != nil {
		return err
	}
	r.digest.write(p)
	if !r.shares {
		r.body.write(p, r.size)
	}
	return nil
}

// fill reads until p is full or src ends, which is io.EOF and fewer bytes.
func fill(ctx context.Context, src io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p); {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := src.Read(p[n:])
		if k < 0 || k > len(p)-n {
			return n, fmt.Errorf("%w: the source's Read returned %d for a buffer of %d", storage.ErrInvalid, k, len(p)-n)
		}
		n += k
		switch {
		case err != nil:
			return n, err
		case k > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return n, io.ErrNoProgress
			}
		}
	}
	return n, nil
}

// readEnd reads once more from a source that gave all bytes it should, with an
// empty buffer: it takes nothing, and returns the error of a source that finds one
// at its end, such as the checksum of a gzip stream. A pipe is left alone, since it
// would wait for its writer.
func readEnd(src io.Reader, empty []byte) error {
	if _, isPipe := src.(*io.PipeReader); isPipe || keepsNothing(src) {
		return nil
	}
	if _, err := src.Read(empty); err != io.EOF {
		return err
	}
	return nil
}

// maxBuffer is the size of the largest buffer that content passes through, in
// bytes, and minBuffer the size of the first one for a body of unknown size.
const (
	minBuffer = 4 << 10
	maxBuffer = 128 << 10
)

type buffer [maxBuffer]byte

// buffers holds buffers that no caller's code has seen.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// buffer returns a buffer to read src into, and the pooled buffer that it is, if it
// is one. A source may keep the buffer that it fills, so it gets one that no other
// caller's will.
func (r *receiver) buffer(src io.Reader) (buf []byte, pooled *buffer) {
	size := r.size
	switch {
	case r.buf != nil:
		return r.buf, nil
	case keepsNothing(src):
		pooled = buffers.Get().(*buffer)
		return pooled[:], pooled
	case size < 0:
		size = minBuffer
	}
	return make([]byte, min(size, maxBuffer)), nil
}

// isNil reports whether src is nil, or a nil pointer that cannot be read.
func isNil(src io.Reader) bool {
	switch src := src.(type) {
	case nil:
		return true
	case *bytes.Reader:
		return src == nil
	case *bytes.Buffer:
		return src == nil
	case *strings.Reader:
		return src == nil
	}
	return false
}

// keepsNothing reports whether src is known not to keep a buffer that it fills, and
// to end without an error.
func keepsNothing(src io.Reader) bool {
	switch src.(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader, *reader:
		return true
	}
	return false
}
