// Package memdriver keeps an object store in memory, in a form that can be
// rewound. Importing it registers the scheme mem with package storage:
//
//	import _ "open-lake.dev/lib/storage/driver/memory"
//
//	st, err := storage.Open(ctx, "mem://")
//
// The store is an atomic pointer to an immutable value, a [snapshot.Snapshot].
// Reads and listings load the pointer once and take no lock; writes commit one
// after another; [Store.Snapshot] and [Store.Restore] cost O(1) whatever the
// store holds. All of the contract in package storage is there: directories,
// multipart uploads, conditions; CopyPart and SignedURL are
// storage.ErrUnsupported.
//
// # Data source names
//
//	mem://[name][?bucket=b&time=t&max_bytes=n]
//
// bucket names the bucket that Bucket("") means, "default" if it is not given.
// time, as in RFC 3339, stops the clock there, so that nothing differs between
// two runs of the same operations. max_bytes limits the content held, in bytes.
// name is reserved: every Open makes a new store. An unknown parameter or a bad
// value is storage.ErrInvalid.
//
// Nothing is kept on disk: the content lives in the process, and is lost with it.
package memdriver

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Store is a store in memory. It implements [snapshot.Store]; its buckets
// implement [storage.HasDirectories] and [storage.HasMultipart]. All methods may
// be called from any number of goroutines.
type Store struct {
	storage.Storage
	head *head
}

// Option configures a store at [Open].
type Option func(*config)

type config struct {
	head     *head
	start    *snapshot.Snapshot
	fallback string
}

// WithClock makes now the source of every time the store sets. It is called
// once for a change, without a lock held, from any goroutine. The default is
// time.Now, which nil means too.
func WithClock(now func() time.Time) Option { return func(c *config) { c.head.now = now } }

// WithSnapshot starts the store from a snapshot instead of empty. It costs
// O(1), so many stores can start from one large fixture. nil is empty.
func WithSnapshot(s *snapshot.Snapshot) Option { return func(c *config) { c.start = s } }

// WithDefaultBucket names the bucket that Bucket("") means. The default is
// [storage.DefaultBucket].
func WithDefaultBucket(name string) Option { return func(c *config) { c.fallback = name } }

// WithMaxBytes limits the content that objects and uploaded parts hold, in
// bytes, copies counted each: what would exceed it is storage.ErrQuota and
// stores nothing. 0 is no limit. A snapshot that is larger may be restored;
// then the store can only shrink.
func WithMaxBytes(n int64) Option { return func(c *config) { c.head.maxBytes = n } }

// Open returns a new store.
func Open(opts ...Option) *Store {
	c := config{head: new(head), fallback: storage.DefaultBucket}
	for _, opt := range opts {
		opt(&c)
	}
	if c.head.now == nil {
		c.head.now = time.Now
	}
	if c.start == nil {
		c.start = new(snapshot.Snapshot)
	}
	c.head.cur.Store(c.start)
	return &Store{snapshot.Over(c.head, c.fallback), c.head}
}

// Snapshot returns the current state; see [snapshot.Store].
func (s *Store) Snapshot() *snapshot.Snapshot { return s.head.cur.Load() }

// Restore makes a snapshot current; see [snapshot.Store].
func (s *Store) Restore(to *snapshot.Snapshot) error {
	err := s.head.restore(to)
	if err != nil {
		return &storage.Error{Op: "restore", Err: err}
	}
	return nil
}

// head is the cell that holds the current value; nil after Close.
type head struct {
	cur atomic.Pointer[snapshot.Snapshot]

	// mu serialises what changes cur. It blocks no reader, and no code of a
	// caller's runs under it: bodies are read and the clock is asked before.
	mu sync.Mutex

	now      func() time.Time
	maxBytes int64 // 0 is no limit
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
	if next.Bytes() > cur.Bytes() {
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

func (h *head) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cur.Store(nil)
	return nil
}

func (h *head) restore(to *snapshot.Snapshot) error {
	if to == nil {
		return fmt.Errorf("%w: the snapshot is nil", storage.ErrInvalid)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	cur, err := h.Load()
	if err != nil {
		return err
	}
	h.cur.Store(to.Succeed(cur))
	return nil
}
