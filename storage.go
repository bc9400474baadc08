package storage

import (
	"context"
	"io"
	"time"
)

// Storage is a set of buckets.
type Storage interface {
	// Bucket returns a handle on the named bucket. It creates nothing and
	// cannot fail; a bad name is reported by the handle's methods (B1, K3).
	// The empty name means the store's default bucket.
	Bucket(name string) Bucket

	// Buckets lists the buckets by name. A limit ≤ 0 is all of them, an
	// offset < 0 is 0. The caller closes the iterator.
	Buckets(ctx context.Context, limit, offset int, opts Options) (BucketIter, error)

	// CreateBucket creates an empty bucket; ErrExist if there is one.
	// Options: OptPublic, OptMetadata.
	CreateBucket(ctx context.Context, name string, opts Options) (*BucketInfo, error)

	// DeleteBucket removes a bucket; ErrNoBucket if there is none,
	// ErrPermission if it holds objects and OptForce is not set. Uploads in
	// progress do not count as objects and go with the bucket. Options: OptForce.
	DeleteBucket(ctx context.Context, name string, opts Options) error

	// Features reports what the driver does, in a map of the caller's own.
	Features() Features

	// Close releases the store. After it every operation is ErrClosed, and closing
	// again is nil. Readers and iterators taken before stay good (C2).
	Close() error
}

// Bucket is a handle on one bucket of a Storage. It holds the name only, and stays
// good when the bucket is deleted and created again.
//
// Writing into a bucket that does not exist creates it in the same commit; reading
// there is ErrNoBucket, and listing it is empty (B2).
//
// The conditions OptIfMatch, OptIfNoneMatch, OptIfModifiedSince and
// OptIfUnmodifiedSince apply to the object at the method's key, which is the
// destination of Copy and Move. All that are given must hold, else
// ErrPrecondition (O7).
type Bucket interface {
	// Name returns the normalised name (K3), or the name as it was given if
	// it is invalid.
	Name() string

	// Info describes the bucket; ErrNoBucket if it was never created.
	Info(ctx context.Context) (*BucketInfo, error)

	// Features reports what the driver does, in a map of the caller's own.
	Features() Features

	// Write stores exactly size bytes of src under key, or all up to io.EOF if
	// size < 0. A source that ends early is io.ErrUnexpectedEOF, and its own
	// errors are passed on; then nothing is stored (O1). After the last of size
	// bytes Write reads once more with an empty buffer, so that a source can
	// report an error that it finds at its end. Overwriting keeps Created and sets
	// Updated (O2). The memory that src reads from must not change until Write
	// returns; afterwards it may (O8).
	//
	// Options: OptMetadata, OptChecksumAlgorithms, OptChecksum, OptUpsert, the
	// conditions.
	Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts Options) (*Object, error)

	// Open returns the content from offset on, at most length bytes of it: an
	// offset < 0 is 0, past the end gives an empty reader, a length ≤ 0 is to
	// the end (O4). The reader keeps its content whatever happens to the key,
	// and the caller closes it. A name that is only a directory is
	// ErrPermission (O5). Options: the conditions.
	Open(ctx context.Context, key string, offset, length int64, opts Options) (io.ReadCloser, *Object, error)

	// Stat describes the object, or the directory of that name with IsDir set if
	// there is no object. With a trailing slash it looks for the directory first
	// (O5). Options: the conditions.
	Stat(ctx context.Context, key string, opts Options) (*Object, error)

	// Delete removes the object; ErrNotExist if there is none, ErrPermission
	// if the name is only a directory. With OptRecursive it removes the object
	// and everything beneath the directory of that name in one commit (O6).
	// Options: OptRecursive, the conditions.
	Delete(ctx context.Context, key string, opts Options) error

	// Copy stores the source's content, digests, content type and metadata
	// under dstKey; both times are now. An empty srcBucket is this bucket.
	// Options: OptMetadata to replace the metadata, OptUpsert, the conditions
	// (on the destination).
	Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts Options) (*Object, error)

	// Move re-keys the source to dstKey in one commit and keeps its times. Onto
	// itself it changes only the metadata, if OptMetadata is given. Options as for
	// Copy.
	Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts Options) (*Object, error)

	// List walks the objects whose keys begin with prefix (K2) in byte order.
	// It is recursive unless OptRecursive is false; then it gives the direct
	// children, and directories among them count as their key plus a slash
	// (L1, L2). A limit ≤ 0 is all, an offset < 0 is 0. The iterator walks the
	// state that was current when List was called, whatever is written
	// meanwhile (L3); the caller closes it.
	//
	// Options: OptRecursive, OptFilesOnly, OptDirsOnly, OptStartAfter.
	List(ctx context.Context, prefix string, limit, offset int, opts Options) (ObjectIter, error)

	// SignedURL returns a URL that grants method on key until expires has passed;
	// ErrUnsupported where Features denies FeatureSignedURL (M3).
	SignedURL(ctx context.Context, key, method string, expires time.Duration, opts Options) (string, error)
}
