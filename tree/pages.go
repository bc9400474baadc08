package tree

import (
	"strings"
	"sync/atomic"

	"github.com/benbjohnson/immutable"
)

// pages are the pages of a directory whose names do not fit on one. Each is stored
// under a lower bound of its names, the first under "", so every name has one page,
// whether it is there or not: the last one whose bound is not after it.
type pages[T any] struct {
	byBound *sortedPages[T]
	ranks   atomic.Pointer[ranks[T]] // nil until skipping builds it
	steps   atomic.Int64             // pages that were skipped
}

type (
	sortedPages[T any]  = immutable.SortedMap[string, *page[T]]
	pageIterator[T any] = immutable.SortedMapIterator[string, *page[T]]
)

func newSortedPages[T any]() *sortedPages[T] {
	return immutable.NewSortedMap[string, *page[T]](descending{})
}

func newPageBuilder[T any]() *immutable.SortedMapBuilder[string, *page[T]] {
	return immutable.NewSortedMapBuilder[string, *page[T]](descending{})
}

// descending sorts the bounds in reverse. An iterator's Seek finds the first key
// not before the given one, so it finds the page of a name, and Prev goes on to
// the pages after it.
type descending struct{}

func (descending) Compare(a, b string) int { return strings.Compare(b, a) }

// pageOf returns the page of name and its bound.
func (m *pages[T]) pageOf(name string) (bound string, p *page[T]) {
	it := m.byBound.Iterator()
	it.Seek(name)
	bound, p, _ = it.Next()
	return bound, p
}

// after returns an iterator whose Prev returns the pages after the one of name.
func (m *pages[T]) after(name string) *pageIterator[T] {
	it := m.byBound.Iterator()
	it.Seek(name)
	it.Prev()
	return it
}
