// Package mapstore is the plainest store that obeys the contract: a mutex and a
// map. The conformance suite is tested on it, so that the suite tests the
// contract and not one implementation, and it is the baseline of the benchmarks.
//
// Listings and everything about directories walk all keys of the bucket, and a
// listing sorts its entries. There are no snapshots and no exact keys.
package mapstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"open-lake.dev/lib/storage"
)

type store struct {
	closed atomic.Bool

	// mu guards buckets and whether each of them exists. It is locked before a
	// bucket's mu, and only its holder may lock two buckets.
	mu      sync.RWMutex
	buckets map[string]*bucket
}

// New returns an empty store. Its buckets implement [storage.HasDirectories],
// [storage.HasMultipart] and [storage.HasUploads].
func New() storage.Storage {
	return &store{buckets: make(map[string]*bucket)}
}

func (s *store) Bucket(name string) storage.Bucket {
	if strings.TrimSpace(name) == "" {
		name = storage.DefaultBucket
	}
	clean, err := storage.CleanBucket(name)
	if err != nil {
		return &bucket{store: s, name: name, err: err}
	}
	return s.bucket(clean)
}

// bucket returns the bucket with a normalised name, whether it exists or not.
func (s *store) bucket(name string) *bucket {
	s.mu.RLock()
	b := s.buckets[name]
	s.mu.RUnlock()
	if b != nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.buckets[name]; b == nil {
		b = &bucket{store: s, name: strings.Clone(name)}
		b.clear()
		s.buckets[b.name] = b
	}
	return b
}

func (s *store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	if err := s.begin(ctx, "buckets", opts); err != nil {
		return nil, fail("buckets", "", "", err)
	}
	var infos []*storage.BucketInfo
	s.mu.RLock()
	for _, b := range s.buckets {
		if b.info != nil {
			infos = append(infos, b.info)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(infos, func(a, b *storage.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	return &iterator[storage.BucketInfo]{ctx: ctx, op: "buckets", items: page(infos, limit, offset), clone: cloneInfo}, nil
}

func (s *store) CreateBucket(ctx context.Context, name string, opts storage.Options) (info *storage.BucketInfo, err error) {
	err = s.admin(ctx, "createbucket", name, opts, func(b *bucket) error {
		if b.info != nil {
			return storage.ErrExist
		}
		b.create(opts)
		info = cloneInfo(b.info)
		return nil
	})
	return info, err
}

func (s *store) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	return s.admin(ctx, "deletebucket", name, opts, func(b *bucket) error {
		if b.info == nil {
			return storage.ErrNoBucket
		}
		if len(b.objects) > 0 && !opts.Bool(storage.OptForce, false) {
			return storage.ErrPermission
		}
		b.clear()
		return nil
	})
}

// admin runs fn on the named bucket with the store and the bucket locked.
func (s *store) admin(ctx context.Context, op, name string, opts storage.Options, fn func(*bucket) error) error {
	if err := s.begin(ctx, op, opts); err != nil {
		return fail(op, name, "", err)
	}
	clean, err := storage.CleanBucket(name)
	if err != nil {
		return fail(op, name, "", err)
	}
	b := s.bucket(clean)
	s.mu.Lock()
	defer s.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	return fail(op, clean, "", fn(b))
}

func (s *store) Features() storage.Features {
	return storage.Features{
		storage.FeatureMove:           true,
		storage.FeatureServerSideMove: true,
		storage.FeatureServerSideCopy: true,
		storage.FeatureDirectories:    true,
		storage.FeatureMultipart:      true,
		storage.FeatureHashMD5:        false,
		storage.FeatureWatch:          false,
		storage.FeaturePublicURL:      false,
		storage.FeatureSignedURL:      false,
	}
}

func (s *store) Close() error {
	s.closed.Store(true)
	return nil
}

// begin makes the checks that come first in every operation.
func (s *store) begin(ctx context.Context, op string, opts storage.Options) error {
	if err := s.live(ctx); err != nil {
		return err
	}
	return opts.Validate(op)
}

// live returns an error if the store is closed or ctx is done.
func (s *store) live(ctx context.Context) error {
	switch {
	case s.closed.Load():
		return storage.ErrClosed
	case ctx == nil:
		return fmt.Errorf("%w: the context is nil", storage.ErrInvalid)
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

func now() time.Time { return time.Now().UTC().Round(0) }

// metadata returns OptMetadata of opts, nil if it is not given.
func metadata(opts storage.Options) map[string]string {
	given, _ := opts.StringMap(storage.OptMetadata)
	return given
}

func cloneInfo(info *storage.BucketInfo) *storage.BucketInfo {
	c := *info
	c.Metadata = maps.Clone(info.Metadata)
	return &c
}

func cloneObject(obj *storage.Object) *storage.Object {
	c := *obj
	c.Hash = maps.Clone(obj.Hash)
	c.Metadata = maps.Clone(obj.Metadata)
	return &c
}
