package gateway

import (
	"errors"
	"io"

	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

// apiError returns the S3 error for an error of the store. It leaves an S3 error
// and an error that S3 has no code for as they are.
func apiError(err error) error {
	var known s3err.S3Error
	if err == nil || errors.As(err, &known) {
		return cause(err, known)
	}
	var failed *storage.Error
	errors.As(err, &failed)
	switch {
	case errors.Is(err, storage.ErrNoBucket) && failed != nil:
		return noSuchBucket(failed.Bucket)
	case errors.Is(err, storage.ErrNotExist):
		return s3err.GetAPIError(s3err.ErrNoSuchKey)
	case errors.Is(err, storage.ErrQuota):
		return s3err.GetAPIError(s3err.ErrQuotaExceeded)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return s3err.GetAPIError(s3err.ErrIncompleteBody)
	case errors.Is(err, storage.ErrInvalid) && failed != nil && len(failed.Key) > storage.MaxKey:
		return s3err.GetKeyTooLongErr(int64(len(failed.Key)), storage.MaxKey)
	case errors.Is(err, storage.ErrClosed):
		return s3err.GetAPIError(s3err.ErrSlowDown)
	}
	return err
}

// cause returns the S3 error within err, since the protocol layer looks at the
// outermost error only.
func cause(err error, known s3err.S3Error) error {
	if err == nil {
		return nil
	}
	return known
}

func noSuchBucket(name string) error { return s3err.GetBucketErr(s3err.ErrNoSuchBucket, name) }

func noSuchKey() error { return s3err.GetAPIError(s3err.ErrNoSuchKey) }
