package gocloud

import (
	"context"
	"fmt"
	"io"
	"time"

	"open-lake.dev/lib/storage"
)

// nilBucket stands for a nil [storage.Bucket]. Every operation that a [bucket] calls
// is ErrInvalid.
type nilBucket struct{ storage.Bucket }

var errNilBucket = fmt.Errorf("%w: the bucket is nil", storage.ErrInvalid)

func (nilBucket) Name() string { return "" }

func (nilBucket) Write(context.Context, string, io.Reader, int64, string, storage.Options) (*storage.Object, error) {
	return nil, errNilBucket
}

func (nilBucket) Open(context.Context, string, int64, int64, storage.Options) (io.ReadCloser, *storage.Object, error) {
	return nil, nil, errNilBucket
}

func (nilBucket) Stat(context.Context, string, storage.Options) (*storage.Object, error) {
	return nil, errNilBucket
}

func (nilBucket) Delete(context.Context, string, storage.Options) error { return errNilBucket }

func (nilBucket) Copy(context.Context, string, string, string, storage.Options) (*storage.Object, error) {
	return nil, errNilBucket
}

func (nilBucket) List(context.Context, string, int, int, storage.Options) (storage.ObjectIter, error) {
	return nil, errNilBucket
}

func (nilBucket) SignedURL(context.Context, string, string, time.Duration, storage.Options) (string, error) {
	return "", errNilBucket
}
