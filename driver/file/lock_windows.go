package filedriver

import (
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const (
	timeResolution = 100 * time.Nanosecond
	nonblock       = 0
)

// The locked byte is far behind the content, which other processes could not read.
var lockedByte = windows.Overlapped{OffsetHigh: 1 << 30}

// lock waits for the lock of a file, which ends with the process.
func lock(f *os.File) error {
	at := lockedByte
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &at)
}

// tryLock takes the lock if it is free.
func tryLock(f *os.File) (bool, error) {
	at := lockedByte
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, &at)
	if err == windows.ERROR_LOCK_VIOLATION || err == windows.ERROR_IO_PENDING {
		return false, nil
	}
	return err == nil, err
}

func unlock(f *os.File) error {
	at := lockedByte
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &at)
}
