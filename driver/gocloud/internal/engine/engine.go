// Package engine implements the contract of package storage over a flat store of
// blobs, an [Engine].
//
// A bucket is a top directory of the flat store: the object "a/b" of the bucket
// "data" is the blob "data/a/b". A marker, the blob ".buckets/data", holds the time
// of creation and the metadata of a bucket, which exists while there is a marker or
// an object. So a flat store that others filled can be opened, too. A blob whose key
// is not that of an object (contract rule K1) is not seen.
//
// A condition is judged on what Head returns, and the blob is then put under a
// [Guard] that it is still the same. If it is not, this begins again. So every
// condition is atomic for which the engine keeps the guard, and ErrUnsupported where
// it does not (contract rule F2).
//
// A body is read to its end before the engine sees it: into memory up to a limit and
// from there into a temporary file.
package engine

import (
	"context"
	"io"
	"time"

	"open-lake.dev/lib/storage"
)

// Engine is a flat store of blobs, each stored and replaced as a whole. Its methods
// may be called from any number of goroutines. Their errors match those of package
// storage: ErrNotExist for a missing blob, ErrUnsupported for a guard that cannot be
// kept, ErrPrecondition for one that does not hold.
type Engine interface {
	// Head describes a blob.
	Head(ctx context.Context, key string) (*Blob, error)

	// Get returns the content of a blob from offset on, and the description of the
	// same version. A length ≤ 0 is to the end, an offset past the end is no error.
	// The end of ctx after Get returned does not end the reader.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, *Blob, error)

	// Put stores all of src, if the guard holds.
	Put(ctx context.Context, key string, src io.Reader, h Header, guard Guard) error

	// Copy stores the content and header of the blob src at dst, another key.
	Copy(ctx context.Context, dst, src string) error

	// Delete removes a blob.
	Delete(ctx context.Context, key string) error

	// List lists the blobs whose keys begin with prefix in byte order. If it is
	// shallow, blobs with a slash after the prefix are combined to a directory.
	List(prefix string, shallow bool) Lister

	// Limits returns what stores over the engine cannot do.
	Limits() storage.Limits

	// Close releases the engine.
	Close() error
}

// Lister walks blobs. It belongs to one goroutine.
type Lister interface {
	// Next returns the next entry, nil at the end.
	Next(ctx context.Context) (*Blob, error)
}

// Header holds what is stored with a blob's content. All of it is ASCII, and keys
// are in lower case, as HTTP headers need it.
type Header struct {
	ContentType string
	Metadata    map[string]string
}

// Blob describes a blob, or a directory if IsDir is set. Header and Version may be
// missing in a listing.
type Blob struct {
	Header
	Key     string // of a directory with the slash
	Size    int64
	MD5     []byte // of the content, nil if unknown
	Version string // names this version among those of the key
	Created time.Time
	Updated time.Time
	IsDir   bool
}

// Guard is a condition on the blob that a Put replaces. The zero value always holds.
type Guard struct {
	Absent  bool   // there is none
	Version string // it has this version
}
