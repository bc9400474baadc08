package snapshot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"open-lake.dev/lib/storage"
)

// buffer is what content passes through on its way in and out, so that a
// caller's Reader or Writer never holds the store's own bytes. It is also the
// size of a leaf of long content.
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
		leaves []content
		total  int64
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
			leaves = append(leaves, content{leaf: bytes.Clone(window[:n])})
		}
		if err == io.EOF {
			break
		}
	}
	switch {
	case total < size:
		return content{}, fmt.Errorf("%w: got %d of %d bytes", io.ErrUnexpectedEOF, total, size)
	case total == 0:
		return content{}, nil
	}
	return join(leaves), nil
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
