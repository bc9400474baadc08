package tree

import "slices"

// maxPage is the largest number of names on a page. Larger pages make lookups and
// skipping cheaper and writes dearer, since a write copies one page. The names of a full
// page fill a size class of the allocator, and so does the page with its values.
const maxPage = 48

// page is a run of names in order, each with a value. A page is immutable: its
// methods return changed copies, or the page itself if the change owns it. The nil
// page has no names.
//
// Names and values are separate slices, so that a search touches names only and
// a version that differs in a value shares the names. So an owner changes names in
// place only if the slice has room to spare: then it made them.
type page[T any] struct {
	names  []string
	values []T
	owner  *Owner
}

func (p *page[T]) len() int {
	if p == nil {
		return 0
	}
	return len(p.names)
}

// search returns the index of name, or where to insert it.
func (p *page[T]) search(name string) (i int, found bool) {
	lo, hi := 0, p.len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.names[mid] < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < p.len() && p.names[lo] == name
}

// copied returns a copy of p that shares its names.
func (p *page[T]) copied(c change) *page[T] { return newPage(slices.Clip(p.names), p.values, c) }

// with returns p with another value at i.
func (p *page[T]) with(i int, value T, c change) *page[T] {
	if !c.owns(p.owner) {
		p = p.copied(c)
	}
	p.values[i] = value
	return p
}

// insert returns p with a name and its value inserted at i.
func (p *page[T]) insert(i int, name string, value T, c change) *page[T] {
	if p == nil {
		p = new(page[T])
	}
	if !c.owns(p.owner) {
		q := emptyPage[T](p.len()+1, c)
		q.names = slices.Concat(p.names[:i], []string{name}, p.names[i:])
		q.values = append(append(append(q.values, p.values[:i]...), value), p.values[i:]...)
		return q
	}
	if len(p.values) == cap(p.values) {
		q := emptyPage[T](p.len()+1, c)
		q.names, q.values = p.names, append(q.values, p.values...)
		p = q
	}
	p.names, p.values = slices.Insert(p.names, i, name), slices.Insert(p.values, i, value)
	return p
}

// remove returns p without the name at i.
func (p *page[T]) remove(i int, c change) *page[T] {
	if !c.owns(p.owner) {
		p = p.copied(c)
	}
	p.values = slices.Delete(p.values, i, i+1)
	if cap(p.names) > len(p.names) {
		p.names = slices.Delete(p.names, i, i+1)
	} else {
		p.names = slices.Concat(p.names[:i], p.names[i+1:])
	}
	return p
}

// renamed returns p with another name at i, which keeps the order.
func (p *page[T]) renamed(i int, name string, c change) *page[T] {
	if !c.owns(p.owner) {
		p = p.copied(c)
	}
	p.names = slices.Clone(p.names)
	p.names[i] = name
	return p
}

// split returns two halves of p. The name at i was inserted last. At the end of
// the page it starts the next one alone, so that names inserted in order fill
// their pages.
func (p *page[T]) split(i int, c change) (left, right *page[T]) {
	half := p.len() / 2
	if i == p.len()-1 {
		half = i
	}
	return newPage(slices.Clone(p.names[:half]), p.values[:half], c),
		newPage(slices.Clone(p.names[half:]), p.values[half:], c)
}

// join returns p followed by next.
func (p *page[T]) join(next *page[T], c change) *page[T] {
	return newPage(slices.Concat(p.names, next.names), slices.Concat(p.values, next.values), c)
}
