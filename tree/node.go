package tree

import (
	"slices"
	"strings"
	"time"
)

// node is a directory. A node is immutable once it is in a Tree, except to its
// owner; versions of a tree share all nodes except those on the path of a change. An
// empty directory is nil, except the root and, while Move runs, the placeholder for
// its source.
type node[V comparable] struct {
	times
	dirs    entries[*node[V]] // by name with the slash
	values  entries[V]
	count   int   // values here and below
	weight  int64 // their weight
	longest int   // no key below is longer, counted from here; deletes do not lower it
	owner   *Owner
}

// times are the earliest and the latest time of the changes beneath a directory.
type times struct{ born, changed time.Time }

// include extends t to the time of one more change.
func (t *times) include(at time.Time) {
	switch {
	case !at.Before(t.changed):
		t.changed = at
	case at.Before(t.born):
		t.born = at
	}
}

// find returns the node at dir beneath n, nil if there is none.
func (n *node[V]) find(dir string) *node[V] {
	for dir != "" && n != nil {
		i := strings.IndexByte(dir, '/') + 1
		n, _ = n.dirs.get(dir[:i])
		dir = dir[i:]
	}
	return n
}

// place returns the place of a directory in n, which may be nil.
func (n *node[V]) place(name string) place[*node[V]] {
	if n == nil {
		return place[*node[V]]{name: name}
	}
	return n.dirs.find(name)
}

// step is a directory on a path and the place in it of the next one.
type step[V comparable] struct {
	node  *node[V]
	place place[*node[V]]
}

// edit returns n with the directory at dir replaced by f's result for it, unless
// that has not changed, and the nodes on the path to it copied. Every change of a
// tree is an edit of one directory.
func (n *node[V]) edit(dir string, c change, f func(*node[V]) (next *node[V], changed bool)) *node[V] {
	var few [8]step[V]
	path := slices.Grow(few[:0], strings.Count(dir, "/"))
	old := n
	for dir != "" {
		i := strings.IndexByte(dir, '/') + 1
		s := step[V]{old, old.place(dir[:i])}
		path = append(path, s)
		old, _ = s.place.value()
		dir = dir[i:]
	}
	count, weight := old.len(), old.sum() // f may change old in place
	next, changed := f(old)
	if !changed {
		return n
	}
	count, weight = next.len()-count, next.sum()-weight
	for _, s := range slices.Backward(path) {
		m := s.node.clone(c)
		m.count += count
		m.weight += weight
		next = m.with(s.place, next, c)
	}
	return next
}

// with changes n: it replaces the directory at p by next, which may be nil. It
// returns n, or nil if n is empty then.
func (n *node[V]) with(p place[*node[V]], next *node[V], c change) *node[V] {
	if next == nil {
		n.dirs = n.dirs.delete(p, c)
		return n.pruned()
	}
	if old, _ := p.value(); next != old {
		n.dirs = n.dirs.set(p, next, c)
	}
	n.longest = max(n.longest, len(p.name)+next.longest)
	return n
}

// clone returns a copy of n to be changed, a new node if n is nil, or n itself if
// the change owns it.
func (n *node[V]) clone(c change) *node[V] {
	switch {
	case n == nil:
		return &node[V]{times: times{c.at, c.at}, owner: c.by}
	case c.owns(n.owner):
		n.include(c.at)
		return n
	}
	m := *n
	m.include(c.at)
	m.owner = c.by
	return &m
}

// emptied returns an empty node with the times of n, which changes at the given
// time.
func (n *node[V]) emptied(at time.Time) *node[V] {
	m := &node[V]{times: n.times}
	m.include(at)
	return m
}

// pruned returns n, or nil if n is empty.
func (n *node[V]) pruned() *node[V] {
	if n == nil || n.dirs.count+n.values.count == 0 {
		return nil
	}
	return n
}

func (n *node[V]) len() int {
	if n == nil {
		return 0
	}
	return n.count
}

func (n *node[V]) sum() int64 {
	if n == nil {
		return 0
	}
	return n.weight
}
