package wrap

import (
	"context"
	"fmt"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Intercept returns a store that does every operation of st, of its buckets,
// directories, uploads, readers and iterators through around. Handles and what
// only describes the store (Name, Path, Features, Limits, ExactKeys, Snapshot) are
// not operations.
//
// The store that Update passes to its function is intercepted, too. Closing the
// store closes st. Intercept panics if st or around is nil.
func Intercept(st storage.Storage, around Around) storage.Storage {
	if st == nil || around == nil {
		panic("wrap: the store or the function around it is nil")
	}
	s := &store{st, around}
	_, r := st.(snapshot.Store)
	_, l := st.(storage.HasLimits)
	_, e := st.(storage.HasExactKeys)
	return storeForms[mask(r, l, e)](s)
}

// run makes a call through around.
func (around Around) run(ctx context.Context, c *Call, next func(context.Context) error) error {
	if ctx == nil {
		return c.Fail(fmt.Errorf("%w: the context is nil", storage.ErrInvalid))
	}
	err := around(ctx, c, next)
	if err != nil {
		c.discard()
	}
	return err
}

// discard closes the results that the caller does not get.
func (c *Call) discard() {
	if c.Reader != nil {
		c.Reader.Close()
	}
	if c.Objects != nil {
		c.Objects.Close()
	}
	if c.Buckets != nil {
		c.Buckets.Close()
	}
	if c.Uploads != nil {
		c.Uploads.Close()
	}
}

// result returns the result of a call. A nil one without an error is an error.
func result[T comparable](c *Call, v T, err error) (T, error) {
	var none T
	if err == nil && v == none {
		err = c.Fail(fmt.Errorf("%w: the call was intercepted and has no result", storage.ErrInvalid))
	}
	if err != nil {
		return none, err
	}
	return v, nil
}

// store is a store with the methods of every optional interface. storeForms hide
// those that the store within lacks.
type store struct {
	in     storage.Storage
	around Around
}

func (s *store) Bucket(name string) storage.Bucket { return newBucket(s.in.Bucket(name), s.around) }
func (s *store) Features() storage.Features        { return s.in.Features() }
func (s *store) Limits() storage.Limits            { return s.in.(storage.HasLimits).Limits() }
func (s *store) ExactKeys() bool                   { return s.in.(storage.HasExactKeys).ExactKeys() }
func (s *store) Snapshot() *snapshot.Snapshot      { return s.in.(snapshot.Store).Snapshot() }

func (s *store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	c := &Call{Op: "buckets", Limit: limit, Skip: offset, Options: opts}
	err := s.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Buckets, err = s.in.Buckets(ctx, c.Limit, c.Skip, c.Options)
		return err
	})
	it, err := result(c, c.Buckets, err)
	if err != nil {
		return nil, err
	}
	return &iterator[storage.BucketInfo]{it, ctx, s.around, c, func(c *Call) **storage.BucketInfo { return &c.Info }}, nil
}

func (s *store) CreateBucket(ctx context.Context, name string, opts storage.Options) (*storage.BucketInfo, error) {
	c := &Call{Op: "createbucket", Bucket: name, Options: opts}
	err := s.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Info, err = s.in.CreateBucket(ctx, name, c.Options)
		return err
	})
	return result(c, c.Info, err)
}

func (s *store) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	c := &Call{Op: "deletebucket", Bucket: name, Options: opts}
	return s.around.run(ctx, c, func(ctx context.Context) error { return s.in.DeleteBucket(ctx, name, c.Options) })
}

func (s *store) Close() error {
	return s.around.run(context.Background(), &Call{Op: "close"}, func(context.Context) error { return s.in.Close() })
}

func (s *store) Restore(snap *snapshot.Snapshot) error {
	c := &Call{Op: "restore", Snapshot: snap}
	return s.around.run(context.Background(), c, func(context.Context) error { return s.in.(snapshot.Store).Restore(c.Snapshot) })
}

func (s *store) Update(ctx context.Context, f func(tx storage.Storage) error) error {
	c := &Call{Op: "update", Update: f}
	return s.around.run(ctx, c, func(ctx context.Context) error {
		update := c.Update
		if update != nil {
			update = func(tx storage.Storage) error { return c.Update(Intercept(tx, s.around)) }
		}
		return s.in.(snapshot.Store).Update(ctx, update)
	})
}
