package wrap

import (
	"context"

	"open-lake.dev/lib/storage"
)

// iterator is a storage.BucketIter, ObjectIter or UploadIter.
type iterator[T any] struct {
	in interface {
		Next() (*T, error)
		Close() error
	}
	ctx     context.Context
	around  Around
	listing *Call             // that returned it
	entry   func(c *Call) **T // the result of next
}

func (it *iterator[T]) Next() (*T, error) {
	c := it.call(".next")
	err := it.around.run(it.ctx, c, func(context.Context) (err error) {
		*it.entry(c), err = it.in.Next()
		return err
	})
	if err != nil {
		return nil, err
	}
	return *it.entry(c), nil
}

func (it *iterator[T]) Close() error {
	return it.around.run(it.ctx, it.call(".close"), func(context.Context) error { return it.in.Close() })
}

func (it *iterator[T]) call(step string) *Call {
	return &Call{Op: it.listing.Op + step, Bucket: it.listing.Bucket, Key: it.listing.Key}
}

// listObjects makes a call that lists objects, and wraps the iterator.
func listObjects(ctx context.Context, around Around, c *Call, list func(context.Context) (storage.ObjectIter, error)) (storage.ObjectIter, error) {
	err := around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Objects, err = list(ctx)
		return err
	})
	it, err := result(c, c.Objects, err)
	if err != nil {
		return nil, err
	}
	return &iterator[storage.Object]{it, ctx, around, c, func(c *Call) **storage.Object { return &c.Object }}, nil
}
