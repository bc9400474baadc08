package memdriver

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// head is the cell that holds the current value; nil after Close. It is all that
// ever changes in a store, and it changes in three places: Commit, restore, Close.
type head struct {
	cur atomic.Pointer[snapshot.Snapshot]

	// mu serialises what changes cur. It blocks no reader, and no code of a user's
	// runs under it: bodies are read and the clock is asked before.
	mu sync.Mutex

	now      func() time.Time
	maxBytes int64 // 0 is no limit
	within   bool  // an Update: its own commit judges the quota
	limits   storage.Limits
}

func (h *head) Load() (*snapshot.Snapshot, error) {
	if cur := h.cur.Load(); cur != nil {
		return cur, nil
	}
	return nil, storage.ErrClosed
}

func (h *head) Commit(update func(*snapshot.Snapshot) (*snapshot.Snapshot, error)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	cur, err := h.Load()
	if err != nil {
		return err
	}
	next, err := update(cur)
	if err != nil {
		return err
	}
	if next.Bytes() > cur.Bytes() && !h.within {
		if err := h.Admit(next.Bytes()); err != nil {
			return err
		}
	}
	h.cur.Store(next)
	return nil
}

func (h *head) Admit(bytes int64) error {
	if h.maxBytes > 0 && bytes > h.maxBytes {
		return fmt.Errorf("%w: %d bytes, the limit is %d", storage.ErrQuota, bytes, h.maxBytes)
	}
	return nil
}

func (h *head) Now() time.Time { return h.now().UTC() } // UTC drops the monotonic reading

func (h *head) Limits() storage.Limits {
	l := h.limits
	l.Relaxed = slices.Clone(l.Relaxed)
	return l
}

func (h *head) Close() error {
	h.take()
	return nil
}

// take closes the cell and returns the value that was current, nil if it was closed
// before. No commit can come between.
func (h *head) take() *snapshot.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cur.Swap(nil)
}

func (h *head) restore(to *snapshot.Snapshot) error {
	if to == nil {
		return fmt.Errorf("%w: the snapshot is nil", storage.ErrInvalid)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.Load(); err != nil {
		return err
	}
	h.cur.Store(to)
	return nil
}
