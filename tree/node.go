package tree

import (
	"strings"
	"time"
)

// node is a directory: its sub-directories by name with the slash, its values
// by name, and what lies beneath in sum. A node never changes once it is in a
// Tree; versions of a tree share all nodes but those on the path of a change.
// There are no empty nodes but a root and, within a move, the one that stands
// for the directory: nil is an empty directory.
type node[V comparable] struct {
	dirs    names[*node[V]]
	values  names[V]
	count   int   // values here and below
	weight  int64 // their weight
	born    time.Time
	changed time.Time
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

// edit returns n with the directory at dir replaced by what f makes of it, and
// with the nodes on the way to it copied. Every change of a tree is an edit of
// one directory.
func (n *node[V]) edit(dir string, at time.Time, f func(*node[V]) *node[V]) *node[V] {
	if dir == "" {
		return f(n)
	}
	i := strings.IndexByte(dir, '/') + 1
	var p place[*node[V]]
	if n != nil {
		p = n.dirs.find(dir[:i])
	}
	old, _ := p.value()
	next := old.edit(dir[i:], at, f)
	if next == old {
		return n
	}
	m := n.derive(at)
	m.count += next.len() - old.len()
	m.weight += next.sum() - old.sum()
	if next == nil {
		m.dirs = m.dirs.delete(p)
	} else {
		m.dirs = m.dirs.set(p, dir[:i], next)
	}
	return m.orNil()
}

// derive returns a copy of n to be changed, or a new node if n is nil.
func (n *node[V]) derive(at time.Time) *node[V] {
	if n == nil {
		return &node[V]{born: at, changed: at}
	}
	m := *n
	m.changed = at
	return &m
}

// orNil returns n, or nil if there is nothing in it.
func (n *node[V]) orNil() *node[V] {
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
