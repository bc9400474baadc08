package tree

import (
	"math/rand/v2"
	"sync/atomic"
)

// index makes reads of a wide directory as cheap as those of a map. Names never
// change, so an index of them can never be stale; it is made by the reads
// themselves, when there have been as many as there are names, so that making
// it costs each read O(1).
type index[T any] struct {
	byName atomic.Pointer[map[string]T]
	reads  atomic.Int64
}

// sample is how many reads one count stands for: readers that all counted would
// get in each other's way.
const sample = 32

// of returns the index of s, nil as long as there is none.
func (x *index[T]) of(s names[T]) map[string]T {
	if m := x.byName.Load(); m != nil {
		return *m
	}
	if rand.Uint32()%sample != 0 || x.reads.Add(sample) < int64(s.count) {
		return nil
	}
	m := make(map[string]T, s.count)
	for c := s.from("", ""); c.head() != nil; c.drop(1) {
		m[c.head().name] = c.head().value
	}
	x.byName.Store(&m)
	return m
}
