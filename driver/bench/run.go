package main

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"time"
)

const (
	// budget is the minimum time for each figure of a filled store in each round,
	// unless one operation takes long. largeBudget is that for empty stores, where
	// the objects are large.
	budget      = 50 * time.Millisecond
	largeBudget = 500 * time.Millisecond

	// enough limits the total time of a workload on one store and size, as a
	// multiple of the budget. Later rounds leave the workload out.
	enough = 60

	// maxTogether is the maximum number of objects that all stores hold together.
	// Above it the stores take turns and are filled again in each round, and there
	// are at most maxTurns rounds.
	maxTogether = 1_000_000
	maxTurns    = 3
)

// runner runs workloads on stores. Its numbers are the constants above, except in
// tests.
type runner struct {
	stores   []candidate
	sizes    []int
	rounds   int
	match    *regexp.Regexp // of the workloads
	budget   time.Duration  // for a figure of a filled store
	large    time.Duration  // for a figure of an empty store
	part     int            // size of the parts of large objects
	together int            // maximum number of objects of all stores together
	progress func(format string, args ...any)

	results results
	spent   map[cell]time.Duration // by workload: cell.Figure is the workload's name
}

func (r *runner) run() error {
	r.spent = make(map[cell]time.Duration)
	for _, n := range r.sizes {
		for _, layout := range layouts {
			if err := r.runFilled(newKeyset(layout, n)); err != nil {
				return err
			}
		}
	}
	if err := r.runEmpty(); err != nil {
		return err
	}
	return r.runHeap(slices.Max(r.sizes))
}

// runFilled runs the workloads on stores filled with a set. In each round a workload
// runs on all stores in turn, so that a slow phase of the machine affects all of
// them. Each round starts with a different store.
func (r *runner) runFilled(set *keyset) error {
	workloads := r.selected(filledWorkloads)
	if len(workloads) == 0 {
		return nil
	}
	if len(set.keys)*len(r.stores) > r.together {
		return r.takeTurns(set, workloads)
	}
	fixtures := make([]*fixture, len(r.stores))
	for i, c := range r.stores {
		var err error
		if fixtures[i], err = r.fill(c, set); err != nil {
			return err
		}
	}
	for _, w := range workloads {
		for round := range r.rounds {
			for _, i := range rotated(len(r.stores), round) {
				at := cell{w.name, set.layout, set.n, r.stores[i].name}
				if err := r.measure(w, at, fixtures[i], round); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// takeTurns does the work of runFilled for stores too large to be held together.
func (r *runner) takeTurns(set *keyset, workloads []workload) error {
	for round := range min(r.rounds, maxTurns) {
		for _, i := range rotated(len(r.stores), round) {
			c := r.stores[i]
			f, err := r.fill(c, set)
			if err != nil {
				return err
			}
			for _, w := range workloads {
				if err := r.measure(w, cell{w.name, set.layout, set.n, c.name}, f, round); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rotated returns the indexes below n in ascending order, rotated so that the index
// of the round comes first.
func rotated(n, round int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = (round + i) % n
	}
	return order
}

func (r *runner) fill(c candidate, set *keyset) (*fixture, error) {
	r.progress("%d %s: fill %s", set.n, set.layout, c.name)
	store, err := c.open(len(set.keys))
	if err == nil {
		err = set.fill(store)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return &fixture{Store: store, keyset: set, open: c.open, budget: r.budget}, nil
}

// runEmpty runs the workloads for empty stores, each on a new store.
func (r *runner) runEmpty() error {
	for _, w := range r.selected(emptyWorkloads) {
		stores := r.stores
		if w.name == writeLarge || w.name == readLarge {
			stores = append(slices.Clip(stores), candidate{bare, openBareCopy})
		}
		for round := range r.rounds {
			for _, i := range rotated(len(stores), round) {
				c := stores[i]
				store, err := c.open(1)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				f := &fixture{Store: store, budget: r.large, part: r.part}
				if err := r.measure(w, cell{Figure: w.name, Store: c.name}, f, round); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// runHeap measures the heap. It does so once, since the figure does not vary.
func (r *runner) runHeap(n int) error {
	for _, layout := range layouts {
		set := newKeyset(layout, n)
		for _, c := range r.stores {
			w := workload{heapName, func(*fixture) ([]figure, error) { return measureHeap(c, set) }}
			for _, w := range r.selected([]workload{w}) {
				if err := r.measure(w, cell{w.name, layout, n, c.name}, nil, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *runner) selected(workloads []workload) []workload {
	return slices.DeleteFunc(slices.Clone(workloads), func(w workload) bool { return !r.match.MatchString(w.name) })
}

// measure runs a workload on a store and adds its figures to the results. It does
// nothing if the workload has used its time on that store.
func (r *runner) measure(w workload, at cell, f *fixture, round int) error {
	if f != nil && r.spent[at] > enough*f.budget {
		return nil
	}
	r.progress("%d %s: %s: round %d: %s", at.N, at.Layout, w.name, round+1, at.Store)
	collectGarbage()
	begin := time.Now()
	figures, err := w.run(f)
	r.spent[at] += time.Since(begin)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", at.Store, w.name, err)
	}
	for _, fig := range figures {
		at.Figure = fig.name
		r.results.add(at, fig)
	}
	return nil
}

// collectGarbage runs the garbage collector unless there is little garbage: with a
// large heap a collection takes longer than most measurements.
func collectGarbage() {
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	if live, used := heap[0].Value.Uint64(), heap[1].Value.Uint64(); used > live+live/8 {
		runtime.GC()
	}
}
