package tree

import (
	"fmt"
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
				if i%11 == 0 {
					check(t, tree)
					for key, value := range tree.All() {
						require.Equal(t, key, fmt.Sprintf("%05d", value))
					}
				}
				if s := tree.root.values; s.many != nil {
					require.LessOrEqual(t, s.many.byKey.Len(), n/8)
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
	assert.Equal(t, 100, tree.root.values.many.byKey.Len())
}

// TestNamesAreCopied: a name does not keep what it was cut from alive.
func TestNamesAreCopied(t *testing.T) {
	large := "dir/name and much more"
	key := large[:len("dir/name")]
	tree := New(weigh).Set(key, 1, noon)
	dirs := tree.root.dirs.page
	assert.NotSame(t, unsafe.StringData(key), unsafe.StringData(dirs.names[0]))
	assert.NotSame(t, unsafe.StringData(key[len("dir/"):]), unsafe.StringData(dirs.values[0].values.page.names[0]))
}
