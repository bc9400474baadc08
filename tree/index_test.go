package tree

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIndex: reading a tree makes an index, which versions hand on and which
// answers for each of them as its directories do.
func TestIndex(t *testing.T) {
	const n = 1000
	key := func(i int) string { return fmt.Sprintf("d%d/%d", i%10, i) }
	tree := New(weigh)
	for i := range n {
		tree = tree.Set(key(i), i, noon)
	}
	read := func(tree Tree[int], want func(i int) int) {
		for i := range n {
			v, ok := tree.Get(key(i))
			require.Equal(t, want(i) != none, ok)
			if ok {
				require.Equal(t, want(i), v)
			}
		}
		_, ok := tree.Get("d/none")
		require.False(t, ok)
	}
	asIs := func(i int) int { return i }
	require.Nil(t, tree.memo.index.Load(), "before it has been read")
	until(t, func() bool { read(tree, asIs); return tree.memo.index.Load() != nil })
	x := tree.memo.index.Load()

	changed := tree.Set(key(7), -7, noon)
	removed, ok := tree.Delete(key(8), noon)
	require.True(t, ok)
	added := tree.Set("d1/new", 1, noon)
	for _, next := range []Tree[int]{changed, removed, added} {
		require.Same(t, x, next.memo.index.Load(), "a version takes the index over")
	}
	moved, ok := tree.Move("e/", "d1/", noon)
	require.True(t, ok)
	require.Nil(t, moved.memo.index.Load(), "too much has changed")
	read(tree, asIs)
	read(added, asIs)
	read(changed, func(i int) int {
		if i == 7 {
			return -7
		}
		return i
	})
	read(removed, func(i int) int {
		if i == 8 {
			return none
		}
		return i
	})
	read(moved, func(i int) int {
		if i%10 == 1 {
			return none
		}
		return i
	})
	dir, ok := tree.Dir("d1/")
	require.True(t, ok)
	v, ok := dir.Get("1")
	require.True(t, ok)
	require.Equal(t, 1, v)
	v, ok = added.Get("d1/new")
	require.True(t, ok)
	require.Equal(t, 1, v)

	same, ok := tree.Delete("d/none", noon)
	require.False(t, ok)
	require.Same(t, tree.memo, same.memo, "nothing has changed")
	_, ok = x.get(key(9))
	require.True(t, ok)
	_, ok = x.get(key(7))
	require.False(t, ok, "the index holds on to a value that was replaced")

	// When much of it is gone, reads make a new one.
	for i := range n {
		tree = tree.Set(key(i), -i, noon)
	}
	until(t, func() bool {
		read(tree, func(i int) int { return -i })
		return tree.memo.index.Load() != x
	})
	read(tree, func(i int) int { return -i })
}

// none is the value that no key has.
const none = 1 << 30

// until reads so often that what a sample of the reads decides comes about.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
	}
	t.Fatal("it never comes about")
}

// TestIndexesMadeInVain: while no version that has got an index is the one that
// others derive from, indexes get rarer; the first that is ends that.
func TestIndexesMadeInVain(t *testing.T) {
	base := treeOf("a", "b", "c")
	var late Tree[int]
	for i := range 12 {
		late = base.Set("a", i, noon)
		var reads int64
		for late.memo.index.Load() == nil {
			reads = late.memo.misses.reads.Load() + sample
			late.Get("a")
		}
		require.GreaterOrEqual(t, 4*reads, int64(late.Len())<<i)
		require.EqualValues(t, i+1, late.memo.misses.wasted.Load())
	}
	late.Set("b", 0, noon)
	require.Zero(t, late.memo.misses.wasted.Load())
}
