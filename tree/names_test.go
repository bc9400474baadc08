package tree

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestIndex: reading a wide directory makes an index, which answers as the
// pages do and stays with its version.
func TestIndex(t *testing.T) {
	const width = 1000
	tree := New(weigh)
	for i := range width {
		tree = tree.Set(fmt.Sprint("d/", i), i, noon)
	}
	read := func(tree Tree[int]) {
		for i := range width {
			v, ok := tree.Get(fmt.Sprint("d/", i))
			require.True(t, ok)
			require.Equal(t, i, v)
		}
		_, ok := tree.Get("d/none")
		require.False(t, ok)
	}
	indexOf := func(tree Tree[int]) *map[string]int { return tree.root.find("d/").values.index.byName.Load() }
	require.Nil(t, indexOf(tree), "before it has been read")
	for range 10 { // the count is a sample, so more often than once
		read(tree)
	}
	require.NotNil(t, indexOf(tree))
	read(tree)

	next := tree.Set("d/7", -7, noon)
	require.Nil(t, indexOf(next))
	v, _ := next.Get("d/7")
	require.Equal(t, -7, v)
	read(tree)
}

// TestPagesStayFew: deleting joins pages that get small, down to one.
func TestPagesStayFew(t *testing.T) {
	for name, order := range map[string]func(i, n int) int{
		"forwards":  func(i, n int) int { return i },
		"backwards": func(i, n int) int { return n - 1 - i },
		"scattered": func(i, n int) int { return i * 7919 % n },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 10_000
			tree := New(weigh)
			for i := range n {
				tree = tree.Set(fmt.Sprintf("%05d", order(i, n)), 1, noon)
			}
			check(t, tree)
			for i := range n {
				var ok bool
				tree, ok = tree.Delete(fmt.Sprintf("%05d", order(i, n)), noon)
				require.True(t, ok)
				if i%500 == 0 {
					check(t, tree)
				}
				if s := tree.root.values; s.pages != nil {
					require.LessOrEqual(t, s.pages.Len(), n/8)
				}
			}
			assert.Zero(t, tree.Len())
		})
	}
}

// TestInOrderPagesAreFull: names that come in order, as most do, waste no room.
func TestInOrderPagesAreFull(t *testing.T) {
	tree := New(weigh)
	for i := range 100 * maxPage {
		tree = tree.Set(fmt.Sprintf("%06d", i), 1, noon)
	}
	assert.Equal(t, 100, tree.root.values.pages.Len())
}
