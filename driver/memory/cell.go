package memdriver

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// cell holds the current value of a store. It is all that ever changes in one. A
// limit of 0 bytes is none.
type cell interface {
	// Load, Peek and commit are those of [snapshot.Head]. A value that is larger
	// than the one before must keep to maxBytes.
	Load() (*snapshot.Snapshot, error)
	Peek() (*snapshot.Snapshot, error)
	commit(update func(cur *snapshot.Snapshot) (*snapshot.Snapshot, error), maxBytes int64) error

	// replace makes next current if old is, or whatever is if old is nil; else it
	// returns errOvertaken. If both are the same it does nothing.
	replace(old, next *snapshot.Snapshot, maxBytes int64) error

	// take closes the cell and returns the value that was current, nil if it was
	// closed before. No commit can come between.
	take() *snapshot.Snapshot
}

// errOvertaken says that another commit came between.
var errOvertaken = errors.New("overtaken")

// published is the cell of a store: readers see each value.
type published struct {
	cur atomic.Pointer[snapshot.Snapshot] // nil once closed

	// mu serialises what changes cur. It blocks no reader, and no code of a user's
	// runs under it: bodies are read and the clock is asked before.
	mu shortMutex
}

func (c *published) Load() (*snapshot.Snapshot, error) {
	if cur := c.cur.Load(); cur != nil {
		return cur, nil
	}
	return nil, storage.ErrClosed
}

func (c *published) Peek() (*snapshot.Snapshot, error) { return c.Load() }

func (c *published) commit(update func(*snapshot.Snapshot) (*snapshot.Snapshot, error), maxBytes int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	cur, err := c.Load()
	if err != nil {
		return err
	}
	next, err := update(cur)
	if err == nil && next.Bytes() > cur.Bytes() {
		err = checkBytes(next.Bytes(), maxBytes)
	}
	if err == nil {
		c.cur.Store(next)
	}
	return err
}

func (c *published) replace(old, next *snapshot.Snapshot, maxBytes int64) error {
	return c.commit(func(cur *snapshot.Snapshot) (*snapshot.Snapshot, error) {
		switch {
		case next == old:
			return cur, nil
		case old != nil && cur != old:
			return nil, errOvertaken
		}
		return next, nil
	}, maxBytes)
}

func (c *published) take() *snapshot.Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cur.Swap(nil)
}

func checkBytes(bytes, maxBytes int64) error {
	if maxBytes > 0 && bytes > maxBytes {
		return fmt.Errorf("%w: %d bytes, the limit is %d", storage.ErrQuota, bytes, maxBytes)
	}
	return nil
}

// unpublished is the cell of the store within an Update, whose values nobody else
// sees. It leaves the quota to the commit of the whole.
type unpublished struct {
	mu    sync.Mutex // guards draft; no code of a user's runs under it
	draft *snapshot.Draft
}

func (c *unpublished) Load() (s *snapshot.Snapshot, err error) {
	err = c.locked(func() error {
		s = c.draft.Snapshot()
		return nil
	})
	return s, err
}

func (c *unpublished) Peek() (s *snapshot.Snapshot, err error) {
	err = c.locked(func() error {
		s = c.draft.Peek()
		return nil
	})
	return s, err
}

func (c *unpublished) commit(update func(*snapshot.Snapshot) (*snapshot.Snapshot, error), _ int64) error {
	return c.locked(func() error { return c.draft.Update(update) })
}

func (c *unpublished) replace(old, next *snapshot.Snapshot, _ int64) error {
	return c.locked(func() error {
		if old != nil && old != next && old != c.draft.Snapshot() {
			return errOvertaken
		}
		if old != next {
			c.draft = snapshot.NewDraft(next)
		}
		return nil
	})
}

func (c *unpublished) take() (s *snapshot.Snapshot) {
	c.locked(func() error {
		s = c.draft.Snapshot()
		c.draft = nil
		return nil
	})
	return s
}

// locked runs f under the lock unless the cell is closed.
func (c *unpublished) locked(f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.draft == nil {
		return storage.ErrClosed
	}
	return f()
}
