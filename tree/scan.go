package tree

import "github.com/benbjohnson/immutable"

// scan walks names upwards. rest is what is left of the current page, never
// empty before the end; behind, which is nil if there are no more pages, stands
// at the page after it.
type scan[T any] struct {
	rest   []item[T]
	behind *immutable.SortedMapIterator[string, []item[T]]
	many   *pages[T] // that behind is of
	end    string    // names from here on are not visited; "" is no bound
}

// from returns a scan that begins at the first name not before name.
func (s names[T]) from(name, end string) scan[T] {
	c := scan[T]{rest: s.page, many: s.many, end: end}
	if s.many != nil {
		c.behind = s.many.byKey.Iterator()
	}
	c.seek(name)
	return c
}

// seek goes to the first name not before name. On a single page that must not be
// before the current one.
func (c *scan[T]) seek(name string) {
	if c.many != nil {
		c.behind.Seek(name)
		_, c.rest, _ = c.behind.Prev()
	}
	i, _ := search(c.rest, name)
	c.drop(i)
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

// skip passes over at most n names, the current one first, all of them before
// the name before unless that is "", and returns how many; those from the end of
// the scan on count, which nothing comes after. It costs a step per page or, once
// that has added up to all the pages, the logarithm of their number.
func (c *scan[T]) skip(n int, before string) (skipped int) {
	pages := 0
	for skipped < n && len(c.rest) > 0 {
		if pages > 0 {
			if r := c.many.ranks.Load(); r != nil {
				return skipped + c.jump(r, n-skipped, before)
			}
		}
		pages++
		page := len(c.rest)
		step := page
		if before != "" && c.rest[page-1].name >= before {
			step, _ = search(c.rest, before)
		}
		step = min(step, n-skipped)
		c.drop(step)
		skipped += step
		if step < page {
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
	from, to := r.rank(c.rest[0].name), r.count
	if before != "" {
		to = r.rank(before)
	}
	to = from + min(n, to-from)
	if to == r.count {
		c.rest = nil
	} else {
		c.seek(r.name(to))
	}
	return to - from
}
