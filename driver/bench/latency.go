package main

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const latencyName = "readers' latency"

const latencyOf = "open + read 1 KiB "

// Conditions under which the readers' latency is measured.
const (
	alone      = "alone"
	besideFork = "beside a writer and a lister of a fork"
	beside     = "beside a writer and a lister"
)

func latencyFigure(quantile, condition string) string {
	return quantileFigure(latencyOf+condition, quantile)
}

func quantileFigure(of, quantile string) string { return of + ", " + quantile }

const (
	maxSamples  = 1 << 20
	maxSampling = 4 * time.Second
	minLists    = 2 // listings to complete while the reader runs, if time permits
)

// forker is a store that can be forked. The fork starts from the store's state,
// and neither sees later changes of the other.
type forker interface {
	Fork() (Store, error)
}

// measureLatency reads in a closed loop, first alone and then while one goroutine
// overwrites objects and another lists everything. A reader that waits takes fewer
// samples, so waiting shows in the maximum before it shows in the 99th percentile.
//
// If the store is a [forker], the reader also runs while the two goroutines use a
// fork. Then the machine slows the reader down, and not the store.
func measureLatency(f *fixture) ([]figure, error) {
	read, err := prepareRead(f)
	if err != nil {
		return nil, err
	}
	samples, err := sampleReads(read, f.budget, func() bool { return true })
	if err != nil {
		return nil, err
	}
	figures := quantiles(latencyOf+alone, samples)
	if s, ok := f.Store.(forker); ok {
		busy := *f
		if busy.Store, err = s.Fork(); err != nil {
			return nil, err
		}
		if samples, err = sampleBeside(&busy, read); err != nil {
			return nil, err
		}
		figures = append(figures, quantiles(latencyOf+besideFork, samples)...)
	}
	if samples, err = sampleBeside(f, read); err != nil {
		return nil, err
	}
	return append(figures, quantiles(latencyOf+beside, samples)...), nil
}

// sampleReads times single reads until the budget is spent and enough returns
// true. It stops in any case after maxSampling or maxSamples.
func sampleReads(read ops, budget time.Duration, enough func() bool) ([]time.Duration, error) {
	samples := make([]time.Duration, maxSamples)
	clear(samples) // touch all pages now, and not while sampling
	samples = samples[:0]
	begin := time.Now()
	for last := begin; len(samples) < maxSamples; {
		if err := read.do(0, len(samples)); err != nil {
			return nil, err
		}
		now := time.Now()
		samples = append(samples, now.Sub(last))
		last = now
		spent := now.Sub(begin)
		if spent > budget && enough() || spent > maxSampling {
			break
		}
	}
	return samples, nil
}

// sampleBeside samples reads while a writer and a lister run on busy. It collects
// garbage first, so that the second call does not need fresh pages because of the
// garbage of the first.
func sampleBeside(busy *fixture, read ops) ([]time.Duration, error) {
	runtime.GC()
	write, err := prepareOverwrite(busy)
	if err != nil {
		return nil, err
	}
	list, err := prepareListAll(busy)
	if err != nil {
		return nil, err
	}
	var lists atomic.Int64
	stop := make(chan struct{})
	errs := make([]error, 2)
	var wg sync.WaitGroup
	wg.Go(func() { errs[0] = until(stop, func(i int) error { return write.do(1, i) }) })
	wg.Go(func() {
		errs[1] = until(stop, func(i int) error {
			defer lists.Add(1)
			return list.do(1, i)
		})
	})
	samples, err := sampleReads(read, busy.budget, func() bool { return lists.Load() >= minLists })
	close(stop)
	wg.Wait()
	return samples, errors.Join(append(errs, err)...)
}

// until calls do repeatedly until stop is closed or do fails.
func until(stop <-chan struct{}, do func(i int) error) error {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return nil
		default:
		}
		if err := do(i); err != nil {
			return err
		}
	}
}

// quantiles sorts the samples of something and returns their median, 99th percentile
// and maximum.
func quantiles(of string, samples []time.Duration) []figure {
	slices.Sort(samples)
	at := func(name string, q float64) figure {
		i := int(q * float64(len(samples)-1))
		return figure{name: quantileFigure(of, name), unit: nanoseconds, cost: float64(samples[i])}
	}
	return []figure{at("p50", 0.5), at("p99", 0.99), at("max", 1)}
}
