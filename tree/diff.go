package tree

import "iter"

// Change is a key whose value differs between two trees. A side that lacks the
// key has the zero value of V.
type Change[V comparable] struct {
	Key      string
	Old, New V
}

// Diff ranges over the keys whose values differ, in order. It skips the
// directories and the pages of names that both trees share. So it costs a step
// per page of the directories on the way to the changes and a step per name on
// the pages that differ, not a step per value.
func Diff[V comparable](old, new Tree[V]) iter.Seq[Change[V]] {
	return func(yield func(Change[V]) bool) {
		if old.root != new.root {
			diff(old.root, new.root, yield)
		}
	}
}

// comparison is the part of two versions of a directory that is left to compare.
type comparison[V comparable] struct {
	path   int // length of the directory's path
	values pair[V]
	dirs   pair[*node[V]]
}

func compareNodes[V comparable](path int, old, new *node[V]) comparison[V] {
	if old == nil {
		old = &node[V]{}
	}
	if new == nil {
		new = &node[V]{}
	}
	c := comparison[V]{
		path:   path,
		values: pair[V]{old: old.values.all(), new: new.values.all()},
		dirs:   pair[*node[V]]{old: old.dirs.all(), new: new.dirs.all()},
	}
	c.values.next()
	c.dirs.next()
	return c
}

func (c *comparison[V]) done() bool { return c.values.done && c.dirs.done }

// valueFirst reports whether the next difference is a value's. c must not be done.
func (c *comparison[V]) valueFirst() bool {
	return c.dirs.done || !c.values.done && c.values.name < c.dirs.name
}

// diff yields the changes from old to new until yield returns false.
func diff[V comparable](old, new *node[V], yield func(Change[V]) bool) {
	var path []byte // of the current directory or entry
	stack := []comparison[V]{compareNodes(0, old, new)}
	for len(stack) > 0 {
		c := &stack[len(stack)-1]
		if c.done() {
			stack = stack[:len(stack)-1]
			continue
		}
		path = path[:c.path]
		if c.valueFirst() {
			path = append(path, c.values.name...)
			if !yield(Change[V]{string(path), c.values.a, c.values.b}) {
				return
			}
			c.values.next()
			continue
		}
		path = append(path, c.dirs.name...)
		sub := compareNodes(len(path), c.dirs.a, c.dirs.b)
		if c.dirs.next(); c.done() {
			*c = sub
		} else {
			stack = append(stack, sub)
		}
	}
}

// pair walks two versions of entries in step and stops at each difference.
type pair[T comparable] struct {
	old, new scan[T]

	name string // the current name and its values, zero on a side that lacks it
	a, b T
	done bool
}

// next moves on to the next name whose values differ.
func (p *pair[T]) next() {
	var none T
	for {
		p.skipShared()
		old, inOld := p.old.peek()
		new, inNew := p.new.peek()
		switch {
		case !inOld && !inNew:
			p.done = true
			return
		case !inNew || inOld && old.name < new.name:
			p.name, p.a, p.b = old.name, old.value, none
			p.old.advance(1)
			return
		case !inOld || new.name < old.name:
			p.name, p.a, p.b = new.name, none, new.value
			p.new.advance(1)
			return
		}
		p.name, p.a, p.b = old.name, old.value, new.value
		p.old.advance(1)
		p.new.advance(1)
		if p.a != p.b {
			return
		}
	}
}

// skipShared passes the pages that both sides share. Both reach the first name
// of a shared page together, since everything before it has been passed.
func (p *pair[T]) skipShared() {
	for p.old.page != nil && p.old.page == p.new.page {
		n := p.old.page.len() - p.old.i
		p.old.advance(n)
		p.new.advance(n)
	}
}
