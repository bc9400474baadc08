package tree

// scan walks names upwards.
type scan[T any] struct {
	page   *page[T] // with the current name, at i; nil at the end
	i      int
	stop   int        // index of the first name on the page that is not visited
	end    string     // names from here on are not visited, unless it is empty
	many   *pages[T]  // that page belongs to, if it is not the only one
	branch *branch[T] // that has page, at j; nil until needed
	j      int
	rest   *branchIterator[T] // its Prev returns the branches after branch; nil until needed
}

// item is a name and its value.
type item[T any] struct {
	name  string
	value T
}

// all returns a scan of all names.
func (e entries[T]) all() scan[T] { return e.from("", "") }

// from returns a scan that begins at the first name not before name and stops
// before the name end, unless that is empty.
func (e entries[T]) from(name, end string) scan[T] {
	p := e.find(name)
	s := scan[T]{end: end, many: e.many, branch: p.branch, j: p.j}
	s.enter(p.page, p.i)
	return s
}

// after returns a scan that begins at the first name after name.
func (e entries[T]) after(name, end string) scan[T] {
	s := e.from(name, end)
	if it, ok := s.peek(); ok && it.name == name {
		s.advance(1)
	}
	return s
}

// enter goes to index i of p, or to the next page if that is the end of p.
func (s *scan[T]) enter(p *page[T], i int) {
	if s.page = p; i == p.len() {
		s.page, i = s.nextPage(), 0
	}
	s.i, s.stop = i, s.page.len()
	if s.end != "" {
		s.stop, _ = s.page.search(s.end)
	}
}

func (s *scan[T]) nextPage() *page[T] {
	if s.many == nil || s.page == nil {
		return nil
	}
	if s.branch == nil {
		s.branch, s.j = s.many.find(s.page.names[0])
	}
	if s.j++; s.j == s.branch.len() {
		if s.many.only != nil {
			return nil
		}
		if s.rest == nil {
			s.rest = s.many.after(s.page.names[0])
		}
		if _, s.branch, _ = s.rest.Prev(); s.branch == nil {
			return nil
		}
		s.j = 0
	}
	return s.branch.values[s.j]
}

// peek returns the current item; false at the end.
func (s *scan[T]) peek() (it item[T], ok bool) {
	if s.done() {
		return it, false
	}
	return item[T]{s.page.names[s.i], s.page.values[s.i]}, true
}

// done reports whether the scan is at its end.
func (s *scan[T]) done() bool { return s.i >= s.stop }

// advance moves on by n names of the page, which must not exceed those that are
// left.
func (s *scan[T]) advance(n int) {
	if s.i += n; s.i == s.page.len() {
		s.enter(s.page, s.i)
	}
}

// skip moves on by n names, or to the first name not before limit, unless that
// is empty, or to the end. It returns the number of names passed. It costs a step
// per page or, once skips of this version have taken as many steps as there can be
// pages, O(log width).
func (s *scan[T]) skip(n int, limit string) (passed int) {
	if limit == "" || s.end != "" && s.end < limit {
		limit = s.end
	}
	for first := s.page; passed < n && !s.done(); {
		if s.page != first {
			if r := s.many.step(); r != nil {
				return passed + s.jump(r, n-passed, limit)
			}
		}
		stop := s.stop
		if limit != "" {
			i, _ := s.page.search(limit)
			stop = max(s.i, i)
		}
		step := min(n-passed, stop-s.i)
		passed += step
		if s.advance(step); step == 0 {
			break
		}
	}
	return passed
}

// jump is skip by ranks. The scan is at the first name of a page, and no name
// before that is limit or after it.
func (s *scan[T]) jump(r *ranks[T], n int, limit string) (passed int) {
	from, to := r.rank(s.page.names[0]), r.count
	if limit != "" {
		to = r.rank(limit)
	}
	passed = min(n, to-from)
	s.branch, s.rest = nil, nil
	s.enter(r.locate(from + passed))
	return passed
}
