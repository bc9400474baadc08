package filedriver

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
)

// lockFile is the file that serialises the writers of all processes. It holds a
// number, which is odd while a change takes more than one step. A reader that sees
// the same even number before and after has seen no such change half.
type lockFile struct {
	mu    sync.Mutex // guards the files while they are opened
	read  *os.File
	write *os.File
}

// open opens the file for writing and creates it.
func (l *lockFile) open(root *os.Root) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.write == nil {
		l.write, err = root.OpenFile(lockPath, os.O_RDWR|os.O_CREATE, 0o666)
	}
	return err
}

// reader returns the file opened for reading, nil if there is none yet.
func (l *lockFile) reader(root *os.Root) (*os.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read != nil {
		return l.read, nil
	}
	f, err := root.Open(lockPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	l.read = f
	return f, err
}

// number returns the number in the file, 0 if there is none.
func (l *lockFile) number(root *os.Root) (uint64, error) {
	f, err := l.reader(root)
	if f == nil || err != nil {
		return 0, err
	}
	return numberIn(f)
}

func numberIn(f *os.File) (uint64, error) {
	var b [8]byte
	switch n, err := f.ReadAt(b[:], 0); {
	case n == len(b):
		return binary.LittleEndian.Uint64(b[:]), nil
	case err == io.EOF:
		return 0, nil
	default:
		return 0, err
	}
}

// set writes the number. The caller has the lock.
func (l *lockFile) set(n uint64) error {
	_, err := l.write.WriteAt(binary.LittleEndian.AppendUint64(nil, n), 0)
	return err
}

func (l *lockFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range []*os.File{l.read, l.write} {
		if f != nil {
			f.Close()
		}
	}
}

// change calls do while no other writer of any process changes the store.
func (e *files) change(do func() error) error {
	if err := e.prepare(); err != nil {
		return err
	}
	trash, err := e.locked(do)
	for _, path := range trash {
		_ = e.root.RemoveAll(path) // else sweep will
	}
	return err
}

// locked calls do with the lock, and returns the directories that it put away.
func (e *files) locked(do func() error) (trash []string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := lock(e.lock.write); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock(e.lock.write)) }()
	if err = e.recover(); err == nil {
		err = do()
	}
	trash, e.trash = e.trash, nil
	return trash, err
}

// view calls do until no change of several steps came between.
func (e *files) view(do func() error) error {
	for {
		before, err := e.lock.number(e.root)
		if err == nil && before%2 == 1 {
			err = e.change(func() error { return nil }) // waits for the writer, or does its work
		}
		if err != nil {
			return err
		}
		err = do()
		if after, failed := e.lock.number(e.root); failed != nil || after == before && after%2 == 0 {
			return errors.Join(err, failed)
		}
	}
}

// stable calls do while nothing changes, if the store can be locked.
func (e *files) stable(do func() error) error {
	f, err := e.lock.reader(e.root)
	if f == nil && err == nil || e.prepare() != nil {
		return do()
	}
	return e.change(do)
}
