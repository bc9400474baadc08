package tree

import "time"

// Move returns the tree with everything beneath src re-keyed to lie beneath
// dst, and whether there was anything. It cuts src and then grafts it, so a
// directory may be moved into itself or onto a parent. What is at dst already
// stays, except that a moved value wins over one with its key: merging costs a
// step per name of the smaller of two directories that meet, and moving onto
// nothing the same whatever lies beneath. A moved directory keeps its times, and
// so does one that is there before and after.
func (t Tree[V]) Move(dst, src string, at time.Time) (Tree[V], bool) {
	sub, ok := t.Dir(src)
	if !ok || dst == src {
		return t, ok
	}
	// Until the graft is done an empty node stands for src, lest the directories
	// on the way to it vanish and are born again.
	cut := t.edit(src, at, func(n *node[V]) *node[V] { return &node[V]{born: n.born, changed: at} })
	return cut.graft(dst, sub.root, at).edit(src, at, (*node[V]).orNil), true
}

// Copy returns the tree with everything beneath src also beneath dst, and
// whether there was anything. It merges as [Tree.Move] does and shares the
// values.
func (t Tree[V]) Copy(dst, src string, at time.Time) (Tree[V], bool) {
	sub, ok := t.Dir(src)
	if !ok || dst == src {
		return t, ok
	}
	return t.graft(dst, sub.root, at), true
}

// DeleteDir returns the tree without everything beneath dir, and whether there
// was anything.
func (t Tree[V]) DeleteDir(dir string, at time.Time) (Tree[V], bool) {
	next := t.edit(dir, at, func(*node[V]) *node[V] { return nil })
	return next, next.Len() < t.Len()
}

// DeleteValues returns the tree without the values directly in dir, and whether
// there were any. It costs a step per value.
func (t Tree[V]) DeleteValues(dir string, at time.Time) (Tree[V], bool) {
	next := t.edit(dir, at, func(n *node[V]) *node[V] {
		if n == nil || n.values.count == 0 {
			return n
		}
		m := n.derive(at)
		c := n.values.from("", "")
		for e, ok := c.head(); ok; e, ok = c.head() {
			m.weight -= t.weight(e.value)
			c.drop(1)
		}
		m.count -= n.values.count
		m.values = names[V]{}
		return m.orNil()
	})
	return next, next.Len() < t.Len()
}

func (t Tree[V]) graft(dst string, sub *node[V], at time.Time) Tree[V] {
	return t.edit(dst, at, func(n *node[V]) *node[V] { return t.merge(n, sub, at) })
}

// merge returns a directory with what is in under and in over; over wins.
func (t Tree[V]) merge(under, over *node[V], at time.Time) *node[V] {
	if under == nil || under == over {
		return over
	}
	m := under.derive(at)
	m.count += over.count
	m.weight += over.weight
	m.values = under.values.union(over.values, func(u, o V) V {
		m.count--
		m.weight -= t.weight(u)
		return o
	})
	m.dirs = under.dirs.union(over.dirs, func(u, o *node[V]) *node[V] {
		both := t.merge(u, o, at)
		m.count += both.count - u.count - o.count
		m.weight += both.weight - u.weight - o.weight
		return both
	})
	return m
}
