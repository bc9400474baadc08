package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"open-lake.dev/lib/storage"
)

// buffer is what content passes through on its way in, unless it lies in memory,
// and out, so that a caller's Reader or Writer never holds the store's own bytes.
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
		if m := inMemory(src, size); m != nil {
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

// read reads src by way of a buffer.
func (r *receiver) read(src io.Reader) error {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for r.total != r.size {
		window := buf[:]
		if r.size >= 0 && r.size-r.total < int64(len(window)) {
			window = window[:r.size-r.total]
		}
		n, err := fill(r.ctx, src, window)
		if err != nil && err != io.EOF {
			return err
		}
		if n > 0 {
			r.total += int64(n)
			if err := r.admit.Admit(r.total); err != nil {
				return err
			}
			r.digest.write(window[:n])
			r.body.write(window[:n], r.size)
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

// inMemory returns src if it is known to be one, and more than a buffer of it is
// wanted; else nil. A strings.Reader would make a copy for its Write.
func inMemory(src io.Reader, size int64) memory {
	var m memory
	switch src := src.(type) {
	case *bytes.Reader:
		m = src
	case *bytes.Buffer:
		m = src
	default:
		return nil
	}
	if most := len(buffer{}); m.Len() <= most || size >= 0 && size <= int64(most) {
		return nil
	}
	return m
}

// writer is a receiver that a memory writes to, once. It is a type of its own, so
// that other receivers need no allocation.
type writer struct{ receiver }

// errEnough is what a source gets that has more bytes than are wanted.
var errEnough = errors.New("the body is whole")

// Write takes in p, or the beginning of it that is wanted. It copies while another
// goroutine digests, which takes as long or longer.
func (w *writer) Write(p []byte) (n int, err error) {
	var enough error
	if w.size >= 0 && int64(len(p)) > w.size {
		p, enough = p[:w.size], errEnough
	}
	w.total = int64(len(p))
	if err := w.admit.Admit(w.total); err != nil {
		return 0, err
	}
	var digesting sync.WaitGroup
	var digestErr error
	digesting.Go(func() { digestErr = eachPiece(w.ctx, p, w.digest.write) })
	err = eachPiece(w.ctx, p, func(piece []byte) { w.body.write(piece, w.total) })
	digesting.Wait()
	if err := cmp.Or(err, digestErr); err != nil {
		return 0, err
	}
	return len(p), enough
}

// maxPiece is how much is taken in between two looks at the context, in bytes. It
// is copied into one leaf; the copying is faster in long runs.
const maxPiece = 4 << 20

// eachPiece hands p to do in pieces, until ctx is done.
func eachPiece(ctx context.Context, p []byte, do func([]byte)) error {
	for piece := range slices.Chunk(p, maxPiece) {
		if err := ctx.Err(); err != nil {
			return err
		}
		do(piece)
	}
	return nil
}

// maxLeaf is how long a leaf gets that is collected from buffers, in bytes.
const maxLeaf = 1 << 20

// body collects content. Its leaves get longer with it, so that there is never
// room for more than twice of what has come.
type body struct {
	full []content
	size int64 // of those
	last strings.Builder
	room int // in it, whatever the allocator adds
}

// write copies p, which is as long each time or, at the end, less. size is that of
// the whole, negative if unknown.
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
