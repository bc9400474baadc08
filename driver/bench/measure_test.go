package main

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGrow(t *testing.T) {
	for _, tt := range []struct {
		size          int
		elapsed, want time.Duration
		limit, next   int
	}{
		{1, 0, 5000, 0, 100},        // the clock has not moved
		{1, 1, 5000, 0, 100},        // a hundredfold at most
		{100, 1000, 5000, 0, 601},   // a little more than needed
		{100, 4999, 5000, 0, 121},   //
		{100, 6000, 5000, 0, 101},   // always larger
		{1, 1, 5000, 10, 10},        // at most limit
		{10, 10000, 5000, 10, 10},   //
		{100, 1000, 5000, 500, 500}, //
	} {
		assert.Equal(t, tt.next, grow(tt.size, tt.elapsed, tt.want, tt.limit), "%+v", tt)
	}
}

func TestRunNumbersOperations(t *testing.T) {
	var numbers []int
	m := &meter{ops: ops{do: func(worker, i int) error {
		assert.Zero(t, worker)
		numbers = append(numbers, i)
		return nil
	}}}
	for range 2 {
		_, err := m.run(2)
		require.NoError(t, err)
	}
	assert.Equal(t, []int{0, 1, 2, 3}, numbers)
}

func TestRunWorkers(t *testing.T) {
	var mu sync.Mutex
	workers := make(map[int]int) // by operation
	m := &meter{ops: ops{workers: 3, do: func(worker, i int) error {
		mu.Lock()
		defer mu.Unlock()
		assert.NotContains(t, workers, i)
		workers[i] = worker
		return nil
	}}}
	_, err := m.run(7)
	require.NoError(t, err)
	assert.Equal(t, map[int]int{0: 0, 1: 1, 2: 2, 3: 0, 4: 1, 5: 2, 6: 0}, workers)
}

// TestMeasureUndoes checks that undo runs after every batch, the last included, and
// that no batch exceeds the limit.
func TestMeasureUndoes(t *testing.T) {
	pending, undone := 0, 0
	_, err := measure(ops{
		batch: 3,
		do: func(int, int) error {
			pending++
			assert.LessOrEqual(t, pending, 3)
			return nil
		},
		undo: func() error {
			pending = 0
			undone++
			return nil
		},
	}, 100*time.Microsecond)
	require.NoError(t, err)
	assert.Zero(t, pending)
	assert.Positive(t, undone)
}

// TestMeasureLong checks that an operation longer than the budget runs once.
func TestMeasureLong(t *testing.T) {
	calls := 0
	c, err := measure(ops{do: func(int, int) error {
		calls++
		time.Sleep(time.Millisecond)
		return nil
	}}, 100*time.Microsecond)
	require.NoError(t, err)
	assert.Equal(t, 1, calls)
	assert.GreaterOrEqual(t, c.ns, 1e6)
}

var sink []byte

func TestMeasureCountsAllocations(t *testing.T) {
	c, err := measure(ops{do: func(int, int) error {
		sink = make([]byte, 1<<20)
		return nil
	}}, time.Millisecond)
	require.NoError(t, err)
	assert.InDelta(t, 1<<20, c.bytes, 1<<16)
	assert.GreaterOrEqual(t, c.allocs, 1.0)
}

func TestMeasureFails(t *testing.T) {
	broken := errors.New("broken")
	fine := func(int, int) error { return nil }
	fails := func(int, int) error { return broken }
	for name, o := range map[string]ops{
		"do":      {do: fails},
		"workers": {do: fails, workers: 2},
		"undo":    {do: fine, undo: func() error { return broken }},
	} {
		_, err := measure(o, time.Millisecond)
		assert.ErrorIs(t, err, broken, name)
	}
}

func TestQuantiles(t *testing.T) {
	var samples []time.Duration
	for i := range 1001 {
		samples = append(samples, time.Duration(1000-i))
	}
	figures := quantiles(latencyOf+alone, samples)
	require.Len(t, figures, 3)
	assert.Equal(t, []float64{500, 990, 1000}, []float64{figures[0].cost, figures[1].cost, figures[2].cost})
	assert.Equal(t, "open + read 1 KiB alone, p99", figures[1].name)
}
