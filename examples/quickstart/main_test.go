package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var ctx = context.Background()

// write makes files of what they should hold, in a new directory.
func write(t *testing.T, files map[string]string) (dir string) {
	dir = t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	return dir
}

// quickstart runs the program and returns what it printed, with durations masked.
func quickstart(t *testing.T, args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(ctx, args, &out, &err)
	return mask(out.String()), err.String(), status
}

var durations = regexp.MustCompile(`(?m) +[0-9.]+(ns|µs|ms|s)$`)

func mask(text string) string { return durations.ReplaceAllString(text, " TIME") }

// tourOf takes the tour on files and returns what it printed, and the error.
func tourOf(files fs.FS) (string, error) {
	var out bytes.Buffer
	err := takeTour(ctx, files, newReport(&out, "DIR"), newProgress(io.Discard))
	return mask(out.String()), err
}

const wholeTour = `An object store in memory, filled with DIR, changed and restored.
All of it happens in memory; the files are only read.

    Step                          Objects         Size       Time

 1  Load the files                      6    601.0 KiB TIME
    Each regular file becomes an object in a bucket; its path is its key.
    No file was skipped.

 2  List everything                     6    601.0 KiB TIME
    All objects in the order of their keys, to be compared in the last step.

 3  List one directory                  2    600.0 KiB TIME
    Keys that begin alike form a directory. This is what lies directly in one.
    large/ has directories: 1, objects: 1
      large/big.bin                             600.0 KiB
      large/deep/                               directory

 4  Take a snapshot                     6    601.0 KiB TIME
    It keeps the whole store as it is now, and copies nothing.

 5  Move a directory                    3    600.0 KiB TIME
    One commit changes all keys in it, so no reader can see half of it moved.
    large/ is now large.moved/

 6  Overwrite objects                   1         29 B TIME
    Some objects get new content; the snapshot still has the old.

 7  Delete objects                      1          5 B TIME
    Some objects go; the snapshot still has them.

 8  Upload in parts                     1    600.0 KiB TIME
    The object appears when the upload is completed, and then whole.
    The largest file, as uploads/big.bin; parts of up to 256.0 KiB: 3

 9  Compare with the snapshot           9      1.8 MiB TIME
    A moved object counts as removed at its old key and created at its new one.
    created                             4      1.2 MiB
      + large.moved/big.bin
      + large.moved/deep/x
      + large.moved/deep/y
      + uploads/big.bin
    changed                             1         29 B
      ~ a.txt
    removed                             4    600.0 KiB
      - large/big.bin
      - large/deep/x
      - large/deep/y
      - z.txt

10  Restore the snapshot                6    601.0 KiB TIME
    One commit takes all of that back, and again copies nothing.

11  List everything again               6    601.0 KiB TIME
    Compared with the listing of step 2, entry by entry.
    Identical: 6 entries, each the same in key, size, type, ETag and times.

The code of each step is a few lines in examples/quickstart/tour.go.
`

func TestWholeTour(t *testing.T) {
	dir := write(t, map[string]string{
		"a.txt": "first", "z.txt": "last!", "small/x": strings.Repeat("s", 1<<10),
		"large/big.bin": strings.Repeat("b", 600<<10), "large/deep/x": "x", "large/deep/y": "y",
	})
	stdout, stderr, status := quickstart(t, dir)
	assert.Equal(t, wholeTour, strings.ReplaceAll(stdout, dir, "DIR"))
	assert.Empty(t, stderr, "no progress line where stderr is no terminal")
	assert.Zero(t, status)
}

