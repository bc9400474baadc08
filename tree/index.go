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
// that version refers to it, and nothing is put in again. A key that is not in
// it is looked up in the directories.
type index[V comparable] struct {
	tags  []uint8 // of the hashes, 0 of an empty slot
	slots []slot[V]
}

// slot holds a key and its value, or the zero value if that was taken out.
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
	x := &index[V]{make([]uint8, size), make([]slot[V], size)}
	for key, value := range t.All() {
		i, tag, _ := x.find(key)
		x.tags[i] = tag
		x.slots[i].key = key
		x.slots[i].value.Store(holder[V]{value})
	}
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

func (x *index[V]) get(key string) (value V, ok bool) {
	if i, _, found := x.find(key); found {
		value = x.slots[i].value.Load().(holder[V]).value
	}
	var none V
	return value, value != none
}

func (x *index[V]) remove(key string) {
	if i, _, found := x.find(key); found {
		x.slots[i].value.Store(holder[V]{})
	}
}

// memo is what reads have worked out about one version.
type memo[V comparable] struct {
	index  atomic.Pointer[index[V]]
	misses *misses
}

// misses is about all versions that descend from one.
type misses struct {
	reads  atomic.Int64 // that no index answered, since one was last made
	wasted atomic.Int32 // how many indexes were made too late, one after another
}

const (
	// sample is how many reads one count stands for: readers that all counted
	// would get in each other's way.
	sample = 32

	// maxIndexed is how many values a tree with an index has at most. Making
	// one takes as long as to list them, and one read is held up by it.
	maxIndexed = 1 << 18
)

// get returns what the index, if there is one, knows of key.
func (m *memo[V]) get(key string) (value V, ok bool) {
	if m == nil {
		return value, false
	}
	x := m.index.Load()
	if x == nil {
		return value, false
	}
	return x.get(key)
}

// missed counts a read of t that had to go through the directories. When there
// has been one for every four values it makes an index, so making it costs each
// read O(1). While indexes are made in vain, since t has been succeeded before
// they are ready, each waits for twice as many reads.
func (m *memo[V]) missed(t Tree[V]) {
	if m == nil || rand.Uint32()%sample != 0 || t.Len() > maxIndexed {
		return
	}
	wasted := m.misses.wasted.Load()
	reads := m.misses.reads.Add(sample)
	if 4*reads < int64(t.Len())<<min(wasted, 32) || !m.misses.reads.CompareAndSwap(reads, 0) {
		return
	}
	if m.index.Load() == nil {
		m.misses.wasted.Store(wasted + 1) // until t is succeeded
	}
	m.index.Store(newIndex(t))
}

// without returns the memo of a version that differs in key.
func (m *memo[V]) without(key string) *memo[V] {
	next := m.anew()
	if m == nil {
		return next
	}
	if x := m.index.Load(); x != nil {
		x.remove(key)
		next.index.Store(x)
	}
	return next
}

// anew returns the memo of a version that differs in any number of keys.
func (m *memo[V]) anew() *memo[V] {
	if m == nil {
		return &memo[V]{misses: new(misses)}
	}
	if m.index.Load() != nil {
		m.misses.wasted.Store(0) // it was ready in time
	}
	return &memo[V]{misses: m.misses}
}
