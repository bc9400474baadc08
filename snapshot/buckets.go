package snapshot

import (
	"strings"
	"time"

	"open-lake.dev/lib/storage/tree"
)

// buckets are the buckets of a Snapshot by name.
//
// This is an optimisation: the bucket that was changed last lies beside the tree, so
// that a run of changes to one bucket leaves the tree alone. In the tree, reserved
// stands for it: else the tree would keep alive what no version has.
// BenchmarkOverwrite of driver/memory measures it.
type buckets struct {
	names tree.Tree[*bucket] // by name, which has no slash
	name  string             // of last
	last  *bucket            // nil if none lies beside the tree
}

var reserved = new(bucket)

// get returns the named bucket, nil if there is none.
func (b *buckets) get(name string) *bucket {
	if b.last != nil && b.name == name {
		return b.last
	}
	found, _ := b.names.Get(name)
	return found
}

// tree returns the buckets as a tree. It costs O(log buckets).
func (b *buckets) tree() tree.Tree[*bucket] {
	if b.last == nil {
		return b.names
	}
	return b.names.Set(b.name, b.last, time.Time{})
}

// with returns b with the named bucket added or replaced. It keeps a copy of the name.
func (b *buckets) with(name string, next *bucket) buckets {
	if b.last != nil && b.name == name {
		return buckets{b.names, b.name, next}
	}
	return buckets{b.tree().Set(name, reserved, time.Time{}), strings.Clone(name), next}
}

// without returns b without the named bucket.
func (b *buckets) without(name string) buckets {
	names, _ := b.tree().Delete(name, time.Time{})
	return buckets{names: names}
}
