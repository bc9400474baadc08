package tree

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
)

// index makes reading a tree as cheap as reading a map. It takes no lock and is
// never stale. The versions that share one stand in a line, each derived from the
// one before and numbered one higher. A value in it is stamped with the number of
// the version that put it there, and a version believes only stamps up to its own.
//
// The first version derived from the end of the line goes on with it, and puts in
// what it changes. Others branch off: they keep the number of the one they come
// from, and what they change they take out, if it bears a stamp that they would
// believe. A version that is thrown away may have gone on with the line; then
// those that are kept branch off, until reads make them an index of their own.
//
// Zero stands for a value that is not known, and is not believed either. What is
// not believed is looked up in the directories.
type index[V comparable] struct {
	slots  map[string]*slot[V] // never changes
	newest atomic.Uint64       // number of the version that the line ends with
}

// slot holds the value that a key has since a version.
type slot[V comparable] struct {
	since atomic.Uint64 // gone while the value changes, and if it was taken out
	value atomic.Value  // a holder
}

// gone is a stamp that no version believes.
const gone = math.MaxUint64

// get returns the value, if a version with the number may believe it, else the
// zero value. The stamp is read again, lest the value be that of a later one: each
// stamp but gone is set once.
func (s *slot[V]) get(number uint64) (value V) {
	since := s.since.Load()
	if since > number {
		return value
	}
	held := s.value.Load().(holder[V])
	if s.since.Load() != since {
		return value
	}
	return held.value
}

// put sets the value, for the version with the number, which ends the line.
func (s *slot[V]) put(value V, number uint64) {
	s.since.Store(gone)
	s.value.Store(holder[V]{value})
	s.since.Store(number)
}

// takeOut removes the value, if a version with the number would believe it. Its
// zero may land on what a put has just set: then that is not known.
func (s *slot[V]) takeOut(number uint64) {
	since := s.since.Load()
	if since <= number && s.since.CompareAndSwap(since, gone) {
		s.value.Store(holder[V]{})
	}
}

// holder lets an atomic.Value hold any V, an interface too. A pointer is still
// held as itself.
type holder[V comparable] struct{ value V }

// newIndex returns the index of a version with the number.
func newIndex[V comparable](t Tree[V], number uint64) *index[V] {
	x := &index[V]{slots: make(map[string]*slot[V], t.Len())}
	x.newest.Store(number)
	slots := make([]slot[V], t.Len())
	var none V
	for key, value := range t.All() {
		if value == none {
			continue
		}
		s := &slots[len(x.slots)]
		s.put(value, number)
		x.slots[key] = s
	}
	return x
}

// get returns the value that key has for a version with the number, if it is
// known, else the zero value.
func (x *index[V]) get(key string, number uint64) (value V) {
	if s := x.slots[key]; s != nil {
		value = s.get(number)
	}
	return value
}

// change tells the index of a version that is derived from one with the number
// and differs in the value of key, which is zero if it lacks it. It returns the
// number of that version.
func (x *index[V]) change(number uint64, key string, value V) uint64 {
	s := x.slots[key]
	if !x.newest.CompareAndSwap(number, number+1) {
		if s != nil {
			s.takeOut(number)
		}
		return number
	}
	if s != nil {
		s.put(value, number+1)
	}
	return number + 1
}

// memo is what reads have worked out about one version.
type memo[V comparable] struct {
	index     atomic.Pointer[index[V]]
	number    uint64      // in the line of the index, whichever that is
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
	// one takes some 20 ms then (BenchmarkNewIndex), and one read is held up
	// by it.
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
	return x.get(key, m.number)
}

// missed counts a read of t that the index did not answer, and makes one when
// there have been as many as a quarter of the values, so that making it costs each
// such read O(1). While indexes come too late, for versions that have been
// succeeded, each waits for twice as many reads.
func (m *memo[V]) missed(t Tree[V]) {
	if m == nil || rand.Uint32()%sample != 0 || t.Len() > maxIndexed {
		return
	}
	l := m.lineage
	enough := int64(t.Len()) << min(l.late.Load(), maxDoublings)
	if 4*l.misses.Add(sample) < enough || !l.making.CompareAndSwap(false, true) {
		return
	}
	m.index.Store(newIndex(t, m.number))
	if m.succeeded.Load() {
		l.late.Add(1)
	} else {
		l.late.Store(0)
	}
	l.misses.Store(0)
	l.making.Store(false)
}

// with returns the memo of a version that differs in the value of key, which is
// zero if it lacks it, and has so many values. It takes over the index, unless
// that is of more than twice as many.
func (m *memo[V]) with(key string, value V, count int) *memo[V] {
	next := m.anew()
	if m == nil {
		return next
	}
	if x := m.index.Load(); x != nil && len(x.slots) <= 2*count {
		next.number = x.change(m.number, key, value)
		next.index.Store(x)
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
