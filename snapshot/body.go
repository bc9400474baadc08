package snapshot

import "strings"

// maxLeaf is the length of the longest leaf that is collected from buffers, in
// bytes.
const maxLeaf = 1 << 20

// body collects content in leaves. They get longer as the content does, so that at
// most as much memory is reserved as has been written.
type body struct {
	full []content
	size int64 // of those
	last strings.Builder
	room int // of last, whatever the allocator adds
}

// write copies p. size is the length of the whole content, negative if unknown.
func (b *body) write(p []byte, size int64) {
	for len(p) > 0 {
		if b.last.Len() == b.room {
			b.grow(len(p), size)
		}
		n := min(len(p), b.room-b.last.Len())
		b.last.Write(p[:n])
		p = p[n:]
	}
}

// grow begins another leaf, for n bytes that are there or more.
func (b *body) grow(n int, size int64) {
	if b.room > 0 {
		b.full = append(b.full, b.leaf())
		b.size += int64(b.room)
		b.last.Reset()
	}
	b.room = max(n, int(min(b.size, maxLeaf)))
	if size >= 0 {
		b.room = int(min(int64(b.room), size-b.size))
	}
	b.last.Grow(b.room)
}

// leaf returns the last leaf, without the room that it did not need.
func (b *body) leaf() content {
	if b.last.Len() < b.room {
		return content{leaf: strings.Clone(b.last.String())}
	}
	return content{leaf: b.last.String()}
}

// content returns the bytes that were written.
func (b *body) content() content {
	if len(b.full) == 0 {
		return b.leaf()
	}
	return join(append(b.full, b.leaf()))
}
