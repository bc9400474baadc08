package snaptest

import (
	"embed"
	"errors"
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
// Fixture calls [snapshot.FromFS], which documents how times are taken and which
// files it refuses; a refused file ends the test. In a directory, version
// control sets the modification times to that of the checkout.
//
// Two mistakes end the test, too: a golden file, whose entries are not files but
// describe objects, and an embed.FS with the directory testdata at its top,
// which fs.Sub was meant to remove. [snapshot.FromFS] takes even these.
func Fixture(tb testing.TB, fsys fs.FS) *snapshot.Snapshot {
	mustTB(tb, "Fixture").Helper()
	must(tb, "Fixture", !isNil(fsys), noFiles)
	err := checkFixture(fsys)
	var snap *snapshot.Snapshot
	if err == nil {
		snap, err = snapshot.FromFS("", fsys)
	}
	if err != nil {
		tb.Fatalf("snaptest.Fixture: %v", err)
	}
	return snap
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
