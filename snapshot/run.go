package snapshot

import (
	"context"
	"errors"
	"fmt"

	"open-lake.dev/lib/storage"
)

// begin makes the checks that come first in every operation and returns the
// current value: the store is open, the context not done (C1), the options are for
// the operation.
func (s *store) begin(ctx context.Context, op string, opts storage.Options) (*Snapshot, error) {
	cur, err := s.load(op)
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

// load returns the current value for an operation. Those that are for one object and
// change it look at the rest only in the commit.
func (s *store) load(op string) (*Snapshot, error) {
	switch op {
	case "write", "delete", "copy", "move":
		if len(s.limits.Relaxed) == 0 { // or it looks for the bucket and for twins
			return s.head.Peek()
		}
	}
	return s.head.Load()
}

// begin is [store.begin] for an operation on the bucket.
func (h *bucketHandle) begin(ctx context.Context, op string, opts storage.Options) (*Snapshot, error) {
	cur, err := h.store.begin(ctx, op, opts)
	if err == nil {
		err = h.invalid
	}
	return cur, err
}

// cleaner is [Snapshot.cleanKey], [Snapshot.cleanPrefix] or [Snapshot.cleanDir].
type cleaner func(s *Snapshot, text string) (string, error)

// run runs an operation on a key, a prefix or the path of a directory: it begins,
// normalises the text, does the operation and wraps the error. The error names the
// text as it is in the store, or as it was given if it cannot be normalised. An
// operation whose commit says errAgain begins again.
func run[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, do func(cur *Snapshot, text string) (T, error)) (T, error) {
	for {
		result, named, err := runOnce(ctx, h, op, text, clean, opts, do)
		switch {
		case err == nil:
			return result, nil
		case err != errAgain:
			var none T
			return none, fail(op, h.name, named, err)
		}
	}
}

// runOnce is run without the wrapping. It returns the text that an error names, too.
func runOnce[T any](ctx context.Context, h *bucketHandle, op, text string, clean cleaner, opts storage.Options, do func(cur *Snapshot, text string) (T, error)) (result T, named string, err error) {
	cur, err := h.begin(ctx, op, opts)
	if err != nil {
		return result, text, err
	}
	cleaned, err := clean(cur, text)
	if err != nil {
		return result, text, err
	}
	result, err = do(cur, cleaned)
	return result, cleaned, err
}

// errAgain says that an update does not fit the value that it came to: the store was
// restored to one of other rules since (S2), or parts were replaced.
var errAgain = errors.New("begin again")

// change returns the context of an update that happens now, by the rules of cur. It
// asks the clock.
func (s *store) change(cur *Snapshot, opts storage.Options) change {
	return change{truncate(&s.limits, s.head.Now()), cur.rules, opts, &s.limits}
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
