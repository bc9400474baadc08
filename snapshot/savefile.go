package snapshot

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"open-lake.dev/lib/storage"
)

// SaveFile saves s to a file, as [Snapshot.Save] does. A file of this name is
// replaced when all is written and on disk, and stays as it is if there is an error.
func (s *Snapshot) SaveFile(path string) error {
	if err := s.saveFile(path); err != nil {
		return &storage.Error{Op: "save", Err: fmt.Errorf("file %q: %w", path, err)}
	}
	return nil
}

func (s *Snapshot) saveFile(path string) error {
	dir, name := filepath.Split(path)
	temp := filepath.Join(dir, "."+name+"."+rand.Text()) // not os.CreateTemp, whose files only the owner can read
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err = s.save(f); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}

// LoadFile loads the snapshot that was saved to a file, as [Load] does.
func LoadFile(path string) (*Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &storage.Error{Op: "load", Err: err}
	}
	defer f.Close()
	s, err := load(f)
	if err != nil {
		return nil, &storage.Error{Op: "load", Err: fmt.Errorf("file %q: %w", path, err)}
	}
	return s, nil
}
