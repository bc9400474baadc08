package memdriver

import (
	"fmt"
	"slices"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// head is a Head over a cell.
type head struct {
	cell
	now      func() time.Time
	maxBytes int64 // 0 is no limit
	limits   storage.Limits
}

func (h *head) Commit(update func(*snapshot.Snapshot) (*snapshot.Snapshot, error)) error {
	return h.commit(update, h.maxBytes)
}

func (h *head) Admit(bytes int64) error { return checkBytes(bytes, h.maxBytes) }

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

func (h *head) restore(to *snapshot.Snapshot) error {
	if to == nil {
		return fmt.Errorf("%w: the snapshot is nil", storage.ErrInvalid)
	}
	return h.replace(nil, to, 0)
}
