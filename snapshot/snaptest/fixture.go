package snaptest

import (
	"io/fs"
	"testing"

	"open-lake.dev/lib/storage/snapshot"
)

// Fixture returns a snapshot made of the files in fsys: its top directories are
// the buckets, and the rest of a file's path is its key, as in
// [snapshot.Snapshot.FS]. An embed.FS, an os.DirFS, a fstest.MapFS will do, and
// a txtar archive by way of txtar.FS.
//
// It is [snapshot.FromFS], which says how times are taken and what files cannot
// be carried; such a file ends the test. (In a directory, version control sets
// the modification time to that of the checkout.)
func Fixture(tb testing.TB, fsys fs.FS) *snapshot.Snapshot {
	tb.Helper()
	snap, err := snapshot.FromFS("", fsys)
	if err != nil {
		tb.Fatalf("snaptest.Fixture: %v", err)
	}
	return snap
}
