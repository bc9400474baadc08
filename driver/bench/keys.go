package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// layouts lists the shapes of keys that stores are filled with.
var layouts = []string{flat, deep}

const (
	flat = "flat" // keys without directories
	deep = "deep" // keys three directories deep, about a hundred objects in each
)

// objectSize is the size of every object of a keyset, in bytes.
const objectSize = 1 << 10

const (
	pageSize  = 100    // keys in a listed page
	smallSize = 100    // objects in the small directory
	maxMoved  = 10_000 // limit of objects in the moved directory
)

// keyset describes the objects that a store is filled with: n objects, of which a
// tenth (at most maxMoved) is in a directory that a workload moves, and those of
// a small directory. Both directories sort after two thirds of the other keys,
// and the prefix after one third.
type keyset struct {
	layout string
	n      int
	keys   []string // all keys, sorted

	prefix         string // matches at least a page of keys, if n is large enough
	small          string // directory
	source, target string // directories; target is empty
	moved          int    // objects in source

	// reads and writes are the orders in which keys are used. They differ, so that
	// reads do not follow the order in which writes laid objects out in memory.
	reads, writes order
}

// order is a shuffled sequence of all indexes, repeated without end.
type order []int

func newOrder(n int, seed uint64) order { return rand.New(rand.NewPCG(seed, 0)).Perm(n) }

func (o order) at(i int) int { return o[i%len(o)] }

func newKeyset(layout string, n int) *keyset {
	s := &keyset{layout: layout, n: n, moved: min(maxMoved, n/10)}
	others := n - s.moved
	beside, _, _ := strings.Cut(shape(layout, others, others*2/3), "/")
	s.small, s.source, s.target = beside+"_small", beside+"_source", beside+"_target"
	s.prefix = pagePrefix(layout, shape(layout, others, others/3))
	for i := range others {
		s.keys = append(s.keys, shape(layout, others, i))
	}
	for i := range s.moved {
		s.keys = append(s.keys, s.source+"/"+shape(layout, s.moved, i))
	}
	for i := range smallSize {
		s.keys = append(s.keys, fmt.Sprintf("%s/%03d", s.small, i))
	}
	slices.Sort(s.keys)
	s.reads, s.writes = newOrder(len(s.keys), 1), newOrder(len(s.keys), 2)
	return s
}

// shape returns key i of n in a layout. The keys are sorted by i.
func shape(layout string, n, i int) string {
	if layout == flat {
		return fmt.Sprintf("k%07d", i)
	}
	width := max(1, int(math.Round(math.Cbrt(float64(n)/100))))
	leaf := i * width * width * width / n
	return fmt.Sprintf("p%02d/q%02d/r%02d/k%07d", leaf/width/width, leaf/width%width, leaf%width, i)
}

// pagePrefix returns a prefix that a key shares with hundreds of others.
func pagePrefix(layout, key string) string {
	if layout == flat {
		return key[:len(key)-3]
	}
	parts := strings.SplitAfter(key, "/")
	return parts[0] + parts[1]
}

// withPrefix returns the keys that begin with the prefix. The keys are sorted.
func withPrefix(keys []string, prefix string) []string {
	first, _ := slices.BinarySearch(keys, prefix)
	keys = keys[first:]
	n := sort.Search(len(keys), func(i int) bool { return !strings.HasPrefix(keys[i], prefix) })
	return keys[:n]
}

// fresh returns key i of a sequence of new keys. They sort among the keys of the
// set.
func (s *keyset) fresh(i int) string { return s.keys[s.writes.at(i)] + "-new" }

// stamp writes the index of an object into its content.
func stamp(content []byte, index int) {
	binary.LittleEndian.PutUint64(content, uint64(index))
}

// checkStamp returns an error unless content belongs to the object at index.
func checkStamp(content []byte, index int) error {
	if got := binary.LittleEndian.Uint64(content); got != uint64(index) {
		return fmt.Errorf("read the content of object %d, not %d", got, index)
	}
	return nil
}

// fill writes every object of the set to a store. The keys are copies, as in a
// real program, so that later lookups do not compare a string with itself.
func (s *keyset) fill(store Store) error {
	content := make([]byte, objectSize)
	for i, key := range s.keys {
		stamp(content, i)
		if err := store.Put(strings.Clone(key), content); err != nil {
			return fmt.Errorf("fill %q: %w", key, err)
		}
	}
	return nil
}
