// Command bench runs one set of workloads on the memory driver and on the stores
// that people use instead. It writes a table and a chart. See README.md.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "1000,10000,100000,1000000", "comma-separated numbers of objects")
	stores := flags.String("stores", strings.Join(names(candidates), ","), "comma-separated names of stores")
	workloads := flags.String("workloads", "", "regular expression; run only the workloads whose names match")
	repeat := flags.Int("repeat", 5, "number of rounds; each figure is their median")
	out := flags.String("o", ".", "directory to write RESULTS.md, results.json and chart.svg to")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}

	r := &runner{rounds: *repeat, progress: progress(),
		budget: budget, large: largeBudget, part: partSize, together: maxTogether}
	var err error
	if r.sizes, err = parseSizes(*sizes); err != nil {
		return err
	}
	if r.stores, err = pick(*stores); err != nil {
		return err
	}
	if r.match, err = regexp.Compile(*workloads); err != nil {
		return err
	}
	if *repeat < 1 {
		return fmt.Errorf("-repeat %d: must be at least 1", *repeat)
	}
	if err := r.run(); err != nil {
		return err
	}
	return writeAll(*out, &r.results)
}

func names(stores []candidate) []string {
	var names []string
	for _, c := range stores {
		names = append(names, c.name)
	}
	return names
}

// pick returns the candidates in a comma-separated list, in the order of the table
// columns.
func pick(list string) ([]candidate, error) {
	wanted := strings.Split(list, ",")
	for _, name := range wanted {
		if !slices.Contains(names(candidates), name) {
			return nil, fmt.Errorf("-stores: unknown store %q; the stores are %s", name, strings.Join(names(candidates), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool { return !slices.Contains(wanted, c.name) }), nil
}

// minSize is the smallest number of objects that the workloads support.
const minSize = 100

func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < minSize {
			return nil, fmt.Errorf("-sizes: %q is not an integer of at least %d", text, minSize)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// progress returns a function that replaces the progress line on a terminal. It does
// nothing if standard error is not a terminal.
func progress() func(format string, args ...any) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}

// writeAll writes the tables, the data and the chart to dir.
func writeAll(dir string, rs *results) error {
	writeJSON := func(w io.Writer, rs *results) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "\t")
		return enc.Encode(rs.list)
	}
	for name, write := range map[string]func(io.Writer, *results) error{
		"RESULTS.md": writeReport, "results.json": writeJSON, "chart.svg": writeChart,
	} {
		if err := writeFile(filepath.Join(dir, name), rs, write); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, rs *results, write func(io.Writer, *results) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := write(f, rs); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
