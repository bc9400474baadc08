// Package tree is a persistent sorted map whose keys are paths.
//
// A key is any string; its slashes divide it into the names of directories,
// each ending in its slash, and a last name without one. A directory is named
// by its path with the slash at the end ("a/b/"), the root by "". Directories
// are not entries of their own: one exists while a value lies beneath it.
//
// A [Tree] never changes: an update returns a new one that shares all but the
// changed path with the old. So a version costs O(depth · log width) to make,
// nothing to keep, and may be read by any number of goroutines. And since a
// directory is a subtree, moving, copying, removing, counting or comparing one
// costs the same whatever lies beneath.
//
// Every update takes the time at which it happens and stamps the directories it
// changes with it; see [Tree.Born] and [Tree.Changed].
package tree

import (
	"iter"
	"strings"
	"time"
)

// Tree maps keys to values in the byte order of the keys. A directory sorts as
// its path with the slash, so that these are in order:
//
//	a-b      value
//	a.b      value
//	a/       directory
//	a/x      value
//	ab       value
//
// A value "a" and a directory "a/" may stand side by side.
//
// The zero Tree is empty and weighs its values as 0.
type Tree[V comparable] struct {
	root  *node[V]
	weigh func(V) int64
}

// New returns an empty tree whose values have the given weight, which must be
// the same whenever it is asked for.
func New[V comparable](weigh func(V) int64) Tree[V] { return Tree[V]{weigh: weigh} }

// Len returns the number of values.
func (t Tree[V]) Len() int { return t.root.len() }

// Weight returns the sum of the values' weights.
func (t Tree[V]) Weight() int64 { return t.root.sum() }

// Born returns when the tree or, for one returned by [Tree.Dir], the directory
// got its first value. It is the zero time for a tree that never had one.
func (t Tree[V]) Born() time.Time {
	if t.root == nil {
		return time.Time{}
	}
	return t.root.born
}

// Changed returns when a value was last set or removed beneath. It is the zero
// time for a tree that never had one.
func (t Tree[V]) Changed() time.Time {
	if t.root == nil {
		return time.Time{}
	}
	return t.root.changed
}

// split divides a key into its directory and its last name.
func split(key string) (dir, name string) {
	i := strings.LastIndexByte(key, '/') + 1
	return key[:i], key[i:]
}

// Get returns the value of key.
func (t Tree[V]) Get(key string) (value V, ok bool) {
	dir, name := split(key)
	n := t.root.find(dir)
	if n == nil {
		return value, false
	}
	return n.values.get(name)
}

// Set returns the tree with the value of key set.
func (t Tree[V]) Set(key string, value V, at time.Time) Tree[V] {
	next, _, _ := t.Swap(key, value, at)
	return next
}

// Swap returns the tree with the value of key set, and the value before, if it
// had one.
func (t Tree[V]) Swap(key string, value V, at time.Time) (next Tree[V], old V, had bool) {
	dir, name := split(key)
	next = t.edit(dir, at, func(n *node[V]) *node[V] {
		m := n.derive(at)
		m.values, old, had = m.values.set(name, value)
		m.weight += t.weight(value)
		if had {
			m.weight -= t.weight(old)
		} else {
			m.count++
		}
		return m
	})
	return next, old, had
}

// Delete returns the tree without key, and whether it had it.
func (t Tree[V]) Delete(key string, at time.Time) (Tree[V], bool) {
	dir, name := split(key)
	next := t.edit(dir, at, func(n *node[V]) *node[V] {
		if n == nil {
			return nil
		}
		values, old, had := n.values.delete(name)
		if !had {
			return n
		}
		m := n.derive(at)
		m.values = values
		m.count--
		m.weight -= t.weight(old)
		return m.orNil()
	})
	return next, next.Len() < t.Len()
}

// Dir returns the directory as a tree of its own, whose keys lack dir; false if
// there is no value beneath it.
func (t Tree[V]) Dir(dir string) (Tree[V], bool) {
	n := t.root.find(dir)
	return Tree[V]{n, t.weigh}, n.len() > 0
}

// All ranges over the keys and values in order.
func (t Tree[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		c := t.Walk(Walk{Values: true})
		for e, ok := c.Next(); ok; e, ok = c.Next() {
			if !yield(e.Key, e.Value) {
				return
			}
		}
	}
}

// edit edits a directory. A root that gets empty stays, for its times.
func (t Tree[V]) edit(dir string, at time.Time, f func(*node[V]) *node[V]) Tree[V] {
	root := t.root.edit(dir, at, f)
	if root == nil && t.root != nil {
		root = &node[V]{born: t.root.born, changed: at}
	}
	return Tree[V]{root, t.weigh}
}

func (t Tree[V]) weight(v V) int64 {
	if t.weigh == nil {
		return 0
	}
	return t.weigh(v)
}
