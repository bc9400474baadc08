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

	// Snapshot returns the current state. It costs a pointer load, and keeps alive
	// only what later changes replace. After Close it is nil.
	Snapshot() *Snapshot

	// Restore makes a snapshot current in one commit, uploads in progress included:
	// any snapshot, of any store, any number of times (S1). It costs a pointer
	// swap. An operation under way applies to the restored state, as if it had
	// begun after (S2). nil is ErrInvalid, a closed store ErrClosed.
	Restore(*Snapshot) error

	// Update runs f on tx, a store of its own that starts from the current state,
	// and makes what f left there current in one commit: readers see all of it or
	// nothing (S4). Nothing is committed if f returns an error, which Update
	// returns, or panics.
	//
	// If another commit came between, f runs again on the new state, until it fits
	// or ctx is done. So f may run more than once, and what it does outside of tx
	// is done each time; it must write through tx alone, since a commit to the store
	// itself comes between each time. No lock is held while f runs. tx is a Store,
	// too, so Updates nest. It is closed when f returns.
	//
	// Update costs O(1) besides what f does. Writes in a row change in place what the
	// first of them has copied; one that follows a read of tx copies its path again.
	Update(ctx context.Context, f func(tx storage.Storage) error) error
}

// Head is the one mutable cell of a store: it holds the current Snapshot. All
// methods may be called from any number of goroutines.
type Head interface {
	// Load returns the current value, or ErrClosed.
	Load() (*Snapshot, error)

	// Peek is Load for a caller that looks at nothing but the rules of the value:
	// whether keys are exact and ETags are MD5s. It leaves a [Draft] unseen.
	Peek() (*Snapshot, error)

	// Commit makes what update returns for the current value the current one, unless
	// update returns an error, which Commit then returns. Commits come one after
	// another, and each calls update once at most. update runs under the store's
	// lock and must not call into a user's code.
	Commit(update func(cur *Snapshot) (*Snapshot, error)) error

	// Admit returns the error that would end a write of a body of at least the given
	// number of bytes; nil if Commit is to decide.
	Admit(bytes int64) error

	// Now returns the time of a change, in UTC and without a monotonic clock
	// reading.
	Now() time.Time

	// Limits returns what the store cannot do. It is called once.
	Limits() storage.Limits

	// Close makes every other method that returns an error return ErrClosed.
	Close() error
}

// Storage returns s as a store that can be read; a write is ErrPermission. Closing
// it closes only this view.
func (s *Snapshot) Storage() storage.Storage {
	h := new(readOnly)
	h.Store(s.orEmpty())
	return NewStorage(h, storage.DefaultBucket)
}

// readOnly is a Head that stands still; nil is closed.
type readOnly struct{ atomic.Pointer[Snapshot] }

func (h *readOnly) Load() (*Snapshot, error) {
	if s := h.Pointer.Load(); s != nil {
		return s, nil
	}
	return nil, storage.ErrClosed
}

func (h *readOnly) Peek() (*Snapshot, error) { return h.Load() }

func (h *readOnly) Commit(func(*Snapshot) (*Snapshot, error)) error { return storage.ErrPermission }
func (h *readOnly) Admit(int64) error                               { return storage.ErrPermission }
func (h *readOnly) Now() time.Time                                  { return time.Time{} }
func (h *readOnly) Limits() storage.Limits                          { return storage.Limits{} }

func (h *readOnly) Close() error {
	h.Store(nil)
	return nil
}
