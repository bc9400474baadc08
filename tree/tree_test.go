package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func weigh(v int) int64 { return int64(v) }

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func treeOf(keys ...string) Tree[int] {
	t := New(weigh)
	for i, key := range keys {
		t = t.Set(key, i+1, noon)
	}
	return t
}

func keysOf(t Tree[int], w Walk) []string { return keysLeft(t.Walk(w)) }

func keysLeft(c *Cursor[int]) []string {
	keys := []string{}
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		keys = append(keys, e.Key)
	}
	return keys
}

// check fails the test if t breaks an invariant: counts and weights are sums, no
// key is longer than its bound, times are in order, names are in order on pages
// within bounds, and no node but the root is empty.
func check[V comparable](tb testing.TB, t Tree[V]) {
	tb.Helper()
	if t.root == nil {
		return
	}
	var walk func(path string, n *node[V]) (count int, weight int64, longest int)
	walk = func(path string, n *node[V]) (count int, weight int64, longest int) {
		for _, it := range checkEntries(tb, n.values) {
			require.NotContains(tb, it.name, "/")
			count++
			weight += t.weight(it.value)
			longest = max(longest, len(it.name))
		}
		for _, it := range checkEntries(tb, n.dirs) {
			require.Equal(tb, len(it.name)-1, strings.IndexByte(it.name, '/'), "directory name %q", it.name)
			c, w, l := walk(path+it.name, it.value)
			require.Positive(tb, c, "empty directory %q", path+it.name)
			count, weight, longest = count+c, weight+w, max(longest, len(it.name)+l)
		}
		require.Equal(tb, count, n.count, "count of %q", path)
		require.Equal(tb, weight, n.weight, "weight of %q", path)
		require.LessOrEqual(tb, longest, n.longest, "longest of %q", path)
		require.False(tb, n.changed.Before(n.born), "%q is changed before it is born", path)
		return count, weight, longest
	}
	walk("", t.root)
}

func checkEntries[T any](tb testing.TB, e entries[T]) (all []item[T]) {
	tb.Helper()
	pages := pagesOf(tb, e)
	for _, p := range pages {
		require.NotZero(tb, p.len())
		require.LessOrEqual(tb, p.len(), maxPage)
		for i, name := range p.names {
			all = append(all, item[T]{name, p.values[i]})
		}
	}
	require.Len(tb, all, e.count)
	for i := range all[min(1, len(all)):] {
		require.Less(tb, all[i].name, all[i+1].name)
	}
	return all
}

// pagesOf returns the pages of e, in order. It fails the test unless the bounds
// keep them apart.
func pagesOf[T any](tb testing.TB, e entries[T]) (all []*page[T]) {
	tb.Helper()
	if e.many == nil {
		if e.page != nil {
			all = append(all, e.page)
		}
		return all
	}
	require.Nil(tb, e.page)
	for b := range e.many.all() {
		if e.many.only == nil {
			require.Greater(tb, e.many.branches.Len(), 1)
			same, _ := e.many.branches.Get(b.names[0])
			require.Same(tb, b, same)
		}
		require.LessOrEqual(tb, b.len(), maxPage)
		for j, p := range b.values {
			require.LessOrEqual(tb, b.names[j], p.names[0])
			if len(all) == 0 {
				require.Empty(tb, b.names[j])
			} else {
				before := all[len(all)-1].names
				require.Less(tb, before[len(before)-1], b.names[j])
			}
			all = append(all, p)
		}
	}
	require.Greater(tb, len(all), 1)
	return all
}

// oracle is a tree as a plain map. A value with an empty name, "a/", sorts
// with the directory it is in, "a/".
type oracle map[string]int

func (o oracle) walk(w Walk) []string {
	keys, dirs := []string{}, map[string]bool{}
	base, _ := split(w.Prefix)
	for key := range o {
		if !strings.HasPrefix(key, w.Prefix) {
			continue
		}
		rest := key[len(base):]
		if w.Values && (!w.Shallow || !strings.Contains(rest, "/")) {
			keys = append(keys, key)
		}
		for i := range rest {
			if rest[i] == '/' && w.Dirs {
				dirs[base+rest[:i+1]] = true
				if w.Shallow {
					break
				}
			}
		}
	}
	keys = slices.AppendSeq(keys, maps.Keys(dirs))
	slices.Sort(keys)
	return slices.DeleteFunc(keys, func(key string) bool { return w.After != "" && key <= w.After })
}

func (o oracle) cut(dir string) oracle {
	sub := oracle{}
	for key, v := range o {
		if strings.HasPrefix(key, dir) {
			sub[key[len(dir):]] = v
			delete(o, key)
		}
	}
	return sub
}

func (o oracle) graft(dir string, sub oracle) {
	for key, v := range sub {
		o[dir+key] = v
	}
}

