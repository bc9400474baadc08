package tree

import (
	"iter"
	"strings"
	"sync/atomic"

	"github.com/benbjohnson/immutable"
)

// pages are the pages of a directory whose names do not fit on one, as the leaves of
// a B-tree: a branch holds them or, once they did not fit on one, branches in a
// SortedMap. Each page and each branch lies under a lower bound of its names, the
// first under "", so every name has one page, whether it is there or not: the last
// one whose bound is not after it.
type pages[T any] struct {
	only     *branch[T] // nil if there are many
	branches *sortedBranches[T]
	ranks    atomic.Pointer[ranks[T]] // nil until skipping builds it
	steps    atomic.Int64             // pages that were skipped
}

type (
	// branch is a page whose values are pages, each under its bound. The bound of
	// the first is that of the branch.
	branch[T any] = page[*page[T]]

	sortedBranches[T any] = immutable.SortedMap[string, *branch[T]]
	branchIterator[T any] = immutable.SortedMapIterator[string, *branch[T]]
)

func newBranchBuilder[T any]() *immutable.SortedMapBuilder[string, *branch[T]] {
	return immutable.NewSortedMapBuilder[string, *branch[T]](descending{})
}

// descending sorts the bounds in reverse. An iterator's Seek finds the first key
// not before the given one, so it finds the branch of a name, and Prev goes on to
// the branches after it.
type descending struct{}

func (descending) Compare(a, b string) int { return strings.Compare(b, a) }

// find returns the branch and the index in it of the page that has or would have
// name.
func (m *pages[T]) find(name string) (b *branch[T], j int) {
	if b = m.only; b == nil {
		it := m.branches.Iterator()
		it.Seek(name)
		_, b, _ = it.Next()
	}
	j, found := b.search(name)
	if !found {
		j--
	}
	return b, j
}

// after returns an iterator whose Prev returns the branches after the one of name,
// of which there are many.
func (m *pages[T]) after(name string) *branchIterator[T] {
	it := m.branches.Iterator()
	it.Seek(name)
	it.Prev()
	return it
}

// all ranges over the branches in order.
func (m *pages[T]) all() iter.Seq[*branch[T]] {
	return func(yield func(*branch[T]) bool) {
		if m.only != nil {
			yield(m.only)
			return
		}
		it := m.branches.Iterator()
		it.Last()
		for _, b, ok := it.Prev(); ok && yield(b); {
			_, b, ok = it.Prev()
		}
	}
}

// most returns how many pages there can be.
func (m *pages[T]) most() int {
	if m.only != nil {
		return maxPage
	}
	return m.branches.Len() * maxPage
}
