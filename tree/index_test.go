package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// numbered returns a tree of n values, none zero, and their keys.
func numbered(n int) (t Tree[int], keys []string) {
	t = New(weigh)
	for i := range n {
		keys = append(keys, fmt.Sprintf("d%d/%d", i%10, i))
		t = t.Set(keys[i], i+1, noon)
	}
	return t, keys
}

// warm reads a tree until it has an index, and returns that.
func warm(tb testing.TB, t Tree[int], keys []string) *index[int] {
	tb.Helper()
	for range 1000 {
		for i, key := range keys {
			v, ok := t.Read(key)
			require.True(tb, ok)
			require.Equal(tb, i+1, v)
		}
		if x := t.memo.index.Load(); x != nil {
			return x
		}
	}
	tb.Fatal("reading makes no index")
	return nil
}

// TestIndex: versions that differ in a key hand the index on, and each reads as
// its directories say.
func TestIndex(t *testing.T) {
	tree, keys := numbered(1000)
	for range 100 {
		for _, key := range keys {
			tree.Get(key)
		}
	}
	require.Nil(t, tree.memo.index.Load(), "Get makes an index")
	x := warm(t, tree, keys)

	changed := tree.Set(keys[7], -7, noon)
	removed, ok := tree.Delete(keys[8], noon)
	require.True(t, ok)
	added := tree.Set("d1/new", 1, noon)
	for _, next := range []Tree[int]{changed, removed, added} {
		require.Same(t, x, next.memo.index.Load(), "a version takes the index over")
	}
	moved, ok := tree.Move("e/", "d1/", noon)
	require.True(t, ok)
	require.Nil(t, moved.memo.index.Load(), "too much has changed")
	for _, remove := range []func(string, time.Time) (Tree[int], bool){tree.Delete, tree.DeleteDir, tree.DeleteValues} {
		same, ok := remove("none/", noon)
		require.False(t, ok)
		require.Same(t, tree.memo, same.memo, "nothing has changed")
	}

	for name, version := range map[string]Tree[int]{
		"first": tree, "changed": changed, "removed": removed, "added": added, "moved": moved,
	} {
		for _, key := range append(keys, "d1/new", "e/1", "d/none") {
			want, had := version.look(key)
			got, ok := version.Read(key)
			require.Equal(t, had, ok, "%s %s", name, key)
			require.Equal(t, want, got, "%s %s", name, key)
		}
		for _, absent := range []string{"none", "none/none", "d2/none"} {
			_, ok := version.Read(absent)
			require.False(t, ok)
		}
	}
	dir, ok := tree.Dir("d1/")
	require.True(t, ok)
	for _, read := range []func(string) (int, bool){dir.Get, dir.Read} {
		v, ok := read("1")
		require.True(t, ok)
		require.Equal(t, 2, v)
	}
	require.EqualValues(t, len(keys)-2, x.left.Load())
	require.Equal(t, 10, x.get(keys[9]))
	require.Zero(t, x.get(keys[7]), "the index holds on to a value that was replaced")
}

// TestIndexAnswers: what an index says is what Get and Read return.
func TestIndexAnswers(t *testing.T) {
	tree, keys := numbered(10)
	x := warm(t, tree, keys)
	i, _, found := x.find(keys[3])
	require.True(t, found)
	x.slots[i].value.Store(holder[int]{77})
	for _, read := range []func(string) (int, bool){tree.Get, tree.Read} {
		v, ok := read(keys[3])
		assert.True(t, ok)
		assert.Equal(t, 77, v)
	}
}

// TestIndexWears: an index goes when more than half of it is gone.
func TestIndexWears(t *testing.T) {
	const n = 1000
	tree, keys := numbered(n)
	x := warm(t, tree, keys)
	for i := range n / 2 {
		tree = tree.Set(keys[i], i+1, noon).Set(keys[i], i+1, noon)
		require.Same(t, x, tree.memo.index.Load())
	}
	tree = tree.Set(keys[n-1], n, noon)
	require.Nil(t, tree.memo.index.Load())
	require.NotSame(t, x, warm(t, tree, keys))
}

// TestIndexIsRenewed: reads make a new index when an eighth of it is gone, and
// not before, however often what is gone is read.
func TestIndexIsRenewed(t *testing.T) {
	const n = 1000
	tree, keys := numbered(n)
	x := warm(t, tree, keys)
	for i := range n / 8 {
		tree = tree.Set(keys[i], i+1, noon)
	}
	for range 100 * n {
		tree.Read(keys[0])
	}
	require.Same(t, x, tree.memo.index.Load(), "a key that was changed wears out the index")
	tree = tree.Set(keys[n/8], 1, noon)
	require.Same(t, x, tree.memo.index.Load())
	for range 100 * n {
		tree.Read(keys[0])
	}
	require.NotSame(t, x, tree.memo.index.Load())
	require.Zero(t, tree.memo.index.Load().lacks(n))
}

