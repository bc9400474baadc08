package tree

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDeep: nothing recurses on the depth of a key. A recursion would exceed the
// stack that the test allows and end the process.
func TestDeep(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(4 << 20))
	const levels = 300_000
	deep := strings.Repeat("d/", levels)
	x, y := deep+"x", deep+"y"
	one := New(weigh).Set(x, 1, noon)
	two := one.Set(y, 2, noon)
	holds := func(tree Tree[int], keys ...string) {
		t.Helper()
		next := 0
		for key := range tree.All() {
			require.True(t, key == keys[next])
			next++
			v, ok := tree.Get(key)
			require.True(t, ok)
			require.NotZero(t, v)
		}
		require.Len(t, keys, next)
	}
	holds(one, x)
	holds(two, x, y)

	var changed []string
	for c := range Diff(one, two) {
		changed = append(changed, c.Key)
	}
	require.Len(t, changed, 1)
	require.True(t, changed[0] == y)

	c := two.Walk(Walk{Values: true, After: x})
	e, ok := c.Next()
	require.True(t, ok && e.Key == y)
	c = two.Walk(Walk{Values: true, Dirs: true})
	c.Skip(levels + 1)
	e, ok = c.Next()
	require.True(t, ok && e.Key == y)

	gone, ok := two.Delete(x, noon)
	require.True(t, ok)
	holds(gone, y)
	up, ok := two.Move("", deep, noon)
	require.True(t, ok)
	holds(up, "x", "y")
	down, ok := up.Move(deep, "", noon)
	require.True(t, ok)
	holds(down, x, y)
	beside, ok := gone.Copy("e", "d", noon)
	require.True(t, ok)
	merged, ok := beside.Set("e"+x[1:], 3, noon).Move("d", "e", noon)
	require.True(t, ok)
	holds(merged, x, y)
	key, ok := merged.LongerThan("", len(x)-1)
	require.True(t, ok && len(key) == len(x))
	none, ok := merged.DeleteDir(deep, noon)
	require.True(t, ok)
	holds(none)
	none, ok = two.DeleteValues(deep, noon)
	require.True(t, ok)
	holds(none)
}

// TestDeepIsLinear: listing and comparing at depth costs the length of the key,
// not a path per level.
func TestDeepIsLinear(t *testing.T) {
	key := strings.Repeat("d/", 30_000) + "x"
	tree := New(weigh).Set(key, 1, noon)
	for name, list := range map[string]func() string{
		"All": func() (key string) {
			for key = range tree.All() {
			}
			return key
		},
		"Walk after the directory": func() string {
			e, _ := tree.Walk(Walk{Values: true, After: key[:len(key)-1]}).Next()
			return e.Key
		},
		"Skip": func() string {
			c := tree.Walk(Walk{Values: true, Dirs: true})
			c.Skip(30_000)
			e, _ := c.Next()
			return e.Key
		},
		"Diff": func() (key string) {
			for c := range Diff(New(weigh), tree) {
				key = c.Key
			}
			return key
		},
		"LongerThan": func() string {
			key, _ := tree.LongerThan("", 1024)
			return key
		},
	} {
		bytes := allocated(func() { require.True(t, list() == key, name) })
		assert.Less(t, bytes, uint64(8<<20), name)
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
