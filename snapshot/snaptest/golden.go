package snaptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
	"open-lake.dev/lib/storage"
)

// Golden compares the store with the golden file at path, and fails the test
// with a unified diff if they differ. If [Updating], it writes the file, and the
// directories it lies in, instead. The package comment describes the file, in
// which Windows line ends count as plain ones.
//
// Any store can be compared, whatever its driver. Of a [snapshot.Store] Golden
// reads one state even if it is being written to.
func Golden(tb testing.TB, st storage.Storage, path string, opts ...Option) {
	mustTB(tb, "Golden").Helper()
	must(tb, "Golden", !isNil(st), noStore)
	must(tb, "Golden", allSet(opts), noOption)
	d := dumper{prefixes: []string{""}, show: Default, at: rfc3339, inline: 1024}
	for _, opt := range opts {
		opt(&d)
	}
	got, err := d.dump(context.Background(), st)
	if err != nil {
		tb.Fatalf("snaptest.Golden: cannot read the store: %v", err)
	}
	want, err := os.ReadFile(path)
	want = plainLines(want)
	switch {
	case err == nil && bytes.Equal(want, got):
	case Updating():
		write(tb, path, got)
	case errors.Is(err, fs.ErrNotExist):
		tb.Errorf("snaptest.Golden: there is no golden file %s; to write it, and then read what it says:\n    %s", path, command(tb))
	case err != nil:
		tb.Errorf("snaptest.Golden: cannot read the golden file %s: %v; make it a readable file, or choose another path", path, err)
	default:
		tb.Errorf("snaptest.Golden: the store (+) is not as the golden file (-) says%s:\n%s\nIf the store is right, rewrite the file:\n    %s",
			damage(want), unified(path, "store", string(want), string(got)), command(tb))
	}
}

// plainLines returns a golden file as Golden wrote it, whatever version control
// or an editor made of its line ends. Nothing in it has a carriage return.
func plainLines(file []byte) []byte {
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	if len(file) > 0 && file[len(file)-1] != '\n' {
		file = append(file, '\n')
	}
	return file
}

func write(tb testing.TB, path string, data []byte) {
	tb.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		tb.Fatalf("snaptest.Golden: cannot write the golden file %s: %v; make the path writable, or choose another", path, err)
	}
	tb.Logf("snaptest.Golden: wrote %s", path)
}

var bucketLine = regexp.MustCompile(`(?m)^bucket .*: (\d+) objects?\b`)

// damage says what is wrong with a golden file that cannot have been written by
// Golden, since its entries are not those its bucket lines count.
func damage(file []byte) string {
	a := txtar.Parse(file)
	counts := bucketLine.FindAllSubmatch(a.Comment, -1)
	if len(counts) == 0 && string(a.Comment) != noBuckets {
		return `, which is damaged or something else: it does not begin with a line like "bucket NAME: 2 objects, 75 bytes"`
	}
	want := 0
	for _, count := range counts {
		n, _ := strconv.Atoi(string(count[1]))
		want += n
	}
	if want != len(a.Files) {
		return fmt.Sprintf(", which is damaged: its bucket lines count %s, but it has %d", plural(int64(want), "object"), len(a.Files))
	}
	return ""
}

// Option changes what [Golden] shows.
type Option func(*dumper)

// Buckets shows only the named buckets, which must exist. The empty name means
// the store's default bucket.
func Buckets(names ...string) Option { return func(d *dumper) { d.buckets = names } }

// Prefixes shows only objects whose keys begin with one of the prefixes, as
// Bucket.List has them, and counts only these.
func Prefixes(prefixes ...string) Option { return func(d *dumper) { d.prefixes = prefixes } }

// Show shows these attributes instead of [Default].
func Show(attrs Attr) Option { return func(d *dumper) { d.show = attrs } }

// Times writes the times that are shown with format, which is given them in
// UTC, instead of exactly. So they can be rounded, or told from a start:
//
//	snaptest.Show(snaptest.Default|snaptest.Updated),
//	snaptest.Times(func(t time.Time) string { return t.Sub(start).String() })
//
// A nil format writes them exactly.
func Times(format func(time.Time) string) Option {
	if format == nil {
		format = rfc3339
	}
	return func(d *dumper) { d.at = format }
}

// InlineUpTo shows content of at most n bytes, if it is text, instead of 1024;
// with 0 all but empty content has a digest.
func InlineUpTo(n int) Option { return func(d *dumper) { d.inline = max(n, 0) } }
