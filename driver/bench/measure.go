package main

import (
	"errors"
	"runtime"
	"sync"
	"time"
)

// ops is a workload made ready on one store.
type ops struct {
	// do performs operation i. Workers call it at the same time, each with its
	// own number and with numbers i that no other has.
	do      func(worker, i int) error
	workers int // 0 is 1

	// undo, unless nil, brings back the state before. It is not timed.
	undo func() error

	// batch is how many operations may run before undo must; 0 is any number.
	batch int
}

// cost is what one operation costs.
type cost struct{ ns, allocs, bytes float64 }

const (
	// patience is how many times the budget a measurement may take in all, with
	// what is not timed.
	patience = 4

	// long is how many times the budget an operation takes that is not repeated.
	long = 10
)

// measure times operations until they have taken the budget, as the benchmarks
// of package testing do: in batches so large that reading the clock does not
// count. The first operation warms up; if it takes long, it is all there is.
func measure(o ops, budget time.Duration) (cost, error) {
	m := &meter{ops: o}
	c, err := m.counted(1)
	if err != nil || c.ns >= float64(long*budget) {
		return c, err
	}
	c, size, err := m.calibrate(budget)
	if err != nil {
		return c, err
	}
	var total time.Duration
	n := 0
	for begin := time.Now(); total < budget && (n == 0 || time.Since(begin) < patience*budget); n += size {
		elapsed, err := m.run(size)
		if err := errors.Join(err, m.rewind()); err != nil {
			return cost{}, err
		}
		total += elapsed
	}
	c.ns = float64(total) / float64(n)
	return c, nil
}

// meter runs batches of operations.
type meter struct {
	ops
	next int // number of the next operation
}

// calibrate finds out how large a batch has to be, and what an operation costs
// in the last one it tried. Allocations are counted here only: that stops the
// world.
func (m *meter) calibrate(budget time.Duration) (c cost, size int, err error) {
	want := budget / 20
	for begin, size := time.Now(), 1; ; {
		c, err := m.counted(size)
		if err != nil {
			return cost{}, 0, err
		}
		elapsed := time.Duration(c.ns * float64(size))
		if elapsed >= want || size == m.batch || time.Since(begin) > budget {
			return c, size, nil
		}
		size = grow(size, elapsed, want, m.batch)
	}
}

// counted runs a batch of n operations, and undoes it, and counts what they
// allocate.
func (m *meter) counted(n int) (cost, error) {
	c, err := counted(n, func() (time.Duration, error) { return m.run(n) })
	return c, errors.Join(err, m.rewind())
}

// counted runs n operations and counts what they allocate.
func counted(n int, run func() (time.Duration, error)) (cost, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	elapsed, err := run()
	runtime.ReadMemStats(&after)
	return cost{
		ns:     float64(elapsed) / float64(n),
		allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}, err
}

// grow returns a size at which a batch should take a little more than want, when
// one of the given size took elapsed. It grows a hundredfold at most.
func grow(size int, elapsed, want time.Duration, limit int) int {
	next := 100 * size
	if elapsed > 0 {
		next = min(next, int(1.2*float64(size)*float64(want)/float64(elapsed))+1)
	}
	next = max(next, size+1)
	if limit > 0 {
		next = min(next, limit)
	}
	return next
}

// run times a batch of n operations.
func (m *meter) run(n int) (elapsed time.Duration, err error) {
	first := m.next
	m.next += n
	if m.workers > 1 {
		return m.runWorkers(first, n)
	}
	start := time.Now()
	for i := first; i < first+n && err == nil; i++ {
		err = m.do(0, i)
	}
	return time.Since(start), err
}

func (m *meter) runWorkers(first, n int) (time.Duration, error) {
	errs := make([]error, m.workers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range m.workers {
		wg.Go(func() {
			for i := first + w; i < first+n && errs[w] == nil; i += m.workers {
				errs[w] = m.do(w, i)
			}
		})
	}
	wg.Wait()
	return time.Since(start), errors.Join(errs...)
}

func (m *meter) rewind() error {
	if m.undo == nil {
		return nil
	}
	return m.undo()
}
