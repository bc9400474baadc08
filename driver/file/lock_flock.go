//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filedriver

import (
	"cmp"
	"os"

	"golang.org/x/sys/unix"
)

const (
	timeResolution = 0
	nonblock       = unix.O_NONBLOCK
)

// lock waits for the lock of a file, which ends with the process.
func lock(f *os.File) error { return flock(f, unix.LOCK_EX) }

// tryLock takes the lock if it is free.
func tryLock(f *os.File) (bool, error) {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

func unlock(f *os.File) error { return flock(f, unix.LOCK_UN) }

// flock keeps the file descriptor open meanwhile.
func flock(f *os.File, how int) (err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := conn.Control(func(fd uintptr) {
		for {
			if err = unix.Flock(int(fd), how); err != unix.EINTR {
				return
			}
		}
	})
	return cmp.Or(err, failed)
}
