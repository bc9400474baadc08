package main

import (
	"errors"
	"runtime"
	"sync"
	"time"
)

// ops holds the operations of one workload on one store.
type ops struct {
	// do performs operation i. Workers call it concurrently. Each worker has its
	// own number, and no two calls have the same i.
	do      func(worker, i int) error
	workers int // 0 means 1

	// undo, unless nil, returns the store to its earlier state. It is not timed.
	undo func() error

	// batch is the maximum number of operations between two calls of undo; 0
	// means no limit.
	batch int
}

// cost is the average cost of one operation.
type cost struct{ ns, allocs, bytes float64 }

const (
	// patience limits the duration of a measurement, untimed work included. It is
	// a multiple of the budget.
	patience = 4

	// long is the duration from which on an operation is not repeated, as a
	// multiple of the budget.
	long = 10
)

// measure times operations until they have taken the budget. It runs them in
// batches so large that the cost of reading the clock is negligible, as package
// testing does. The first operation is a warm-up; if it takes long, it is the
// only one.
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

// calibrate returns the size of a batch that takes long enough, and the cost of an
// operation in the last batch that it ran. It counts allocations, which stops the
// world; the batches that are timed later do not.
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

// counted runs and undoes a batch of n operations and counts their allocations.
func (m *meter) counted(n int) (cost, error) {
	c, err := counted(n, func() (time.Duration, error) { return m.run(n) })
	return c, errors.Join(err, m.rewind())
}

// counted calls run, which performs n operations, and counts their allocations.
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

// grow returns the size of a batch that should take a little more than want, given
// that a batch of size took elapsed. It returns at most a hundred times size, and
// at most limit unless that is 0.
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
