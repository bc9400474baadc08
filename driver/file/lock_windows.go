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

func unlock(f *os.File) error {
	at := lockedByte
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &at)
}
