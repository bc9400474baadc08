package snapshot

import (
	"context"
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

// receive reads a body: size bytes of src, or all if size < 0 (O1). Memory
// grows with what has come, not with what was announced. admit is asked with
// the bytes so far and may end it; d takes them in.
func receive(ctx context.Context, src io.Reader, size int64, admit func(int64) error, d *digest) (content, error) {
	if src == nil {
		return content{}, fmt.Errorf("%w: the source is nil", storage.ErrInvalid)
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	var (
		b     body
		total int64
	)
	for total != size {
		window := buf[:]
		if size >= 0 && size-total < int64(len(window)) {
			window = window[:size-total]
		}
		n, err := fill(ctx, src, window)
		if err != nil && err != io.EOF {
			return content{}, err
		}
		if n > 0 {
			total += int64(n)
			if err := admit(total); err != nil {
				return content{}, err
			}
			d.write(window[:n])
			b.write(window[:n], size)
		}
		if err == io.EOF {
			break
		}
	}
	if total < size {
		return content{}, fmt.Errorf("%w: got %d of %d bytes", io.ErrUnexpectedEOF, total, size)
	}
	return b.content(), nil
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
