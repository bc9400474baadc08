package tree

import (
	"slices"
	"strings"
	"time"
)

// node is a directory. A node is immutable once it is in a Tree; versions of a
// tree share all nodes except those on the path of a change. An empty directory
// is nil, except the root and, while Move runs, the placeholder for its source.
type node[V comparable] struct {
	times
	dirs    entries[*node[V]] // by name with the slash
	values  entries[V]
	count   int   // values here and below
	weight  int64 // their weight
	longest int   // no key below is longer, counted from here; deletes do not lower it
}

// times are the earliest and the latest time of the changes beneath a directory.
type times struct{ born, changed time.Time }

// including returns t extended to the time of one more change.
func (t times) including(at time.Time) times {
	if at.Before(t.born) {
		t.born = at
	}
	if at.After(t.changed) {
		t.changed = at
	}
	return t
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

// edit returns n with the directory at dir replaced by f's result for it and the
// nodes on the path to it copied. Every change of a tree is an edit of one
// directory.
func (n *node[V]) edit(dir string, at time.Time, f func(*node[V]) *node[V]) *node[V] {
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
	next := f(old)
	if next == old {
		return n
	}
	for _, s := range slices.Backward(path) {
		next = s.node.with(s.place, next, at)
	}
	return next
}

// with returns n with the directory at p replaced by next, which may be nil.
func (n *node[V]) with(p place[*node[V]], next *node[V], at time.Time) *node[V] {
	m := n.clone(at)
	old, _ := p.value()
	m.count += next.len() - old.len()
	m.weight += next.sum() - old.sum()
	if next == nil {
		m.dirs = m.dirs.delete(p)
		return m.pruned()
	}
	m.dirs = m.dirs.set(p, next)
	m.longest = max(m.longest, len(p.name)+next.longest)
	return m
}

// clone returns a copy of n, to be changed at the given time, or a new node if n
// is nil.
func (n *node[V]) clone(at time.Time) *node[V] {
	if n == nil {
		return &node[V]{times: times{at, at}}
	}
	m := *n
	m.times = m.including(at)
	return &m
}

// emptied returns an empty node with the times of n, which changes at the given
// time.
func (n *node[V]) emptied(at time.Time) *node[V] { return &node[V]{times: n.including(at)} }

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
