package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// report prints the steps as rows of a table, each with lines of text beneath.
type report struct {
	w *bufio.Writer // keeps the first error
	n int           // steps so far
}

const (
	row      = "%2s  %-26s %10s %12s %10s\n"
	someKeys = 4 // how many of many are shown
)

func newReport(w io.Writer, dir string) *report {
	r := &report{w: bufio.NewWriter(w)}
	fmt.Fprintf(r.w, "An object store in memory, filled with %s, changed and restored.\n", printable(dir))
	fmt.Fprint(r.w, "All of it happens in memory; the files are only read.\n\n")
	fmt.Fprintf(r.w, row, "", "Step", "Objects", "Size", "Time")
	r.w.Flush()
	return r
}

// step prints a step and returns the error of printing, if there was one.
func (r *report) step(s step, res result, took time.Duration) error {
	r.n++
	fmt.Fprintln(r.w)
	fmt.Fprintf(r.w, row, strconv.Itoa(r.n), s.title, count(res.objects), size(res.bytes), duration(took))
	for _, line := range append([]string{s.shows}, res.lines...) {
		fmt.Fprintf(r.w, "    %s\n", line)
	}
	return r.w.Flush()
}

func (r *report) end() error {
	fmt.Fprint(r.w, "\nThe code of each step is a few lines in examples/quickstart/tour.go.\n")
	return r.w.Flush()
}

// touched counts objects and their bytes.
type touched struct {
	objects int
	bytes   int64
}

func (t *touched) add(obj *storage.Object) {
	t.objects++
	t.bytes += obj.Size
}

func (t *touched) addAll(objects []*storage.Object) {
	for _, obj := range objects {
		t.add(obj)
	}
}

// all is everything in s.
func all(s *snapshot.Snapshot) touched { return touched{s.Len(), s.Bytes()} }

// say returns a result with a line of text.
func say(format string, args ...any) result {
	return result{lines: []string{fmt.Sprintf(format, args...)}}
}

// listing shows the first entries of a directory.
func listing(dir string, entries []*storage.Object) (lines []string) {
	dirs := 0
	for i, obj := range entries {
		kind := size(obj.Size)
		name := printable(obj.Key)
		if obj.IsDir {
			dirs++
			name, kind = name+"/", "directory"
		}
		if i < someKeys {
			lines = append(lines, fmt.Sprintf("  %-40s %10s", name, kind))
		}
	}
	head := fmt.Sprintf("%s/ has directories: %s, objects: %s", printable(dir), count(dirs), count(len(entries)-dirs))
	return slices.Concat([]string{head}, lines, more(len(entries)))
}

// more is the line that stands for the rest of n.
func more(n int) []string {
	if n <= someKeys {
		return nil
	}
	return []string{fmt.Sprintf("  ... and %s more", count(n-someKeys))}
}

// differences sums up a comparison by kind.
type differences struct{ created, changed, removed kind }

type kind struct {
	touched
	keys []string // the first
}

func (k *kind) add(obj *storage.Object) {
	k.touched.add(obj)
	if len(k.keys) < someKeys {
		k.keys = append(k.keys, obj.Key)
	}
}

func (d *differences) result() (res result) {
	for _, k := range []struct {
		name, sign string
		kind
	}{{"created", "+", d.created}, {"changed", "~", d.changed}, {"removed", "-", d.removed}} {
		res.objects += k.objects
		res.bytes += k.bytes
		res.lines = append(res.lines, fmt.Sprintf("%-26s %10s %12s", k.name, count(k.objects), size(k.bytes)))
		for _, key := range k.keys {
			res.lines = append(res.lines, "  "+k.sign+" "+printable(key))
		}
		res.lines = append(res.lines, more(k.objects)...)
	}
	return res
}

// summary tells how many files each oddity befell, and names one of them.
func (o oddities) summary() (lines []string) {
	for _, what := range []string{irregular, badName, taken, renamed} {
		if paths := o[what]; len(paths) > 0 {
			lines = append(lines, fmt.Sprintf("%s %s, such as %q", count(len(paths)), what, paths[0]))
		}
	}
	return lines
}

// printable returns text that can do no harm to a terminal.
func printable(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// count writes 12345 as 12,345.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes bytes in the unit that suits them.
func size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n)/1024, 0
	for ; v >= 1023.95; unit++ { // what would be rounded to 1024.0
		v /= 1024
	}
	return fmt.Sprintf("%.1f %ciB", v, "KMGTPE"[unit])
}

// duration rounds to three digits.
func duration(d time.Duration) string {
	unit := time.Nanosecond
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
