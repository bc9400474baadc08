package snapshot

import (
	"context"
	"maps"
	"strings"

	"github.com/benbjohnson/immutable"

	"open-lake.dev/lib/storage"
)

// Uploads implements [storage.HasUploads].
func (h *bucketHandle) Uploads(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.UploadIter, error) {
	return run(ctx, h, "uploads", prefix, rules.cleanPrefix, opts, func(cur *Snapshot, prefix string) (storage.UploadIter, error) {
		b := cur.bucket(h.name)
		if b == nil && h.store.limits.Relaxes(storage.RelaxedB2) {
			return nil, storage.ErrNoBucket
		}
		it := &uploadIter{ctx: ctx, bucket: h.name, prefix: prefix, limit: limit}
		if b != nil && b.uploads != nil {
			it.left = b.uploads.Iterator()
			it.left.Seek(uploadID{key: prefix})
		}
		for range offset {
			if _, up := it.take(); up == nil {
				break
			}
		}
		return it, nil
	})
}

// uploadIter walks the uploads of one snapshot.
type uploadIter struct {
	ctx    context.Context
	bucket string
	prefix string
	left   *immutable.SortedMapIterator[uploadID, *upload] // nil at the end
	limit  int
	given  int
	closed bool
}

// take returns the next upload, nil at the end.
func (it *uploadIter) take() (uploadID, *upload) {
	if it.left != nil {
		if id, up, ok := it.left.Next(); ok && strings.HasPrefix(id.key, it.prefix) {
			return id, up
		}
		it.left = nil
	}
	return uploadID{}, nil
}

func (it *uploadIter) Next() (*storage.UploadInfo, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("uploads", it.bucket, "", err)
	}
	if it.limit > 0 && it.given == it.limit {
		return nil, nil
	}
	id, up := it.take()
	if up == nil {
		return nil, nil
	}
	it.given++
	return &storage.UploadInfo{
		MultipartUpload: storage.MultipartUpload{Bucket: it.bucket, Key: id.key, UploadID: id.id, Metadata: maps.Clone(up.metadata)},
		ContentType:     up.contentType,
		Created:         up.created,
	}, nil
}

func (it *uploadIter) Close() error {
	it.left, it.closed = nil, true
	return nil
}
