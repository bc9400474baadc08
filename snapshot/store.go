package snapshot

import (
	"context"
	"maps"
	"reflect"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// NewStorage returns the store whose cell is head. defaultBucket names the bucket
// that Bucket("") means. Its buckets implement [storage.HasDirectories],
// [storage.HasMultipart] and [storage.HasUploads]; their readers implement
// [io.ReadSeekCloser], [io.ReaderAt] and [io.WriterTo].
func NewStorage(head Head, defaultBucket string) storage.Storage {
	if head == nil {
		head = new(readOnly) // which is closed
	}
	limits := head.Limits()
	return &store{head, head.Admit, limits, !reflect.ValueOf(limits).IsZero(), defaultBucket}
}

// store is a storage.Storage over a Head.
type store struct {
	head          Head
	admit         func(bytes int64) error // head's
	limits        storage.Limits
	limited       bool // whether there are limits to check
	defaultBucket string
}

// features is the map that contract rule F1 fixes.
var features = storage.Features{
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

func (s *store) Features() storage.Features { return maps.Clone(features) }

func (s *store) Close() error { return s.head.Close() }

// ExactKeys implements [storage.HasExactKeys].
func (s *store) ExactKeys() bool {
	cur, err := s.head.Peek()
	return err == nil && cur.exactKeys
}

func (s *store) Bucket(name string) storage.Bucket { return s.bucket(name) }

func (s *store) bucket(name string) *bucketHandle {
	if strings.TrimSpace(name) == "" {
		name = s.defaultBucket
	}
	clean, err := s.cleanBucket(name)
	if err != nil {
		clean = name
	}
	return &bucketHandle{store: s, name: clean, invalid: err}
}

// cleanBucket normalises a bucket's name and holds it to the limits (K3).
func (s *store) cleanBucket(name string) (string, error) {
	clean, err := storage.CleanBucket(name)
	if err == nil && s.limits.BucketName != nil {
		err = s.limits.BucketName(clean)
	}
	return clean, err
}

func (s *store) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	cur, err := s.begin(ctx, "buckets", opts, Head.Load)
	if err != nil {
		return nil, fail("buckets", "", "", err)
	}
	it := &bucketIter{ctx: ctx, left: cur.buckets.tree(nil).Walk(tree.Walk{Values: true}), limit: limit}
	it.left.Skip(offset)
	return it, nil
}

// bucketIter walks the buckets of one snapshot.
type bucketIter struct {
	ctx    context.Context
	left   *tree.Cursor[*bucket] // nil once closed
	limit  int
	given  int
	closed bool
}

func (it *bucketIter) Next() (*storage.BucketInfo, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("buckets", "", "", err)
	}
	if it.limit > 0 && it.given == it.limit {
		return nil, nil
	}
	e, ok := it.left.Next()
	if !ok {
		return nil, nil
	}
	it.given++
	return e.Value.info(e.Key), nil
}

func (it *bucketIter) Close() error {
	it.left, it.closed = nil, true
	return nil
}

func (s *store) CreateBucket(ctx context.Context, name string, opts storage.Options) (*storage.BucketInfo, error) {
	const op = "createbucket"
	cur, err := s.begin(ctx, op, opts, Head.Peek)
	if err != nil {
		return nil, fail(op, name, "", err)
	}
	clean, err := s.cleanBucket(name)
	if err != nil {
		return nil, fail(op, name, "", err)
	}
	var info *storage.BucketInfo
	clean = strings.Clone(clean)
	metadata := orNone(metadataOf(opts))
	c := s.change(cur.rules, opts)
	err = s.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		next, err := cur.createBucket(clean, metadata, c)
		if err == nil {
			info = next.bucket(clean).info(clean)
		}
		return next, err
	})
	return info, fail(op, clean, "", err)
}

func (s *store) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	const op = "deletebucket"
	cur, err := s.begin(ctx, op, opts, Head.Peek)
	if err != nil {
		return fail(op, name, "", err)
	}
	clean, err := s.cleanBucket(name)
	if err != nil {
		return fail(op, name, "", err)
	}
	c := s.change(cur.rules, opts)
	err = s.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.deleteBucket(clean, c) })
	return fail(op, clean, "", err)
}

// metadataOf returns the metadata in opts as a map of the store's own; nil if there
// are none.
func metadataOf(opts storage.Options) map[string]string {
	metadata, _ := opts.StringMap(storage.OptMetadata)
	return metadata
}

// orNone returns metadata, nil if they are empty, as for a caller who gives none.
func orNone(metadata map[string]string) map[string]string {
	if len(metadata) == 0 {
		return nil
	}
	return metadata
}
