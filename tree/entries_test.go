package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPagesStayFew: deleting joins pages that get small, down to one.
func TestPagesStayFew(t *testing.T) {
	for name, order := range map[string]func(i, n int) int{
		"forwards":  func(i, n int) int { return i },
		"backwards": func(i, n int) int { return n - 1 - i },
		"scattered": func(i, n int) int { return i * 7919 % n },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 3_000
			tree := New(weigh)
			for i := range n {
				tree = tree.Set(fmt.Sprintf("%05d", order(i, n)), order(i, n), noon)
			}
			check(t, tree)
			for i := range n {
				var ok bool
				tree, ok = tree.Delete(fmt.Sprintf("%05d", order(i, n)), noon)
				require.True(t, ok)
				if i%53 == 0 {
					check(t, tree)
					for key, value := range tree.All() {
						require.Equal(t, key, fmt.Sprintf("%05d", value))
					}
				}
				require.LessOrEqual(t, leaves(tree.root.values), 8+tree.Len()/4)
			}
			assert.Zero(t, tree.Len())
		})
	}
}

// TestEntriesAgainstMap changes a map of three levels of pages at random, grows it
// and shrinks it to nothing.
func TestEntriesAgainstMap(t *testing.T) {
	const n = 12_000
	r := rand.New(rand.NewPCG(3, 0))
	var e entries[int]
	all := map[string]int{}
	for step := range 4 * n {
		name := fmt.Sprint(r.IntN(n))
		grow := 9
		if step > 2*n {
			grow = 1
		}
		if _, ok := all[name]; ok && r.IntN(10) >= grow {
			e = e.delete(name)
			delete(all, name)
		} else if r.IntN(10) < grow {
			e = e.set(name, step)
			all[name] = step
		}
		if step%(n/2) == 0 {
			requireEntries(t, all, e)
		}
	}
	requireEntries(t, all, e)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e = e.delete(name)
	}
	require.Equal(t, entries[int]{}, e)
}

func requireEntries(t *testing.T, want map[string]int, e entries[int]) {
	t.Helper()
	require.Len(t, want, e.count)
	for rank, it := range checkEntries(t, e) {
		require.Equal(t, want[it.name], it.value)
		require.Equal(t, rank, e.rank(it.name))
		value, ok := e.get(it.name)
		require.True(t, ok)
		require.Equal(t, it.value, value)
		leaf, i := e.locate(rank)
		require.Equal(t, it.name, leaf.names[i])
		_, ok = e.get(it.name + "-")
		require.False(t, ok)
	}
}

// TestJoinKeepsBound: a branch whose first bound has become too high is joined to
// the one before it without losing the names below that bound.
func TestJoinKeepsBound(t *testing.T) {
	const leaf, branch = maxLeaf, maxLeaf * maxBranch
	var e entries[int]
	all := map[string]int{}
	name := func(i int) string { return fmt.Sprintf("%05d", i) }
	set := func(i int) { e, all[name(i)] = e.set(name(i), i), i }
	remove := func(from, to int) {
		for i := from; i < to; i++ {
			e = e.delete(name(i))
			delete(all, name(i))
		}
	}
	for i := range 4 * branch {
		set(i)
	}
	parts := e.branch.len()
	remove(branch, branch+leaf) // the first leaf of the second branch
	set(branch + 1)             // below its first bound, now that the leaf is gone
	remove(branch+4*leaf, 2*branch)
	remove(4*leaf, branch)
	require.Equal(t, parts-1, e.branch.len(), "the branches are joined")
	requireEntries(t, all, e)
}

// TestInOrderPagesAreFull: names that come in order, as most do, waste no room.
func TestInOrderPagesAreFull(t *testing.T) {
	tree := New(weigh)
	for i := range 100 * maxLeaf {
		tree = tree.Set(fmt.Sprintf("%06d", i), 1, noon)
	}
	assert.Equal(t, 100, leaves(tree.root.values))
}

// TestNamesAreCopied: a name does not keep alive the key that it was cut from.
func TestNamesAreCopied(t *testing.T) {
	large := "dir/name and much more"
	key := large[:len("dir/name")]
	tree := New(weigh).Set(key, 1, noon)
	dirs := tree.root.dirs.leaf
	assert.NotSame(t, unsafe.StringData(key), unsafe.StringData(dirs.names[0]))
	assert.NotSame(t, unsafe.StringData(key[len("dir/"):]), unsafe.StringData(dirs.values[0].values.leaf.names[0]))
}