// TestIndexGrowsWithTree: an index of the few values that there once were does
// not stand in the way of one of many.
func TestIndexGrowsWithTree(t *testing.T) {
	tree, keys := numbered(100)
	x := warm(t, tree, keys)
	for i := len(keys); i < 1000; i++ {
		keys = append(keys, fmt.Sprint("more/", i))
		tree = tree.Set(keys[i], i+1, noon)
	}
	require.Same(t, x, tree.memo.index.Load())
	for range 100 {
		warm(t, tree, keys)
	}
	require.Equal(t, 1000, tree.memo.index.Load().made)
}

// TestLateIndexesGetRarer: while an index is made only when its version has been
// succeeded, each waits for more reads; one in time ends that.
func TestLateIndexesGetRarer(t *testing.T) {
	tree, keys := numbered(64)
	l := tree.memo.lineage
	for i := range maxDoublings + 2 {
		next := tree.Set("new", i, noon)
		var misses int64
		for tree.memo.index.Load() == nil {
			misses = l.misses.Load() + sample
			tree.Read(keys[0])
		}
		require.GreaterOrEqual(t, 4*misses, int64(tree.Len())<<min(i, maxDoublings))
		require.Less(t, 4*misses, int64(tree.Len())<<min(i, maxDoublings)+4*2*sample)
		require.EqualValues(t, i+1, l.late.Load())
		require.Zero(t, l.misses.Load())
		tree = next
	}
	l.making.Store(true)
	for range tree.Len() << maxDoublings {
		tree.Read(keys[0])
	}
	require.Nil(t, tree.memo.index.Load(), "one at a time")
	l.making.Store(false)
	warm(t, tree, keys)
	require.Zero(t, l.late.Load())
	require.False(t, l.making.Load())
}

// TestNothingIsIndexedInVain: zero values, which an index cannot hold, absent
// keys and trees that are too large make none.
func TestNothingIsIndexedInVain(t *testing.T) {
	set := Tree[struct{}]{}.Set("a", struct{}{}, noon)
	few := treeOf("a", "b")
	many := New(weigh)
	for i := range maxIndexed + 1 {
		many = many.Set(fmt.Sprint(i/1000, "/", i), 1, noon)
	}
	for range 2 * maxIndexed {
		_, ok := set.Read("a")
		require.True(t, ok)
		few.Read("c")
		many.Read("7/7000")
	}
	assert.Nil(t, set.memo.index.Load())
	assert.Nil(t, few.memo.index.Load())
	assert.Nil(t, many.memo.index.Load())

	mixed := treeOf("a").Set("zero", 0, noon)
	x := warm(t, mixed, []string{"a"})
	assert.Equal(t, 1, x.made)
	v, ok := mixed.Read("zero")
	assert.True(t, ok)
	assert.Zero(t, v)
}

// TestIndexIsForMany reads and derives versions from each other on many
// goroutines at once; each version must read as the map that was made with it.
func TestIndexIsForMany(t *testing.T) {
	type version struct {
		tree Tree[int]
		want map[string]int
	}
	var versions [16]version
	tree, keys := numbered(200)
	for i := range versions {
		versions[i] = version{tree, maps.Collect(tree.All())}
	}
	var mu sync.Mutex
	var indexed sync.Map
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for range 600 {
				mu.Lock()
				v := versions[r.IntN(len(versions))]
				mu.Unlock()
				for range 100 {
					key := keys[r.IntN(len(keys))]
					got, ok := v.tree.Read(key)
					want, had := v.want[key]
					if got != want || ok != had {
						t.Errorf("%s reads as %d, %t, not %d, %t", key, got, ok, want, had)
					}
				}
				if x := v.tree.memo.index.Load(); x != nil {
					indexed.Store(x, true)
				}
				next := version{want: maps.Clone(v.want)}
				key := keys[r.IntN(len(keys))]
				if r.IntN(3) == 0 {
					next.tree, _ = v.tree.Delete(key, noon)
					delete(next.want, key)
				} else {
					value := 1 + r.IntN(1000)
					next.tree = v.tree.Set(key, value, noon)
					next.want[key] = value
				}
				mu.Lock()
				versions[r.IntN(len(versions))] = next
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	n := 0
	indexed.Range(func(any, any) bool { n++; return true })
	assert.Positive(t, n, "no version had an index")
}
