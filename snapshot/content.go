package snapshot

import "sort"

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
	leaf, off := c.leafAt(off)
	return leaf[off:]
}

// leafAt returns the leaf that holds the byte at off, which is within the content,
// and where in the leaf that is.
func (c content) leafAt(off int64) (leaf string, at int64) {
	for c.rope != nil {
		ends := c.rope.ends
		i := sort.Search(len(ends), func(i int) bool { return ends[i] > off })
		if i > 0 {
			off -= ends[i-1]
		}
		c = c.rope.parts[i]
	}
	return c.leaf, off
}
