package tree

import "strings"

// entries is a persistent sorted map from the names in one directory to T. The
// names lie on one page if they fit, otherwise on the pages of a SortedMap.
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

func manyPages[T any](byBound *sortedPages[T], count int) entries[T] {
	return entries[T]{many: &pages[T]{byBound: byBound}, count: count}
}

// pageOf returns the page that has or would have name, and its bound.
func (e entries[T]) pageOf(name string) (bound string, p *page[T]) {
	if e.many == nil {
		return "", e.page
	}
	return e.many.pageOf(name)
}

func (e entries[T]) get(name string) (value T, ok bool) {
	_, p := e.pageOf(name)
	i, ok := p.search(name)
	if ok {
		value = p.values[i]
	}
	return value, ok
}

// place is the position of a name, or its insertion point: index i of the page
// stored under bound.
type place[T any] struct {
	name  string
	bound string
	page  *page[T]
	i     int
	found bool
}

func (e entries[T]) find(name string) place[T] {
	p := place[T]{name: name}
	p.bound, p.page = e.pageOf(name)
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
		return e.replace(p, p.page.with(p.i, value, c), e.count)
	}
	grown := p.page.insert(p.i, strings.Clone(p.name), value, c)
	if grown.len() <= maxPage {
		return e.replace(p, grown, e.count+1)
	}
	left, right := grown.split(p.i, c)
	byBound := newSortedPages[T]()
	if e.many != nil {
		byBound = e.many.byBound
	}
	return manyPages(byBound.Set(p.bound, left).Set(right.names[0], right), e.count+1)
}

// replace returns e, which then has count names, with another page at p, or with
// that page if it was changed in place.
func (e entries[T]) replace(p place[T], page *page[T], count int) entries[T] {
	switch {
	case e.many == nil:
		return onePage(page)
	case page != p.page:
		return manyPages(e.many.byBound.Set(p.bound, page), count)
	}
	e.count = count
	return e
}

// delete returns e without the name at p, where there is one. A page that becomes
// small is joined with the next one if that leaves room to grow.
func (e entries[T]) delete(p place[T], c change) entries[T] {
	rest := p.page.remove(p.i, c)
	if e.many == nil || rest.len() > maxPage/4 {
		return e.replace(p, rest, e.count-1)
	}
	byBound := e.many.byBound
	bound, next, ok := e.many.after(p.bound).Prev()
	switch {
	case ok && (rest.len() == 0 || rest.len()+next.len() <= maxPage/2):
		byBound = byBound.Delete(bound).Set(p.bound, rest.join(next, c))
	case rest.len() == 0:
		byBound = byBound.Delete(p.bound)
	default:
		return e.replace(p, rest, e.count-1)
	}
	if byBound.Len() == 1 {
		first, _ := byBound.Get("")
		return onePage(first)
	}
	return manyPages(byBound, e.count-1)
}

// union returns the names of e and o; both decides where they meet. It costs a
// step per name of the smaller.
func (e entries[T]) union(o entries[T], both func(e, o T) T) entries[T] {
	if e.count < o.count {
		return o.union(e, func(o, e T) T { return both(e, o) })
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
