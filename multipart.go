package storage

import (
	"context"
	"io"
	"time"
)

// MaxParts is the highest part number of a multipart upload; the lowest is 1.
const MaxParts = 10_000

// HasMultipart is a [Bucket] that takes an object in parts.
//
// An upload is begun, takes parts in any order and from any number of goroutines,
// and is completed or aborted. Its object appears when it is completed, whole. The
// handle is a plain value: it may be kept, and passed to another handle on the
// same bucket; its bucket and key are normalised like any. A nil handle is
// ErrInvalid; one of an unknown or finished upload, or of another bucket, is
// ErrNotExist (M1).
type HasMultipart interface {
	// InitMultipart begins an upload of an object at key.
	// Options: OptMetadata for the object.
	InitMultipart(ctx context.Context, key, contentType string, opts Options) (*MultipartUpload, error)

	// UploadPart stores part number (1 to MaxParts, else ErrInvalid) and
	// replaces that part if there is one. src and size are as for Bucket.Write.
	// Options: OptChecksumAlgorithms, OptChecksum.
	UploadPart(ctx context.Context, mu *MultipartUpload, number int, src io.Reader, size int64, opts Options) (*PartInfo, error)

	// CopyPart stores part number from an object already in the store. Without a
	// source in the options, and where the driver cannot copy parts, it is
	// ErrUnsupported (M3). An offset that is not in the source is ErrInvalid, a length
	// past its end is to the end.
	// Options: OptSourceBucket, OptSourceKey, OptSourceOffset, OptSourceLength.
	CopyPart(ctx context.Context, mu *MultipartUpload, number int, opts Options) (*PartInfo, error)

	// ListParts lists the parts uploaded so far by number. A limit ≤ 0 is all,
	// an offset < 0 is 0.
	ListParts(ctx context.Context, mu *MultipartUpload, limit, offset int, opts Options) ([]*PartInfo, error)

	// CompleteMultipart joins the named parts by ascending number, whatever
	// order they are given in, into the object, and ends the upload. No parts, a
	// nil one, a number twice, one never uploaded or one with another ETag is
	// ErrInvalid, and the upload stays; an empty ETag is not compared (M2).
	//
	// Options: OptChecksumAlgorithms, OptChecksum (of the whole), OptUpsert,
	// the conditions.
	CompleteMultipart(ctx context.Context, mu *MultipartUpload, parts []*PartInfo, opts Options) (*Object, error)

	// AbortMultipart ends the upload and discards its parts.
	AbortMultipart(ctx context.Context, mu *MultipartUpload, opts Options) error
}

// MultipartUpload names an upload in progress.
type MultipartUpload struct {
	Bucket   string            `json:"bucket,omitempty"`
	Key      string            `json:"key,omitempty"`
	UploadID string            `json:"upload_id,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// PartInfo describes a part of an upload.
type PartInfo struct {
	Number       int        `json:"number,omitempty"`
	Size         int64      `json:"size,omitempty"` // bytes
	ETag         string     `json:"etag,omitempty"`
	Hash         Hashes     `json:"hash,omitempty"`
	LastModified *time.Time `json:"last_modified,omitempty"`
}
