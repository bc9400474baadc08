package gocloud

import (
	"context"
	"errors"
	"io"
	"syscall"

	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

var codes = []struct {
	err  error
	code gcerrors.ErrorCode
}{
	{storage.ErrNotExist, gcerrors.NotFound},
	{storage.ErrExist, gcerrors.AlreadyExists},
	{storage.ErrPermission, gcerrors.PermissionDenied},
	{storage.ErrUnsupported, gcerrors.Unimplemented},
	{storage.ErrInvalid, gcerrors.InvalidArgument},
	{storage.ErrClosed, gcerrors.FailedPrecondition},
	{storage.ErrPrecondition, gcerrors.FailedPrecondition},
	{storage.ErrChecksum, gcerrors.FailedPrecondition},
	{storage.ErrQuota, gcerrors.ResourceExhausted},
}

// ErrorCode implements [driver.Bucket].
func (b *bucket) ErrorCode(err error) gcerrors.ErrorCode {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return gcerrors.Code(err) // that of a context's error
}

// ErrorAs implements [driver.Bucket].
func (b *bucket) ErrorAs(err error, i any) bool {
	target, ok := i.(**storage.Error)
	return ok && errors.As(err, target)
}

// flatten returns ErrNotExist instead of the ErrPermission of an operation on a name
// that is only a directory, for gocloud.dev has no directories.
func (b *bucket) flatten(ctx context.Context, op, key string, err error) error {
	if !errors.Is(err, storage.ErrPermission) {
		return err
	}
	if obj, e := b.store.Stat(ctx, key, nil); e != nil || !obj.IsDir {
		return err
	}
	return b.notExist(op, key)
}

func (b *bucket) notExist(op, key string) error {
	return &storage.Error{Op: op, Bucket: b.store.Name(), Key: key, Err: storage.ErrNotExist}
}

// sentinels holds the errors of package storage for gocloud.dev's codes.
var sentinels = map[gcerrors.ErrorCode]error{
	gcerrors.NotFound:           storage.ErrNotExist,
	gcerrors.AlreadyExists:      storage.ErrExist,
	gcerrors.PermissionDenied:   storage.ErrPermission,
	gcerrors.Unimplemented:      storage.ErrUnsupported,
	gcerrors.InvalidArgument:    storage.ErrInvalid,
	gcerrors.FailedPrecondition: storage.ErrPrecondition,
	gcerrors.ResourceExhausted:  storage.ErrQuota,
}

// translate returns the error of gocloud.dev as one that matches an error of package
// storage, too.
func translate(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	sentinel := sentinels[gcerrors.Code(err)]
	if errors.Is(err, syscall.ENOTDIR) { // from fileblob, of a key beneath an object
		sentinel = storage.ErrNotExist
	}
	return engine.Match(sentinel, err)
}
