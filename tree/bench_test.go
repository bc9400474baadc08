package tree

import (
	"fmt"
	"testing"

	"github.com/benbjohnson/immutable"
)

// BenchmarkGet reads all keys of a tree, flat and two directories deep.
func BenchmarkGet(b *testing.B) {
	for layout, shape := range map[string]string{"flat": "%[2]d", "deep": "d%[1]d/%[2]d"} {
		for _, n := range []int{1_000, 10_000, 100_000} {
			tree := New(weigh)
			keys := make([]string, n)
			for i := range keys {
				keys[i] = fmt.Sprintf(shape, i%10, i)
				tree = tree.Set(keys[i], i, noon)
			}
			b.Run(fmt.Sprint(layout, "/values ", n), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					tree.Get(keys[i*7919%n])
				}
			})
		}
	}
}

// BenchmarkSet replaces values, one at a time. It compares with a general
// persistent sorted map and with a Go map, which changes in place.
func BenchmarkSet(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		keys := make([]string, n)
		tree, value := New[*int](nil), new(int)
		sorted := immutable.NewSortedMap[string, *int](nil)
		inPlace := make(map[string]*int)
		for i := range keys {
			keys[i] = fmt.Sprintf("k%07d", i)
			tree = tree.Set(keys[i], value, noon)
			sorted = sorted.Set(keys[i], value)
			inPlace[keys[i]] = value
		}
		run := func(name string, set func(key string)) {
			b.Run(fmt.Sprint(name, "/values ", n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					set(keys[i*7919%n])
				}
			})
		}
		run("tree", func(key string) { tree = tree.Set(key, value, noon) })
		run("SortedMap", func(key string) { sorted = sorted.Set(key, value) })
		run("map", func(key string) { inPlace[key] = value })
	}
}

// BenchmarkMerge moves a directory of 300,000 values onto one of as many other names.
func BenchmarkMerge(b *testing.B) {
	const n = 300_000
	tree := New[*int](nil)
	value, by := new(int), new(Owner)
	for i := range n {
		tree, _, _ = tree.SwapBy(by, fmt.Sprintf("a/%07d", 2*i), value, noon)
		tree, _, _ = tree.SwapBy(by, fmt.Sprintf("b/%07d", 2*i+1), value, noon)
	}
	for b.Loop() {
		if moved, _ := tree.Move("a", "b", noon); moved.Len() != 2*n {
			b.Fatal(moved.Len())
		}
	}
}
