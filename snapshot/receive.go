package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"open-lake.dev/lib/storage"
)

// buffer is what content passes through on its way in and out, so that a
// caller's Reader or Writer never holds the store's own bytes.
type buffer [128 << 10]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// admitter says whether so many bytes may be kept, as [Head.Admit] does.
type admitter interface{ Admit(bytes int64) error }

// receive reads a body without a lock: size bytes of src, or all if size < 0
// (O1). Memory grows with what has come, not with what was announced. admit is
// asked with the bytes so far and may end it. The digests are those opts ask for.
func receive(ctx context.Context, src io.Reader, size int64, admit admitter, opts storage.Options) (content, etag, storage.Hashes, error) {
	r := receiver{ctx: ctx, size: size, admit: admit}
	err := r.digest.start(opts)
	if err == nil {
		err = admit.Admit(max(size, 0))
	}
	switch {
	case err != nil:
	case src == nil:
		err = fmt.Errorf("%w: the source is nil", storage.ErrInvalid)
	default:
		if m := inMemory(src); m != nil && m.Len() > len(buffer{}) {
			w := &writer{r}
			_, err = m.WriteTo(w)
			return w.finish(err)
		}
		err = r.read(src)
	}
	return r.finish(err)
}

// receiver takes in a body.
type receiver struct {
	ctx    context.Context
	size   int64 // of the whole, negative if unknown
	admit  admitter
	digest digest
	body   body
	total  int64
}

// finish returns what has come, unless reading it ended with an error.
func (r *receiver) finish(err error) (content, etag, storage.Hashes, error) {
	switch {
	case err != nil && err != errEnough:
	case r.total < r.size:
		err = fmt.Errorf("%w: got %d of %d bytes", io.ErrUnexpectedEOF, r.total, r.size)
	default:
		err = r.ctx.Err()
	}
	if err != nil {
		return content{}, etag{}, nil, err
	}
	hash, err := r.digest.finish()
	return r.body.content(), etag{sum: r.digest.sum.Sum64()}, hash, err
}

// wanted returns the beginning of p that the body and a buffer have room for.
func (r *receiver) wanted(p []byte) []byte {
	n := min(len(p), len(buffer{}))
	if r.size >= 0 {
		n = int(min(int64(n), r.size-r.total))
	}
	return p[:n]
}

// take takes in p, a buffer or, at the end, less.
func (r *receiver) take(p []byte) error {
	r.total += int64(len(p))
	if err := r.admit.Admit(r.total); err != nil {
		return err
	}
	r.digest.write(p)
	r.body.write(p, r.size)
	return nil
}

// read reads src by way of a buffer, which src may do with what it likes.
func (r *receiver) read(src io.Reader) error {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for r.total != r.size {
		n, err := fill(r.ctx, src, r.wanted(buf[:]))
		if err != nil && err != io.EOF {
			return err
		}
		if n > 0 {
			if err := r.take(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
	}
	return nil
}

// memory is a source that holds its bytes and, by WriteTo, hands them all to one
// Write. So they are copied once, and not by way of a buffer.
type memory interface {
	io.WriterTo
	Len() int
}

// inMemory returns src if it is known to be one, else nil.
func inMemory(src io.Reader) memory {
	switch src := src.(type) {
	case *bytes.Reader:
		return src
	case *bytes.Buffer:
		return src
	}
	return nil
}

// writer is a receiver that is written to. It wants all or, if the body is whole
// before, ends with errEnough.
type writer struct{ receiver }

var errEnough = errors.New("the body is whole")

func (w *writer) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if w.total == w.size {
			return n, errEnough
		}
		if err := w.ctx.Err(); err != nil {
			return n, err
		}
		next := w.wanted(p[n:])
		if err := w.take(next); err != nil {
			return n, err
		}
		n += len(next)
	}
	return n, nil
}

// maxLeaf is how long a leaf of received content is at most, in bytes.
const maxLeaf = 1 << 20

// body collects content. Its leaves get longer with it, so that there is never
// room for more than twice of what has come.
type body struct {
	full []content
	size int64 // of those
	last strings.Builder
	room int // in it, whatever the allocator adds
}

// write copies p: a buffer or, at the end, less. size is that of the whole,
// negative if unknown.
func (b *body) write(p []byte, size int64) {
	if b.last.Len() == b.room {
		if b.room > 0 {
			b.full = append(b.full, b.leaf())
			b.size += int64(b.room)
			b.last.Reset()
		}
		b.room = max(len(p), int(min(b.size, maxLeaf)))
		if size >= 0 {
			b.room = int(min(int64(b.room), size-b.size))
		}
		b.last.Grow(b.room)
	}
	b.last.Write(p)
}

// leaf returns the last leaf, without the room that it did not need.
func (b *body) leaf() content {
	if b.last.Len() < b.room {
		return content{leaf: strings.Clone(b.last.String())}
	}
	return content{leaf: b.last.String()}
}

// content returns what was written.
func (b *body) content() content {
	if len(b.full) == 0 {
		return b.leaf()
	}
	return join(append(b.full, b.leaf()))
}

// fill reads until p is full or src ends, which is io.EOF.
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
		case err != nil && n < len(p):
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
