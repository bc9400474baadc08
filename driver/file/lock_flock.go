//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filedriver

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	timeResolution = 0
	nonblock       = unix.O_NONBLOCK
)

// lock waits for the lock of a file, which ends with the process.
func lock(f *os.File) error { return flock(f, unix.LOCK_EX) }

func unlock(f *os.File) error { return flock(f, unix.LOCK_UN) }

func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}