// TestTours is about what is particular to some directories.
func TestTours(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  []string // each in the output
	}{
		"one file, overwritten and then deleted": {
			fstest.MapFS{"only.txt": file("text")},
			[]string{
				"5  Move a directory                    0          0 B TIME", "There is none to move here.",
				"6  Overwrite objects                   1", "7  Delete objects                      1         29 B",
				"+ uploads/only.txt\n", "- only.txt\n", "Identical: 1 entries",
			},
		},
		"no sub-directories": {
			fstest.MapFS{"a": file("a"), "b": file("b"), "c": file("c")},
			[]string{"/ has directories: 0, objects: 3", "There is none to move here.", "~ a\n", "- c\n", "Identical: 3 entries"},
		},
		"all in one directory": {
			fstest.MapFS{"d/a": file("a"), "d/e/b": file("b"), "d/c": file("c")},
			[]string{"d/ is now d.moved/", "7  Delete objects                      1", "created                             3", "removed                             3", "Identical: 3 entries"},
		},
		"the moved directory meets another": {
			fstest.MapFS{"d/a": file("new"), "d/b": file("b"), "d.moved/a": file("old")},
			[]string{"d/ is now d.moved/", "Identical: 3 entries"},
		},
		"empty files": {
			fstest.MapFS{"a": file(""), "b": file("")},
			[]string{"8  Upload in parts                     1          0 B", "parts of up to 256.0 KiB: 1\n", "Identical: 2 entries"},
		},
		"a multiple of the part size": {
			fstest.MapFS{"a": file(strings.Repeat("a", 512<<10))},
			[]string{"parts of up to 256.0 KiB: 2\n"},
		},
		"what is no regular file": {
			fstest.MapFS{"a": file("a"), "link": {Mode: fs.ModeSymlink}, "pipe": {Mode: fs.ModeNamedPipe}},
			[]string{"1  Load the files                      1", `2 skipped: no regular file (a link, a device, ...), such as "link"`},
		},
		"names that mean one key": {
			fstest.MapFS{" a": file("with a space"), "a": file("without"), `b\c`: file(""), "b/c": file("")},
			[]string{
				"1  Load the files                      2", `2 skipped: another file has the same key, such as "a"`,
				`1 loaded under another key, as names are normalised, such as " a"`, "Identical: 2 entries",
			},
		},
		"names that cannot be keys": {
			fstest.MapFS{"a": file("a"), " ": file("space"), `\..`: file("up")},
			[]string{"1  Load the files                      1", `2 skipped: the name cannot be a key, such as " "`},
		},
		"a directory whose name ends in white space": {
			fstest.MapFS{"d /a": file("a"), "d /b": file("b"), "e/a": file("a")},
			[]string{"d / has directories: 0, objects: 2", "d / is now d .moved/", "Identical: 3 entries"},
		},
		"names that would upset a terminal": {
			fstest.MapFS{"d/\x1b[31m": file("a"), "e\x07": file("b")},
			[]string{`"d/\x1b[31m"`, `- "e\a"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := tourOf(test.files)
			require.NoError(t, err)
			for _, want := range test.want {
				assert.Contains(t, out, want)
			}
			assert.NotContains(t, out, "\x1b")
		})
	}
}

func TestNamesThatAreNotText(t *testing.T) {
	dir := write(t, map[string]string{"good": "1"})
	for _, name := range []string{"bad\xff", "dir\xff/a"} {
		name = filepath.Join(dir, name)
		if os.MkdirAll(filepath.Dir(name), 0o777) != nil || os.WriteFile(name, nil, 0o666) != nil {
			t.Skip("this file system has no such names")
		}
	}
	stdout, stderr, status := quickstart(t, dir)
	assert.Contains(t, stdout, `2 skipped: the name cannot be a key, such as "bad\xff"`)
	assert.Empty(t, stderr)
	assert.Zero(t, status)
}

func TestManyEntries(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 1234 {
		files["d/"+count(i)] = &fstest.MapFile{}
		files["e"+count(i)] = &fstest.MapFile{}
	}
	out, err := tourOf(files)
	require.NoError(t, err)
	assert.Contains(t, out, " 1  Load the files                  2,468")
	assert.Contains(t, out, "d/ has directories: 0, objects: 1,234\n")
	assert.Equal(t, 1, strings.Count(out, "... and 1,230 more"), "of the listing")
	assert.Contains(t, out, "changed                            13        377 B")
	assert.Contains(t, out, "... and 9 more", "of the changed")
}

func TestBadDirectories(t *testing.T) {
	dir := write(t, map[string]string{"file": "text"})
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "empty/within"), 0o777))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "links"), 0o777))
	for name, test := range map[string]struct{ dir, want string }{
		"missing": {"none", "no such file or directory"},
		"a file":  {"file", "is not a directory"},
		"empty":   {"empty", "no file to load"},
		"of links": {
			"links", `no file to load; 1 skipped: no regular file (a link, a device, ...), such as "link"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "of links" && os.Symlink("../file", filepath.Join(dir, "links/link")) != nil {
				t.Skip("there are no symbolic links here")
			}
			_, stderr, status := quickstart(t, filepath.Join(dir, test.dir))
			assert.Regexp(t, `^quickstart: .*`+regexp.QuoteMeta(filepath.Join(dir, test.dir)), stderr)
			assert.Contains(t, stderr, test.want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "a line")
			assert.Equal(t, 1, status)
		})
	}
}

