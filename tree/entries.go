package tree

import "strings"

// entries is a persistent sorted map from the names in one directory to T. The
// names lie on one page if they fit, otherwise on the pages of a B-tree.
//
// A write replaces one page and shares the others. So two versions that hold the
// same page, compared by address, agree on all its names.
type entries[T any] struct {
	page  *page[T]  // nil if there are no names or many pages
	many  *pages[T] // at least two pages, none of them empty
	count int       // names
}

func onePage[T any](p *page[T]) (e entries[T]) {
	if p.len() == 0 {
		return e
	}
	return entries[T]{page: p, count: p.len()}
}

func oneBranch[T any](b *branch[T], count int) entries[T] {
	if b.len() == 1 {
		return onePage(b.values[0])
	}
	return entries[T]{many: &pages[T]{only: b}, count: count}
}

func manyBranches[T any](all []*branch[T], count int) entries[T] {
	if len(all) == 1 {
		return oneBranch(all[0], count)
	}
	b := newBranchBuilder[T]()
	for _, branch := range all {
		b.Set(branch.names[0], branch)
	}
	return sortedEntries(b.Map(), count)
}

func sortedEntries[T any](branches *sortedBranches[T], count int) entries[T] {
	return entries[T]{many: &pages[T]{branches: branches}, count: count}
}

func (e entries[T]) get(name string) (value T, ok bool) {
	p := e.page
	if e.many != nil {
		b, j := e.many.find(name)
		p = b.values[j]
	}
	i, ok := p.search(name)
	if ok {
		value = p.values[i]
	}
	return value, ok
}

// place is the position of a name, or its insertion point: index i of page j of the
// branch.
type place[T any] struct {
	name   string
	branch *branch[T] // nil if there are not many pages
	j      int
	page   *page[T]
	i      int
	found  bool
}

func (e entries[T]) find(name string) place[T] {
	p := place[T]{name: name, page: e.page}
	if e.many != nil {
		p.branch, p.j = e.many.find(name)
		p.page = p.branch.values[p.j]
	}
	p.i, p.found = p.page.search(name)
	return p
}

// value returns the value at p, and whether there is one.
func (p *place[T]) value() (value T, ok bool) {
	if p.found {
		value = p.page.values[p.i]
	}
	return value, p.found
}

// set returns e with the value at p set. It keeps a copy of the name.
func (e entries[T]) set(p place[T], value T, c change) entries[T] {
	if p.found {
		return e.replace(p, p.page.with(p.i, value, c), e.count, c)
	}
	grown := p.page.insert(p.i, strings.Clone(p.name), value, c)
	if grown.len() <= maxPage {
		return e.replace(p, grown, e.count+1, c)
	}
	left, right := grown.split(p.i, c)
	if e.many == nil {
		return oneBranch(newPage([]string{"", right.names[0]}, []*page[T]{left, right}, c), e.count+1)
	}
	b := p.branch.insert(p.j+1, right.names[0], right, c)
	b.values[p.j] = left // b is new, or the change's own
	if b.len() <= maxPage {
		return e.replaceBranch(p.branch, b, e.count+1)
	}
	first, second := b.split(p.j+1, c)
	if e.many.only != nil {
		return manyBranches([]*branch[T]{first, second}, e.count+1)
	}
	return sortedEntries(e.many.branches.Set(first.names[0], first).Set(second.names[0], second), e.count+1)
}

// replace returns e, which then has count names, with another page at p, or with
// that page if it was changed in place.
func (e entries[T]) replace(p place[T], page *page[T], count int, c change) entries[T] {
	switch {
	case e.many == nil:
		return onePage(page)
	case page != p.page:
		return e.replaceBranch(p.branch, p.branch.with(p.j, page, c), count)
	}
	return e.changed(count)
}

// replaceBranch is replace for a branch.
func (e entries[T]) replaceBranch(old, b *branch[T], count int) entries[T] {
	switch {
	case e.many.only != nil && (b != old || b.len() == 1):
		return oneBranch(b, count)
	case b != old:
		return sortedEntries(e.many.branches.Set(b.names[0], b), count)
	}
	return e.changed(count)
}

// changed returns e, one of whose pages was changed in place, with count names. The
// ranks are those of the names before.
func (e entries[T]) changed(count int) entries[T] {
	e.many.steps.Store(0)
	e.many.ranks.Store(nil)
	e.count = count
	return e
}

// delete returns e without the name at p, where there is one.
func (e entries[T]) delete(p place[T], c change) entries[T] {
	rest := p.page.remove(p.i, c)
	if e.many == nil || rest.len() > maxPage/4 {
		return e.replace(p, rest, e.count-1, c)
	}
	if rest.len() == 0 && p.branch.len() == 1 {
		return e.withoutBranch(p.branch, c)
	}
	return e.replaceBranch(p.branch, joined(p.branch.with(p.j, rest, c), p.j, c), e.count-1)
}

// joined returns b, which is new or the change's own, with page j, which is small, joined with a
// neighbour if that leaves room to grow, and at any rate if it is empty.
func joined[T any](b *branch[T], j int, c change) *branch[T] {
	for _, first := range []int{j, j - 1} {
		if first < 0 || first+1 == b.len() {
			continue
		}
		left, right := b.values[first], b.values[first+1]
		if n := left.len() + right.len(); n <= maxPage/2 || b.values[j].len() == 0 {
			b.values[first] = left.join(right, c)
			return b.remove(first+1, c)
		}
	}
	return b
}

// withoutBranch returns e, which has many branches, without b, whose last name is gone.
// The one after the first becomes the first.
func (e entries[T]) withoutBranch(b *branch[T], c change) entries[T] {
	branches := e.many.branches.Delete(b.names[0])
	if b.names[0] == "" {
		bound, next, _ := e.many.after("").Prev()
		branches = branches.Delete(bound).Set("", next.renamed(0, "", c))
	}
	if branches.Len() == 1 {
		only, _ := branches.Get("")
		return oneBranch(only, e.count-1)
	}
	return sortedEntries(branches, e.count-1)
}

// union returns the names of e and o; both decides where they meet. It costs a
// step per name of the smaller, or a much cheaper one per name of both.
func (e entries[T]) union(o entries[T], both func(e, o T) T) entries[T] {
	switch {
	case e.count < o.count:
		return o.union(e, func(o, e T) T { return both(e, o) })
	case e.count < 8*o.count:
		return e.merge(o, both)
	}
	c := change{by: new(Owner)}
	s := o.all()
	for it, ok := s.peek(); ok; it, ok = s.peek() {
		p := e.find(it.name)
		if old, ok := p.value(); ok {
			it.value = both(old, it.value)
		}
		e = e.set(p, it.value, c)
		s.advance(1)
	}
	return e
}

// merge is union by walking both.
func (e entries[T]) merge(o entries[T], both func(e, o T) T) entries[T] {
	var f filling[T]
	s, t := e.all(), o.all()
	for {
		a, inE := s.peek()
		b, inO := t.peek()
		switch {
		case !inE && !inO:
			return f.entries()
		case !inO || inE && a.name < b.name:
			f.add(a.name, a.value)
			s.advance(1)
		case !inE || b.name < a.name:
			f.add(b.name, b.value)
			t.advance(1)
		default:
			f.add(a.name, both(a.value, b.value))
			s.advance(1)
			t.advance(1)
		}
	}
}
