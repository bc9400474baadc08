// Package tree is a persistent sorted map whose keys are paths.
//
// A key is any string. Its slashes divide it into names of directories, each
// ending in its slash, and a last name without one. A directory is named by its
// path, with or without the slash at the end ("a/b/" or "a/b"), the root by "".
// Directories are not stored: one exists as long as a value lies beneath it.
//
// A [Tree] is immutable: an update returns a new version that shares everything
// but the changed path with the old one. A version costs O(depth · log width) in
// time and memory, and any number of goroutines may read it. Since a directory is
// a subtree, moving, copying, removing, counting or comparing one costs the same
// whatever lies beneath it. No operation recurses on the depth of a key.
//
// Every update takes the time at which it happens and records it in the
// directories on its path; see [Tree.Born] and [Tree.Changed].
//
// Where to look: tree.go has look-ups and updates, node.go a directory and the edit
// of a path, entries.go and pages.go the names in a directory, walk.go and scan.go
// reading in order, graft.go moving directories, diff.go comparing, owner.go changing
// in place, builder.go making a tree in order. room.go is an optimisation that a first
// reader can skip.
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
// A value "a" and a directory "a/" may exist side by side.
//
// The zero Tree is empty and all its values weigh 0.
type Tree[V comparable] struct {
	root  *node[V]
	weigh func(V) int64
}

// New returns an empty tree. The function weigh returns the weight of a value; it
// must return the same whenever it is called. A nil function weighs all values 0.
func New[V comparable](weigh func(V) int64) Tree[V] { return Tree[V]{weigh: weigh} }

// Len returns the number of values. It costs O(1).
func (t Tree[V]) Len() int { return t.root.len() }

// Weight returns the sum of the values' weights. It costs O(1).
func (t Tree[V]) Weight() int64 { return t.root.sum() }

// Born returns the earliest time of a change beneath the root or, for a tree
// returned by [Tree.Dir], beneath the directory since it appeared. It is the zero
// time for a tree that was never changed, and never after [Tree.Changed].
func (t Tree[V]) Born() time.Time {
	if t.root == nil {
		return time.Time{}
	}
	return t.root.born
}

// Changed returns the latest time of a change beneath, as [Tree.Born] does the
// earliest.
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

// asDir returns the path of a directory with the slash at its end.
func asDir(dir string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir
	}
	return dir + "/"
}

// Get returns the value of key. It costs O(depth · log width).
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

// Swap returns the tree with the value of key set, and the previous value, if
// there was one.
func (t Tree[V]) Swap(key string, value V, at time.Time) (next Tree[V], old V, had bool) {
	return t.swap(key, value, change{at: at})
}

func (t Tree[V]) swap(key string, value V, c change) (next Tree[V], old V, had bool) {
	dir, name := split(key)
	next = t.edit(dir, c, func(n *node[V]) (*node[V], bool) {
		m := n.clone(c)
		p := m.values.find(name)
		old, had = p.value()
		m.values = m.values.set(p, value, c)
		m.longest = max(m.longest, len(name))
		m.weight += t.weight(value)
		if had {
			m.weight -= t.weight(old)
		} else {
			m.count++
		}
		return m, true
	})
	return next, old, had
}

// Delete returns the tree without key, and whether it had the key.
func (t Tree[V]) Delete(key string, at time.Time) (next Tree[V], had bool) {
	return t.delete(key, change{at: at})
}

func (t Tree[V]) delete(key string, c change) (next Tree[V], had bool) {
	dir, name := split(key)
	next = t.edit(dir, c, func(n *node[V]) (*node[V], bool) {
		if n == nil {
			return nil, false
		}
		p := n.values.find(name)
		var old V
		if old, had = p.value(); !had {
			return n, false
		}
		m := n.clone(c)
		m.values = m.values.delete(p, c)
		m.count--
		m.weight -= t.weight(old)
		return m.pruned(), true
	})
	return next, had
}

// Dir returns the directory as a tree of its own, whose keys are relative to dir,
// and whether there is a value beneath it.
func (t Tree[V]) Dir(dir string) (Tree[V], bool) {
	n := t.root.find(asDir(dir))
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

// edit returns the tree with a directory edited by f; see [node.edit]. A root that
// becomes empty stays, for its times.
func (t Tree[V]) edit(dir string, c change, f func(*node[V]) (next *node[V], changed bool)) Tree[V] {
	root := t.root.edit(dir, c, f)
	if root == nil && t.root != nil {
		root = t.root.emptied(c.at)
	}
	return Tree[V]{root, t.weigh}
}

func (t Tree[V]) weight(v V) int64 {
	if t.weigh == nil {
		return 0
	}
	return t.weigh(v)
}
