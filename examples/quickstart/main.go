// Command quickstart shows an object store in memory at work on real files:
//
//	go run ./examples/quickstart [dir]
//
// It loads a directory, by default the source code of the Go distribution, takes
// a snapshot, changes the store and restores the snapshot. It only reads the
// files. Each step is a short function in tour.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"go/build"
	"io"
	"log"
	"os"
	"path/filepath"
)

const usage = `usage: quickstart [dir]

Loads the files in dir into an object store in memory, changes the store and
restores it, and prints the time of each step. The files are only read; they must
fit into memory. The default is the source code of the Go distribution or, if
there is none, the current directory.
`

func main() {
	log.SetFlags(0)
	log.SetPrefix("quickstart: ")
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	flag.Parse()
	progress := io.Discard
	if isTerminal(os.Stderr) {
		progress = os.Stderr
	}
	if err := run(context.Background(), flag.Args(), os.Stdout, progress); err != nil {
		log.Fatal(err)
	}
}

// run takes the tour of the directory in args or of the default one.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) > 1 {
		return fmt.Errorf("want one directory, got %d arguments", len(args))
	}
	dir := defaultDir()
	if len(args) == 1 {
		dir = args[0]
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	if _, err := fmt.Fprintf(out, "An object store in memory, filled from\n%s\n\n", dir); err != nil {
		return err
	}
	return takeTour(ctx, os.DirFS(dir), out, progress)
}

// defaultDir returns the source directory of the Go distribution, or the current
// directory if there is none.
func defaultDir() string {
	src := filepath.Join(build.Default.GOROOT, "src")
	if _, err := os.Stat(src); err != nil || !filepath.IsAbs(src) {
		return "."
	}
	return src
}

// isTerminal reports whether f is a character device: a terminal, or the null
// device.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
