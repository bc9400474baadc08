// Command quickstart shows an object store in memory at work on real files:
//
//	go run ./examples/quickstart [dir]
//
// It loads a directory, by default the source code of the Go distribution, takes
// a snapshot, changes a great deal, and takes all of it back. The files are only
// read. tour.go has one function per step, as a program of your own would have
// it.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

const usage = `usage: quickstart [dir]

Loads the files in dir into an object store in memory, changes the store and
restores it, and prints what each step does and how long it takes. The files
are only read; they must fit into memory. The default is the source code of the
Go distribution or, where there is none, the module in the current directory.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is main with what it works on, and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	dirs, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "quickstart: %v\n%s", err, usage)
		return 2
	}
	err = runOn(ctx, dirs, stdout, stderr)
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(stderr, "quickstart:", err)
		return 1
	}
	return 0
}

// parse returns the arguments, one at most.
func parse(args []string) ([]string, error) {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 1 {
		return nil, fmt.Errorf("%d arguments given, one directory expected", flags.NArg())
	}
	return flags.Args(), nil
}

// runOn takes the tour on the one directory given or, if none is, the default.
func runOn(ctx context.Context, dirs []string, stdout, stderr io.Writer) error {
	var dir string
	var err error
	if len(dirs) > 0 {
		dir = dirs[0]
	} else if dir, err = defaultDir(ctx); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", printable(dir))
	}
	out := newReport(stdout, dir)
	if err := takeTour(ctx, os.DirFS(dir), out, newProgress(stderr)); err != nil {
		return fmt.Errorf("%s: %w", printable(dir), err)
	}
	return nil
}

// defaultDir returns the source directory of the Go distribution or, if there is
// none, the root of the module around the current directory.
func defaultDir(ctx context.Context) (string, error) {
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	src := filepath.Join(string(bytes.TrimSpace(goroot)), "src")
	if err == nil && exists(src) {
		return src, nil
	}
	dir, err := os.Getwd()
	for err == nil && !exists(filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			return "", errors.New("found neither the Go distribution nor a module; name a directory to load")
		}
		dir = filepath.Dir(dir)
	}
	return dir, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
