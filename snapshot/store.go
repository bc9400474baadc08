package snapshot

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/benbjohnson/immutable"
	"open-lake.dev/lib/storage"
)

// store is a storage.Storage over a Head.
type store struct {
	head     Head
	fallback string // what Bucket("") means
}

// features are what seed and rule F1 say, no more and no less.
var features = storage.Features{
	"move":             true,
	"server_side_move": true,
	"server_side_copy": true,
	"directories":      true,
	"multipart":        true,
	"hash:md5":         false,
	"watch":            false,
	"public_url":       false,
	"signed_url":       false,
}

func (s *store) Features() storage.Features { return maps.Clone(features) }

func (s *store) Close() error { return s.head.Close() }

func (s *store) Bucket(name string) storage.Bucket { return s.bucket(name) }

func (s *store) bucket(name string) *bucketHandle {
	if strings.TrimSpace(name) == "" {
		name = s.fallback
	}
	clean, err := storage.CleanBucket(name)
	if err != nil {
		clean = name
	}
	return &bucketHandle{store: s, name: clean, invalid: err}
}

func (s *store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (_ storage.BucketIter, err error) {
	defer wrap("buckets", "", nil, &err)
	cur, err := begin(ctx, s.head, opts)
	if err != nil {
		return nil, err
	}
	it := &bucketIter{ctx: ctx, left: cur.table().Iterator(), limit: limit}
	for i := 0; i < offset && !it.left.Done(); i++ {
		it.left.Next()
	}
	return it, nil
}

// bucketIter walks the buckets of one snapshot.
type bucketIter struct {
	ctx    context.Context
	left   *immutable.SortedMapIterator[string, *bucket]
	limit  int
	given  int
	closed bool
}

func (it *bucketIter) Next() (_ *storage.BucketInfo, err error) {
	defer wrap("buckets", "", nil, &err)
	if err := mayGoOn(it.ctx, it.closed); err != nil {
		return nil, err
	}
	if it.left.Done() || it.limit > 0 && it.given == it.limit {
		return nil, nil
	}
	it.given++
	name, b, _ := it.left.Next()
	return b.info(name), nil
}

func (it *bucketIter) Close() error {
	it.closed = true
	return nil
}

// mayGoOn returns the error of an iterator that is closed or whose context is
// done.
func mayGoOn(ctx context.Context, closed bool) error {
	if closed {
		return storage.ErrClosed
	}
	return ctx.Err()
}

func (s *store) CreateBucket(ctx context.Context, name string, opts storage.Options) (info *storage.BucketInfo, err error) {
	defer wrap("createbucket", name, nil, &err)
	if _, err := begin(ctx, s.head, opts); err != nil {
		return nil, err
	}
	name, err = storage.CleanBucket(name)
	if err != nil {
		return nil, err
	}
	metadata, _ := opts.StringMap(storage.OptMetadata)
	now := s.head.Now()
	err = s.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		if cur.bucket(name) != nil {
			return nil, storage.ErrExist
		}
		return cur.edit(name, now, func(b *bucket) {
			b.public = opts.Bool(storage.OptPublic, false)
			b.metadata = metadata
			info = b.info(name)
		}), nil
	})
	return info, err
}

func (s *store) DeleteBucket(ctx context.Context, name string, opts storage.Options) (err error) {
	defer wrap("deletebucket", name, nil, &err)
	if _, err := begin(ctx, s.head, opts); err != nil {
		return err
	}
	name, err = storage.CleanBucket(name)
	if err != nil {
		return err
	}
	return s.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		b := cur.bucket(name)
		switch {
		case b == nil:
			return nil, storage.ErrNotExist
		case b.objects.Len() > 0 && !opts.Bool(storage.OptForce, false):
			return nil, fmt.Errorf("%w: the bucket holds %d objects; delete them first or set %s",
				storage.ErrPermission, b.objects.Len(), storage.OptForce)
		}
		return cur.with(name, nil), nil
	})
}

// wrap is deferred by every operation to give its error what it was about. key
// may be nil, and is read late: by then it may have been normalised.
func wrap(op, bucket string, key *string, err *error) {
	if *err == nil {
		return
	}
	e := &storage.Error{Op: op, Bucket: bucket, Err: *err}
	if key != nil {
		e.Key = *key
	}
	*err = e
}
