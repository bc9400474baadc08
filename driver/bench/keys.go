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

// layouts are the shapes a store is filled in.
var layouts = []string{flat, deep}

const (
	flat = "flat" // keys without directories
	deep = "deep" // three directories deep, about a hundred objects in each
)

// objectSize is the size of every object that a keyset describes.
const objectSize = 1 << 10

const (
	pageSize  = 100    // of the pages listed
	smallSize = 100    // objects in the small directory
	maxMoved  = 10_000 // objects in the directory to be moved, at most
)

// keyset is what a store is filled with: n objects, of which a tenth (at most
// maxMoved) lies in a directory to be moved, and a small directory beside them.
// In the order of keys both come after two thirds of the others, and the prefix
// after one third.
type keyset struct {
	layout string
	n      int
	keys   []string // all of them, in order

	prefix         string // of a page's worth of keys, if there are as many
	small          string // directory
	source, target string // directories; the objects are in source
	moved          int    // objects in source

	// reads and writes are the orders in which keys are used. There are two, lest
	// reads follow the order in which writes have laid the objects out in memory.
	reads, writes order
}

// order is a sequence that goes through all indexes, shuffled, again and again.
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

// shape returns the i-th of n keys in a layout. They are in order.
func shape(layout string, n, i int) string {
	if layout == flat {
		return fmt.Sprintf("k%07d", i)
	}
	width := max(1, int(math.Round(math.Cbrt(float64(n)/100))))
	leaf := i * width * width * width / n
	return fmt.Sprintf("p%02d/q%02d/r%02d/k%07d", leaf/width/width, leaf/width%width, leaf%width, i)
}

// pagePrefix returns a prefix that a key shares with some hundred others.
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

// fresh returns the i-th key of a sequence of keys that are not in the set but
// lie among them.
func (s *keyset) fresh(i int) string { return s.keys[s.writes.at(i)] + "-new" }

// stamp writes into content which object of the set it is of.
func stamp(content []byte, index int) {
	binary.LittleEndian.PutUint64(content, uint64(index))
}

// checkStamp returns an error unless content is that of the object.
func checkStamp(content []byte, index int) error {
	if got := binary.LittleEndian.Uint64(content); got != uint64(index) {
		return fmt.Errorf("read the content of object %d, not %d", got, index)
	}
	return nil
}

// fill puts every object of the set into a store. The keys are copies, as those
// of a program would be, so that no store is given the very strings it will be
// asked for.
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
