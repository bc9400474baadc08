package memdriver

import (
	"context"
	"fmt"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Update runs f on a fork of the store and commits the fork whole; see
// [snapshot.Store].
func (s *Store) Update(ctx context.Context, f func(tx storage.Storage) error) error {
	if ctx == nil || f == nil {
		return &storage.Error{Op: "update", Err: fmt.Errorf("%w: the context or the function is nil", storage.ErrInvalid)}
	}
	s = s.orClosed()
	for {
		cur, err := s.head.Load()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return &storage.Error{Op: "update", Err: err}
		}
		next, err := s.head.fork(cur, s.defaultBucket).run(f)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return &storage.Error{Op: "update", Err: err}
		}
		err = s.head.replace(cur, next, s.head.maxBytes)
		if err == nil {
			return nil
		}
		if err != errOvertaken {
			return &storage.Error{Op: "update", Err: err}
		}
	}
}

// fork returns a store for a function of Update. It starts from a value and has the
// clock and the limits of h.
func (h *head) fork(from *snapshot.Snapshot, defaultBucket string) *Store {
	cell := &unpublished{draft: snapshot.NewDraft(from)}
	return newStore(&head{cell, h.now, h.maxBytes, h.limits}, defaultBucket)
}

// run runs f on s, closes s and returns what f left in it.
func (s *Store) run(f func(tx storage.Storage) error) (*snapshot.Snapshot, error) {
	defer s.Close()
	if err := f(s); err != nil {
		return nil, err
	}
	next := s.head.take()
	if next == nil { // f closed it
		return nil, &storage.Error{Op: "update", Err: storage.ErrClosed}
	}
	return next, nil
}
