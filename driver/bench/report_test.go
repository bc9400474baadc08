package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{nanoseconds.format(0.35), "350 ps"},
		{nanoseconds.format(12.34), "12.3 ns"},
		{nanoseconds.format(310.4), "310 ns"},
		{nanoseconds.format(1000), "1.00 µs"},
		{nanoseconds.format(45_600_000), "45.6 ms"},
		{nanoseconds.format(2e9), "2.00 s"},
		{nanoseconds.format(math.NaN()), "–"},
		{octets.format(0), "0 B"},
		{octets.format(180.4), "180 B"},
		{octets.format(64 << 20), "67,100,000 B"},
		{formatRatio(1, 2), "0.50"},
		{formatRatio(12_345, 1), "12,300"},
		{formatRatio(1, 0), "–"},
		{formatCount(1_000_000), "1,000,000"},
		{formatSeconds(1e-2), "10 ms"},
		{formatSeconds(1e-6), "1 µs"},
	} {
		assert.Equal(t, tt.want, tt.got)
	}
}

func TestMedian(t *testing.T) {
	var rs results
	at := cell{Figure: statOne, Store: ours}
	assert.True(t, math.IsNaN(rs.median(at)))
	for i, want := range []float64{9, 5, 3, 4} {
		rs.add(at, figure{unit: nanoseconds, cost: []float64{9, 1, 3, 5}[i]})
		assert.Equal(t, want, rs.median(at))
	}
	assert.Len(t, rs.list, 1)
}

// some returns results of two stores. figures maps a name to two times in
// nanoseconds: that of ours and that of the other store.
func some(figures map[string][2]float64, other string, n int) *results {
	var rs results
	for name, v := range figures {
		for i, store := range []string{ours, other} {
			rs.add(cell{name, deep, n, store}, figure{unit: nanoseconds, cost: v[i], allocs: 1, bytes: 16})
		}
	}
	return &rs
}

func TestReport(t *testing.T) {
	rs := some(map[string][2]float64{statOne: {100, 250}}, baseline, 1000)
	rs.add(cell{statOne, deep, 10_000, ours}, figure{unit: nanoseconds, cost: 120})
	rs.add(cell{heapName, deep, 1000, ours}, figure{unit: octets, cost: 180})
	rs.add(cell{Figure: readLarge, Store: bare}, figure{unit: nanoseconds, cost: 5e6})
	var b strings.Builder
	require.NoError(t, writeReport(&b, rs))
	_, tables, _ := strings.Cut(b.String(), "\n## ")
	assert.Equal(t, `Targets

|  | worst result | met |
|---|--:|--:|
| heap per object of 100 bytes, beyond the content: 200 bytes or less | 180 B, 1,000 deep | yes |

## Deep: keys three directories deep

|  | objects | memdriver | map |
|---|--:|--:|--:|
| stat | 1,000 | 100 ns | 250 ns (2.50) |
| stat | 10,000 | 120 ns | – |

## An empty store and large objects

|  | objects | bare copy |
|---|--:|--:|
| read 256 MiB |  | 5.00 ms |

## Heap

|  | objects | memdriver |
|---|--:|--:|
| heap per object of 100 bytes, beyond the content | 1,000 deep | 180 B |

## Allocations and bytes of one operation, 1,000 objects, deep

|  | memdriver | map |
|---|--:|--:|
| stat | 1: 16 B | 1: 16 B |
`, tables)
}

