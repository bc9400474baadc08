//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filedriver

import (
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// This file is an optimisation: [os.Root.Rename] resolves both paths and looks at the
// target before. BenchmarkFiles of driver/gocloud measures it by writing 1 KiB.

// renameOnce renames a file. A temporary one goes from the open directory of its kind to
// that of its target, which is opened as the paths of all files are.
func (e *files) renameOnce(from, to string) error {
	name, ok := strings.CutPrefix(from, tempDir+"/")
	if !ok {
		return e.root.Rename(from, to)
	}
	dir, err := e.openFile(path.Dir(to), os.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Renameat(int(e.tempFiles.Fd()), name, int(dir.Fd()), path.Base(to)); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
