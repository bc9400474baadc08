package tree

// scan walks names upwards.
type scan[T any] struct {
	of   *entries[T]
	leaf *page[T] // with the current name, at i; meaningless at the end
	i    int
	rank int // of the current name
	end  int // rank of the first name that is not visited
}

// item is a name and its value.
type item[T any] struct {
	name  string
	value T
}

// all returns a scan of all names.
func (e *entries[T]) all() scan[T] { return e.scan(0, "") }

// from returns a scan that begins at the first name not before name and stops
// before the name end, unless that is empty.
func (e *entries[T]) from(name, end string) scan[T] { return e.scan(e.rank(name), end) }

// after returns a scan that begins at the first name after name.
func (e *entries[T]) after(name, end string) scan[T] {
	s := e.from(name, end)
	if it, ok := s.peek(); ok && it.name == name {
		s.advance(1)
	}
	return s
}

func (e *entries[T]) scan(rank int, end string) scan[T] {
	s := scan[T]{of: e, rank: rank, end: e.count}
	if end != "" {
		s.end = e.rank(end)
	}
	s.locate()
	return s
}

// locate finds the current name.
func (s *scan[T]) locate() {
	if s.rank < s.end {
		s.leaf, s.i = s.of.locate(s.rank)
	}
}

// peek returns the current item; false at the end.
func (s *scan[T]) peek() (it item[T], ok bool) {
	if s.rank >= s.end {
		return it, false
	}
	return item[T]{s.leaf.names[s.i], s.leaf.values[s.i]}, true
}

// done reports whether the scan is at its end.
func (s *scan[T]) done() bool { return s.rank >= s.end }

// advance moves on by n names, which must not exceed those that are left.
func (s *scan[T]) advance(n int) {
	s.rank += n
	s.i += n
	if s.i >= s.leaf.len() {
		s.locate()
	}
}

// skip moves on by n names, or to the first name not before limit, unless that
// is empty, or to the end. It returns the number of names passed. It costs
// O(log width).
func (s *scan[T]) skip(n int, limit string) (passed int) {
	passed = min(n, s.end-s.rank)
	if limit != "" {
		passed = min(passed, s.of.rank(limit)-s.rank)
	}
	s.advance(passed)
	return passed
}