// TestTargets judges targets by figures that just meet them and by figures that
// just fail them.
func TestTargets(t *testing.T) {
	const hundredK = 100_000
	for _, tt := range []struct {
		text      string
		met, fail *results
		figure    string // of the results that fail
	}{
		{"snapshot: under",
			some(map[string][2]float64{snapshotOp: {999, 1}}, "afero", 10),
			some(map[string][2]float64{snapshotOp: {1001, 1}}, "afero", 10), "1.00 µs, 16 B, 10 deep"},
		{"snapshot and restore",
			some(map[string][2]float64{snapshotOp: {50, 1}, restoreOp: {50, 1e7}}, "afero", 10),
			some(map[string][2]float64{snapshotOp: {50, 1e6}, restoreOp: {50, 8e6}}, "afero", 10), "90,000 × (afero, 10 deep)"},
		{"list a page of 100 by prefix",
			some(map[string][2]float64{pageByName: {1, 1000}}, "s3mem", 10),
			some(map[string][2]float64{pageByName: {1, 999}}, "s3mem", 10), "999 × (s3mem, 10 deep)"},
		{"stat, read-mostly",
			some(map[string][2]float64{statMostly: {100, 100}}, baseline, hundredK),
			some(map[string][2]float64{statMostly: {200, 100}}, baseline, hundredK), "0.50 × (map, 100,000 deep)"},
		{"write 256 MiB",
			some(map[string][2]float64{writeLarge: {100, 90}}, bare, 0),
			some(map[string][2]float64{writeLarge: {100, 89}}, bare, 0), "0.89 × (bare copy)"},
		{"readers' p99",
			some(map[string][2]float64{latencyFigure("p99", alone): {100, 1}, latencyFigure("p99", beside): {200, 1}}, baseline, 10),
			some(map[string][2]float64{latencyFigure("p99", alone): {100, 1}, latencyFigure("p99", beside): {300, 1}}, baseline, 10), "3.00 ×, 10 deep"},
		{"heap per object",
			some(map[string][2]float64{heapName: {200, 1}}, baseline, 10),
			some(map[string][2]float64{heapName: {1000, 1}}, baseline, 10), "1.00 µs, 10 deep"},
	} {
		var judge func(*results) verdict
		for _, target := range targets {
			if strings.HasPrefix(target.text, tt.text) {
				judge = target.judge
			}
		}
		require.NotNil(t, judge, tt.text)
		assert.True(t, judge(tt.met).met, tt.text)
		assert.Equal(t, verdict{tt.figure, false}, judge(tt.fail), tt.text)
	}
}

// TestTargetsUnmeasured checks that targets without figures have no verdict.
func TestTargetsUnmeasured(t *testing.T) {
	for _, target := range targets {
		assert.Empty(t, target.judge(&results{}).figure, target.text)
	}
	tooLarge := some(map[string][2]float64{statMostly: {100, 1}}, baseline, 1_000_000)
	for _, target := range targets {
		assert.Empty(t, target.judge(tooLarge).figure, target.text)
	}
}

func TestChart(t *testing.T) {
	for name, rs := range map[string]*results{
		"nothing":   {},
		"one size":  some(map[string][2]float64{statOne: {100, 250}}, baseline, 1000),
		"one store": some(map[string][2]float64{snapshotOp: {1, 1e9}, restoreOp: {1, 1e9}}, ours, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, writeChart(&b, rs))
			text := chartText(t, b.Bytes())
			for _, row := range panels {
				for _, p := range row {
					assert.Contains(t, text, p.title)
				}
			}
			for _, r := range rs.list {
				assert.Contains(t, text, r.Store)
			}
		})
	}
}

// chartText returns the text elements of an SVG.
func chartText(t *testing.T, svg []byte) (text []string) {
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return text
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			var s string
			require.NoError(t, dec.DecodeElement(&s, &start))
			text = append(text, s)
		}
	}
}

func TestPoints(t *testing.T) {
	rs := some(map[string][2]float64{snapshotOp: {100, 1}, restoreOp: {50, 2e9}}, "afero", 1000)
	both := panels[0][0]
	require.Len(t, both.points(rs, "afero"), 1)
	assert.Equal(t, 1000.0, both.points(rs, ours)[0].X)
	assert.InDelta(t, 150e-9, both.points(rs, ours)[0].Y, 1e-15)
	assert.Empty(t, both.points(some(map[string][2]float64{snapshotOp: {100, 1}}, "afero", 1000), ours), "no point without all figures")
}
