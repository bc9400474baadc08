package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"open-lake.dev/lib/storage"
)

// store is a storage.Storage over an engine.
type store struct {
	engine        Engine
	buckets       Bucketer // nil if markers stand for buckets
	spool         func() (TempFile, error)
	memory        int64 // how much of a body is held in memory
	limits        storage.Limits
	defaultBucket string
	closed        atomic.Bool
	users         atomic.Int64 // open iterators, and the store; the last one closes the engine

	mu     sync.Mutex // serialises changes to markers of one process
	marked sync.Map   // names of the buckets whose markers this store has seen
}

// New returns a store over an engine, and closes the engine when it is closed.
// Buckets implement [storage.HasDirectories] and, if the engine is [Multipart],
// [storage.HasMultipart] and [storage.HasUploads]; the store implements
// [storage.HasLimits].
func New(e Engine, defaultBucket string) storage.Storage {
	s := &store{engine: e, limits: e.Limits(), defaultBucket: defaultBucket, spool: newTemp, memory: maxMemory}
	s.buckets, _ = e.(Bucketer)
	if sp, ok := e.(Spooler); ok {
		s.spool, s.memory = sp.Spool, maxSpooled
	}
	s.users.Store(1)
	return s
}

func (s *store) Features() storage.Features {
	_, moves := s.engine.(Mover)
	_, copies := s.engine.(ServerCopier)
	_, parts := s.engine.(Multipart)
	_, signs := s.engine.(Signer)
	f := storage.Features{
		storage.FeatureMove:           true,
		storage.FeatureServerSideMove: moves || copies,
		storage.FeatureServerSideCopy: moves || copies, // else it may read the content
		storage.FeatureDirectories:    true,
		storage.FeatureMultipart:      parts,
		storage.FeatureHashMD5:        false,
		storage.FeatureWatch:          false,
		storage.FeaturePublicURL:      false,
		storage.FeatureSignedURL:      signs,
	}
	if e, ok := s.engine.(Featurer); ok {
		maps.Copy(f, e.Features())
	}
	return f
}

// Limits implements [storage.HasLimits].
func (s *store) Limits() storage.Limits {
	l := s.limits
	l.Relaxed = slices.Clone(l.Relaxed)
	return l
}

func (s *store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return s.release()
}

// release ends the use of the engine by the store or an iterator.
func (s *store) release() error {
	if s.users.Add(-1) > 0 {
		return nil
	}
	return s.engine.Close()
}

// begin makes the checks that come first in every operation.
func (s *store) begin(ctx context.Context, op string, opts storage.Options) error {
	switch {
	case s.closed.Load():
		return storage.ErrClosed
	case ctx == nil:
		return fmt.Errorf("%w: the context is nil", storage.ErrInvalid)
	}
	return cmp.Or(ctx.Err(), opts.Validate(op))
}

func (s *store) Bucket(name string) storage.Bucket {
	return s.bucket(name).handle()
}

// handle returns b with the optional interfaces that the engine makes possible.
func (b *bucket) handle() storage.Bucket {
	if e, ok := b.store.engine.(Multipart); ok {
		return &partBucket{b, e}
	}
	return b
}

func (s *store) bucket(name string) *bucket {
	if strings.TrimSpace(name) == "" {
		name = s.defaultBucket
	}
	clean, err := storage.CleanBucket(name)
	if err != nil {
		return &bucket{store: s, name: name, err: err}
	}
	return &bucket{store: s, name: strings.Clone(clean)}
}

// named begins CreateBucket or DeleteBucket and returns a handle on the bucket.
func (s *store) named(ctx context.Context, op, name string, opts storage.Options) (*bucket, error) {
	if err := s.begin(ctx, op, opts); err != nil {
		return nil, err
	}
	clean, err := storage.CleanBucket(name)
	return &bucket{store: s, name: strings.Clone(clean)}, err
}

func (s *store) CreateBucket(ctx context.Context, name string, opts storage.Options) (*storage.BucketInfo, error) {
	b, err := s.named(ctx, "createbucket", name, opts)
	if err != nil {
		return nil, fail("createbucket", name, "", err)
	}
	info, err := b.create(ctx, opts)
	return info, fail("createbucket", b.name, "", err)
}

func (s *store) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	b, err := s.named(ctx, "deletebucket", name, opts)
	if err != nil {
		return fail("deletebucket", name, "", err)
	}
	return fail("deletebucket", b.name, "", b.remove(ctx, opts.Bool(storage.OptForce, false)))
}

func (s *store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	if err := s.begin(ctx, "buckets", opts); err != nil {
		return nil, fail("buckets", "", "", err)
	}
	names, err := s.bucketNames(ctx)
	if err != nil {
		return nil, fail("buckets", "", "", err)
	}
	names = names[min(max(offset, 0), len(names)):]
	if limit > 0 {
		names = names[:min(limit, len(names))]
	}
	return &bucketIter{ctx: ctx, store: s, names: names}, nil
}

// bucketNames returns the names of all buckets in order.
func (s *store) bucketNames(ctx context.Context) ([]string, error) {
	var names []string
	if s.buckets != nil {
		infos, err := s.buckets.Buckets(ctx)
		for _, info := range infos {
			names = append(names, info.Name)
		}
		slices.Sort(names)
		return names, err
	}
	for _, prefix := range []string{"", markers} {
		for blob, err := range entries(ctx, s.engine.List(prefix, ListOptions{Shallow: true})) {
			if err != nil {
				return nil, err
			}
			name := strings.TrimSuffix(strings.TrimPrefix(blob.Key, prefix), "/")
			clean, err := storage.CleanBucket(name)
			if blob.IsDir == (prefix == "") && blob.Key != markers && err == nil && clean == name {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// bucketIter describes buckets by their names.
type bucketIter struct {
	ctx    context.Context
	store  *store
	names  []string
	closed bool
}

func (it *bucketIter) Next() (*storage.BucketInfo, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("buckets", "", "", err)
	}
	for len(it.names) > 0 {
		b := &bucket{store: it.store, name: it.names[0]}
		it.names = it.names[1:]
		info, err := b.info(it.ctx)
		if errors.Is(err, storage.ErrNoBucket) {
			continue // deleted since
		}
		return info, fail("buckets", b.name, "", err)
	}
	return nil, nil
}

func (it *bucketIter) Close() error {
	it.names, it.closed = nil, true
	return nil
}

// iterErr returns the error of Next on an iterator that is closed or whose context
// is done.
func iterErr(ctx context.Context, closed bool) error {
	if closed {
		return storage.ErrClosed
	}
	return ctx.Err()
}

// fail wraps err in a [storage.Error]. It returns nil if err is nil.
func fail(op, bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	return &storage.Error{Op: op, Bucket: bucket, Key: key, Err: err}
}
