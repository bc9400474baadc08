package tree

import (
	"slices"
	"time"
)

// Move returns the tree with everything beneath src re-keyed to lie beneath dst,
// and whether there was anything. It cuts src and then grafts it, so a directory
// may be moved into itself or onto a parent. Values already at dst stay, unless a
// moved value has the same key. Merging costs a step per name of the smaller of
// two directories that meet; moving onto nothing costs O(depth · log width). A
// moved directory keeps its times, and so does one that exists before and after.
func (t Tree[V]) Move(dst, src string, at time.Time) (Tree[V], bool) {
	dst, src = asDir(dst), asDir(src)
	sub, ok := t.Dir(src)
	if !ok || dst == src {
		return t, ok
	}
	// Until the graft is done an empty node stands for src. Without it the
	// directories on the way there could vanish and lose their times.
	cut := t.edit(src, change{at: at}, func(n *node[V]) (*node[V], bool) { return n.emptied(at), true })
	grafted := cut.graft(dst, sub.root, at)
	return grafted.edit(src, change{at: at}, func(n *node[V]) (*node[V], bool) { return n.pruned(), true }), true
}

// Copy returns the tree with everything beneath src also beneath dst, and
// whether there was anything. It merges as [Tree.Move] does and shares the
// values.
func (t Tree[V]) Copy(dst, src string, at time.Time) (Tree[V], bool) {
	dst, src = asDir(dst), asDir(src)
	sub, ok := t.Dir(src)
	if !ok || dst == src {
		return t, ok
	}
	return t.graft(dst, sub.root, at), true
}

// DeleteDir returns the tree without everything beneath dir, and whether there
// was anything.
func (t Tree[V]) DeleteDir(dir string, at time.Time) (Tree[V], bool) {
	next := t.edit(asDir(dir), change{at: at}, func(n *node[V]) (*node[V], bool) { return nil, n != nil })
	return next, next.Len() < t.Len()
}

// DeleteValues returns the tree without the values directly in dir, and whether
// there were any. It costs a step per value.
func (t Tree[V]) DeleteValues(dir string, at time.Time) (Tree[V], bool) {
	c := change{at: at}
	next := t.edit(asDir(dir), c, func(n *node[V]) (*node[V], bool) {
		if n == nil || n.values.count == 0 {
			return n, false
		}
		m := n.clone(c)
		s := n.values.all()
		for it, ok := s.peek(); ok; it, ok = s.peek() {
			m.weight -= t.weight(it.value)
			s.advance(1)
		}
		m.count -= n.values.count
		m.values = entries[V]{}
		return m.pruned(), true
	})
	return next, next.Len() < t.Len()
}

func (t Tree[V]) graft(dst string, sub *node[V], at time.Time) Tree[V] {
	return t.edit(dst, change{at: at}, func(n *node[V]) (*node[V], bool) {
		if n == nil {
			return sub, true
		}
		return t.merge(n, sub, at), n != sub
	})
}

// merger is a directory that is being merged from two: into is new.
type merger[V comparable] struct {
	into, under, over *node[V]
	parent            int // index of the merger of the parent
}

// merge returns a directory with everything in under and in over; over wins.
func (t Tree[V]) merge(under, over *node[V], at time.Time) *node[V] {
	if under == over {
		return over
	}
	all := []merger[V]{{into: new(node[V]), under: under, over: over}}
	for i := 0; i < len(all); i++ {
		all = append(all, t.mergeNames(all[i], i, at)...)
	}
	// Parents come before their directories, so the sums are final from the end.
	for _, m := range slices.Backward(all[1:]) {
		into := all[m.parent].into
		into.count += m.into.count - m.under.count - m.over.count
		into.weight += m.into.weight - m.under.weight - m.over.weight
	}
	return all[0].into
}

// mergeNames fills m.into, the i-th, and returns the mergers of the directories
// that meet in it. Until those are filled, the sums are too high.
func (t Tree[V]) mergeNames(m merger[V], i int, at time.Time) (subs []merger[V]) {
	n := m.under.clone(change{at: at})
	n.longest = max(n.longest, m.over.longest)
	n.count += m.over.count
	n.weight += m.over.weight
	n.values = n.values.union(m.over.values, func(under, over V) V {
		n.count--
		n.weight -= t.weight(under)
		return over
	})
	n.dirs = n.dirs.union(m.over.dirs, func(under, over *node[V]) *node[V] {
		if under == over {
			n.count -= over.count
			n.weight -= over.weight
			return over
		}
		sub := merger[V]{new(node[V]), under, over, i}
		subs = append(subs, sub)
		return sub.into
	})
	*m.into = *n
	return subs
}
