package filedriver

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// translate returns an error of the file system as one that matches an error of
// package storage, too.
func translate(err error) error {
	if err == nil {
		return nil
	}
	for _, t := range []struct{ is, as error }{
		{syscall.ENOSPC, storage.ErrQuota},
		{syscall.EDQUOT, storage.ErrQuota},
		{syscall.ENAMETOOLONG, storage.ErrInvalid},
		{syscall.EROFS, storage.ErrPermission},
		{fs.ErrPermission, storage.ErrPermission},
		{syscall.ENOTDIR, storage.ErrNotExist},
		{fs.ErrNotExist, storage.ErrNotExist},
	} {
		if errors.Is(err, t.is) {
			return engine.Match(t.as, err)
		}
	}
	if strings.Contains(err.Error(), "path escapes from parent") { // from os.Root, which has no error to match
		return engine.Match(storage.ErrPermission, err)
	}
	return err
}

// isMissing reports whether err says that there is no such file, or that there can be
// none: the name of a foreign file may leave no room for that of its record.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}
