package snapshot

import (
	"io"
	"sort"

	"open-lake.dev/lib/storage"
)

// content is immutable bytes: a leaf, or a rope of contents. Copies share it,
// and joining costs a step per part, whatever the parts hold.
type content struct {
	leaf string
	rope *rope // nil for a leaf
}

type rope struct {
	parts []content
	ends  []int64 // where in the whole each part ends
}

// join returns the parts, at least one, one after another. It keeps the slice.
func join(parts []content) content {
	if len(parts) == 1 {
		return parts[0]
	}
	r := &rope{parts: parts, ends: make([]int64, len(parts))}
	var end int64
	for i, part := range parts {
		end += part.size()
		r.ends[i] = end
	}
	return content{rope: r}
}

func (c content) size() int64 {
	if c.rope == nil {
		return int64(len(c.leaf))
	}
	return c.rope.ends[len(c.rope.ends)-1]
}

// at returns the bytes from off, which is within the content, to the end of the
// leaf that holds it.
func (c content) at(off int64) string {
	for c.rope != nil {
		ends := c.rope.ends
		i := sort.Search(len(ends), func(i int) bool { return ends[i] > off })
		if i > 0 {
			off -= ends[i-1]
		}
		c = c.rope.parts[i]
	}
	return c.leaf[off:]
}

// reader reads the section of a content from start to end. It implements
// [io.ReadSeekCloser], [io.ReaderAt] and [io.WriterTo]; offsets count from start.
// ReadAt may be called from any number of goroutines, but not beside Close.
type reader struct {
	content
	start, end int64 // end is negative once r is closed
	off        int64 // of the next Read
}

// section makes r, which is zero, read length bytes from offset on, by rule O4.
func (r *reader) section(c content, offset, length int64) {
	size := c.size()
	offset = min(max(offset, 0), size)
	if length <= 0 || length > size-offset {
		length = size - offset
	}
	r.content = c
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

// copyAt fills p with what lies from off on; io.EOF if that is less.
func (r *reader) copyAt(p []byte, off int64) (n int, err error) {
	end := r.end
	if end < 0 {
		return 0, readError("read", storage.ErrClosed)
	}
	for n < len(p) && off < end {
		run := r.at(off)
		if int64(len(run)) > end-off {
			run = run[:end-off]
		}
		k := copy(p[n:], run)
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Seek sets the offset of the next Read. It may lie past the end.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
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
	switch {
	case r.end < 0:
		return 0, readError("seek", storage.ErrClosed)
	case offset < r.start:
		return 0, readError("seek", storage.ErrInvalid)
	}
	r.off = offset
	return offset - r.start, nil
}

// WriteTo writes what is left to w, by way of a buffer: what w does with the
// bytes it is handed must not reach the content.
func (r *reader) WriteTo(w io.Writer) (n int64, err error) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for {
		k, err := r.Read(buf[:])
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		written, err := w.Write(buf[:k])
		n += int64(written)
		if err == nil && written < k {
			err = io.ErrShortWrite
		}
		if err != nil {
			return n, err
		}
	}
}

// Close ends reading. Closing again is nil.
func (r *reader) Close() error {
	r.end = -1
	return nil
}

func readError(op string, err error) error { return &storage.Error{Op: op, Err: err} }
