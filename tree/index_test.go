package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
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

// warm reads a tree of numbered until it has an index, and returns that.
func warm(tb testing.TB, t Tree[int], keys []string) *index[int] {
	tb.Helper()
	for i, key := range keys {
		v, ok := t.Read(key)
		require.True(tb, ok)
		require.Equal(tb, i+1, v)
	}
	return warmed(tb, t, keys)
}

// warmed reads a tree until it has an index that knows all keys, and returns that.
func warmed(tb testing.TB, t Tree[int], keys []string) *index[int] {
	tb.Helper()
	for range 1000 {
		known := 0
		for _, key := range keys {
			t.Read(key)
			if t.memo.get(key) != 0 {
				known++
			}
		}
		if known == len(keys) {
			return t.memo.index.Load()
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
	require.EqualValues(t, 1, changed.memo.number, "the first goes on with the line")
	require.Zero(t, removed.memo.number, "the second branches off")
	require.Equal(t, -7, x.get(keys[7], 1))
	require.Zero(t, x.get(keys[7], 0), "the first version believes what came later")
	require.Zero(t, x.get(keys[8], 1), "a branch left what it changed")
	require.Equal(t, 10, x.get(keys[9], 0))
}

// TestIndexFollowsLine: along a line of versions the index answers for every key
// that it was made of, to the newest version, and to the others where nothing has
// changed since.
func TestIndexFollowsLine(t *testing.T) {
	tree, keys := numbered(100)
	x := warm(t, tree, keys)
	versions := []Tree[int]{tree}
	for i, key := range keys[:50] {
		tree = tree.Set(key, -i-1, noon)
		versions = append(versions, tree)
	}
	for v, version := range versions {
		require.Same(t, x, version.memo.index.Load())
		for i, key := range keys {
			got := x.get(key, version.memo.number)
			switch {
			case i < v:
				require.Equal(t, -i-1, got, "version %d, key %d", v, i)
			case i < 50:
				require.Zero(t, got, "version %d, key %d", v, i)
			default:
				require.Equal(t, i+1, got, "version %d, key %d", v, i)
			}
		}
	}
	gone, ok := tree.Delete(keys[0], noon)
	require.True(t, ok)
	back := gone.Set(keys[0], 77, noon)
	for version, want := range map[*Tree[int]]int{&tree: 0, &gone: 0, &back: 77} {
		require.Equal(t, want, x.get(keys[0], version.memo.number))
	}
}

// TestIndexOfBranches: what a branch changes does not come back to it when the
// line changes it too, and it takes out nothing that it would not believe.
func TestIndexOfBranches(t *testing.T) {
	tree, keys := numbered(10)
	x := warm(t, tree, keys)
	tree = tree.Set(keys[9], 10, noon)
	require.EqualValues(t, 1, tree.memo.number)
	line := tree.Set(keys[0], -1, noon)
	branch := tree.Set(keys[1], -2, noon).Set(keys[0], -3, noon)
	require.Equal(t, -1, x.get(keys[0], line.memo.number), "a branch takes out what it does not believe")
	require.Zero(t, x.get(keys[1], line.memo.number))
	line = line.Set(keys[1], -4, noon)
	require.Equal(t, -4, x.get(keys[1], line.memo.number), "the line does not put back what a branch took out")
	for version, want := range map[*Tree[int]][2]int{&tree: {1, 2}, &line: {-1, -4}, &branch: {-3, -2}} {
		for i, want := range want {
			got, ok := version.Read(keys[i])
			require.True(t, ok)
			require.Equal(t, want, got)
		}
	}
	own := warmed(t, branch, keys)
	require.NotSame(t, x, own, "reads of a branch make it no index of its own")
	next := branch.Set(keys[2], -5, noon)
	require.Equal(t, -5, own.get(keys[2], next.memo.number), "with that it ends no line")
}

// TestIndexChangesWhole: a read that meets a change gets the value of its own
// version or none, never that of a later one.
func TestIndexChangesWhole(t *testing.T) {
	tree, keys := numbered(1)
	warm(t, tree, keys)
	const last = 10_000
	var newest atomic.Pointer[Tree[int]]
	tree = tree.Set(keys[0], last, noon) // from here on a version's value says its number
	newest.Store(&tree)
	base := int(tree.memo.number)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for number := base; number < base+last; {
				version := newest.Load()
				number = int(version.memo.number)
				got, ok := version.Read(keys[0])
				if want := last + number - base; !ok || got != want {
					t.Errorf("version %d reads %d, not %d", number, got, want)
					return
				}
			}
		})
	}
	for i := range last {
		next := newest.Load().Set(keys[0], last+i+1, noon)
		newest.Store(&next)
	}
	wg.Wait()
}

// TestIndexAnswers: what an index says is what Get and Read return.
func TestIndexAnswers(t *testing.T) {
	tree, keys := numbered(10)
	x := warm(t, tree, keys)
	x.slots[keys[3]].put(77, 0)
	for _, read := range []func(string) (int, bool){tree.Get, tree.Read} {
		v, ok := read(keys[3])
		assert.True(t, ok)
		assert.Equal(t, 77, v)
	}
}

// TestIndexOfShrunkTree: an index goes when less than half of its tree is left.
func TestIndexOfShrunkTree(t *testing.T) {
	const n = 1000
	tree, keys := numbered(n)
	x := warm(t, tree, keys)
	for _, key := range keys[:n/2] {
		tree, _ = tree.Delete(key, noon)
		require.Same(t, x, tree.memo.index.Load())
	}
	tree, _ = tree.Delete(keys[n-1], noon)
	require.Nil(t, tree.memo.index.Load())
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
	require.Len(t, tree.memo.index.Load().slots, 1000)
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
	assert.Len(t, x.slots, 1)
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