// TestAgainstMap drives a tree and a plain map through the same random updates
// and compares everything that can be read; at the end every version kept on
// the way still reads as it did.
func TestAgainstMap(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 0))
			// Few names make keys collide; many make pages split.
			letters := []string{"a", "b", "a-", "a.", "ab", "", "é"}
			name := func() string {
				if seed%2 == 0 {
					return letters[r.IntN(len(letters))]
				}
				return fmt.Sprint(r.IntN(400))
			}
			dir := func() (d string) {
				for range r.IntN(4) {
					d += letters[r.IntN(len(letters))] + "/"
				}
				return d
			}
			type version struct {
				tree Tree[int]
				dump oracle
			}
			var kept []version
			tree, o := New(weigh), oracle{}
			for step := range 1000 {
				key := dir() + name()
				switch op := r.IntN(100); {
				case op < 60:
					tree, o[key] = tree.Set(key, step+1, noon), step+1
				case op < 90:
					_, had := o[key]
					next, ok := tree.Delete(key, noon)
					require.Equal(t, had, ok)
					tree = next
					delete(o, key)
				default:
					src, dst := dir(), dir()
					before := tree
					sub := maps.Clone(o).cut(src)
					var ok bool
					switch {
					case op < 94:
						tree, ok = tree.Move(dst, src, noon)
						o.graft(dst, o.cut(src))
					case op < 97:
						tree, ok = tree.Copy(dst, src, noon)
						o.graft(dst, sub)
					case op == 97:
						tree, ok = tree.DeleteValues(src, noon)
						n := len(o)
						maps.DeleteFunc(o, func(key string, _ int) bool { d, _ := split(key); return d == src })
						require.Equal(t, len(o) < n, ok)
						ok = len(sub) > 0
					case src != "" || r.IntN(10) == 0:
						tree, ok = tree.DeleteDir(src, noon)
						o.cut(src)
					default:
						ok = len(sub) > 0
					}
					require.Equal(t, len(sub) > 0, ok)
					if len(o) > 3000 {
						tree, o = before, oracle(maps.Collect(before.All()))
					}
				}
				if step%100 == 0 {
					check(t, tree)
					compare(t, r, tree, o, dir()+name(), dir()+name())
					kept = append(kept, version{tree, maps.Clone(o)})
				}
			}
			for i, v := range kept {
				require.Equal(t, v.dump, oracle(maps.Collect(v.tree.All())), "version %d", i)
				for key, value := range v.dump {
					got, _ := v.tree.Get(key)
					require.Equal(t, value, got, "version %d, key %q", i, key)
				}
				next := kept[(i+1)%len(kept)]
				patched := maps.Clone(v.dump)
				last := ""
				for c := range Diff(v.tree, next.tree) {
					require.Equal(t, v.dump[c.Key], c.Old)
					require.Equal(t, next.dump[c.Key], c.New)
					require.NotEqual(t, c.Old, c.New)
					require.LessOrEqual(t, last, c.Key)
					last = c.Key
					if patched[c.Key] = c.New; c.New == 0 {
						delete(patched, c.Key)
					}
				}
				require.Equal(t, next.dump, patched, "diff of versions %d and next", i)
			}
		})
	}
}

func compare(t *testing.T, r *rand.Rand, tree Tree[int], o oracle, prefix, after string) {
	var sum int64
	for key, v := range o {
		got, ok := tree.Get(key)
		require.True(t, ok, key)
		require.Equal(t, v, got, key)
		sum += int64(v)
	}
	require.Equal(t, len(o), tree.Len())
	require.Equal(t, sum, tree.Weight())
	for _, w := range []Walk{
		{Values: true}, {Dirs: true}, {Values: true, Dirs: true},
		{Values: true, Shallow: true}, {Dirs: true, Shallow: true}, {Values: true, Dirs: true, Shallow: true},
	} {
		for _, w.Prefix = range []string{"", prefix, prefix[:len(prefix)/2]} {
			for _, w.After = range []string{"", after, prefix} {
				want := o.walk(w)
				require.Equal(t, want, keysOf(tree, w), "%+v", w)
				n := r.IntN(len(want) + 2)
				c := tree.Walk(w)
				c.Skip(n)
				e, ok := c.Next()
				require.Equal(t, n < len(want), ok, "%+v skip %d", w, n)
				if ok {
					require.Equal(t, want[n], e.Key, "%+v skip %d", w, n)
				}
			}
		}
	}
}

func TestOrder(t *testing.T) {
	tree := treeOf("ab", "a/x", "a.b", "a-b", "a")
	assert.Equal(t, []string{"a", "a-b", "a.b", "a/x", "ab"}, keysOf(tree, Walk{Values: true}))
	assert.Equal(t, []string{"a", "a-b", "a.b", "a/", "ab"}, keysOf(tree, Walk{Values: true, Dirs: true, Shallow: true}))
}

