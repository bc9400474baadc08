package tree

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
)

// index is a hash table that makes reading a tree as cheap as reading a map. It
// takes no lock and is never stale, since all that it holds is true of every
// version that refers to it: it is filled from one version before another can
// refer to it, whoever derives a version takes out the key that changes before
// that version refers to it, and nothing is put in again. A version that is thrown
// away costs it a key all the same. A key that is not in it is looked up in the
// directories.
type index[V comparable] struct {
	tags  []uint8 // of the hashes, 0 of an empty slot
	slots []slot[V]
	made  int          // how many values were put in
	left  atomic.Int64 // how many have not been taken out
}

// slot holds a key and its value, or the zero value if that was taken out. So
// zero values cannot be put in.
type slot[V comparable] struct {
	key   string
	value atomic.Value // a holder
}

// holder lets an atomic.Value hold any V, an interface too. A pointer is still
// held as itself.
type holder[V comparable] struct{ value V }

var seed = maphash.MakeSeed()

func newIndex[V comparable](t Tree[V]) *index[V] {
	size := t.Len()*4/3 + 1
	x := &index[V]{tags: make([]uint8, size), slots: make([]slot[V], size)}
	var none V
	for key, value := range t.All() {
		if value == none {
			continue
		}
		i, tag, _ := x.find(key)
		x.tags[i] = tag
		x.slots[i].key = key
		x.slots[i].value.Store(holder[V]{value})
		x.made++
	}
	x.left.Store(int64(x.made))
	return x
}

// find returns the slot that key is in or, if it is in none, the first empty
// one from where its hash says, and its tag.
func (x *index[V]) find(key string) (i int, tag uint8, found bool) {
	hash := maphash.String(seed, key)
	tag = uint8(hash) | 1
	first, _ := bits.Mul64(hash, uint64(len(x.slots)))
	for i = int(first); x.tags[i] != 0; i++ {
		if x.tags[i] == tag && x.slots[i].key == key {
			return i, tag, true
		}
		if i == len(x.slots)-1 {
			i = -1
		}
	}
	return i, tag, false
}

// get returns the value of key; the zero value if it is not there.
func (x *index[V]) get(key string) (value V) {
	if i, _, found := x.find(key); found {
		value = x.slots[i].value.Load().(holder[V]).value
	}
	return value
}

func (x *index[V]) remove(key string) {
	if i, _, found := x.find(key); found {
		if x.slots[i].value.Swap(holder[V]{}) != (holder[V]{}) {
			x.left.Add(-1)
		}
	}
}

// lacks returns how many of n values are not there.
func (x *index[V]) lacks(n int) int { return n - int(x.left.Load()) }

// memo is what reads have worked out about one version.
type memo[V comparable] struct {
	index     atomic.Pointer[index[V]]
	succeeded atomic.Bool // a version was derived from this one
	lineage   *lineage
}

// lineage is about all versions that descend from one.
type lineage struct {
	misses atomic.Int64 // reads that no index answered, since one was last made
	late   atomic.Int32 // indexes, one after another, of versions that had been succeeded
	making atomic.Bool  // an index, right now
}

const (
	// sample is how many reads one count stands for: readers that all counted
	// would get in each other's way.
	sample = 32

	// maxIndexed is how many values a tree with an index has at most. Making
	// one takes some tens of milliseconds then (BenchmarkNewIndex), and one
	// read is held up by it.
	maxIndexed = 1 << 17

	// maxDoublings is how often the reads are doubled that an index waits for.
	maxDoublings = 10
)

// get returns what the index, if there is one, knows of key; else the zero value.
func (m *memo[V]) get(key string) (value V) {
	if m == nil {
		return value
	}
	x := m.index.Load()
	if x == nil {
		return value
	}
	return x.get(key)
}

// missed counts a read of t that the index did not answer. Unless the index still
// has seven of eight values, it makes one when there has been one such read for
// every four values, so that making it costs each read O(1). While they come too
// late, for versions that have been succeeded, each waits for twice as many reads.
func (m *memo[V]) missed(t Tree[V]) {
	if m == nil || rand.Uint32()%sample != 0 || t.Len() > maxIndexed {
		return
	}
	if x := m.index.Load(); x != nil && 8*x.lacks(t.Len()) <= t.Len() {
		return
	}
	l := m.lineage
	enough := int64(t.Len()) << min(l.late.Load(), maxDoublings)
	if 4*l.misses.Add(sample) < enough || !l.making.CompareAndSwap(false, true) {
		return
	}
	m.index.Store(newIndex(t))
	if m.succeeded.Load() {
		l.late.Add(1)
	} else {
		l.late.Store(0)
	}
	l.misses.Store(0)
	l.making.Store(false)
}

// without returns the memo of a version that differs in key. It takes over the
// index unless more than half is gone from that.
func (m *memo[V]) without(key string) *memo[V] {
	next := m.anew()
	if m == nil {
		return next
	}
	if x := m.index.Load(); x != nil {
		x.remove(key)
		if 2*x.lacks(x.made) <= x.made {
			next.index.Store(x)
		}
	}
	return next
}

// anew returns the memo of a version that differs in any number of keys.
func (m *memo[V]) anew() *memo[V] {
	if m == nil {
		return &memo[V]{lineage: new(lineage)}
	}
	if !m.succeeded.Load() {
		m.succeeded.Store(true)
	}
	return &memo[V]{lineage: m.lineage}
}
