package snapshot

import "open-lake.dev/lib/storage/tree"

// Draft is a value that many updates change one after another, seen only now and
// then: that of an Update under way. It is for implementations of [Head], which
// guard it with a lock.
//
// The value of a draft has an owner, and the buckets, nodes and pages that its
// updates make bear it as a mark; see [tree.Owner]. So an update copies only what
// none before it has. Seeing the value drops the owner: a Snapshot that was seen
// never changes.
type Draft struct{ cur *Snapshot }

// NewDraft returns a draft that begins with s, which never changes.
func NewDraft(s *Snapshot) *Draft { return &Draft{s.orEmpty()} }

// Snapshot returns the current value.
func (d *Draft) Snapshot() *Snapshot {
	if d.cur.owner != nil {
		seen := *d.cur
		seen.owner = nil
		d.cur = &seen
	}
	return d.cur
}

// Peek returns the current value, of which only the rules may be looked at; see
// [Head].
func (d *Draft) Peek() *Snapshot { return d.cur }

// Update makes what update returns the current value, unless update returns an
// error. What update is called with is good until it returns, and must not have
// been changed if it returns an error.
func (d *Draft) Update(update func(cur *Snapshot) (*Snapshot, error)) error {
	cur := d.cur
	if cur.owner == nil {
		owned := *cur
		owned.owner = new(tree.Owner)
		cur = &owned
	}
	next, err := update(cur)
	if err == nil {
		d.cur = next
	}
	return err
}
