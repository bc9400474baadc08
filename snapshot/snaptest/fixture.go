package snaptest

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// Fixture returns a snapshot made of the files in fsys: its top directories are
// the buckets, and the rest of a file's path is its key, as in
// [snapshot.Snapshot.FS]. An embed.FS, an os.DirFS, a fstest.MapFS will do, and
// a txtar archive by way of txtar.FS.
//
// Both times of an object are the file's modification time. In an embed.FS and
// an archive there is none, and so there is none in the snapshot; files of
// 1970-01-01T00:00:00Z are taken to have none, too. (In a directory, version
// control sets it to the time of the checkout.) Objects have no content type,
// and buckets no creation time.
//
// Modes, and empty directories below the top, are not carried. All else that
// cannot be ends the test: a file outside of any directory, one that is not
// regular, a path that is not a normal key.
func Fixture(tb testing.TB, fsys fs.FS) *snapshot.Snapshot {
	tb.Helper()
	snap, err := fromFS(fsys)
	if err != nil {
		tb.Fatalf("snaptest.Fixture: %v", err)
	}
	return snap
}

// noTime is the modification time of files that have none to tell.
var noTime = time.Unix(0, 0)

func fromFS(fsys fs.FS) (*snapshot.Snapshot, error) {
	var now time.Time
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return now }))
	defer st.Close()
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		bucket, key, nested := strings.Cut(path, "/")
		switch {
		case err != nil || path == ".":
			return err
		case !nested && d.IsDir():
			now = time.Time{}
			return createBucket(st, bucket)
		case d.IsDir():
			return nil
		case !nested:
			return fmt.Errorf("%s: the file is in no bucket; put it in a directory, whose name is the bucket's", text(path))
		}
		info, err := fs.Stat(fsys, path)
		if err != nil {
			return err
		}
		if now = info.ModTime(); now.Equal(noTime) {
			now = time.Time{}
		}
		return writeFile(st.Bucket(bucket), key, fsys, path, info)
	})
	return st.Snapshot(), err
}

func createBucket(st storage.Storage, name string) error {
	if clean, err := storage.CleanBucket(name); err != nil || clean != name {
		return fmt.Errorf("%s: a bucket cannot have this name; rename the directory", text(name))
	}
	_, err := st.CreateBucket(context.Background(), name, nil)
	return err
}

// writeFile writes a file as an object; a link counts as what it leads to.
func writeFile(b storage.Bucket, key string, fsys fs.FS, path string, info fs.FileInfo) error {
	if clean, err := storage.CleanKey(key); err != nil || clean != key {
		return fmt.Errorf("%s: a key cannot be like this; rename the file", text(path))
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a regular file but %v, which no object can be", text(path), info.Mode())
	}
	f, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = b.Write(context.Background(), key, f, -1, "", nil)
	return err
}
