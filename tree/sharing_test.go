package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestConcurrent reads versions and derives others from them on many goroutines
// at once. Each version must read as the map that was made with it.
func TestConcurrent(t *testing.T) {
	type version struct {
		tree Tree[int]
		want oracle
	}
	var mu sync.Mutex
	var versions [16]version
	tree, keys := New(weigh), []string{}
	for i := range 200 {
		keys = append(keys, fmt.Sprintf("d%d/%d", i%10, i))
		tree = tree.Set(keys[i], i+1, noon)
	}
	for i := range versions {
		versions[i] = version{tree, maps.Collect(tree.All())}
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for range 200 {
				mu.Lock()
				v := versions[r.IntN(len(versions))]
				mu.Unlock()
				assert.Equal(t, v.want, oracle(maps.Collect(v.tree.All())))
				key, next := keys[r.IntN(len(keys))], version{want: maps.Clone(v.want)}
				got, ok := v.tree.Get(key)
				_, had := v.want[key]
				assert.Equal(t, v.want[key], got)
				assert.Equal(t, had, ok)
				if r.IntN(3) == 0 {
					next.tree, _ = v.tree.Delete(key, noon)
					delete(next.want, key)
				} else {
					next.want[key] = 1 + r.IntN(1000)
					next.tree = v.tree.Set(key, next.want[key], noon)
				}
				mu.Lock()
				versions[r.IntN(len(versions))] = next
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// TestNothingIsKept: values of versions that nobody holds are freed, whatever has
// been read meanwhile.
func TestNothingIsKept(t *testing.T) {
	const n, size = 1000, 10 << 10
	tree := New[*[size]byte](nil)
	key := func(i int) string { return fmt.Sprintf("d%d/%d", i%10, i) }
	for i := range n {
		tree = tree.Set(key(i), nil, noon)
	}
	readAll := func(tree Tree[*[size]byte]) {
		for range 20 {
			for i := range n {
				tree.Get(key(i))
			}
		}
	}
	readAll(tree)
	before := heap()
	next := tree
	for i := range n {
		next = next.Set(key(i), new([size]byte), noon)
	}
	readAll(next)
	require.Greater(t, heap(), before+n*size/2)
	runtime.KeepAlive(next)
	next = Tree[*[size]byte]{}
	require.Less(t, heap(), before+n*size/20)
	runtime.KeepAlive(tree)
}

// TestNothingIsKeptOfARun: a tree keeps none of the values that a run of changes has
// set and replaced, however often the pages grew meanwhile.
func TestNothingIsKeptOfARun(t *testing.T) {
	const size = 1 << 20
	for _, n := range []int{1, 2, 3, 8, 20, maxPage, 2 * maxPage} {
		before, by := heap(), new(Owner)
		tree := New[*[size]byte](nil)
		for _, value := range []*[size]byte{new([size]byte), nil} {
			for i := range n {
				tree, _, _ = tree.SwapBy(by, fmt.Sprint(i), value, noon)
			}
		}
		require.Less(t, heap(), before+size/2, "%d values", n)
		runtime.KeepAlive(tree)
	}
}

// heap returns the bytes that are reachable.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
