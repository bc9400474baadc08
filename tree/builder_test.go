package tree

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rebuild returns a copy of t, made by a Builder of what a walk gives.
func rebuild(t *testing.T, of Tree[int]) Tree[int] {
	t.Helper()
	b := NewBuilder(weigh, of.Born(), of.Changed())
	c := of.Walk(Walk{Values: true, Dirs: true})
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		if e.IsDir {
			require.NoError(t, b.Dir(e.Key, e.Dir.Born(), e.Dir.Changed()))
		} else {
			require.NoError(t, b.Add(e.Key, e.Value))
		}
	}
	built, err := b.Tree()
	require.NoError(t, err)
	check(t, built)
	return built
}

// requireSame demands that trees agree in their entries, sums and times.
func requireSame(t *testing.T, want, got Tree[int]) {
	t.Helper()
	all := func(of Tree[int]) (lines []string) {
		c := of.Walk(Walk{Values: true, Dirs: true})
		for e, ok := (Entry[int]{Dir: of, IsDir: true}), true; ok; e, ok = c.Next() {
			line := fmt.Sprint(e.Key, " ", e.Value)
			if e.IsDir {
				line = fmt.Sprint(e.Key, e.Dir.Len(), e.Dir.Weight(), e.Dir.Born(), e.Dir.Changed())
			}
			lines = append(lines, line)
		}
		return lines
	}
	require.Equal(t, all(want), all(got))
}

// TestBuilder builds trees of several levels of pages, with directories of all
// sizes and empty names, and changes the copies as the originals.
func TestBuilder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	at := func() time.Time { return noon.Add(time.Duration(r.IntN(1000)) * time.Second) }
	for _, n := range []int{0, 1, 2, maxPage, maxPage + 1, 2*maxPage + 1, 20_000} {
		tree := New(weigh)
		for i := range n {
			key := fmt.Sprint(r.IntN(n))
			for range r.IntN(3) {
				key = fmt.Sprint(r.IntN(3)) + "/" + key
			}
			if r.IntN(50) == 0 {
				key += "//"
			}
			tree = tree.Set(key, i+1, at())
		}
		built := rebuild(t, tree)
		requireSame(t, tree, built)
		for i := range 500 {
			key, when := fmt.Sprint(r.IntN(n+1)), at()
			if i%2 == 0 {
				tree, built = tree.Set(key, 7, when), built.Set(key, 7, when)
			} else {
				tree, _ = tree.Delete(key, when)
				built, _ = built.Delete(key, when)
			}
		}
		check(t, built)
		requireSame(t, tree, built)
	}
}

// TestBuilderOfEmpty: a tree that was emptied keeps its times, and one that never
// had a value has none.
func TestBuilderOfEmpty(t *testing.T) {
	emptied, _ := treeOf("a").Delete("a", noon.Add(time.Hour))
	for _, of := range []Tree[int]{emptied, New(weigh)} {
		requireSame(t, of.Set("x", 1, noon.Add(2*time.Hour)), rebuild(t, of).Set("x", 1, noon.Add(2*time.Hour)))
	}
}

// TestBuilderFillsPages: all pages but the last are full.
func TestBuilderFillsPages(t *testing.T) {
	tree := New(weigh)
	for i := range 50*maxPage + 1 {
		tree = tree.Set(fmt.Sprintf("%06d", i*7919%100_003), 1, noon)
	}
	built := rebuild(t, tree)
	pages := pagesOf(t, built.root.values)
	assert.Len(t, pages, 51)
	for _, p := range pages[:50] {
		assert.Equal(t, maxPage, p.len())
	}
}

// TestBuilderRefuses what is no walk of a tree.
func TestBuilderRefuses(t *testing.T) {
	dir := func(path string) func(*Builder[int]) error {
		return func(b *Builder[int]) error { return b.Dir(path, noon, noon) }
	}
	add := func(key string) func(*Builder[int]) error {
		return func(b *Builder[int]) error { return b.Add(key, 1) }
	}
	type steps = []func(*Builder[int]) error
	for name, c := range map[string]struct {
		steps steps
		want  string
	}{
		"a key twice":                 {steps{add("a"), add("a")}, "out of order"},
		"a lower key":                 {steps{add("b"), add("a")}, "out of order"},
		"a directory twice":           {steps{dir("a/"), add("a/x"), dir("a/")}, "out of order"},
		"a directory at once twice":   {steps{dir("a/"), dir("a/")}, "out of order"},
		"the root":                    {steps{dir("")}, "out of order"},
		"a directory after its value": {steps{dir("a"), add("a/"), dir("a/")}, "out of order"},
		"a value without directory":   {steps{add("a/x")}, "not in the directory that came before"},
		"a value in another":          {steps{dir("a"), add("a/x"), add("b/x")}, "not in the directory that came before"},
		"a directory without parent":  {steps{dir("a/b/")}, "not in the directory that came before"},
		"an empty directory":          {steps{dir("a"), add("b")}, "after an empty directory"},
		"an empty directory within":   {steps{dir("a"), dir("a/b"), add("a/c")}, "after an empty directory"},
		"an empty directory last":     {steps{dir("a")}, "after an empty directory"},
		"a time before birth": {steps{func(b *Builder[int]) error { return b.Dir("a", noon, noon.Add(-1)) }},
			"changed before it was born"},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(weigh, noon, noon)
			var err error
			for i, step := range c.steps {
				require.NoError(t, err, "step %d", i)
				err = step(b)
			}
			if err == nil {
				_, err = b.Tree()
			}
			require.EqualError(t, err, c.want)
		})
	}
	_, err := NewBuilder(weigh, noon, noon.Add(-1)).Tree()
	require.EqualError(t, err, "changed before it was born")
}

// TestBuilderCopiesNames: a name does not keep what it was cut from alive.
func TestBuilderCopiesNames(t *testing.T) {
	large := "dir/name and much more"
	key := large[:len("dir/name")]
	b := NewBuilder(weigh, noon, noon)
	require.NoError(t, b.Dir(key[:len("dir/")], noon, noon))
	require.NoError(t, b.Add(key, 1))
	tree, err := b.Tree()
	require.NoError(t, err)
	dirs := tree.root.dirs.page
	assert.NotSame(t, unsafe.StringData(key), unsafe.StringData(dirs.names[0]))
	assert.NotSame(t, unsafe.StringData(key[len("dir/"):]), unsafe.StringData(dirs.values[0].values.page.names[0]))
}
