package tree

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDirectoryWithoutSlash: a directory may be named without the slash at its
// end. That does not mean the value of that key, nor the root.
func TestDirectoryWithoutSlash(t *testing.T) {
	tree := treeOf("a", "a/b/x", "a/y", "ab")
	keys := func(tree Tree[int], ok bool) []string {
		t.Helper()
		require.True(t, ok)
		check(t, tree)
		return keysOf(tree, Walk{Values: true})
	}
	assert.Equal(t, []string{"b/x", "y"}, keys(tree.Dir("a")))
	assert.Equal(t, []string{"x"}, keys(tree.Dir("a/b")))
	assert.Equal(t, []string{"a", "a/b/x", "a/y", "ab"}, keys(tree.Dir("")))
	assert.Equal(t, []string{"a", "ab"}, keys(tree.DeleteDir("a", noon)))
	assert.Equal(t, []string{"a", "a/y", "ab"}, keys(tree.DeleteDir("a/b", noon)))
	assert.Equal(t, []string{"a", "a/b/x", "ab"}, keys(tree.DeleteValues("a", noon)))
	assert.Equal(t, []string{"a/b/x", "a/y"}, keys(tree.DeleteValues("", noon)))
	assert.Equal(t, []string{"a", "ab", "c/d/b/x", "c/d/y"}, keys(tree.Move("c/d", "a", noon)))
	assert.Equal(t, []string{"a", "a/b/x", "a/y", "ab", "c/x"}, keys(tree.Copy("c", "a/b", noon)))
	assert.Equal(t, []string{"a", "a/b/x", "a/y", "ab"}, keys(tree.Move("a", "a/", noon)))
	key, ok := tree.LongerThan("a", 2)
	assert.Equal(t, "a/b/x", key)
	assert.True(t, ok)
	_, ok = tree.Get("b/x")
	assert.False(t, ok)
	for _, op := range []func(string) bool{
		func(dir string) bool { _, ok := tree.Dir(dir); return ok },
		func(dir string) bool { _, ok := tree.DeleteDir(dir, noon); return ok },
		func(dir string) bool { _, ok := tree.DeleteValues(dir, noon); return ok },
		func(dir string) bool { _, ok := tree.Move("x", dir, noon); return ok },
		func(dir string) bool { _, ok := tree.Copy("x", dir, noon); return ok },
		func(dir string) bool { _, ok := tree.LongerThan(dir, 0); return ok },
	} {
		assert.False(t, op("ab"), "a value is no directory")
		assert.False(t, op("a/c"))
	}
}

// TestTimesWhenClockGoesBack: a directory is born at the earliest and changed at
// the latest time of the changes beneath it, in whatever order they come.
func TestTimesWhenClockGoesBack(t *testing.T) {
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	times := func(tree Tree[int], dir string, born, changed int) {
		t.Helper()
		check(t, tree)
		d, ok := tree.Dir(dir)
		require.True(t, ok)
		assert.Equal(t, at(born), d.Born(), "born")
		assert.Equal(t, at(changed), d.Changed(), "changed")
	}
	tree := New(weigh).Set("d/a", 1, at(20)).Set("d/e/b", 2, at(10))
	for _, dir := range []string{"", "d"} {
		times(tree, dir, 10, 20)
	}
	times(tree, "d/e", 10, 10)
	removed, _ := tree.Set("d/e/c", 1, at(15)).Delete("d/e/c", at(5))
	times(removed, "d/e", 5, 15)
	moved, _ := tree.Move("f", "d", at(1))
	times(moved, "f", 10, 20)
	times(moved, "", 1, 20)
	copied, _ := tree.Copy("d/e/g", "d/e", at(30))
	times(copied, "d/e", 10, 30)
	into, _ := tree.Move("d/e", "d", at(4))
	times(into, "d", 4, 20)
	onto, _ := tree.Set("f/e/b", 3, at(7)).Move("d", "f", at(3))
	times(onto, "d", 3, 20)
	times(onto, "d/e", 3, 10)
	values, _ := tree.DeleteValues("d", at(2))
	times(values, "d", 2, 20)
	emptied, _ := tree.DeleteDir("", at(0))
	times(emptied.Set("x", 1, at(12)), "", 0, 20)
}

// TestLongerThan compares with a search of all keys, also after deletes, which
// leave the bounds too high.
func TestLongerThan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	name := func() string { return strings.Repeat("n", r.IntN(8)) }
	dir := func() (d string) {
		for range r.IntN(4) {
			d += name() + "/"
		}
		return d
	}
	tree, o := New(weigh), oracle{}
	for step := range 2000 {
		switch key := dir() + name(); r.IntN(8) {
		case 0:
			tree, _ = tree.DeleteDir(key, noon)
			o.cut(asDir(key))
		case 1:
			src := dir()
			tree, _ = tree.Move(key, src, noon)
			o.graft(asDir(key), o.cut(src))
		default:
			tree, o[key] = tree.Set(key, step+1, noon), step+1
		}
		if len(o) > 300 {
			tree, o = New(weigh), oracle{}
		}
		in, longest := dir(), -1
		for key := range o {
			if rest, ok := strings.CutPrefix(key, in); ok {
				longest = max(longest, len(rest))
			}
		}
		for n := range longest + 3 {
			key, ok := tree.LongerThan(in, n)
			require.Equal(t, n < longest, ok, "%q in %q has %d", key, in, longest)
			if ok {
				require.Contains(t, o, key)
				require.True(t, strings.HasPrefix(key, in) && len(key)-len(in) > n)
			}
		}
	}
	check(t, tree)
}

// TestLongerThanIsCheap: the answer no costs no allocation and no search, and one
// long key is found without a look into the other directories.
func TestLongerThanIsCheap(t *testing.T) {
	tree := New(weigh)
	for i := range 10_000 {
		tree = tree.Set(fmt.Sprintf("a/%d/%d", i/10, i), 1, noon)
	}
	assert.Zero(t, testing.AllocsPerRun(10, func() { tree.LongerThan("a/", 100) }))
	long := tree.Set("a/555/"+strings.Repeat("x", 200), 1, noon)
	found := testing.AllocsPerRun(10, func() { long.LongerThan("a/", 100) })
	assert.LessOrEqual(t, found, 10.0)
}
