package filedriver

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

// temp is a file that is written before it becomes that of a blob.
type temp struct {
	*os.File // nil once it is sealed
	e        *files
	path     string
	info     fs.FileInfo // once it is sealed
	taken    bool        // it has become that of a blob
}

// newTemp creates an empty file.
func (e *files) newTemp() (*temp, error) {
	if err := e.prepare(); err != nil {
		return nil, err
	}
	path := tempDir + "/" + rand.Text()
	f, err := e.openFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	return &temp{File: f, e: e, path: path}, nil
}

// Spool implements [engine.Spooler].
func (e *files) Spool() (engine.TempFile, error) {
	t, err := e.newTemp()
	return t, translate(err)
}

// Write implements [io.Writer].
func (t *temp) Write(p []byte) (int, error) {
	n, err := t.File.Write(p)
	return n, translate(err)
}

// stage returns a sealed file with the body. The caller closes it.
func (e *files) stage(body *engine.Body) (t *temp, err error) {
	if t, ok := body.File().(*temp); ok {
		return t, t.seal()
	}
	if t, err = e.newTemp(); err != nil {
		return nil, err
	}
	if _, err = body.WriteTo(t.File); err == nil {
		err = t.seal()
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// seal ends the writing of a file and dates it.
func (t *temp) seal() error {
	if t.File == nil {
		return nil
	}
	return t.date(time.Now())
}

// date sets the time of the file, which with its size names a version of a blob.
func (t *temp) date(now time.Time) error {
	if t.File == nil {
		f, err := t.e.openFile(t.path, os.O_RDWR)
		if err != nil {
			return err
		}
		t.File = f
	}
	f := t.File
	t.File = nil
	dir, name := t.e.at(t.path)
	err := dir.Chtimes(name, now, now)
	if t.e.sync && err == nil {
		err = f.Sync()
	}
	if err == nil {
		t.info, err = f.Stat()
	}
	return errors.Join(err, f.Close())
}

// dateAfter makes the file newer than old, as far as the file system tells. So no two
// versions of a blob have one time.
func (t *temp) dateAfter(old time.Time) error {
	for _, d := range []time.Duration{1, 100, time.Microsecond, time.Millisecond, time.Second, 2 * time.Second} {
		if t.info.ModTime().After(old) {
			return nil
		}
		if err := t.date(old.Add(d)); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the file, unless it has been taken.
func (t *temp) Close() error {
	var err error
	if t.File != nil {
		err = t.File.Close()
		t.File = nil
	}
	if t.taken {
		return err
	}
	dir, name := t.e.at(t.path)
	return errors.Join(err, dir.Remove(name))
}

// tooOld is the age of a temporary file that no writer has any more.
const tooOld = 24 * time.Hour

// sweep removes the temporary files of writers that crashed.
func (e *files) sweep() {
	dir, err := e.root.Open(tempDir)
	if err != nil {
		return
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1000)
		for _, entry := range entries {
			if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > tooOld {
				_ = e.root.RemoveAll(tempDir + "/" + entry.Name())
			}
		}
		if err != nil {
			return
		}
	}
}

// toTrash takes a file or directory away from where it is, if it is there.
func (e *files) toTrash(path string) (trash string, err error) {
	trash = tempDir + "/" + rand.Text()
	if err = e.root.Rename(path, trash); isMissing(err) {
		return "", nil
	}
	return trash, err
}

// addTrash notes a directory that was put away, to be removed without the lock.
func (e *files) addTrash(trash string) {
	if trash != "" {
		e.trash = append(e.trash, trash)
	}
}

// writeFile replaces a small file as a whole.
func (e *files) writeFile(path string, content []byte) error {
	t, err := e.newTemp()
	if err != nil {
		return err
	}
	defer t.Close()
	if _, err = t.File.Write(content); err == nil && e.sync {
		err = t.File.Sync()
	}
	f := t.File
	t.File = nil
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = e.rename(t.path, path); err == nil {
		t.taken = true
	}
	return err
}

var _ io.ReaderAt = (*temp)(nil)
