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

	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage"
)

// Golden compares a store with the golden file at path, and fails the test with a
// unified diff if they differ. If [Updating], it writes the file instead, and
// creates the directories it is in. The package comment describes the format.
// Windows line ends in the file are ignored.
//
// The store may be of any driver. Of a [snapshot.Store], Golden reads a single
// snapshot, so concurrent writes do no harm.
func Golden(tb testing.TB, st storage.Storage, path string, opts ...Option) {
	mustTB(tb, "Golden").Helper()
	must(tb, "Golden", !isNil(st), noStore)
	must(tb, "Golden", allSet(opts), noOption)
	d := dumper{prefixes: []string{""}, show: Default, formatTime: rfc3339, maxInline: defaultInline}
	for _, opt := range opts {
		opt(&d)
	}
	got, err := d.dump(context.Background(), st)
	if err != nil {
		tb.Fatalf("snaptest.Golden: cannot read the store: %v", err)
	}
	want, err := os.ReadFile(path)
	want = unixLines(want)
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
			malformed(want), unified(path, "store", string(want), string(got)), command(tb))
	}
}

// unixLines returns a golden file with the line ends that Golden wrote, which
// version control or an editor may have changed. Golden writes no carriage
// returns.
func unixLines(file []byte) []byte {
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	if len(file) > 0 && file[len(file)-1] != '\n' {
		file = append(file, '\n')
	}
	return file
}

// write writes a golden file and the directories it is in.
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

// malformed describes the fault of a golden file whose bucket lines do not match
// its number of entries. It returns "" if there is none.
func malformed(file []byte) string {
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
