package tree

import (
	"strings"
	"sync/atomic"

	"github.com/benbjohnson/immutable"
)

// maxPage is how many names a page holds at most. Larger pages make skipping
// and finding cheaper and writing dearer, since a write copies one page.
const maxPage = 64

// names is a persistent sorted map from the names in one directory to T.
//
// The names lie in pages: one if they fit, else many, and a SortedMap finds a
// page by the key from which on it holds every name; the first page has the key
// "". A write replaces one page, so versions share all others, and two versions
// that hold the same page, told by its address, agree on every name in it.
type names[T any] struct {
	page  *page[T]  // if all fit on one
	many  *pages[T] // else, and then there are at least two
	count int
}

// pages are the pages of names that do not fit on one.
type pages[T any] struct {
	byKey *immutable.SortedMap[string, *page[T]]
	ranks atomic.Pointer[ranks[T]] // nil until skipping makes it
	steps atomic.Int64             // pages that were skipped
}

// descending keeps the last page first, so that an iterator's Seek, which finds
// the first key not before the wanted one, finds the page that a name belongs
// to, and its Prev goes on to higher names.
type descending struct{}

func (descending) Compare(a, b string) int { return strings.Compare(b, a) }

func onePage[T any](p *page[T]) names[T] { return names[T]{page: p, count: p.len()} }

func manyPages[T any](byKey *immutable.SortedMap[string, *page[T]], count int) names[T] {
	return names[T]{many: &pages[T]{byKey: byKey}, count: count}
}

// place is where in names one is, or would be: at i of the page with the key.
type place[T any] struct {
	key   string
	page  *page[T]
	i     int
	found bool
}

func (s names[T]) find(name string) (p place[T]) {
	p.page = s.page
	if s.many != nil {
		it := s.many.byKey.Iterator()
		it.Seek(name)
		p.key, p.page, _ = it.Next()
	}
	p.i, p.found = p.page.search(name)
	return p
}

// value returns what is at p, and whether there is anything.
func (p place[T]) value() (value T, ok bool) {
	if p.found {
		value = p.page.values[p.i]
	}
	return value, p.found
}

func (s names[T]) get(name string) (value T, ok bool) { return s.find(name).value() }

// set returns s with a value at p, the place of name.
func (s names[T]) set(p place[T], name string, value T) names[T] {
	if p.found {
		return s.replace(p.key, p.page.with(p.i, value), s.count)
	}
	grown := p.page.insert(p.i, name, value)
	if grown.len() <= maxPage {
		return s.replace(p.key, grown, s.count+1)
	}
	half := grown.len() / 2
	if p.i == grown.len()-1 {
		half = p.i // names that come in order fill their pages
	}
	left, right := grown.cut(half)
	byKey := immutable.NewSortedMap[string, *page[T]](descending{})
	if s.many != nil {
		byKey = s.many.byKey
	}
	return manyPages(byKey.Set(p.key, left).Set(right.names[0], right), s.count+1)
}

// replace returns s with another page at key, and so many names.
func (s names[T]) replace(key string, p *page[T], count int) names[T] {
	if s.many == nil {
		return onePage(p)
	}
	return manyPages(s.many.byKey.Set(key, p), count)
}

// delete returns s without what is at p. A page that gets small takes in the
// next one, so that pages stay few.
func (s names[T]) delete(p place[T]) names[T] {
	rest := p.page.remove(p.i)
	if s.many == nil {
		return onePage(rest)
	}
	byKey := s.many.byKey
	if rest.len() <= maxPage/4 {
		behind := byKey.Iterator()
		behind.Seek(p.key)
		behind.Prev()
		nextKey, next, ok := behind.Prev()
		if ok && (rest == nil || rest.len()+next.len() <= maxPage/2) {
			byKey, rest = byKey.Delete(nextKey), rest.join(next)
		}
	}
	if rest == nil {
		byKey = byKey.Delete(p.key)
	} else {
		byKey = byKey.Set(p.key, rest)
	}
	if byKey.Len() == 1 {
		last, _ := byKey.Get("")
		return onePage(last)
	}
	return manyPages(byKey, s.count-1)
}

// union returns the names of s and o; both decides where they meet. It costs a
// step per name of the smaller.
func (s names[T]) union(o names[T], both func(s, o T) T) names[T] {
	if s.count < o.count {
		return o.union(s, func(o, s T) T { return both(s, o) })
	}
	c := o.from("", "")
	for e, ok := c.head(); ok; e, ok = c.head() {
		p := s.find(e.name)
		if old, ok := p.value(); ok {
			e.value = both(old, e.value)
		}
		s = s.set(p, e.name, e.value)
		c.drop(1)
	}
	return s
}
