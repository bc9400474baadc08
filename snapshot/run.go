package snapshot

import (
	"context"
	"errors"
	"fmt"

	"open-lake.dev/lib/storage"
)

// begin makes the checks that come first in every operation and returns the
// current value: the store is open, the context not done (C1), the options are for
// the operation. load is [Head.Load] or, for an operation that looks at nothing but
// the rules, [Head.Peek].
func (s *store) begin(ctx context.Context, op string, opts storage.Options, load loadFunc) (*Snapshot, error) {
	cur, err := load(s.head)
	if err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, fmt.Errorf("%w: the context is nil", storage.ErrInvalid)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(opts) == 0 {
		return cur, nil
	}
	return cur, opts.Validate(op)
}

// begin is [store.begin] for an operation on the bucket.
func (h *bucketHandle) begin(ctx context.Context, op string, opts storage.Options, load loadFunc) (*Snapshot, error) {
	cur, err := h.store.begin(ctx, op, opts, load)
	if err == nil {
		err = h.invalid
	}
	return cur, err
}

type (
	loadFunc func(Head) (*Snapshot, error)
	cleaner  func(by rules, text string) (string, error)
)

// run runs an operation on a key, a prefix or the path of a directory: it begins,
// normalises the text, does the operation and wraps the error. The error names the
// text as it is in the store, or as it was given if it cannot be normalised. An
// operation whose commit says errAgain begins again.
func run[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, do func(cur *Snapshot, text string) (T, error)) (T, error) {
	return runOn(ctx, h, op, text, clean, opts, Head.Load, do)
}

// runUpdate is run for an operation that looks at the store only in its commit. Until
// then it has the rules alone, so that it leaves a [Draft] unseen.
func runUpdate[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, do func(by rules, text string) (T, error)) (T, error) {
	return runOn(ctx, h, op, text, clean, opts, Head.Peek, func(cur *Snapshot, text string) (T, error) { return do(cur.rules, text) })
}

// runOn is run on the value that load returns.
func runOn[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, load loadFunc, do func(cur *Snapshot, text string) (T, error)) (T, error) {
	for {
		result, named, err := runOnce(ctx, h, op, text, clean, opts, load, do)
		switch {
		case err == nil:
			return result, nil
		case err != errAgain:
			var none T
			return none, fail(op, h.name, named, err)
		}
	}
}

// runOnce is runOn without the wrapping. It returns the text that an error names, too.
func runOnce[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, load loadFunc, do func(cur *Snapshot, text string) (T, error)) (result T, named string, err error) {
	cur, err := h.begin(ctx, op, opts, load)
	if err != nil {
		return result, text, err
	}
	cleaned, err := clean(cur.rules, text)
	if err != nil {
		return result, text, err
	}
	result, err = do(cur, cleaned)
	return result, cleaned, err
}

// errAgain says that an update does not fit the value that it came to: the store was
// restored to one of other rules since (S2), or parts were replaced.
var errAgain = errors.New("begin again")

// change returns the context of an update that happens now, by the rules. It asks the
// clock.
func (s *store) change(by rules, opts storage.Options) change {
	return change{truncate(&s.limits, s.head.Now()), by, opts, &s.limits}
}

// fail wraps the error of an operation, nil as nil.
func fail(op, bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	return &storage.Error{Op: op, Bucket: bucket, Key: key, Err: err}
}

// iterErr returns the error of an iterator that is closed or whose context is
// done.
func iterErr(ctx context.Context, closed bool) error {
	if closed {
		return storage.ErrClosed
	}
	return ctx.Err()
}
