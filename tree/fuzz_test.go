package tree

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTree runs a program on a tree and on its oracle and compares them. At the
// end every version on the way still reads as it did. A line of the program is an
// operation and its keys, separated by spaces:
//
//	+key      set             -key      delete
//	>src dst  move            =src dst  copy
//	/dir      delete a dir    .dir      delete its values
//	*dir abc  set many values in a directory, the more the longer the second name
func FuzzTree(f *testing.F) {
	f.Fuzz(func(t *testing.T, program string) {
		type version struct {
			tree Tree[int]
			dump oracle
		}
		tree, o := New(weigh), oracle{}
		kept := []version{{tree, oracle{}}}
		for i, line := range strings.SplitN(program, "\n", 200) {
			if line == "" || len(o) > 2000 {
				continue
			}
			tree = apply(t, tree, o, line, i+1)
			check(t, tree)
			require.Equal(t, len(o), tree.Len(), line)
			kept = append(kept, version{tree, maps.Clone(o)})
		}
		r := rand.New(rand.NewPCG(uint64(len(program)), 0))
		last := program[strings.LastIndexByte(program, '\n')+1:]
		compare(t, r, tree, o, last, last[min(1, len(last)):])
		requireStops(t, tree)
		for i, v := range kept {
			require.Equal(t, v.dump, oracle(maps.Collect(v.tree.All())), "version %d", i)
			patched := maps.Clone(v.dump)
			for c := range Diff(v.tree, tree) {
				require.NotEqual(t, c.Old, c.New, c.Key)
				require.Equal(t, patched[c.Key], c.Old, c.Key)
				if patched[c.Key] = c.New; c.New == 0 {
					delete(patched, c.Key)
				}
			}
			require.Equal(t, o, patched, "version %d and what it takes to the last", i)
		}
	})
}

// requireStops demands that loops over a tree can end early.
func requireStops(t *testing.T, tree Tree[int]) {
	for n := range min(tree.Len(), 10) {
		i := 0
		for range tree.All() {
			if i == n {
				break
			}
			i++
		}
		for range Diff(Tree[int]{}, tree) {
			if i--; i < 0 {
				break
			}
		}
		require.Equal(t, -1, i)
	}
}

// apply applies the operation on a line to the tree and to the oracle. The tree
// gets directories as they are written, mostly without the slash.
func apply(t *testing.T, tree Tree[int], o oracle, line string, value int) Tree[int] {
	arg, second, _ := strings.Cut(line[1:], " ")
	next, changed, want := tree, false, false
	switch line[0] {
	case '+':
		next, changed, want = tree.Set(arg, value, noon), true, true
		o[arg] = value
	case '-':
		_, want = o[arg]
		next, changed = tree.Delete(arg, noon)
		delete(o, arg)
	case '>':
		sub := o.cut(asDir(arg))
		want = len(sub) > 0
		next, changed = tree.Move(second, arg, noon)
		o.graft(asDir(second), sub)
	case '=':
		sub := maps.Clone(o).cut(asDir(arg))
		want = len(sub) > 0
		next, changed = tree.Copy(second, arg, noon)
		o.graft(asDir(second), sub)
	case '/':
		want = len(o.cut(asDir(arg))) > 0
		next, changed = tree.DeleteDir(arg, noon)
	case '.':
		before := len(o)
		maps.DeleteFunc(o, func(key string, _ int) bool { dir, _ := split(key); return dir == asDir(arg) })
		want = len(o) < before
		next, changed = tree.DeleteValues(arg, noon)
	case '*':
		for n := range min(len(second), 3) * 50 {
			key := asDir(arg) + second[:1] + strconv.Itoa(n*37%199)
			next, o[key] = next.Set(key, value, noon), value
		}
	}
	require.Equal(t, want, changed, line)
	return next
}

// FuzzWalk: a walk of any keys, from any prefix and after any key, gives the same as
// the oracle, and so does skipping.
func FuzzWalk(f *testing.F) {
	f.Fuzz(func(t *testing.T, keys, prefix, after string, flags uint8, skip uint) {
		tree, o := Tree[int]{}, oracle{}
		for i, key := range strings.SplitN(keys, "\n", 500) {
			tree, o[key] = tree.Set(key, i+1, noon), i+1
		}
		w := Walk{Prefix: prefix, After: after, Shallow: flags&1 > 0, Values: flags&2 > 0, Dirs: flags&4 > 0}
		require.Zero(t, tree.Weight())
		want := o.walk(w)
		require.Equal(t, want, keysOf(tree, w), "%+v", w)
		c := tree.Walk(w)
		c.Skip(int(skip % 1000))
		for _, key := range want[min(len(want), int(skip%1000)):] {
			e, ok := c.Next()
			require.True(t, ok)
			require.Equal(t, key, e.Key)
			require.Equal(t, !e.IsDir, e.Value > 0 && o[key] == e.Value)
			if e.IsDir {
				require.Equal(t, len(maps.Clone(o).cut(key)), e.Dir.Len(), key)
			}
		}
		_, ok := c.Next()
		require.False(t, ok)
	})
}
