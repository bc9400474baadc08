package snapshot

import (
	"context"
	"sync/atomic"
	"time"

	"open-lake.dev/lib/storage"
)

// Store is a Storage that can be rewound.
type Store interface {
	storage.Storage

	// Snapshot returns the current state. It costs a pointer load, and nothing
	// to keep but what later changes replace. After Close it is nil.
	Snapshot() *Snapshot

	// Restore makes a snapshot current in one commit, uploads in progress
	// included: any snapshot, of any store, any number of times (S1). It costs
	// a pointer swap. An operation under way applies to the restored state, as
	// if it had begun after (S2). nil is ErrInvalid, a closed store ErrClosed.
	Restore(*Snapshot) error
}

// Head is the one mutable cell of a store: which Snapshot is current. All
// methods may be called from any number of goroutines.
type Head interface {
	// Load returns the current value, or ErrClosed. It takes no lock.
	Load() (*Snapshot, error)

	// Commit makes what update returns for the current value the current one,
	// unless it returns an error, which Commit then returns. Commits come one
	// after another, and each calls update once at most. update calls no code
	// but this package's.
	Commit(update func(cur *Snapshot) (*Snapshot, error)) error

	// Admit returns the error that would end a write of so many bytes, known
	// before they are all read; nil if Commit is to decide.
	Admit(bytes int64) error

	// Now returns the time to stamp on a change, in UTC and without a monotonic
	// clock reading.
	Now() time.Time

	// Close makes every other method that can fail ErrClosed.
	Close() error
}

// Over returns the store that head is the cell of. fallback names the bucket
// that Bucket("") means. Its buckets implement [storage.HasDirectories] and
// [storage.HasMultipart]; their readers implement [io.ReadSeekCloser],
// [io.ReaderAt] and [io.WriterTo].
func Over(head Head, fallback string) storage.Storage {
	return &store{head, fallback}
}

// Storage returns s as a store that can be read but not written, which is
// ErrPermission. Closing it closes only this view.
func (s *Snapshot) Storage() storage.Storage {
	h := new(readOnly)
	h.Store(s)
	return Over(h, storage.DefaultBucket)
}

// readOnly is a Head that stands still; nil is closed.
type readOnly struct{ atomic.Pointer[Snapshot] }

func (h *readOnly) Load() (*Snapshot, error) {
	if s := h.Pointer.Load(); s != nil {
		return s, nil
	}
	return nil, storage.ErrClosed
}

func (h *readOnly) Commit(func(*Snapshot) (*Snapshot, error)) error { return storage.ErrPermission }
func (h *readOnly) Admit(int64) error                               { return storage.ErrPermission }
func (h *readOnly) Now() time.Time                                  { return time.Time{} }

func (h *readOnly) Close() error {
	h.Store(nil)
	return nil
}

// begin is the first step of every operation: it returns the current value,
// unless the store is closed, the context done (C1) or an option not what it
// should be.
func begin(ctx context.Context, head Head, opts storage.Options) (*Snapshot, error) {
	cur, err := head.Load()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(opts) == 0 {
		return cur, nil
	}
	return cur, opts.Validate("")
}
