package filedriver

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"open-lake.dev/lib/storage"
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
			return wrap(t.as, err)
		}
	}
	if strings.Contains(err.Error(), "path escapes from parent") { // from os.Root, which has no error to match
		return wrap(storage.ErrPermission, err)
	}
	return err
}

// wrap returns err as one that matches sentinel, too.
func wrap(sentinel, err error) error {
	if errors.Is(err, sentinel) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}

// isMissing reports whether err says that there is no such file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
