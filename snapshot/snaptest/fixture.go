package snaptest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"open-lake.dev/lib/storage/snapshot"
)

// Fixture returns a snapshot made of the files in fsys. Its top directories are
// the buckets, and the rest of a file's path is its key, as in
// [snapshot.Snapshot.FS]. fsys may be an embed.FS, an os.DirFS, a fstest.MapFS,
// or a txtar archive opened with txtar.FS.
//
// Fixture calls [snapshot.FromFS], which documents how times are taken, content
// types are guessed, and which files it refuses; a refused file ends the test. In
// a directory, version control sets the modification times to that of the checkout.
//
// If there is nothing in fsys but one file whose name ends in ".tar", it is a saved
// snapshot, and Fixture loads it as [snapshot.Load] does. It has everything that
// files cannot carry. To load one of several, use [snapshot.LoadFile].
//
// Two mistakes end the test, too: a golden file, whose entries are not files but
// describe objects, and an embed.FS with the directory testdata at its top,
// which fs.Sub was meant to remove. [snapshot.FromFS] takes even these.
func Fixture(tb testing.TB, fsys fs.FS, opts ...snapshot.FromFSOption) *snapshot.Snapshot {
	mustTB(tb, "Fixture").Helper()
	must(tb, "Fixture", !isNil(fsys), noFiles)
	must(tb, "Fixture", allSet(opts), noOption)
	snap, err := fixture(fsys, opts)
	if err != nil {
		tb.Fatalf("snaptest.Fixture: %v", err)
	}
	return snap
}

func fixture(fsys fs.FS, opts []snapshot.FromFSOption) (*snapshot.Snapshot, error) {
	if name, ok := savedIn(fsys); ok {
		f, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		snap, err := snapshot.Load(f)
		if err != nil {
			return nil, fmt.Errorf("file %q: %w", name, err)
		}
		return snap, nil
	}
	if err := checkFixture(fsys); err != nil {
		return nil, err
	}
	return snapshot.FromFS("", fsys, opts...)
}

// savedIn returns the name of the saved snapshot in fsys, if it holds just that.
func savedIn(fsys fs.FS) (name string, ok bool) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil || len(entries) != 1 || entries[0].IsDir() {
		return "", false
	}
	name = entries[0].Name()
	return name, strings.HasSuffix(name, ".tar")
}

// checkFixture returns an error if fsys is certainly not meant as a fixture.
func checkFixture(fsys fs.FS) error {
	switch fsys.(type) {
	case embed.FS, *embed.FS:
		if info, err := fs.Stat(fsys, "testdata"); err == nil && info.IsDir() {
			return errors.New(`the embed.FS has the directory testdata at its top, which would become a bucket; ` +
				`pass fs.Sub(fsys, "testdata/NAME"), the directory that holds the buckets`)
		}
	}
	if isGolden(fsys) {
		return errors.New("the files are the entries of a golden file, which describe objects and are not their content; " +
			"use snaptest.Archive or snaptest.Export to write fixtures")
	}
	return nil
}

// isGolden reports whether there are files in fsys and each reads as an entry of
// a golden file.
func isGolden(fsys fs.FS) bool {
	found := false
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, path)
		if err == nil && !isEntry(string(data)) {
			err = errors.New("not an entry")
		}
		found = true
		return err
	})
	return found && err == nil
}

var entryHead = regexp.MustCompile(`^size: (\d+)\n(type: .+\n)?(etag: .+\n)?(hash .+: .+\n)*(meta .+: .+\n)*(created: .+\n)?(updated: .+\n)?(content .+\n)?`)

// isEntry reports whether a file reads as an entry of a golden file that shows
// the size and either an ETag or the content.
func isEntry(data string) bool {
	head := entryHead.FindStringSubmatch(data)
	if head == nil {
		return false
	}
	size, etag, digest := head[1], head[3], head[8]
	content, isInline := strings.CutPrefix(data[len(head[0]):], "\n")
	content = strings.TrimSuffix(content, "\n"+noNewline)
	return digest != "" || etag != "" && content == "" || isInline && strconv.Itoa(len(content)) == size
}
