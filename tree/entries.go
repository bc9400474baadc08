package tree

import "strings"

// entries is a persistent sorted map from the names in one directory to T. It is
// a B+tree: a leaf is one page of names; a branch is a page of entries, each
// stored under a lower bound of its names. The first bound of a branch may be too
// high and is not looked at: lower names belong to its first entries, too.
//
// A write copies one page per level and shares the others. So two versions that
// hold the same leaf, compared by address, agree on all its names.
type entries[T any] struct {
	leaf   *page[T]          // nil in a branch and if there are no names
	branch *page[entries[T]] // nil in a leaf
	count  int               // names
}

func leafOf[T any](p *page[T]) entries[T] { return entries[T]{leaf: p, count: p.len()} }

func branchOf[T any](p *page[entries[T]]) (e entries[T]) {
	if p == nil {
		return e
	}
	e.branch = p
	for i := range p.values {
		e.count += p.values[i].count
	}
	return e
}

func (e entries[T]) get(name string) (value T, ok bool) {
	for e.branch != nil {
		e = e.branch.values[e.branch.floor(name)]
	}
	i, ok := e.leaf.search(name)
	if ok {
		value = e.leaf.values[i]
	}
	return value, ok
}

// set returns e with the value of name set. It keeps a copy of the name.
func (e entries[T]) set(name string, value T) entries[T] {
	left, right := e.setSplit(name, value)
	if right.count == 0 {
		return left
	}
	var root *page[entries[T]]
	return branchOf(root.insert(0, "", left).insert(1, right.bound(), right))
}

// setSplit is set, with a second part if the pages had to be split.
func (e entries[T]) setSplit(name string, value T) (left, right entries[T]) {
	if e.branch == nil {
		i, found := e.leaf.search(name)
		if found {
			return leafOf(e.leaf.with(i, value)), right
		}
		l, r := e.leaf.insert(i, strings.Clone(name), value).split(i, maxLeaf)
		return leafOf(l), leafOf(r)
	}
	i := e.branch.floor(name)
	left, right = e.branch.values[i].setSplit(name, value)
	p := e.branch.with(i, left)
	if right.count == 0 {
		return branchOf(p), right
	}
	l, r := p.insert(i+1, right.bound(), right).split(i+1, maxBranch)
	return branchOf(l), branchOf(r)
}

// bound returns the lower bound of names that were split off.
func (e entries[T]) bound() string {
	if e.branch != nil {
		return e.branch.names[0]
	}
	return e.leaf.names[0]
}

// delete returns e without name, which it has.
func (e entries[T]) delete(name string) entries[T] {
	if e.branch == nil {
		i, _ := e.leaf.search(name)
		return leafOf(e.leaf.remove(i))
	}
	p := e.branch
	i := p.floor(name)
	rest := p.values[i].delete(name)
	if i+1 < p.len() {
		if joined, ok := rest.join(p.values[i+1], p.names[i+1]); ok {
			p, rest = p.remove(i+1), joined
		}
	}
	if rest.count == 0 {
		p = p.remove(i)
	} else {
		p = p.with(i, rest)
	}
	if p.len() == 1 {
		return p.values[0]
	}
	return branchOf(p)
}

// join returns e followed by next, whose names have the given lower bound, if e
// has become small and both fit on a page with room to grow.
func (e entries[T]) join(next entries[T], bound string) (joined entries[T], ok bool) {
	switch {
	case e.leaf != nil && next.leaf != nil && joinable(e.leaf, next.leaf, maxLeaf):
		return leafOf(e.leaf.join(next.leaf, next.leaf.names[0])), true
	case e.branch != nil && next.branch != nil && joinable(e.branch, next.branch, maxBranch):
		return branchOf(e.branch.join(next.branch, bound)), true
	}
	return joined, false
}

func joinable[T any](p, next *page[T], limit int) bool {
	return p.len() <= limit/4 && p.len()+next.len() <= limit/2
}

// union returns the names of e and o; both decides where they meet. It costs a
// step per name of the smaller.
func (e entries[T]) union(o entries[T], both func(e, o T) T) entries[T] {
	if e.count < o.count {
		return o.union(e, func(o, e T) T { return both(e, o) })
	}
	s := o.all()
	for it, ok := s.peek(); ok; it, ok = s.peek() {
		if old, ok := e.get(it.name); ok {
			it.value = both(old, it.value)
		}
		e = e.set(it.name, it.value)
		s.advance(1)
	}
	return e
}

// rank returns the number of names before name.
func (e entries[T]) rank(name string) (n int) {
	for e.branch != nil {
		i := e.branch.floor(name)
		for _, before := range e.branch.values[:i] {
			n += before.count
		}
		e = e.branch.values[i]
	}
	i, _ := e.leaf.search(name)
	return n + i
}

// locate returns the leaf of the name with a rank and its index there. The rank
// must be less than the count.
func (e entries[T]) locate(rank int) (leaf *page[T], i int) {
	for e.branch != nil {
		i := 0
		for rank >= e.branch.values[i].count {
			rank -= e.branch.values[i].count
			i++
		}
		e = e.branch.values[i]
	}
	return e.leaf, rank
}
