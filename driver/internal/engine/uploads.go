package engine

import (
	"context"
	"strings"

	"open-lake.dev/lib/storage"
)

func (b *partBucket) Uploads(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.UploadIter, error) {
	return run(ctx, b.bucket, "uploads", prefix, storage.CleanPrefix, opts, func(prefix string) (storage.UploadIter, error) {
		uploads, err := b.engine.Uploads(ctx, b.blobKey(prefix))
		if err != nil {
			return nil, err
		}
		return &uploadIter{ctx: ctx, bucket: b.name, left: page(uploads, limit, offset)}, nil
	})
}

// uploadIter describes uploads.
type uploadIter struct {
	ctx    context.Context
	bucket string
	left   []*Upload
	closed bool
}

func (it *uploadIter) Next() (*storage.UploadInfo, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("uploads", it.bucket, "", err)
	}
	if len(it.left) == 0 {
		return nil, nil
	}
	up := it.left[0]
	it.left = it.left[1:]
	return &storage.UploadInfo{
		MultipartUpload: storage.MultipartUpload{
			Bucket:   it.bucket,
			Key:      strings.TrimPrefix(up.Key, it.bucket+"/"),
			UploadID: up.ID,
			Metadata: up.Header.Metadata,
		},
		ContentType: up.Header.ContentType,
		Created:     up.Created.UTC(),
	}, nil
}

func (it *uploadIter) Close() error {
	it.left, it.closed = nil, true
	return nil
}
