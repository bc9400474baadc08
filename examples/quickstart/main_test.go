package main

import (
	"bytes"
	"context"
	"errors"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

var durations = regexp.MustCompile(` +[0-9.]+ ms\n`)

// tourOf takes the tour of files and returns the output with durations masked.
func tourOf(t *testing.T, files fs.FS) (string, error) {
	var out bytes.Buffer
	err := takeTour(t.Context(), files, &out, io.Discard)
	for line := range strings.Lines(out.String()) {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 40+len("\n"), line)
	}
	return durations.ReplaceAllString(out.String(), " TIME\n"), err
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

const wholeTour = ` 1 Load the files TIME
   5 files, 0.101 MB
 2 List all objects TIME
   5 objects in the order of keys
 3 Take a snapshot TIME
   the whole store, without a copy
 4 Move a directory TIME
   "large" to "large.moved":
   2 objects in one commit
 5 Overwrite some TIME
   1 object, the first by key
 6 Delete some TIME
   1 object, the last by key
 7 Compare to snapshot TIME
   created: 2, such as
     "large.moved/deep/x"
   changed: 1, such as
     "a.txt"
   removed: 3, such as
     "large/deep/x"
 8 Restore the snapshot TIME
   all changes undone in one commit
 9 List all again TIME
   5 objects as in step 2

The code: examples/quickstart/tour.go
`

func TestWholeTour(t *testing.T) {
	out, err := tourOf(t, fstest.MapFS{
		"a.txt": file("first"), "z.txt": file("last!"), "small/x": file(strings.Repeat("s", 1000)),
		"large/y": file(strings.Repeat("b", 100_000)), "large/deep/x": file("x"),
	})
	require.NoError(t, err)
	assert.Equal(t, wholeTour, out)
}

// TestTours is about unusual directories.
func TestTours(t *testing.T) {
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  []string // each in the output
	}{
		"one file, overwritten and then deleted": {
			fstest.MapFS{"only.txt": file("text")},
			[]string{" 1 file,", "there is none", "changed: 0\n", "removed: 1,", " 1 object as in step 2\n"},
		},
		"all in one directory": {
			fstest.MapFS{"d/a": file("a"), "d/e/b": file("b"), "d/c": file("c")},
			[]string{"created: 2,", "removed: 3,", " 3 objects as in step 2\n"},
		},
		"the moved directory meets another": {
			fstest.MapFS{"d/a": file("new"), "d/b": file("b"), "d.moved/a": file("old")},
			[]string{`"d" to "d.moved"`, " 3 objects as in step 2\n"},
		},
		"a directory whose name ends in white space": {
			fstest.MapFS{"d /a": file("a"), "d /b": file("b"), "e/a": file("a")},
			[]string{`"d " to "d .moved"`, " 3 objects as in step 2\n"},
		},
		"a link and a pipe": {
			fstest.MapFS{"a": file("a"), "link": {Mode: fs.ModeSymlink}, "pipe": {Mode: fs.ModeNamedPipe}},
			[]string{" 1 file,", "skipped 2 files, such as\n   \"pipe\": not a regular file\n"},
		},
		"names that mean one key": {
			fstest.MapFS{`b\c`: file(""), "b/c": file("")},
			[]string{" 1 file,", "skipped 1 file, such as\n", "file already exists"},
		},
		"names that cannot be keys": {
			fstest.MapFS{"a": file("a"), " ": file("space")},
			[]string{" 1 file,", "skipped 1 file, such as\n   \" \": invalid argument\n"},
		},
		"names that would upset a terminal": {
			fstest.MapFS{"d\a/\x1b[31m": file("a"), "\x07": {Mode: fs.ModeSymlink}},
			[]string{`"d\a" to "d\a.moved"`, `"d\a/\x1b[31m"`, `"\a": not a regular file`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := tourOf(t, test.files)
			require.NoError(t, err)
			for _, want := range test.want {
				assert.Contains(t, out, want)
			}
			assert.NotRegexp(t, `[\x00-\x09\x0b-\x1f]`, out)
		})
	}
}

