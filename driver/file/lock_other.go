//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package filedriver

import (
	"os"

	"open-lake.dev/lib/storage"
)

const (
	timeResolution = 0
	nonblock       = 0
)

func lock(*os.File) error   { return storage.ErrUnsupported }
func unlock(*os.File) error { return nil }
