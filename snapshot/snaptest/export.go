package snaptest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage/snapshot"
)

// Export writes a snapshot to files in dir, which it creates if needed, so that
// [Fixture] of os.DirFS(dir) is the same snapshot. [snapshot.Snapshot.FS] gives the same
// files without writing them.
//
// Export writes all of the files or none: whatever the file system refuses, such
// as a name that is too long, ends the test and leaves dir as it was.
//
// What files cannot carry ends the test, too, with a list of the differences.
// Attributes may be left out by naming them in drop: content types that are not
// those which [Fixture] guesses, metadata, digests, the ETag of a multipart
// upload, when a bucket was created, when an object was created if it was updated
// since. With Updated, files have the time at which they are written. An object
// beside a directory of its name cannot be left out.
//
// Files that are in dir already are not overwritten. If they are the snapshot's,
// Export does nothing, else the test ends.
func Export(tb testing.TB, snap *snapshot.Snapshot, dir string, drop ...Attr) {
	mustTB(tb, "Export").Helper()
	must(tb, "Export", snap != nil, noSnapshot)
	fatal := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatalf("snaptest.Export: %v", err)
		}
	}
	dropped := union(drop)
	if dropped&Updated != 0 {
		dropped |= Created // a file has only one time
	}
	fatal(roundTrip(snap, snap.FS(), dropped))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		fatal(err)
	}
	if len(entries) > 0 {
		if err := roundTrip(snap, os.DirFS(dir), dropped); err != nil {
			fatal(fmt.Errorf("%s holds other files already; remove it, or choose another directory: %w", dir, err))
		}
		return
	}
	fatal(export(snap, dir, dropped))
}

// export writes the files of a snapshot to dir, which is missing or empty: all
// of them or none. They are written to a temporary directory, checked, and
// renamed.
func export(snap *snapshot.Snapshot, dir string, dropped Attr) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("nothing was written to %s: %w", dir, err)
		}
	}()
	parent, move := dir, moveEntries
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		parent, move = filepath.Dir(dir), os.Rename
	}
	undo, err := makeDirs(parent)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, ".snaptest-*")
	if err == nil {
		files := filepath.Join(temp, "files")
		if err = writeFiles(snap, files, dropped); err == nil {
			err = move(files, dir)
		}
		err = errors.Join(err, os.RemoveAll(temp))
	}
	if err != nil {
		undo()
	}
	return err
}

// writeFiles writes the files of a snapshot to dir and checks that they can be
// read back.
func writeFiles(snap *snapshot.Snapshot, dir string, dropped Attr) error {
	if err := os.CopyFS(dir, snap.FS()); err != nil {
		return err
	}
	if dropped&Updated == 0 {
		if err := setTimes(dir, snap.FS()); err != nil {
			return err
		}
	}
	return roundTrip(snap, os.DirFS(dir), dropped)
}

// makeDirs makes a directory and its parents. undo removes those that it made,
// as far as they are empty.
func makeDirs(dir string) (undo func(), err error) {
	var made []string
	for path := dir; !exists(path); path = filepath.Dir(path) {
		made = append(made, path)
	}
	undo = func() {
		for _, path := range made {
			os.Remove(path)
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || filepath.Dir(path) == path
}

// moveEntries moves what is in the directory from to the directory to: all of
// it, or nothing if something of one of the names is there already.
func moveEntries(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if err := os.Rename(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			for _, moved := range entries[:i] {
				os.RemoveAll(filepath.Join(to, moved.Name()))
			}
			return err
		}
	}
	return nil
}

// setTimes gives the files in dir the times of those in fsys.
func setTimes(dir string, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := info.ModTime()
		if at.IsZero() {
			at = time.Unix(0, 0) // as snapshot.FromFS takes it
		}
		local, err := filepath.Localize(path)
		if err != nil {
			return err
		}
		return os.Chtimes(filepath.Join(dir, local), at, at)
	})
}

// Archive returns a snapshot as a txtar archive, so that [Fixture] of its
// txtar.FS is the same snapshot. It ends the test for the differences that
// [Export] documents, and also for times, buckets without objects, and content
// that does not end in a line feed or has lines that read as txtar. Attributes
// may be left out by naming them in drop.
func Archive(tb testing.TB, snap *snapshot.Snapshot, drop ...Attr) *txtar.Archive {
	mustTB(tb, "Archive").Helper()
	must(tb, "Archive", snap != nil, noSnapshot)
	a, err := archive(snap.FS())
	if err == nil {
		var fsys fs.FS
		if fsys, err = txtar.FS(txtar.Parse(txtar.Format(a))); err == nil {
			err = roundTrip(snap, fsys, union(drop))
		}
	}
	if err != nil {
		tb.Fatalf("snaptest.Archive: %v", err)
	}
	return a
}

// archive returns the files in fsys as a txtar archive.
func archive(fsys fs.FS) (*txtar.Archive, error) {
	a := new(txtar.Archive)
	return a, fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, path)
		a.Files = append(a.Files, txtar.File{Name: path, Data: data})
		return err
	})
}

// roundTrip reads fsys as a fixture and returns an error that lists how it
// differs from the snapshot in other attributes than the dropped ones.
func roundTrip(snap *snapshot.Snapshot, fsys fs.FS, dropped Attr) error {
	there, err := snapshot.FromFS("", fsys)
	if err != nil {
		return err
	}
	dropped &^= Size // which would leave out content
	list := changes(snap, there, dropped)
	if len(list) == 0 {
		return nil
	}
	hint, attrs := "", Attr(0)
	for _, c := range list {
		if c.what != "changed" || c.attrs&Size != 0 {
			hint = "\n" + lost
		} else {
			attrs |= c.attrs
		}
	}
	if attrs != 0 {
		hint += fmt.Sprint("\nTo leave attributes out, add them to the call: ", dropped|attrs)
	}
	return fmt.Errorf("the files are not all of the snapshot:\n%s%s", report(list), hint)
}

// lost is the advice about what no attribute accounts for.
const lost = "What was removed, or differs in size, must be changed or deleted first: an object beside a directory of its name; " +
	"for txtar also a bucket without objects, content without a line feed at its end, a line or a name that reads as txtar."
