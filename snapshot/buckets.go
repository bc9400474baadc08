package snapshot

import (
	"strings"
	"time"

	"open-lake.dev/lib/storage/tree"
)

// buckets are the buckets of a Snapshot by name.
//
// This is an optimisation: the bucket that was changed last lies beside the tree, so
// that a run of changes to one bucket leaves the tree alone. A change to another one
// changes the tree twice. In the tree, reserved stands for the bucket beside it: else
// the tree would keep alive what no version has. BenchmarkOverwrite of driver/memory
// measures it.
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

// tree returns the buckets as a tree, changed by an owner if it is not nil. It costs
// O(log buckets).
func (b *buckets) tree(by *tree.Owner) tree.Tree[*bucket] {
	if b.last == nil {
		return b.names
	}
	names, _, _ := b.names.SwapBy(by, b.name, b.last, time.Time{})
	return names
}

// with returns b with the named bucket added or replaced. It keeps a copy of the name.
func (b *buckets) with(name string, next *bucket) buckets {
	if b.last != nil && b.name == name {
		return buckets{b.names, b.name, next}
	}
	by := new(tree.Owner)
	names, _, _ := b.tree(by).SwapBy(by, name, reserved, time.Time{})
	return buckets{names, strings.Clone(name), next}
}

// without returns b without the named bucket.
func (b *buckets) without(name string) buckets {
	by := new(tree.Owner)
	names, _ := b.tree(by).DeleteBy(by, name, time.Time{})
	return buckets{names: names}
}
