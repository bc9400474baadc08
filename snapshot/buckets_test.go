package snapshot

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBuckets changes few buckets at random. What the buckets hold is what a map holds
// after the same changes, and the tree in them holds no bucket but those.
func TestBuckets(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	var b buckets
	want := make(map[string]*bucket)
	for range 10_000 {
		name := string(rune('a' + rnd.IntN(4)))
		if rnd.IntN(4) == 0 {
			b = b.without(name)
			delete(want, name)
		} else {
			want[name] = new(bucket)
			b = b.with(name, want[name])
		}
		var names []string
		for name, in := range b.names.All() {
			names = append(names, name)
			require.Same(t, want[name], b.get(name))
			if in != reserved {
				require.Same(t, want[name], in)
			}
		}
		require.Equal(t, len(want), b.names.Len())
		require.True(t, slices.IsSorted(names))
		for name, in := range b.tree(nil).All() {
			require.Same(t, want[name], in)
		}
		require.Nil(t, b.get("z"))
	}
}
