package tree

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSkipWide: skipping in a wide directory, with and without bounds, arrives at
// the same entries as stepping.
func TestSkipWide(t *testing.T) {
	tree := New(weigh)
	const n = 3000
	for i := range n {
		tree = tree.Set(fmt.Sprintf("%04d", i*7919%n), i, noon)
		tree = tree.Set(fmt.Sprintf("%04d/x", i*7919%n/3*3), i, noon)
	}
	for _, w := range []Walk{
		{Values: true, Shallow: true},
		{Dirs: true, Shallow: true},
		{Values: true, Dirs: true, Shallow: true},
		{Values: true},
		{Prefix: "1", Values: true, Shallow: true},
		{Prefix: "1", After: "1500", Values: true, Shallow: true},
		{Prefix: "29", Dirs: true, Shallow: true},
	} {
		all := keysOf(tree, w)
		c := tree.Walk(w)
		c.Skip(1)
		c.Skip(math.MaxInt)
		require.Empty(t, keysLeft(c), "%+v", w)
		for skip := 0; skip <= len(all)+100; skip += 1 + skip/3 {
			c := tree.Walk(w)
			c.Skip(skip / 2)
			c.Skip(skip - skip/2)
			require.Equal(t, all[min(skip, len(all)):], keysLeft(c), "%+v past %d", w, skip)
		}
	}
}
