package tree

import "time"

// Batch sets and deletes many keys of a tree in one go, in place where it can. It
// is for one goroutine.
type Batch[V comparable] struct {
	tree  Tree[V]
	owner *owner
}

// owner is the identity of a batch. The nodes and pages that a batch makes bear
// its owner as a mark; until [Batch.Tree] returns them nothing else can reach
// them, so the batch changes them in place. What bears no mark or another one is
// copied before it is changed, as by any update, and the copy bears the mark. Tree
// gives the batch a new owner. So it takes the marks from everything at once, and
// a version that anyone has seen never changes. A nil owner owns nothing: updates
// of a [Tree] run with it.
type owner struct{ _ byte } // not empty, to have an address of its own

// change is what an update passes on: when it happens, and in which batch.
type change struct {
	at time.Time
	by *owner
}

func (c change) owns(mark *owner) bool { return c.by != nil && c.by == mark }

// Batch returns a batch that begins with t, which does not change.
func (t Tree[V]) Batch() *Batch[V] { return &Batch[V]{t, new(owner)} }

// Get returns the value of key.
func (b *Batch[V]) Get(key string) (value V, ok bool) { return b.tree.Get(key) }

// Set sets the value of key and returns the previous value, if there was one.
func (b *Batch[V]) Set(key string, value V, at time.Time) (old V, had bool) {
	b.tree, old, had = b.tree.swap(key, value, change{at, b.owner})
	return old, had
}

// Delete deletes key and reports whether it was there.
func (b *Batch[V]) Delete(key string, at time.Time) (had bool) {
	b.tree, had = b.tree.delete(key, change{at, b.owner})
	return had
}

// Tree returns the tree as it is now. It costs O(1). The batch may go on; the next
// change of each path copies it again.
func (b *Batch[V]) Tree() Tree[V] {
	b.owner = new(owner)
	return b.tree
}
