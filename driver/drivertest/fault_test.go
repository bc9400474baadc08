package drivertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

// background is for calls of a fault's own, whatever the caller's context.
var background = context.Background()

// on limits a fault to some operations.
func on(ops string, f fault) fault {
	return func(c *request, do func()) {
		if slices.Contains(strings.Fields(ops), c.op) {
			f(c, do)
		} else {
			do()
		}
	}
}

// before is a fault in the arguments of some operations.
func before(ops string, change func(c *request)) fault {
	return on(ops, func(c *request, do func()) {
		change(c)
		do()
	})
}

// onSuccess is a fault in the results of some operations that succeed.
func onSuccess(ops string, change func(c *request)) fault {
	return on(ops, func(c *request, do func()) {
		if do(); c.err == nil {
			change(c)
		}
	})
}

// both is two faults that make one.
func both(f, g fault) fault {
	return func(c *request, do func()) { f(c, func() { g(c, do) }) }
}

// insteadOf is a fault that gives another error, or none, where some operations
// fail with want.
func insteadOf(ops string, want, instead error) fault {
	return on(ops, func(c *request, do func()) {
		if do(); errors.Is(c.err, want) {
			c.fail(instead)
		}
	})
}

// refuses is a fault that fails some operations if when says so.
func refuses(ops string, err error, when func(c *request) bool) fault {
	return on(ops, func(c *request, do func()) {
		if when(c) {
			c.fail(err)
		} else {
			do()
		}
	})
}

// fail makes the call end with err.
func (c *request) fail(err error) {
	if c.err = err; err != nil {
		c.err = &storage.Error{Op: c.op, Bucket: c.bucket, Key: c.key, Err: err}
	}
}

// lock takes the one lock of a driver that has one. If the case is over before
// it is free, it makes the call fail and returns false, so that no goroutine
// stays behind.
func (c *request) lock() bool {
	if c.ctx == nil {
		return true
	}
	select {
	case c.locked() <- struct{}{}:
		return true
	case <-c.ctx.Done():
		c.fail(c.ctx.Err())
		return false
	}
}

func (c *request) unlock() {
	if c.ctx != nil {
		<-c.locked()
	}
}

func (c *request) locked() chan struct{} {
	lock, _ := c.memo.LoadOrStore("lock", make(chan struct{}, 1))
	return lock.(chan struct{})
}

// source returns the bucket that Copy and Move take from.
func (c *request) source() storage.Bucket {
	if c.otherBucket == "" {
		return c.b
	}
	return c.st.Bucket(c.otherBucket)
}

// buffer reads the source of the call, so that it can be read again.
func (c *request) buffer() *bytes.Buffer {
	var buf bytes.Buffer
	c.src = io.TeeReader(c.src, &buf)
	return &buf
}

// set sets an option without changing the caller's.
func (c *request) set(key string, value any) {
	c.opts = maps.Clone(c.opts)
	if c.opts == nil {
		c.opts = storage.Options{}
	}
	c.opts[key] = value
}

// drop removes options without changing the caller's.
func (c *request) drop(keys ...string) {
	c.opts = maps.Clone(c.opts)
	for _, key := range keys {
		delete(c.opts, key)
	}
}

// collect drains an iterator.
func collect[T any](it interface {
	Next() (*T, error)
	Close() error
}) []*T {
	var all []*T
	for o, err := range storage.All[T](it) {
		if err == nil {
			all = append(all, o)
		}
	}
	return all
}

// beneath lists what a bucket holds under a prefix.
func beneath(c *request, prefix string) []*storage.Object {
	it, err := c.b.List(c.ctx, prefix, 0, 0, nil)
	if err != nil {
		return nil
	}
	return collect(it)
}

// iterOf is an iterator over a slice.
type iterOf[T any] struct {
	ctx    context.Context
	items  []*T
	closed bool
}

func (it *iterOf[T]) Next() (*T, error) {
	if it.closed {
		return nil, storage.ErrClosed
	}
	if it.ctx != nil && it.ctx.Err() != nil {
		return nil, it.ctx.Err()
	}
	if len(it.items) == 0 {
		return nil, nil
	}
	item := it.items[0]
	it.items = it.items[1:]
	return item, nil
}

func (it *iterOf[T]) Close() error {
	it.closed = true
	return nil
}

// listed is a fault in what listings give.
func listed(change func(c *request, all []*storage.Object) []*storage.Object) fault {
	return onSuccess("list directory.list", func(c *request) {
		c.objects = &iterOf[storage.Object]{ctx: c.ctx, items: change(c, collect(c.objects))}
	})
}

// objects is a fault in every object that the driver gives out. Listings stay lazy.
func objects(change func(c *request, o *storage.Object)) fault {
	return func(c *request, do func()) {
		if do(); c.obj != nil {
			change(c, c.obj)
		}
		if c.objects != nil {
			c.objects = &changedIter{c.objects, func(o *storage.Object) { change(c, o) }}
		}
	}
}

// changedIter changes what another iterator gives.
type changedIter struct {
	storage.ObjectIter
	change func(o *storage.Object)
}

func (it *changedIter) Next() (*storage.Object, error) {
	o, err := it.ObjectIter.Next()
	if o != nil {
		it.change(o)
	}
	return o, err
}

// entries is a fault in every object and directory of a listing.
func entries(change func(o *storage.Object)) fault {
	return objects(func(c *request, o *storage.Object) {
		if c.objects != nil {
			change(o)
		}
	})
}

// live reports whether the store is open and the context of the call is not done.
func (c *request) live() bool {
	if c.ctx == nil || c.ctx.Err() != nil {
		return false
	}
	it, err := c.st.Buckets(c.ctx, 0, 0, nil)
	if err == nil {
		it.Close()
	}
	return err == nil
}