// brokenFS fails to open a name.
type brokenFS struct {
	fs.FS
	name string
	err  error
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: b.err}
	}
	return b.FS.Open(name)
}

func TestUnreadable(t *testing.T) {
	files := fstest.MapFS{"a": {}, "d/b": {}, "d/c": {}}
	for _, name := range []string{".", "d", "a", "d/c"} {
		for _, err := range []error{fs.ErrPermission, fs.ErrNotExist} {
			_, got := tourOf(brokenFS{files, name, err})
			assert.ErrorIs(t, got, err, "nothing is skipped silently")
			assert.EqualError(t, got, "open "+name+": "+err.Error())
		}
	}
}

// shrinking is a file that fails, as on a disk going bad, after some bytes.
type shrinking struct{ fs.FS }

func (s shrinking) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err == nil && name == "a" {
		f = &failing{f}
	}
	return f, err
}

type failing struct{ fs.File }

func (f *failing) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestReadError(t *testing.T) {
	_, err := tourOf(shrinking{fstest.MapFS{"a": {Data: []byte("text")}}})
	assert.EqualError(t, err, `storage: write bucket "files" key "a": input/output error`)
}

func TestUsage(t *testing.T) {
	for name, test := range map[string]struct {
		args           []string
		stdout, stderr string
		status         int
	}{
		"help":     {[]string{"-h"}, usage, "", 0},
		"two":      {[]string{"a", "b"}, "", "quickstart: 2 arguments given, one directory expected\n" + usage, 2},
		"bad flag": {[]string{"-x"}, "", "quickstart: flag provided but not defined: -x\n" + usage, 2},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, status := quickstart(t, test.args...)
			assert.Equal(t, test.stdout, stdout)
			assert.Equal(t, test.stderr, stderr)
			assert.Equal(t, test.status, status)
		})
	}
}

// interruptedFS is interrupted when a name is opened.
type interruptedFS struct {
	fs.FS
	name      string
	interrupt func()
}

func (i interruptedFS) Open(name string) (fs.File, error) {
	if name == i.name {
		i.interrupt()
	}
	return i.FS.Open(name)
}

func TestInterrupt(t *testing.T) {
	files := fstest.MapFS{"a": {}, "b/c": {}, "d": {}}
	for _, name := range []string{".", "a", "b", "d"} {
		ctx, cancel := context.WithCancel(ctx)
		err := takeTour(ctx, interruptedFS{files, name, cancel}, newReport(io.Discard, ""), newProgress(io.Discard))
		assert.ErrorIs(t, err, context.Canceled, name)
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	for _, args := range [][]string{nil, {write(t, map[string]string{"a": "a"})}} {
		var stderr bytes.Buffer
		assert.Equal(t, 1, run(ctx, args, io.Discard, &stderr))
		assert.Equal(t, "quickstart: interrupted\n", stderr.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputFails(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 1, run(ctx, []string{write(t, map[string]string{"a": "a"})}, fullDisk{}, &stderr))
	assert.Contains(t, stderr.String(), "no space left on device")
}

func TestDefaultDir(t *testing.T) {
	dir, err := defaultDir(ctx)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "fmt/print.go"), "the Go distribution's source")

	t.Setenv("PATH", "")
	dir, err = defaultDir(ctx)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "examples/quickstart/main.go"), "this module")

	t.Chdir(t.TempDir())
	if dir, err := defaultDir(ctx); err == nil {
		t.Skip("there is a module around everything, ", dir)
	}
	var stderr bytes.Buffer
	assert.Equal(t, 1, run(ctx, nil, io.Discard, &stderr))
	assert.Equal(t, "quickstart: found neither the Go distribution nor a module; name a directory to load\n", stderr.String())
}

