package snapshot

import (
	"iter"
	"reflect"

	"github.com/benbjohnson/immutable"
	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Change is an object that differs between two snapshots: created if Old is
// nil, removed if New is, else changed.
type Change struct {
	Bucket, Key string
	Old, New    *storage.Object
}

// Diff ranges over the objects that differ in anything a caller can observe, by
// bucket and then in key order. An object that was moved is removed here and
// created there. Buckets without objects and uploads in progress are no part of
// it.
//
// It passes over what the snapshots share, so that it costs what was changed
// and the width of the directories that hold the changes, not the objects.
func Diff(old, new *Snapshot) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for _, name := range bucketNames(old, new) {
			for c := range tree.Diff(old.objectsOf(name), new.objectsOf(name)) {
				change := Change{name, c.Key, describeOrNil(c.Old, name, c.Key), describeOrNil(c.New, name, c.Key)}
				if !reflect.DeepEqual(change.Old, change.New) && !yield(change) {
					return
				}
			}
		}
	}
}

// bucketNames returns the names of the buckets in either snapshot, in order.
func bucketNames(a, b *Snapshot) []string {
	all := immutable.NewSortedMap[string, bool](byName{})
	for _, s := range []*Snapshot{a, b} {
		for it := s.table().Iterator(); !it.Done(); {
			name, _, _ := it.Next()
			all = all.Set(name, true)
		}
	}
	names := make([]string, 0, all.Len())
	for it := all.Iterator(); !it.Done(); {
		name, _, _ := it.Next()
		names = append(names, name)
	}
	return names
}

func describeOrNil(o *object, bucket, key string) *storage.Object {
	if o == nil {
		return nil
	}
	return o.describe(new(storage.Object), bucket, key)
}
