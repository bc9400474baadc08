package snapshot

import (
	"iter"
	"reflect"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Change is an object that differs between two snapshots: created if Old is nil,
// removed if New is nil, else changed.
type Change struct {
	Bucket, Key string
	Old, New    *storage.Object
}

// Diff ranges over the objects that differ in anything that a caller can observe,
// by bucket and then in key order. An object that was moved is removed here and
// created there. Buckets without objects and uploads in progress are left out. A
// nil snapshot is an empty one.
//
// Diff skips what the snapshots share: it costs a step per change and per name in
// the directories that hold changes, not one per object or bucket.
func Diff(old, new *Snapshot) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for b := range tree.Diff(old.orEmpty().buckets.tree(nil), new.orEmpty().buckets.tree(nil)) {
			for c := range tree.Diff(b.Old.all(), b.New.all()) {
				change := Change{b.Key, c.Key, describeOrNil(c.Old, b.Key, c.Key), describeOrNil(c.New, b.Key, c.Key)}
				if !reflect.DeepEqual(change.Old, change.New) && !yield(change) {
					return
				}
			}
		}
	}
}

// all returns the objects, none of nil.
func (b *bucket) all() tree.Tree[*object] {
	if b == nil {
		return tree.Tree[*object]{}
	}
	return b.objects
}

func describeOrNil(o *object, bucket, key string) *storage.Object {
	if o == nil {
		return nil
	}
	return o.describe(bucket, key)
}
