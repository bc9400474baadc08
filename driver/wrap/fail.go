package wrap

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync/atomic"

	"open-lake.dev/lib/storage"
)

// ErrInjected is the cause of a failure that [Fail] brings about.
var ErrInjected = errors.New("injected fault")

// Fault says which calls fail, and how. The zero value fails every call before it
// takes effect.
type Fault struct {
	// Op, Bucket and Key select calls by those fields of [Call]. Each is a pattern as
	// in path.Match; empty matches all.
	Op, Bucket, Key string

	// Nth selects one of these calls, the first being 1. 0 is each of them.
	Nth int

	// After lets the call take effect before it fails, as when an answer is lost.
	After bool

	// Cut, if it is positive, lets the call succeed, but its body fails after that
	// many bytes: the source of a write or an uploadpart, the reader of an open. Only
	// these calls are selected then. A reader that is cut can neither seek nor be
	// read at an offset.
	Cut int64

	// Err is the cause of the failure. nil is ErrInjected.
	Err error

	// Hit, if it is set, is called with every call that fails.
	Hit func(c *Call)
}

// Fail returns a store whose calls fail as the faults say. A call that several
// faults select fails by the first. An error is a *storage.Error around Err. A
// malformed pattern fails every call with storage.ErrInvalid.
func Fail(st storage.Storage, faults ...Fault) storage.Storage {
	armed := make([]*fault, len(faults))
	for i, f := range faults {
		f.Err = cmp.Or(f.Err, ErrInjected)
		armed[i] = &fault{Fault: f}
	}
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		var hit *fault
		for _, f := range armed {
			selected, err := f.selects(c)
			if err != nil {
				return err
			}
			if selected && hit == nil {
				hit = f
			}
		}
		if hit == nil {
			return next(ctx)
		}
		return hit.fail(ctx, c, next)
	})
}

// fault is a Fault that counts.
type fault struct {
	Fault
	calls atomic.Int64 // that the patterns select
}

func (f *fault) selects(c *Call) (bool, error) {
	ok, err := pattern{f.Op, f.Bucket, f.Key}.matches(c)
	if !ok || err != nil || f.Cut > 0 && !c.hasBody() {
		return false, err
	}
	n := f.calls.Add(1)
	return f.Nth == 0 || n == int64(f.Nth), nil
}

// fail makes the call fail.
func (f *fault) fail(ctx context.Context, c *Call, next func(context.Context) error) error {
	if f.Hit != nil {
		f.Hit(c)
	}
	switch {
	case f.Cut > 0:
		return f.cut(ctx, c, next)
	case f.After:
		if err := next(ctx); err != nil {
			return err
		}
	}
	return c.Fail(f.Err)
}

func (c *Call) hasBody() bool { return c.Op == "write" || c.Op == "uploadpart" || c.Op == "open" }

// cut makes the call with a body that fails.
func (f *fault) cut(ctx context.Context, c *Call, next func(context.Context) error) error {
	if c.Src != nil {
		c.Src = &cutReader{c.Src, f.Cut, f.Err}
	}
	if err := next(ctx); err != nil || c.Reader == nil {
		return err
	}
	c.Reader = struct {
		io.Reader
		io.Closer
	}{&cutReader{c.Reader, f.Cut, c.Fail(f.Err)}, c.Reader}
	return nil
}

// cutReader fails after left bytes.
type cutReader struct {
	io.Reader
	left int64
	err  error
}

func (r *cutReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, r.err
	}
	n, err := r.Reader.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}
