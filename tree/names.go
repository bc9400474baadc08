package tree

import (
	"slices"
	"strings"

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
	page  []item[T]                               // if all fit on one
	pages *immutable.SortedMap[string, []item[T]] // else
	index *index[T]                               // with pages
	count int
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

func manyPages[T any](pages *immutable.SortedMap[string, []item[T]], count int) names[T] {
	return names[T]{pages: pages, index: new(index[T]), count: count}
}

// find returns the page that name belongs to, the page's key, and where in the
// page name is or would be.
func (s names[T]) find(name string) (key string, page []item[T], i int, found bool) {
	page = s.page
	if s.pages != nil {
		it := s.pages.Iterator()
		it.Seek(name)
		key, page, _ = it.Next()
	}
	i, found = search(page, name)
	return key, page, i, found
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

func (s names[T]) get(name string) (value T, ok bool) {
	if s.pages != nil {
		if byName := s.index.of(s); byName != nil {
			value, ok = byName[name]
			return value, ok
		}
	}
	_, page, i, found := s.find(name)
	if !found {
		return value, false
	}
	return page[i].value, true
}

// set returns s with the name set, and its value before. It keeps a copy of a
// new name, not the name, which may be a slice of something large.
func (s names[T]) set(name string, value T) (next names[T], old T, had bool) {
	key, page, i, found := s.find(name)
	if found {
		old = page[i].value
		page = slices.Clone(page)
		page[i].value = value
		return s.replace(key, page, s.count), old, true
	}
	grown := make([]item[T], len(page)+1)
	copy(grown, page[:i])
	grown[i] = item[T]{strings.Clone(name), value}
	copy(grown[i+1:], page[i:])
	if len(grown) <= maxPage {
		return s.replace(key, grown, s.count+1), old, false
	}
	cut := len(grown) / 2
	if i == len(grown)-1 {
		cut = i // names that come in order fill their pages
	}
	left, right := slices.Clone(grown[:cut]), slices.Clone(grown[cut:])
	pages := s.pages
	if pages == nil {
		pages = immutable.NewSortedMap[string, []item[T]](descending{})
	}
	return manyPages(pages.Set(key, left).Set(right[0].name, right), s.count+1), old, false
}

// replace returns s with another page at key, and so many names.
func (s names[T]) replace(key string, page []item[T], count int) names[T] {
	if s.pages == nil {
		return onePage(page)
	}
	return manyPages(s.pages.Set(key, page), count)
}

// delete returns s without the name, and its value before. A page that gets
// small takes in the next one, so that pages stay few.
func (s names[T]) delete(name string) (next names[T], old T, had bool) {
	key, page, i, found := s.find(name)
	if !found {
		return s, old, false
	}
	old = page[i].value
	rest := slices.Concat(page[:i], page[i+1:])
	if s.pages == nil {
		return onePage(rest), old, true
	}
	pages := s.pages
	if len(rest) <= maxPage/4 {
		behind := pages.Iterator()
		behind.Seek(key)
		behind.Prev()
		nextKey, page, ok := behind.Prev()
		if ok && (len(rest) == 0 || len(rest)+len(page) <= maxPage/2) {
			pages, rest = pages.Delete(nextKey), slices.Concat(rest, page)
		}
	}
	if len(rest) == 0 {
		pages = pages.Delete(key)
	} else {
		pages = pages.Set(key, rest)
	}
	if pages.Len() == 1 {
		page, _ := pages.Get("")
		return onePage(page), old, true
	}
	return manyPages(pages, s.count-1), old, true
}

// union returns the names of s and o; both decides where they meet. It costs a
// step per name of the smaller.
func (s names[T]) union(o names[T], both func(s, o T) T) names[T] {
	if s.count < o.count {
		return o.union(s, func(o, s T) T { return both(s, o) })
	}
	for c := o.from("", ""); c.head() != nil; c.drop(1) {
		name, value := c.head().name, c.head().value
		if old, ok := s.get(name); ok {
			value = both(old, value)
		}
		s, _, _ = s.set(name, value)
	}
	return s
}

// scan walks names upwards. rest is what is left of the current page, never
// empty before the end; behind, which is nil if there are no more pages, stands
// at the page after it.
type scan[T any] struct {
	rest   []item[T]
	behind *immutable.SortedMapIterator[string, []item[T]]
	end    string // names from here on are not visited; "" is no bound
}

// from returns a scan that begins at the first name not before name.
func (s names[T]) from(name, end string) scan[T] {
	c := scan[T]{rest: s.page, end: end}
	if s.pages != nil {
		c.behind = s.pages.Iterator()
		c.behind.Seek(name)
		_, c.rest, _ = c.behind.Prev()
	}
	i, _ := search(c.rest, name)
	c.drop(i)
	return c
}

// after returns a scan that begins at the first name behind name.
func (s names[T]) after(name, end string) scan[T] {
	c := s.from(name, end)
	if head := c.head(); head != nil && head.name == name {
		c.drop(1)
	}
	return c
}

// head returns the current item, nil at the end.
func (c *scan[T]) head() *item[T] {
	if len(c.rest) == 0 || c.end != "" && c.rest[0].name >= c.end {
		return nil
	}
	return &c.rest[0]
}

// drop passes over n items of the current page.
func (c *scan[T]) drop(n int) {
	c.rest = c.rest[n:]
	if len(c.rest) == 0 && c.behind != nil {
		_, c.rest, _ = c.behind.Prev()
	}
}

// skip passes over at most n names, all of them before the name before unless
// that is "", and returns how many. It costs a step per page.
func (c *scan[T]) skip(n int, before string) (skipped int) {
	if before == "" || c.end != "" && c.end < before {
		before = c.end
	}
	for skipped < n && len(c.rest) > 0 {
		step := len(c.rest)
		if before != "" && c.rest[step-1].name >= before {
			step, _ = search(c.rest, before)
		}
		step = min(step, n-skipped)
		if step == 0 {
			break
		}
		c.drop(step)
		skipped += step
	}
	return skipped
}
