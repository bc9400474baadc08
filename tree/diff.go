package tree

import "iter"

// Change is a key whose value differs between two trees. A side that lacks the
// key has the zero value of V.
type Change[V comparable] struct {
	Key      string
	Old, New V
}

// Diff ranges over the keys whose values differ, in order. It passes over the
// directories and the pages of names that both trees share, so it costs a step
// per page of the directories on the way to the changes and one per name in the
// pages that differ, not one per value.
func Diff[V comparable](old, new Tree[V]) iter.Seq[Change[V]] {
	return func(yield func(Change[V]) bool) { diff("", old.root, new.root, yield) }
}

// diff yields the changes beneath path; it returns false if told to stop.
func diff[V comparable](path string, old, new *node[V], yield func(Change[V]) bool) bool {
	if old == new {
		return true
	}
	if old == nil {
		old = &node[V]{}
	}
	if new == nil {
		new = &node[V]{}
	}
	values := pair[V]{old: old.values.from("", ""), new: new.values.from("", "")}
	dirs := pair[*node[V]]{old: old.dirs.from("", ""), new: new.dirs.from("", "")}
	values.next()
	dirs.next()
	for !values.done || !dirs.done {
		if dirs.done || !values.done && values.name < dirs.name {
			if !yield(Change[V]{path + values.name, values.a, values.b}) {
				return false
			}
			values.next()
			continue
		}
		if !diff(path+dirs.name, dirs.a, dirs.b, yield) {
			return false
		}
		dirs.next()
	}
	return true
}

// pair walks two versions of names in step and stops where they differ.
type pair[T comparable] struct {
	old, new scan[T]

	name string // the current name, and its value on both sides
	a, b T
	done bool
}

// next goes on to the next name whose values differ.
func (p *pair[T]) next() {
	var none T
	for {
		p.skipShared()
		old, inOld := p.old.head()
		new, inNew := p.new.head()
		switch {
		case !inOld && !inNew:
			p.done = true
			return
		case !inNew || inOld && old.name < new.name:
			p.name, p.a, p.b = old.name, old.value, none
			p.old.drop(1)
			return
		case !inOld || new.name < old.name:
			p.name, p.a, p.b = new.name, none, new.value
			p.new.drop(1)
			return
		}
		p.name, p.a, p.b = old.name, old.value, new.value
		p.old.drop(1)
		p.new.drop(1)
		if p.a != p.b {
			return
		}
	}
}

// skipShared passes over the pages that both sides share. They come to the first
// name of one at the same time, since what is before it is passed by then.
func (p *pair[T]) skipShared() {
	for p.old.page != nil && p.old.page == p.new.page {
		n := p.old.left()
		p.old.drop(n)
		p.new.drop(n)
	}
}
