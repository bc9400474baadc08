package tree

import "sort"

// ranks finds a name by its rank, which is the number of names before it, and the
// rank of a name.
type ranks[T any] struct {
	pages  []*page[T]
	before []int // names before each page
	count  int
}

// step counts a page that a skip steps over. Once there have been as many steps as
// there can be pages, it builds the ranks and returns them, so that building them
// costs O(1) per step.
func (m *pages[T]) step() *ranks[T] {
	if r := m.ranks.Load(); r != nil {
		return r
	}
	if m.steps.Add(1) < int64(m.most()) {
		return nil
	}
	r := new(ranks[T])
	for b := range m.all() {
		for _, p := range b.values {
			r.pages = append(r.pages, p)
			r.before = append(r.before, r.count)
			r.count += p.len()
		}
	}
	m.ranks.Store(r)
	return r
}

// rank returns the rank that name, which is not before the first, has or would
// have.
func (r *ranks[T]) rank(name string) int {
	n := sort.Search(len(r.pages), func(i int) bool { return r.pages[i].names[0] > name }) - 1
	i, _ := r.pages[n].search(name)
	return r.before[n] + i
}

// locate returns the page of the name with a rank and its index there, the end of
// the last page for the rank after all names.
func (r *ranks[T]) locate(rank int) (p *page[T], i int) {
	n := sort.SearchInts(r.before, rank+1) - 1
	return r.pages[n], rank - r.before[n]
}
