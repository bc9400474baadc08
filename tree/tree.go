// Package tree is a persistent sorted map whose keys are paths.
//
// A key is any string; its slashes divide it into the names of directories,
// each ending in its slash, and a last name without one. A directory is named
// by its path with the slash at the end ("a/b/"), the root by "". Directories
// are not entries of their own: one exists while a value lies beneath it.
//
// A [Tree] never changes: an update returns a new one that shares all but the
// changed path with the old. So a version costs O(depth · log width) to make, that
// much to keep, and may be read by any number of goroutines. And since a
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
	memo  *memo[V]
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

// asDir returns the path of a directory with the slash at its end.
func asDir(dir string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir
	}
	return dir + "/"
}

// Get returns the value of key. It costs O(depth · log width), or O(1) if
// [Tree.Read] has made an index and that knows the value.
func (t Tree[V]) Get(key string) (value V, ok bool) {
	var none V
	if value = t.memo.get(key); value != none {
		return value, true
	}
	return t.look(key)
}

// Read is Get for reads that come often. In a tree of up to 131,072 values they
// make an index of those that are not zero: after one read that no index answered
// for every four values, or after more while indexes come too late for a version
// that is replaced. That read takes three or four times as long as to list the tree
// (BenchmarkNewIndex), so Read should not be called with a lock held. A version
// that differs in one key shares the index, unless that is of more than twice as many
// values, and if it is the newest of those that do so, the index takes over the new
// value of a key that it was made with. Other versions begin without. It takes some 90
// bytes a value, and the key once more, and keeps values that were put there for
// versions that have been thrown away.
func (t Tree[V]) Read(key string) (value V, ok bool) {
	var none V
	if value = t.memo.get(key); value != none {
		return value, true
	}
	if value, ok = t.look(key); value != none {
		t.memo.missed(t)
	}
	return value, ok
}

// look looks key up in the directories.
func (t Tree[V]) look(key string) (value V, ok bool) {
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
	root := t.root.edit(dir, at, func(n *node[V]) *node[V] {
		m := n.clone(at)
		old, had = m.values.get(name)
		m.values = m.values.set(name, value)
		m.longest = max(m.longest, len(name))
		m.weight += t.weight(value)
		if had {
			m.weight -= t.weight(old)
		} else {
			m.count++
		}
		return m
	})
	return Tree[V]{root, t.weigh, t.memo.with(key, value, root.len())}, old, had
}

// Delete returns the tree without key, and whether it had it.
func (t Tree[V]) Delete(key string, at time.Time) (Tree[V], bool) {
	dir, name := split(key)
	root := t.root.edit(dir, at, func(n *node[V]) *node[V] {
		if n == nil {
			return nil
		}
		old, had := n.values.get(name)
		if !had {
			return n
		}
		m := n.clone(at)
		m.values = m.values.delete(name)
		m.count--
		m.weight -= t.weight(old)
		return m.pruned()
	})
	if root == t.root {
		return t, false
	}
	var none V
	return Tree[V]{t.orEmpty(root, at), t.weigh, t.memo.with(key, none, root.len())}, true
}

// Dir returns the directory as a tree of its own, whose keys lack dir; false if
// there is no value beneath it.
func (t Tree[V]) Dir(dir string) (Tree[V], bool) {
	n := t.root.find(asDir(dir))
	return Tree[V]{root: n, weigh: t.weigh}, n.len() > 0
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

// edit edits a directory, as [node.edit] does, where any number of keys may
// change.
func (t Tree[V]) edit(dir string, at time.Time, f func(*node[V]) *node[V]) Tree[V] {
	root := t.root.edit(dir, at, f)
	if root == t.root {
		return t
	}
	return Tree[V]{t.orEmpty(root, at), t.weigh, t.memo.anew()}
}

// orEmpty returns what follows t.root: root or, since a root that gets empty
// stays for its times, an empty one.
func (t Tree[V]) orEmpty(root *node[V], at time.Time) *node[V] {
	if root == nil {
		return t.root.emptied(at)
	}
	return root
}

func (t Tree[V]) weight(v V) int64 {
	if t.weigh == nil {
		return 0
	}
	return t.weigh(v)
}
