package main

import (
	"runtime"
	"strings"
)

// heapName is the figure of [measureHeap].
const heapName = "heap per object of 100 bytes, beyond the content"

const heapObjectSize = 100

// measureHeap fills a store with small objects and returns the growth of the live
// heap per object, less the content. The store gets its own copies of the keys.
func measureHeap(c candidate, set *keyset) ([]figure, error) {
	content := make([]byte, heapObjectSize)
	before := liveHeap()
	store, err := c.open(len(set.keys))
	if err != nil {
		return nil, err
	}
	for _, key := range set.keys {
		if err := store.Put(strings.Clone(key), content); err != nil {
			return nil, err
		}
	}
	grown := liveHeap() - before
	runtime.KeepAlive(store)
	return []figure{{name: heapName, unit: octets, cost: grown/float64(len(set.keys)) - heapObjectSize}}, nil
}

// liveHeap returns the number of reachable bytes on the heap. It collects twice,
// since finalizers and pools free their memory only in the second collection.
func liveHeap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
