package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// batch is a run of changes with an owner.
type batch struct {
	tree Tree[int]
	by   *Owner
}

func (b *batch) set(key string, value int, at time.Time) (old int, had bool) {
	b.tree, old, had = b.tree.SwapBy(b.by, key, value, at)
	return old, had
}

func (b *batch) delete(key string, at time.Time) (had bool) {
	b.tree, had = b.tree.DeleteBy(b.by, key, at)
	return had
}

// seen returns the tree, and drops the owner.
func (b *batch) seen() Tree[int] {
	b.by = new(Owner)
	return b.tree
}

// TestOwnerAgainstMap changes trees by batches and, between them, by moves and
// copies, which make directories appear twice. Each version that a batch gave
// must read to the end as it did at first, and so must the ones that others were
// derived from.
func TestOwnerAgainstMap(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			dirs := []string{"", "a/", "a/b/", "c/", "c/a/b/"}
			key := func() string { return dirs[r.IntN(len(dirs))] + fmt.Sprint(r.IntN(300)) }
			type version struct {
				tree Tree[int]
				dump oracle
			}
			kept := []version{{New(weigh), oracle{}}}
			for step := range 150 {
				from := kept[max(0, len(kept)-1-r.IntN(3))]
				o := maps.Clone(from.dump)
				if r.IntN(4) == 0 {
					dst, src := dirs[r.IntN(len(dirs))], dirs[r.IntN(len(dirs))]
					next, _ := from.tree.Copy(dst, src, noon)
					o.graft(dst, maps.Clone(o).cut(src))
					if len(o) > 2000 {
						continue
					}
					kept = append(kept, version{next, o})
					continue
				}
				b := batch{from.tree, new(Owner)}
				deletes := r.IntN(10)
				for i := range 1 << r.IntN(11) {
					key := key()
					want, wantOK := o[key]
					if r.IntN(10) < deletes {
						require.Equal(t, wantOK, b.delete(key, noon))
						delete(o, key)
					} else {
						old, had := b.set(key, step<<12+i, noon)
						require.Equal(t, want, old)
						require.Equal(t, wantOK, had)
						o[key] = step<<12 + i
					}
					if r.IntN(300) == 0 {
						kept = append(kept, version{b.seen(), maps.Clone(o)})
					}
				}
				key := key()
				got, ok := b.tree.Get(key)
				want, wantOK := o[key]
				require.Equal(t, want, got)
				require.Equal(t, wantOK, ok)
				kept = append(kept, version{b.seen(), o})
			}
			for i, v := range kept {
				check(t, v.tree)
				require.Equal(t, v.dump, oracle(maps.Collect(v.tree.All())), "version %d", i)
			}
		})
	}
}

// TestOwnerIsLikeSingleUpdates: entries, sums, bounds and times are the same.
func TestOwnerIsLikeSingleUpdates(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	one := treeOf("x", "d/x", "d/e/x")
	b := batch{one, new(Owner)}
	for i := range 3000 {
		key := fmt.Sprint(r.IntN(3), "/", r.IntN(3), "/", r.IntN(200))
		at := noon.Add(time.Duration(r.IntN(1000)-500) * time.Second)
		if r.IntN(3) == 0 {
			var had bool
			one, had = one.Delete(key, at)
			require.Equal(t, had, b.delete(key, at))
		} else {
			one = one.Set(key, i, at)
			b.set(key, i, at)
		}
	}
	requireSame(t, one, b.seen())
	for _, key := range keysOf(one, Walk{Values: true}) {
		one, _ = one.Delete(key, noon)
		b.delete(key, noon)
	}
	requireSame(t, one, b.seen())
	assert.Zero(t, b.seen().Len())
}

// TestOwnerCopiesOnce: after the first change of a path an owner copies no more of
// it.
func TestOwnerCopiesOnce(t *testing.T) {
	tree := New(weigh)
	for i := range 100 * maxPage {
		tree = tree.Set(fmt.Sprintf("d/e/%05d", i), i, noon)
	}
	b := batch{tree, new(Owner)}
	b.set("d/e/00007", 1, noon)
	root := b.tree.root
	assert.Zero(t, testing.AllocsPerRun(100, func() { b.set("d/e/00007", 2, noon) }))
	assert.Same(t, root, b.tree.root)
	b.seen()
	b.set("d/e/00007", 3, noon)
	assert.NotSame(t, root, b.tree.root)
}

// TestOwnerSkips: the owner's own reads of its tree see each of its changes, those by
// rank too.
func TestOwnerSkips(t *testing.T) {
	for _, n := range []int{3 * maxPage, 3 * maxPage * maxPage} {
		b := batch{New(weigh), new(Owner)}
		for i := range n {
			b.set(fmt.Sprintf("%06d", i), i, noon)
		}
		at := func(offset int) string {
			c := b.tree.Walk(Walk{Values: true})
			c.Skip(offset)
			e, _ := c.Next()
			return e.Key
		}
		for range 100 {
			require.Equal(t, fmt.Sprintf("%06d", n-1), at(n-1))
		}
		b.set("000000.5", 0, noon)
		require.Equal(t, fmt.Sprintf("%06d", n-2), at(n-1))
		b.delete("000001", noon)
		require.Equal(t, fmt.Sprintf("%06d", n-1), at(n-1))
	}
}
