package main

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	churnName      = "delete and re-create all objects"
	churnEach      = "delete and re-create an object, all in random order"
	churnFresh     = "list everything, per name: in a new store"
	churnRecreated = "list everything, per name: after all were deleted and re-created"
	churnThinned   = "list everything, per name: after 63 of 64 were deleted"
	churnFew       = "list everything, per name: in a new store with one of 64"

	maxChurned = 100_000 // objects

	mergeName = "move a directory of n, at most 300,000, onto one of as many other names"
	maxMerged = 300_000

	besideMerges = "open + read an empty object beside such moves"
	minMerges    = 3 // to complete while the reader runs, if time permits
)

// measureChurn measures what deletes leave behind. It fills new stores.
func measureChurn(f *fixture) ([]figure, error) {
	c := churn{fixture: f, keys: f.keys[:min(len(f.keys), maxChurned)]}
	var few []string
	for i := 0; i < len(c.keys); i += 64 {
		few = append(few, c.keys[i])
	}
	c.newStore(c.keys)
	c.list(churnFresh, len(c.keys))
	c.recreate()
	c.list(churnRecreated, len(c.keys))
	c.newStore(c.keys)
	c.thin()
	c.list(churnThinned, len(few))
	c.newStore(few)
	c.list(churnFew, len(few))
	return c.figures, c.err
}

// churn is a run of [measureChurn]. Once there is an error nothing else is done.
type churn struct {
	*fixture
	keys    []string
	store   Store
	figures []figure
	err     error
}

func (c *churn) newStore(keys []string) {
	if c.err == nil {
		c.store, c.err = c.open(len(keys))
	}
	c.each(len(keys), func(i int) error { return c.put(keys[i]) })
}

func (c *churn) put(key string) error {
	var content [objectSize]byte
	return c.store.Put(key, content[:])
}

// each calls do with the numbers below n.
func (c *churn) each(n int, do func(i int) error) {
	for i := 0; i < n && c.err == nil; i++ {
		c.err = do(i)
	}
}

// recreate deletes all objects in one random order and writes them in another.
func (c *churn) recreate() {
	deletes, writes := newOrder(len(c.keys), 3), newOrder(len(c.keys), 4)
	begin := time.Now()
	c.each(len(c.keys), func(i int) error { return c.store.Delete(c.keys[deletes.at(i)]) })
	c.each(len(c.keys), func(i int) error { return c.put(c.keys[writes.at(i)]) })
	each := float64(time.Since(begin)) / float64(len(c.keys))
	c.figures = append(c.figures, figure{name: churnEach, unit: nanoseconds, cost: each})
}

// thin deletes 63 of 64 objects.
func (c *churn) thin() {
	c.each(len(c.keys), func(i int) error {
		if i%64 == 0 {
			return nil
		}
		return c.store.Delete(c.keys[i])
	})
}

// list adds the figure of a listing of want keys.
func (c *churn) list(name string, want int) {
	if c.err != nil {
		return
	}
	o, err := listing(want, c.store.ListAll)
	if err != nil {
		c.err = err
		return
	}
	all, err := measure(o, c.budget)
	c.err = err
	c.figures = append(c.figures, figure{name: name, unit: nanoseconds, cost: all.ns / float64(want)})
}

// merger is a store that can move a directory onto one that exists, in one step.
type merger interface {
	Store
	MergeDir(src, dst string) error
}

// measureMerge merges two directories of as many names, which alternate, first alone
// and then beside a reader.
func measureMerge(f *fixture) ([]figure, error) {
	if _, ok := f.Store.(merger); !ok {
		return nil, nil
	}
	n := min(f.n, maxMerged)
	opened, err := f.open(2 * n)
	if err != nil {
		return nil, err
	}
	store := opened.(merger)
	var keys [2][]string // of each directory
	for i := range n {
		for dir := range keys {
			key := fmt.Sprintf("%d/%07d", dir, 2*i+dir)
			if err := store.Put(key, nil); err != nil {
				return nil, err
			}
			keys[dir] = append(keys[dir], key)
		}
	}
	before, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	o := ops{
		batch: 1,
		do:    func(int, int) error { return store.MergeDir("1", "0") },
		undo: func() error {
			check, err := listing(2*n, func(yield func(string)) error { return store.ListDir("0", yield) })
			if err != nil {
				return err
			}
			if err := check.do(0, 0); err != nil {
				return err
			}
			return before.Restore()
		},
	}
	c, err := measure(o, f.budget)
	if err != nil {
		return nil, err
	}
	samples, err := sampleBesideMerges(store, before, keys[0], f.budget)
	return append([]figure{c.figure(mergeName)}, quantiles(besideMerges, samples)...), err
}

// sampleBesideMerges samples reads of the keys, which are there before and after a
// merge, while another goroutine merges and undoes it.
func sampleBesideMerges(store merger, before Snapshot, keys []string, budget time.Duration) ([]time.Duration, error) {
	order := newOrder(len(keys), 5)
	read := ops{do: func(_, i int) error { return store.Get(keys[order.at(i)], nil) }}
	var merges atomic.Int64
	var mergeErr error
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		mergeErr = until(stop, func(int) error {
			defer merges.Add(1)
			return cmp.Or(store.MergeDir("1", "0"), before.Restore())
		})
	})
	samples, err := sampleReads(read, budget, func() bool { return merges.Load() >= minMerges })
	close(stop)
	wg.Wait()
	return samples, errors.Join(err, mergeErr)
}