// brokenFS fails to open, or to read, the named file or directory.
type brokenFS struct {
	fs.FS
	open, read string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.open {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	f, err := b.FS.Open(name)
	if name == b.read {
		f = brokenFile{f}
	}
	return f, err
}

type brokenFile struct{ fs.File }

func (brokenFile) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestUnreadableIsSkipped(t *testing.T) {
	files := fstest.MapFS{"a": file("a"), "d/b": file("b"), "d/c": file("c"), "e": file("e")}
	for want, broken := range map[string]brokenFS{
		"3 files, 0.000 MB\n   skipped 1 file, such as\n   \"a\": permission denied\n":   {files, "a", ""},
		"3 files, 0.000 MB\n   skipped 1 file, such as\n   \"a\": input/output error\n":  {files, "", "a"},
		"2 files, 0.000 MB\n   skipped 1 file, such as\n   \"d\": permission denied\n":   {files, "d", ""},
		"2 files, 0.000 MB\n   skipped 2 files, such as\n   \"e\": input/output error\n": {files, "d/b", "e"},
	} {
		out, err := tourOf(t, broken)
		require.NoError(t, err)
		assert.Contains(t, out, want)
	}
}

func TestDanglingLinkIsSkipped(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o666))
	if os.Symlink("missing", filepath.Join(dir, "link")) != nil {
		t.Skip("there are no symbolic links here")
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{dir}, &out, io.Discard))
	assert.Contains(t, out.String(), "skipped 1 file, such as\n   \"link\": not a regular file\n")
}

func TestNothingToLoad(t *testing.T) {
	for want, files := range map[string]fs.FS{
		"no file to load": fstest.MapFS{"empty/dir": {Mode: fs.ModeDir}},
		`no file to load: skipped 1, such as "pipe": not a regular file`: fstest.MapFS{"pipe": {Mode: fs.ModeNamedPipe}},
		`no file to load: skipped 1, such as ".": permission denied`:     brokenFS{fstest.MapFS{}, ".", ""},
	} {
		_, err := tourOf(t, files)
		assert.EqualError(t, err, want)
	}
}

func TestBadArguments(t *testing.T) {
	for want, args := range map[string][]string{
		"main.go is not a directory":          {"main.go"},
		"missing":                             {"missing"},
		"want one directory, got 2 arguments": {"a", "b"},
	} {
		assert.ErrorContains(t, run(t.Context(), args, io.Discard, io.Discard), want)
	}
}

func TestDefaultDir(t *testing.T) {
	assert.FileExists(t, filepath.Join(defaultDir(), "fmt/print.go"))

	defer func(dir string) { build.Default.GOROOT = dir }(build.Default.GOROOT)
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("src", 0o777)) // not the Go distribution's
	for _, build.Default.GOROOT = range []string{"", t.TempDir()} {
		assert.Equal(t, ".", defaultDir())
	}
}

func TestOutputFails(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	assert.Equal(t, io.ErrClosedPipe, takeTour(t.Context(), fstest.MapFS{"a": {}}, w, io.Discard))
}

// newTour returns a tour of files that is about to begin.
func newTour(t *testing.T, files fs.FS) *tour {
	st, err := storage.Open(t.Context(), "mem://")
	require.NoError(t, err)
	return &tour{files: files, progress: io.Discard, store: st.(snapshot.Store), bucket: st.Bucket("files")}
}

func TestInterruptIsNotASkippedFile(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newTour(t, fstest.MapFS{"a": {}}).load(ctx)
	assert.Equal(t, context.Canceled, err)
}

// TestNotRestored is about a store that does not come back as it was.
func TestNotRestored(t *testing.T) {
	tr := newTour(t, fstest.MapFS{"a": {}})
	_, err := tr.load(t.Context())
	require.NoError(t, err)
	_, err = tr.listAll(t.Context())
	require.NoError(t, err)
	require.NoError(t, tr.bucket.Delete(t.Context(), "a", nil))
	_, err = tr.verify(t.Context())
	assert.EqualError(t, err, "the restored store differs from the snapshot")
}

// TestProgress is about a load that updates one line, at most 30 columns wide.
func TestProgress(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 250 {
		files[strings.Repeat("x", i+1)] = &fstest.MapFile{}
	}
	var screen bytes.Buffer
	require.NoError(t, takeTour(t.Context(), files, io.Discard, &screen))
	assert.Equal(t, "\rloading: 100 files\rloading: 200 files\r"+strings.Repeat(" ", 30)+"\r", screen.String())
}

func TestIsTerminal(t *testing.T) {
	for name, want := range map[string]bool{"main.go": false, os.DevNull: true} {
		f, err := os.Open(name)
		require.NoError(t, err)
		defer f.Close()
		assert.Equal(t, want, isTerminal(f), name)
	}
}
