package snaptest_test

import (
	"context"
	"errors"
	"io"
	"testing/iotest"

	"open-lake.dev/lib/storage"
)

// failing is a driver of which something is broken.
type failing struct {
	storage.Storage
	list, next, open, read bool
}

func (f failing) Bucket(name string) storage.Bucket {
	return failingBucket{f.Storage.Bucket(name), f}
}

type failingBucket struct {
	storage.Bucket
	failing
}

func (b failingBucket) Features() storage.Features { return b.Bucket.Features() }

func (b failingBucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	switch {
	case b.list:
		return nil, errors.New("list is broken")
	case b.next:
		return brokenIter{}, nil
	}
	return b.Bucket.List(ctx, prefix, limit, offset, opts)
}

func (b failingBucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	switch {
	case b.open:
		return nil, nil, errors.New("open is broken")
	case b.read:
		return io.NopCloser(iotest.ErrReader(errors.New("read is broken"))), nil, nil
	}
	return b.Bucket.Open(ctx, key, offset, length, opts)
}

type brokenIter struct{}

func (brokenIter) Next() (*storage.Object, error) { return nil, errors.New("next is broken") }
func (brokenIter) Close() error                   { return nil }
