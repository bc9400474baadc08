package tree

import "github.com/benbjohnson/immutable"

// scan walks names upwards. behind, which is nil if there are no more pages,
// stands at the page after the current one.
type scan[T any] struct {
	page   *page[T] // the current one, nil at the end
	i      int      // of the current name on it
	behind *immutable.SortedMapIterator[string, *page[T]]
	many   *pages[T] // that behind is of
	end    string    // names from here on are not visited; "" is no bound
}

// item is a name and its value.
type item[T any] struct {
	name  string
	value T
}

// from returns a scan that begins at the first name not before name.
func (s names[T]) from(name, end string) scan[T] {
	c := scan[T]{page: s.page, many: s.many, end: end}
	if s.many != nil {
		c.behind = s.many.byKey.Iterator()
	}
	c.seek(name)
	return c
}

// seek goes to the first name not before name.
func (c *scan[T]) seek(name string) {
	if c.many != nil {
		c.behind.Seek(name)
		_, c.page, _ = c.behind.Prev()
	}
	i, _ := c.page.search(name)
	c.i = 0
	c.drop(i)
}

// after returns a scan that begins at the first name behind name.
func (s names[T]) after(name, end string) scan[T] {
	c := s.from(name, end)
	if e, ok := c.head(); ok && e.name == name {
		c.drop(1)
	}
	return c
}

// head returns the current item; false at the end.
func (c *scan[T]) head() (e item[T], ok bool) {
	if c.page == nil {
		return e, false
	}
	e.name = c.page.names[c.i]
	if c.end != "" && e.name >= c.end {
		return e, false
	}
	e.value = c.page.values[c.i]
	return e, true
}

// left returns how many names of the current page are left, the current one
// included.
func (c *scan[T]) left() int { return c.page.len() - c.i }

// drop passes over n names of the current page.
func (c *scan[T]) drop(n int) {
	c.i += n
	if c.i < c.page.len() {
		return
	}
	c.page, c.i = nil, 0
	if c.behind != nil {
		_, c.page, _ = c.behind.Prev()
	}
}

// skip passes over at most n names, the current one first, all of them before
// the name before unless that is "", and returns how many; those from the end of
// the scan on count, which nothing comes after. It costs a step per page or, once
// that has added up to all the pages, the logarithm of their number.
func (c *scan[T]) skip(n int, before string) (skipped int) {
	pages := 0
	for skipped < n && c.page != nil {
		if pages > 0 {
			if r := c.many.ranks.Load(); r != nil {
				return skipped + c.jump(r, n-skipped, before)
			}
		}
		pages++
		left := c.left()
		step := left
		if before != "" && c.page.names[c.page.len()-1] >= before {
			step, _ = c.page.search(before)
			step -= c.i
		}
		step = min(step, n-skipped)
		c.drop(step)
		skipped += step
		if step < left {
			break
		}
	}
	if pages > 1 {
		c.many.stepped(pages)
	}
	return skipped
}

// jump is skip by ranks, from the first name of a page that is not the first.
func (c *scan[T]) jump(r *ranks[T], n int, before string) (skipped int) {
	from, to := r.rank(c.page.names[0]), r.count
	if before != "" {
		to = r.rank(before)
	}
	to = from + min(n, to-from)
	if to == r.count {
		c.page = nil
	} else {
		c.seek(r.name(to))
	}
	return to - from
}
