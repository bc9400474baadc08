package tree

import "sort"

// ranks tells the number of a name among all names, and the name of a number.
type ranks[T any] struct {
	pages  []*page[T]
	before []int // names on the pages before each
	count  int
}

// stepped counts that so many pages were skipped. When there have been as many
// as there are pages it makes the ranks, so making them costs each step O(1).
func (m *pages[T]) stepped(n int) {
	if m.steps.Add(int64(n)) < int64(m.byKey.Len()) {
		return
	}
	r := new(ranks[T])
	it := m.byKey.Iterator()
	for it.Last(); !it.Done(); {
		_, page, _ := it.Prev()
		r.pages = append(r.pages, page)
		r.before = append(r.before, r.count)
		r.count += page.len()
	}
	m.ranks.Store(r)
}

// rank returns how many names are before name, which is not before the first.
func (r *ranks[T]) rank(name string) int {
	p := sort.Search(len(r.pages), func(p int) bool { return r.pages[p].names[0] > name }) - 1
	i, _ := r.pages[p].search(name)
	return r.before[p] + i
}

// name returns the name of rank i.
func (r *ranks[T]) name(i int) string {
	p := sort.SearchInts(r.before, i+1) - 1
	return r.pages[p].names[i-r.before[p]]
}
