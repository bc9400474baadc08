package main

import (
	"math"
	"slices"
)

// cell identifies a figure, a store and the store's contents. Layout and N are
// zero for an empty store.
type cell struct {
	Figure string `json:"figure"`
	Layout string `json:"layout,omitempty"`
	N      int    `json:"n,omitempty"`
	Store  string `json:"store"`
}

// result is a cell and the samples of its rounds, one each.
type result struct {
	cell
	Unit    unit      `json:"unit"`
	Samples []float64 `json:"samples"`

	// Allocs and Bytes are the allocations of one operation in the last round.
	Allocs float64 `json:"allocs_per_op,omitempty"`
	Bytes  float64 `json:"bytes_per_op,omitempty"`
}

// median returns the median of the samples.
func (r *result) median() float64 {
	s := slices.Sorted(slices.Values(r.Samples))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// results holds all results, in the order of their first measurement.
type results struct {
	list   []*result
	byCell map[cell]*result
}

// add adds the figure of a round to a cell.
func (rs *results) add(c cell, f figure) {
	r := rs.byCell[c]
	if r == nil {
		r = &result{cell: c, Unit: f.unit}
		if rs.byCell == nil {
			rs.byCell = make(map[cell]*result)
		}
		rs.byCell[c] = r
		rs.list = append(rs.list, r)
	}
	r.Samples = append(r.Samples, f.cost)
	r.Allocs, r.Bytes = f.allocs, f.bytes
}

// median returns the median of a cell, or NaN if the cell was not measured.
func (rs *results) median(c cell) float64 {
	if r := rs.byCell[c]; r != nil {
		return r.median()
	}
	return math.NaN()
}

// distinct returns the different values of a property of the results for which
// where returns true, in order of first appearance.
func distinct[T comparable](rs *results, of func(*result) T, where func(*result) bool) []T {
	var values []T
	for _, r := range rs.list {
		if v := of(r); where(r) && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// most returns the largest number of objects for which a figure was measured.
func (rs *results) most(figure string) int {
	n := 0
	for _, r := range rs.list {
		if r.Figure == figure {
			n = max(n, r.N)
		}
	}
	return n
}
