package tree

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
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

// TestRanks: once skips of a version have stepped over as many pages as there can
// be, skips no longer step, and arrive at the same names. Other versions begin without
// ranks.
func TestRanks(t *testing.T) {
	var e entries[int]
	const n = 20 * maxPage
	name := func(i int) string { return fmt.Sprintf("%05d", i) }
	for i := range n {
		e = e.set(e.find(name(i)), i, change{})
	}
	skip := func(from, n int, end, limit string) (passed int, next string) {
		s := e.from(name(from), end)
		passed = s.skip(n, limit)
		it, _ := s.peek()
		return passed, it.name
	}
	requireSkips := func() {
		t.Helper()
		for from := 0; from < n; from += 97 {
			for k := 1; k < n; k *= 3 {
				for _, bound := range []int{from + 1, from + 100, n - 1} {
					want := min(k, bound-from, n-from)
					passed, next := skip(from, k, "", name(bound))
					require.Equal(t, want, passed)
					if from+want < n {
						require.Equal(t, name(from+want), next)
					}
					passed, next = skip(from, k, name(bound), name(n/2))
					want = max(0, min(want, n/2-from))
					require.Equal(t, want, passed)
					require.Equal(t, from+want < min(n, bound), next != "")
				}
			}
		}
	}
	pages := len(pagesOf(t, e))
	skip(0, (pages-1)*maxPage, "", "")
	require.EqualValues(t, pages-2, e.many.steps.Load())
	for range (maxPage - 1) / (pages - 2) {
		require.Nil(t, e.many.ranks.Load(), "too few steps")
		skip(0, (pages-1)*maxPage, "", "")
	}
	require.NotNil(t, e.many.ranks.Load())
	steps := e.many.steps.Load()
	requireSkips()
	require.Equal(t, steps, e.many.steps.Load(), "no more steps")
	e = e.set(e.find(name(7)), 8, change{})
	require.Nil(t, e.many.ranks.Load(), "another version")
	requireSkips()
}

// TestSkipConcurrently skips in one version on many goroutines.
func TestSkipConcurrently(t *testing.T) {
	tree := New(weigh)
	const n = 10 * maxPage
	for i := range n {
		tree = tree.Set(fmt.Sprintf("%05d", i), i, noon)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := g; i < n; i += 37 {
				c := tree.Walk(Walk{Values: true})
				c.Skip(i)
				e, _ := c.Next()
				assert.Equal(t, i, e.Value)
			}
		})
	}
	wg.Wait()
}
