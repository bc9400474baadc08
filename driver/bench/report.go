package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
)

const reportHead = `# Results

Written by ` + "`go run .`" + ` (%s, %s/%s, %d CPUs); see [README.md](README.md) for the
workloads and the method. Every figure is the median of its rounds. The number in
parentheses is the ratio to %s. Less is better in every table. Compare the ratios: the
times depend on the machine.

![Cost against the number of objects](chart.svg)
`

// writeReport writes the results as Markdown.
func writeReport(w io.Writer, rs *results) error {
	var b strings.Builder
	fmt.Fprintf(&b, reportHead, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), ours)
	writeTargets(&b, rs)
	for _, layout := range layouts {
		in := func(r *result) bool { return r.Layout == layout && r.Unit == nanoseconds }
		writeTable(&b, rs, titles[layout], in)
	}
	writeTable(&b, rs, "An empty store and large objects", func(r *result) bool { return r.Layout == "" })
	writeTable(&b, rs, "Heap", func(r *result) bool { return r.Unit == octets })
	writeAllocs(&b, rs)
	_, err := io.WriteString(w, b.String())
	return err
}

var titles = map[string]string{
	flat: "Flat: keys without directories",
	deep: "Deep: keys three directories deep",
}

// writeTable writes a table of the results for which in returns true. It has a row
// for each figure and number of objects, and a column for each store.
func writeTable(b *strings.Builder, rs *results, title string, in func(*result) bool) {
	stores := distinct(rs, func(r *result) string { return r.Store }, in)
	if len(stores) == 0 {
		return
	}
	writeHeader(b, title, append([]string{"", "objects"}, stores...))
	type row struct {
		figure, layout string
		unit           unit
	}
	for _, row := range distinct(rs, func(r *result) row { return row{r.Figure, r.Layout, r.Unit} }, in) {
		of := func(r *result) bool { return in(r) && r.Figure == row.figure && r.Layout == row.layout }
		for _, n := range distinct(rs, func(r *result) int { return r.N }, of) {
			objects := formatCount(n)
			if n == 0 {
				objects = ""
			}
			if row.unit == octets {
				objects += " " + row.layout
			}
			fmt.Fprintf(b, "| %s | %s |", row.figure, objects)
			base := rs.median(cell{row.figure, row.layout, n, ours})
			for _, store := range stores {
				v := rs.median(cell{row.figure, row.layout, n, store})
				fmt.Fprintf(b, " %s |", formatAgainst(row.unit, v, base, store == ours))
			}
			b.WriteByte('\n')
		}
	}
}

// formatAgainst formats a value and, in parentheses, its ratio to base.
func formatAgainst(u unit, v, base float64, isBase bool) string {
	if isBase || math.IsNaN(v) || math.IsNaN(base) {
		return u.format(v)
	}
	return fmt.Sprintf("%s (%s)", u.format(v), formatRatio(v, base))
}

// writeHeader writes the heading and the header of a table. The first column is
// left-aligned, the others right-aligned.
func writeHeader(b *strings.Builder, title string, columns []string) {
	fmt.Fprintf(b, "\n## %s\n\n| %s |\n|---|%s\n", title, strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)-1))
}

// writeAllocs writes a table of the allocations and allocated bytes of each
// operation, for the last size and layout.
func writeAllocs(b *strings.Builder, rs *results) {
	counted := func(r *result) bool { return r.Bytes > 0 || r.Allocs > 0 }
	type row struct {
		figure, layout string
		n              int
	}
	var last row
	for _, r := range rs.list {
		if counted(r) && r.N > 0 {
			last = row{layout: r.Layout, n: r.N}
		}
	}
	in := func(r *result) bool { return counted(r) && (r.N == 0 || r.N == last.n && r.Layout == last.layout) }
	stores := distinct(rs, func(r *result) string { return r.Store }, in)
	if len(stores) == 0 {
		return
	}
	title := fmt.Sprintf("Allocations and bytes of one operation, %s objects, %s", formatCount(last.n), last.layout)
	writeHeader(b, title, append([]string{""}, stores...))
	for _, row := range distinct(rs, func(r *result) row { return row{r.Figure, r.Layout, r.N} }, in) {
		fmt.Fprintf(b, "| %s |", row.figure)
		for _, store := range stores {
			text := "–"
			if r := rs.byCell[cell{row.figure, row.layout, row.n, store}]; r != nil {
				text = fmt.Sprintf("%s: %s", formatAmount(r.Allocs), octets.format(r.Bytes))
			}
			fmt.Fprintf(b, " %s |", text)
		}
		b.WriteByte('\n')
	}
}