func TestIdentical(t *testing.T) {
	now := time.Now()
	listing := func(o storage.Object) []*storage.Object { return []*storage.Object{{Key: "a"}, &o} }
	first := storage.Object{Key: "b", Size: 1, ContentType: "text/plain", ETag: "e", Created: now, Updated: now}
	assert.NoError(t, identical(listing(first), listing(first)))
	for name, change := range map[string]func(*storage.Object){
		"key":     func(o *storage.Object) { o.Key = "c" },
		"size":    func(o *storage.Object) { o.Size++ },
		"type":    func(o *storage.Object) { o.ContentType = "" },
		"etag":    func(o *storage.Object) { o.ETag = "f" },
		"created": func(o *storage.Object) { o.Created = now.Add(1) },
		"updated": func(o *storage.Object) { o.Updated = now.Add(1) },
	} {
		changed := first
		change(&changed)
		assert.ErrorContains(t, identical(listing(first), listing(changed)), "differs from the first", name)
	}
	assert.ErrorContains(t, identical(listing(first), listing(first)[:1]), "2 entries became 1")
	assert.ErrorContains(t, identical(listing(first)[:1], listing(first)), "1 entries became 2")
}

// TestNotRestored is a store that does not come back as it was.
func TestNotRestored(t *testing.T) {
	var tr tour
	st, err := storage.Open(ctx, "mem://")
	require.NoError(t, err)
	tr.bucket = st.Bucket("files")
	_, err = tr.bucket.Write(ctx, "a", strings.NewReader("1"), 1, "", nil)
	require.NoError(t, err)
	_, err = tr.listAll(ctx)
	require.NoError(t, err)
	_, err = tr.bucket.Write(ctx, "a", strings.NewReader("2"), 1, "", nil)
	require.NoError(t, err)
	_, err = tr.verify(ctx)
	assert.ErrorContains(t, err, "the restored listing differs from the first")
}

func TestProgress(t *testing.T) {
	var screen bytes.Buffer
	p := &progress{w: &screen}
	start := time.Now()
	for i := range 100 { // in 0.3 s
		p.draw(start.Add(time.Duration(i)*3*time.Millisecond), touched{i, int64(i) << 10})
	}
	drawn := strings.Split(screen.String(), "\r")[1:]
	require.Len(t, drawn, 3, "ten times a second at most")
	assert.Equal(t, "loading: 68 files, 68.0 KiB", strings.TrimRight(drawn[2], " "))
	assert.Len(t, drawn[0], len(drawn[2]), "each covers the one before")

	screen.Reset()
	p.clear()
	assert.Equal(t, "\r"+strings.Repeat(" ", len(drawn[2]))+"\r", screen.String())

	assert.Equal(t, io.Discard, newProgress(&screen).w)
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	assert.Equal(t, io.Discard, newProgress(null).w, "a file, but no terminal")
}

func TestPartSize(t *testing.T) {
	for whole, want := range map[int64]int64{0: 256 << 10, 1 << 30: 256 << 10, 1 << 40: 109951163} {
		assert.Equal(t, want, partSize(whole))
		assert.LessOrEqual(t, (whole+want-1)/want, int64(storage.MaxParts))
	}
}

func TestFormats(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 123456: "123,456", 1234567: "1,234,567"} {
		assert.Equal(t, want, count(n))
	}
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1<<20 - 1: "1.0 MiB", 1 << 20: "1.0 MiB",
		1023<<10 + 900: "1023.9 KiB", 5 << 30: "5.0 GiB", 1<<63 - 1: "8.0 EiB",
	} {
		assert.Equal(t, want, size(n))
	}
	for d, want := range map[time.Duration]string{
		0: "0s", 42: "42ns", 1234: "1.23µs", 56789: "56.8µs", 123456789: "123ms", 999999: "1ms", 9876 * time.Millisecond: "9.88s", 100 * time.Second: "1m40s",
	} {
		assert.Equal(t, want, duration(d))
	}
}
