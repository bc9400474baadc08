package storage

import (
	"context"
	"time"
)

// HasUploads is a [Bucket] that lists its uploads in progress.
type HasUploads interface {
	// Uploads lists the uploads in progress of keys that begin with prefix, which
	// is as for Bucket.List, by key and then by ID. A limit ≤ 0 is all of them, an
	// offset < 0 is 0. The iterator walks the state that was current when Uploads
	// was called, and the caller closes it.
	Uploads(ctx context.Context, prefix string, limit, offset int, opts Options) (UploadIter, error)
}

// UploadInfo describes an upload in progress. Its MultipartUpload is a handle on
// the upload.
type UploadInfo struct {
	MultipartUpload
	ContentType string    `json:"content_type,omitempty"`
	Created     time.Time `json:"created,omitzero"` // when the upload was begun, in UTC
}
