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
				require.LessOrEqual(t, len(pagesOf(t, tree.root.values)), 8+tree.Len()/4)
			}
			assert.Zero(t, tree.Len())
		})
	}
}

// TestEntriesAgainstMap changes a map of many pages at random, grows it and shrinks
// it to nothing.
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
			e = e.delete(e.find(name), change{})
			delete(all, name)
		} else if r.IntN(10) < grow {
			e = e.set(e.find(name), step, change{})
			all[name] = step
		}
		if step%(n/2) == 0 {
			requireEntries(t, all, e)
		}
	}
	requireEntries(t, all, e)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e = e.delete(e.find(name), change{})
	}
	require.Equal(t, entries[int]{}, e)
}

func requireEntries(t *testing.T, want map[string]int, e entries[int]) {
	t.Helper()
	require.Len(t, want, e.count)
	for _, it := range checkEntries(t, e) {
		require.Equal(t, want[it.name], it.value)
		value, ok := e.get(it.name)
		require.True(t, ok)
		require.Equal(t, it.value, value)
		_, ok = e.get(it.name + "-")
		require.False(t, ok)
	}
}

// TestInOrderPagesAreFull: names that come in order, as most do, waste no room.
func TestInOrderPagesAreFull(t *testing.T) {
	tree := New(weigh)
	for i := range 100 * maxPage {
		tree = tree.Set(fmt.Sprintf("%06d", i), 1, noon)
	}
	assert.Equal(t, 100, len(pagesOf(t, tree.root.values)))
}

// TestThinPagesAreJoined: whatever the order in which most names of a directory are
// deleted, few pages are left, and likewise after all came back in random order.
func TestThinPagesAreJoined(t *testing.T) {
	const n = 200 * maxPage
	name := func(i int) string { return fmt.Sprintf("%06d", i) }
	var full entries[int]
	for i := range n {
		full = full.set(full.find(name(i)), i, change{})
	}
	ascending, descending := make([]int, n), make([]int, n)
	for i := range n {
		ascending[i], descending[n-1-i] = i, i
	}
	random := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for order, all := range map[string][]int{"ascending": ascending, "descending": descending, "random": random} {
		e := full
		for _, i := range all {
			if i%64 > 0 {
				e = e.delete(e.find(name(i)), change{})
			}
		}
		require.Equal(t, n/64, e.count)
		branches := n/maxPage/maxPage + 1
		assert.LessOrEqual(t, len(pagesOf(t, e)), n/64/(maxPage/4)+2*branches, order)
		for _, i := range all {
			e = e.set(e.find(name(i)), i, change{})
		}
		assert.LessOrEqual(t, len(pagesOf(t, e)), 2*n/maxPage, order)
	}
}

// TestNamesAreCopied: a name does not keep alive the key that it was cut from.
func TestNamesAreCopied(t *testing.T) {
	large := "dir/name and much more"
	key := large[:len("dir/name")]
	tree := New(weigh).Set(key, 1, noon)
	dirs := tree.root.dirs.page
	assert.NotSame(t, unsafe.StringData(key), unsafe.StringData(dirs.names[0]))
	assert.NotSame(t, unsafe.StringData(key[len("dir/"):]), unsafe.StringData(dirs.values[0].values.page.names[0]))
}

// TestGetAllocatesNothing: an iterator of the pages stays on the stack.
func TestGetAllocatesNothing(t *testing.T) {
	tree := New(weigh)
	keys := []string{}
	for i := range 100 * maxPage {
		keys = append(keys, fmt.Sprintf("d/%d", i))
		tree = tree.Set(keys[i], i, noon)
	}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for _, key := range keys {
			tree.Get(key)
		}
	}))
}
