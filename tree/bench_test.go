package tree

import (
	"fmt"
	"testing"

	"github.com/benbjohnson/immutable"
)

// BenchmarkNewIndex makes the index of a tree: how long a read is held up by it,
// and how much memory it takes, to each value and in all. "all" lists the same
// tree instead.
func BenchmarkNewIndex(b *testing.B) {
	for _, n := range []int{1_000, 10_000, maxIndexed} {
		t := New(weigh)
		for i := range n {
			t = t.Set(fmt.Sprintf("p%02d/q%02d/r%02d/k%07d", i%20, i/20%10, i/200%10, i), i+1, noon)
		}
		b.Run(fmt.Sprint("index/values ", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newIndex(t, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/value")
		})
		b.Run(fmt.Sprint("all/values ", n), func(b *testing.B) {
			for b.Loop() {
				for range t.All() {
				}
			}
		})
	}
}

// BenchmarkGet reads all keys, by the index and by the directories.
func BenchmarkGet(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		t, keys := numbered(n)
		read := func(get func(string) (int, bool)) func(*testing.B) {
			return func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					get(keys[i*7919%n])
				}
			}
		}
		b.Run(fmt.Sprint("directories/values ", n), read(t.look))
		warm(b, t, keys)
		b.Run(fmt.Sprint("index/values ", n), read(t.Get))
	}
}

// BenchmarkSet replaces values, one at a time, beside what the tree is built on
// and beside a map, which changes in place.
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
