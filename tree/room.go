package tree

// This file is an optimisation: a page lies in memory together with the room for its
// values, since most of what a write costs is the allocator's and the collector's
// work. BenchmarkSet measures it.

// newPage returns a page with the names, which it keeps, and copies of the values.
func newPage[T any](names []string, values []T, c change) *page[T] {
	p := emptyPage[T](len(values), c)
	p.names, p.values = names, append(p.values, values...)
	return p
}

// emptyPage returns a page without names, with room for n values. Page and room fill
// a size class of the allocator, if a value is as large as a pointer.
func emptyPage[T any](n int, c change) (p *page[T]) {
	switch {
	case n <= 1:
		var r struct {
			page[T]
			room [1]T
		}
		p, r.values = &r.page, r.room[:0]
	case n <= 5:
		var r struct {
			page[T]
			room [5]T
		}
		p, r.values = &r.page, r.room[:0]
	case n <= 13:
		var r struct {
			page[T]
			room [13]T
		}
		p, r.values = &r.page, r.room[:0]
	case n <= 25:
		var r struct {
			page[T]
			room [25]T
		}
		p, r.values = &r.page, r.room[:0]
	case n <= 33:
		var r struct {
			page[T]
			room [33]T
		}
		p, r.values = &r.page, r.room[:0]
	case n <= 41:
		var r struct {
			page[T]
			room [41]T
		}
		p, r.values = &r.page, r.room[:0]
	default:
		var r struct {
			page[T]
			room [maxPage + 1]T
		}
		p, r.values = &r.page, r.room[:0]
	}
	p.owner = c.by
	return p
}
