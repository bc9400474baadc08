package tree

import "time"

// Owner is the identity of a run of changes, such as those of one transaction. The
// nodes and pages that a change makes bear its owner as a mark. Only the run can
// reach them until it lets go of the owner, so its later changes alter them in
// place. What bears no mark or another one is copied before it is changed, as by any
// update, and the copy bears the mark.
//
// A tree that was changed by an owner must not be read by anyone else until the
// owner is dropped, and the tree that a change was made of not at all. Dropping it
// takes the mark from everything at once: a version that was seen by then never
// changes. A [Tree.Copy] makes two paths lead to the same nodes, so the owner must be
// dropped before. A nil Owner owns nothing.
type Owner struct{ _ byte } // not empty, to have an address of its own

// change is what an update passes on: when it happens, and whose it is.
type change struct {
	at time.Time
	by *Owner
}

func (c change) owns(mark *Owner) bool { return c.by != nil && c.by == mark }

// SwapBy is [Tree.Swap] as a change of an owner.
func (t Tree[V]) SwapBy(by *Owner, key string, value V, at time.Time) (next Tree[V], old V, had bool) {
	return t.swap(key, value, change{at, by})
}

// DeleteBy is [Tree.Delete] as a change of an owner.
func (t Tree[V]) DeleteBy(by *Owner, key string, at time.Time) (next Tree[V], had bool) {
	return t.delete(key, change{at, by})
}
