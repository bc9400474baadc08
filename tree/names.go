package tree

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/benbjohnson/immutable"
)

// maxPage is how many names a page holds at most. Larger pages make skipping
// and finding cheaper and writing dearer, since a write copies one page.
const maxPage = 64

// names is a persistent sorted map from the names in one directory to T.
//
// The names lie in pages, slices in order: one page if they fit, else many, and
// a SortedMap finds a page by the key from which on it holds every name; the
// first page has the key "". Pages are never empty and never change: a write
// copies one page, so versions share all others, and two versions that hold the
// same page, told by its address, agree on every name in it.
type names[T any] struct {
	page  []item[T] // if all fit on one
	many  *pages[T] // else, and then there are at least two
	count int
}

// pages are the pages of names that do not fit on one.
type pages[T any] struct {
	byKey *immutable.SortedMap[string, []item[T]]
	ranks atomic.Pointer[ranks[T]] // nil until skipping makes it
	steps atomic.Int64             // pages that were skipped
}

type item[T any] struct {
	name  string
	value T
}

// descending keeps the last page first, so that an iterator's Seek, which finds
// the first key not before the wanted one, finds the page that a name belongs
// to, and its Prev goes on to higher names.
type descending struct{}

func (descending) Compare(a, b string) int { return strings.Compare(b, a) }

func onePage[T any](page []item[T]) names[T] { return names[T]{page: page, count: len(page)} }

func manyPages[T any](byKey *immutable.SortedMap[string, []item[T]], count int) names[T] {
	return names[T]{many: &pages[T]{byKey: byKey}, count: count}
}

// place is where in names one is, or would be: at i of the page with the key.
type place[T any] struct {
	key   string
	page  []item[T]
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
	p.i, p.found = search(p.page, name)
	return p
}

// value returns what is at p, and whether there is anything.
func (p place[T]) value() (value T, ok bool) {
	if p.found {
		value = p.page[p.i].value
	}
	return value, p.found
}

// search returns where in the page name is, or would be.
func search[T any](page []item[T], name string) (i int, found bool) {
	lo, hi := 0, len(page)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if page[mid].name < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(page) && page[lo].name == name
}

func (s names[T]) get(name string) (value T, ok bool) { return s.find(name).value() }

// set returns s with a value at p, the place of name. It keeps a copy of a new
// name, not the name, which may be a slice of something large.
func (s names[T]) set(p place[T], name string, value T) names[T] {
	if p.found {
		page := slices.Clone(p.page)
		page[p.i].value = value
		return s.replace(p.key, page, s.count)
	}
	grown := make([]item[T], len(p.page)+1)
	copy(grown, p.page[:p.i])
	grown[p.i] = item[T]{strings.Clone(name), value}
	copy(grown[p.i+1:], p.page[p.i:])
	if len(grown) <= maxPage {
		return s.replace(p.key, grown, s.count+1)
	}
	cut := len(grown) / 2
	if p.i == len(grown)-1 {
		cut = p.i // names that come in order fill their pages
	}
	left, right := slices.Clone(grown[:cut]), slices.Clone(grown[cut:])
	byKey := immutable.NewSortedMap[string, []item[T]](descending{})
	if s.many != nil {
		byKey = s.many.byKey
	}
	return manyPages(byKey.Set(p.key, left).Set(right[0].name, right), s.count+1)
}

// replace returns s with another page at key, and so many names.
func (s names[T]) replace(key string, page []item[T], count int) names[T] {
	if s.many == nil {
		return onePage(page)
	}
	return manyPages(s.many.byKey.Set(key, page), count)
}

// delete returns s without what is at p. A page that gets small takes in the
// next one, so that pages stay few.
func (s names[T]) delete(p place[T]) names[T] {
	rest := slices.Concat(p.page[:p.i], p.page[p.i+1:])
	if s.many == nil {
		return onePage(rest)
	}
	byKey := s.many.byKey
	if len(rest) <= maxPage/4 {
		behind := byKey.Iterator()
		behind.Seek(p.key)
		behind.Prev()
		nextKey, page, ok := behind.Prev()
		if ok && (len(rest) == 0 || len(rest)+len(page) <= maxPage/2) {
			byKey, rest = byKey.Delete(nextKey), slices.Concat(rest, page)
		}
	}
	if len(rest) == 0 {
		byKey = byKey.Delete(p.key)
	} else {
		byKey = byKey.Set(p.key, rest)
	}
	if byKey.Len() == 1 {
		page, _ := byKey.Get("")
		return onePage(page)
	}
	return manyPages(byKey, s.count-1)
}

// union returns the names of s and o; both decides where they meet. It costs a
// step per name of the smaller.
func (s names[T]) union(o names[T], both func(s, o T) T) names[T] {
	if s.count < o.count {
		return o.union(s, func(o, s T) T { return both(s, o) })
	}
	for c := o.from("", ""); c.head() != nil; c.drop(1) {
		name, value := c.head().name, c.head().value
		p := s.find(name)
		if old, ok := p.value(); ok {
			value = both(old, value)
		}
		s = s.set(p, name, value)
	}
	return s
}
