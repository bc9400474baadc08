package memdriver

import (
	"context"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Store is a store in memory. It implements [snapshot.Store], [storage.HasLimits]
// and [storage.HasExactKeys]; its buckets implement [storage.HasDirectories],
// [storage.HasMultipart] and [storage.HasUploads]. All methods may be called from
// any number of goroutines. [Open] makes one; a zero or nil Store is closed.
type Store struct {
	st            storage.Storage // over head
	head          *head
	defaultBucket string
}

// newStore returns a store over h.
func newStore(h *head, defaultBucket string) *Store {
	return &Store{snapshot.NewStorage(h, defaultBucket), h, defaultBucket}
}

// closed is the store that a zero Store is.
var closed = newStore(&head{cell: new(published), now: time.Now}, storage.DefaultBucket)

func (s *Store) orClosed() *Store {
	if s == nil || s.head == nil {
		return closed
	}
	return s
}

// Bucket implements [storage.Storage].
func (s *Store) Bucket(name string) storage.Bucket { return s.orClosed().st.Bucket(name) }

// Buckets implements [storage.Storage].
func (s *Store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	return s.orClosed().st.Buckets(ctx, limit, offset, opts)
}

// CreateBucket implements [storage.Storage].
func (s *Store) CreateBucket(ctx context.Context, name string, opts storage.Options) (*storage.BucketInfo, error) {
	return s.orClosed().st.CreateBucket(ctx, name, opts)
}

// DeleteBucket implements [storage.Storage].
func (s *Store) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	return s.orClosed().st.DeleteBucket(ctx, name, opts)
}

// Features implements [storage.Storage].
func (s *Store) Features() storage.Features { return s.orClosed().st.Features() }

// Close implements [storage.Storage].
func (s *Store) Close() error { return s.orClosed().st.Close() }

// Snapshot returns the current state; see [snapshot.Store].
func (s *Store) Snapshot() *snapshot.Snapshot {
	cur, _ := s.orClosed().head.Load()
	return cur
}

// Restore makes a snapshot current; see [snapshot.Store].
func (s *Store) Restore(to *snapshot.Snapshot) error {
	err := s.orClosed().head.restore(to)
	if err != nil {
		return &storage.Error{Op: "restore", Err: err}
	}
	return nil
}

// Limits returns the limits that the store was opened with; see
// [storage.HasLimits].
func (s *Store) Limits() storage.Limits { return s.orClosed().head.Limits() }

// ExactKeys reports whether the current state has exact keys; see
// [storage.HasExactKeys].
func (s *Store) ExactKeys() bool {
	cur, _ := s.orClosed().head.Peek()
	return cur.ExactKeys()
}