func TestMoveIntoItselfAndOntoParent(t *testing.T) {
	tree := treeOf("d/x", "d/e/y", "z")
	in, ok := tree.Move("d/e/", "d/", noon)
	require.True(t, ok)
	assert.Equal(t, []string{"d/e/e/y", "d/e/x", "z"}, keysOf(in, Walk{Values: true}))
	up, ok := tree.Move("", "d/", noon)
	require.True(t, ok)
	assert.Equal(t, []string{"e/y", "x", "z"}, keysOf(up, Walk{Values: true}))
	same, ok := tree.Move("d/", "d/", noon)
	require.True(t, ok)
	assert.Equal(t, tree.root, same.root)
	_, ok = tree.Move("d/", "missing/", noon)
	assert.False(t, ok)
}

// TestCopyAgain: copying onto an unchanged copy changes nothing, not even times.
func TestCopyAgain(t *testing.T) {
	tree := treeOf("a/x", "a/b/y")
	once, ok := tree.Copy("c", "a", noon)
	require.True(t, ok)
	twice, ok := once.Copy("c", "a", noon.Add(time.Hour))
	require.True(t, ok)
	assert.Same(t, once.root, twice.root)
}

func TestTimes(t *testing.T) {
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	tree := New(weigh).Set("d/a", 1, at(1)).Set("d/b", 2, at(2)).Set("e", 3, at(3))
	d, _ := tree.Dir("d/")
	assert.Equal(t, at(1), d.Born())
	assert.Equal(t, at(2), d.Changed())
	tree, _ = tree.Delete("d/b", at(4))
	d, _ = tree.Dir("d/")
	assert.Equal(t, at(1), d.Born())
	assert.Equal(t, at(4), d.Changed())

	moved, _ := New(weigh).Set("p/d/a", 1, at(1)).Move("p/e/", "p/d/", at(2))
	p, _ := moved.Dir("p/")
	assert.Equal(t, at(1), p.Born(), "a directory there before and after a move keeps its times")
	moved, _ = moved.Move("p/e/f/", "p/e/", at(3))
	e, _ := moved.Dir("p/e/")
	assert.Equal(t, at(1), e.Born(), "even one that was moved into itself")
	check(t, moved)

	tree, _ = tree.DeleteDir("", at(5))
	assert.Equal(t, at(1), tree.Born(), "an emptied root keeps its times")
	assert.Equal(t, at(5), tree.Changed())
	assert.Zero(t, Tree[int]{}.Born())
	assert.Zero(t, Tree[int]{}.Changed())
	assert.Zero(t, treeOf("a").Set("a", 9, noon).weight(0))
}

// TestCost shows by allocations that a change of a directory costs the same
// whatever lies beneath it.
func TestCost(t *testing.T) {
	for _, op := range []struct {
		name string
		run  func(Tree[int])
	}{
		{"move", func(t Tree[int]) { t.Move("new/", "big/", noon) }},
		{"copy", func(t Tree[int]) { t.Copy("new/", "big/", noon) }},
		{"delete", func(t Tree[int]) { t.DeleteDir("big/", noon) }},
		{"diff", func(t Tree[int]) {
			for range Diff(t, t.Set("other", 1, noon)) {
			}
		}},
	} {
		var allocs []float64
		for _, n := range []int{10, 1_000, 100_000} {
			tree := treeOf("other")
			for i := range n {
				tree = tree.Set(fmt.Sprintf("big/%d/%d", i%100, i), i, noon)
			}
			allocs = append(allocs, testing.AllocsPerRun(10, func() { op.run(tree) }))
		}
		assert.Equal(t, allocs[0], allocs[1], op.name)
		assert.Equal(t, allocs[0], allocs[2], op.name)
	}
}

// TestDiffStops: a range that is left gets no more changes, at whatever depth it
// is left.
func TestDiffStops(t *testing.T) {
	all := treeOf("a", "b/c", "b/d/e", "b/d/f", "g/h", "i")
	for stop := range all.Len() {
		seen := 0
		for range Diff(Tree[int]{}, all) {
			if seen == stop {
				break
			}
			seen++
		}
		require.Equal(t, stop, seen)
	}
}

// TestDiffSkipsSharedPages: a comparison moves from the start of a directory to
// the page that differs without a step per name.
func TestDiffSkipsSharedPages(t *testing.T) {
	var old entries[int]
	for i := range 1000 {
		old = old.set(old.find(fmt.Sprintf("%04d", i)), i, change{})
	}
	new := old.set(old.find("0500"), -1, change{})
	p := pair[int]{old: old.all(), new: new.all()}
	p.skipShared()
	assert.Equal(t, fmt.Sprintf("%04d", 500/maxPage*maxPage), p.old.page.names[0])
	assert.Equal(t, p.old.page.names[0], p.new.page.names[0])
	p.next()
	assert.Equal(t, "0500", p.name)
	p.next()
	assert.True(t, p.done)
}
