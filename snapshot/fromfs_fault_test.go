package snapshot_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage/snapshot"
)

var errFault = errors.New("fault")

// faultyFS is a file system of which one operation fails on one file. It counts
// the files that are open.
type faultyFS struct {
	fstest.MapFS
	op   string
	open int
}

const faulty = "d/f" // a link, to follow

func (f *faultyFS) Stat(name string) (fs.FileInfo, error) {
	if f.op == "follow" && name == faulty {
		return nil, errFault
	}
	return f.MapFS.Stat(name)
}

func (f *faultyFS) Open(name string) (fs.File, error) {
	if f.op == "open" && name == faulty {
		return nil, errFault
	}
	file, err := f.MapFS.Open(name)
	if err == nil {
		f.open++
	}
	return &faultyFile{file, f, name}, err
}

type faultyFile struct {
	fs.File
	fsys *faultyFS
	name string
}

func (f *faultyFile) Stat() (fs.FileInfo, error) {
	if f.fsys.op == "stat" && f.name == faulty {
		return nil, errFault
	}
	return f.File.Stat()
}

func (f *faultyFile) Read(p []byte) (int, error) {
	if f.fsys.op == "read" && f.name == faulty {
		return iotest.ErrReader(errFault).Read(p)
	}
	return f.File.Read(p)
}

func (f *faultyFile) Close() error {
	f.fsys.open--
	return f.File.Close()
}

// TestFromFSPassesFaultsOn: a file that cannot be read is an error, not left out,
// and no file stays open.
func TestFromFSPassesFaultsOn(t *testing.T) {
	for _, op := range []string{"", "follow", "open", "stat", "read"} {
		t.Run(op, func(t *testing.T) {
			fsys := &faultyFS{MapFS: fstest.MapFS{"a": {}, "x": {Data: []byte("x")}, faulty: {Mode: fs.ModeSymlink, Data: []byte("../x")}}, op: op}
			s, err := snapshot.FromFS("b", fsys)
			if op == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, errFault)
				assert.ErrorContains(t, err, faulty)
				assert.Nil(t, s)
			}
			assert.Zero(t, fsys.open)
		})
	}
}
