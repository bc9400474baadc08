package tree

import (
	"slices"
	"strings"
)

// page is a run of names in order, at least one, and their values. It never
// changes: what would change it returns another. nil is a page without names.
//
// The two are apart so that a name's search reads names only, and a version
// that differs in a value shares the names.
type page[T any] struct {
	names  []string
	values []T
}

func (p *page[T]) len() int {
	if p == nil {
		return 0
	}
	return len(p.names)
}

// search returns where name is, or would be.
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

// with returns p with another value at i.
func (p *page[T]) with(i int, value T) *page[T] {
	values := slices.Clone(p.values)
	values[i] = value
	return &page[T]{p.names, values}
}

// insert returns p with one name more, at i. It keeps a copy of the name, which
// may be a slice of something large.
func (p *page[T]) insert(i int, name string, value T) *page[T] {
	if p == nil {
		p = new(page[T])
	}
	return &page[T]{insert(p.names, i, strings.Clone(name)), insert(p.values, i, value)}
}

func insert[E any](s []E, i int, e E) []E {
	grown := make([]E, len(s)+1)
	copy(grown, s[:i])
	grown[i] = e
	copy(grown[i+1:], s[i:])
	return grown
}

// remove returns p without the name at i, nil if it was the only one.
func (p *page[T]) remove(i int) *page[T] {
	if p.len() == 1 {
		return nil
	}
	return &page[T]{slices.Concat(p.names[:i], p.names[i+1:]), slices.Concat(p.values[:i], p.values[i+1:])}
}

// cut returns the names before i and the others.
func (p *page[T]) cut(i int) (left, right *page[T]) {
	return &page[T]{slices.Clone(p.names[:i]), slices.Clone(p.values[:i])},
		&page[T]{slices.Clone(p.names[i:]), slices.Clone(p.values[i:])}
}

// join returns p with the names of next, which follow.
func (p *page[T]) join(next *page[T]) *page[T] {
	if p == nil {
		return next
	}
	return &page[T]{slices.Concat(p.names, next.names), slices.Concat(p.values, next.values)}
}
