// Package engine implements the contract of package storage over a flat store of
// blobs, an [Engine].
//
// A bucket is a top directory of the flat store: the object "a/b" of the bucket
// "data" is the blob "data/a/b". A marker, the blob ".buckets/data", holds the time
// of creation and the metadata of a bucket, which exists while there is a marker or
// an object. So a flat store that others filled can be opened, too. A blob whose key
// is not that of an object (contract rule K1) is not seen. An engine that is a
// [Bucketer] has buckets of its own instead of markers.
//
// A condition is judged on what Head returns, and the blob is then changed under a
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
// storage: ErrNotExist for a missing blob, ErrNoBucket for a missing bucket of a
// [Bucketer], ErrUnsupported for a guard that cannot be kept, ErrPrecondition for
// one that does not hold.
//
// What an engine can do beyond that is an optional interface: [Multipart], [Mover],
// [DirEngine], [BulkDeleter], [Signer], [Bucketer], [Spooler], [Featurer],
// [ETagger].
type Engine interface {
	// Head describes a blob.
	Head(ctx context.Context, key string) (*Blob, error)

	// Get returns the content of a blob from offset on, and the description of the
	// same version. A length ≤ 0 is to the end, an offset past the end is no error.
	// The end of ctx after Get returned does not end the reader.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, *Blob, error)

	// Put stores the body, if the guard holds, and describes the blob as Head would.
	// It returns nil if only Head can tell.
	Put(ctx context.Context, key string, body *Body, h Header, guard Guard) (*Blob, error)

	// Copy stores the content of src at dst, another key or the same, if src still is
	// that version and the guard holds for dst: with the header h, or that of src if h
	// is nil. It returns as Put does; ErrNotExist if src is missing or of another
	// version by now. ErrUnsupported without a guard makes the caller put the content
	// instead.
	Copy(ctx context.Context, dst string, src *Blob, h *Header, guard Guard) (*Blob, error)

	// Delete removes a blob, if the guard holds.
	Delete(ctx context.Context, key string, guard Guard) error

	// List lists the blobs whose keys begin with prefix in byte order, a directory as
	// its key with the slash.
	List(prefix string, o ListOptions) Lister

	// Limits returns what stores over the engine cannot do.
	Limits() storage.Limits

	// Close releases the engine.
	Close() error
}

// ListOptions says which blobs a listing has.
type ListOptions struct {
	Shallow bool   // combine blobs with a slash after the prefix to a directory
	After   string // list only what sorts after it; a directory that it begins with may come, too
}

// Lister walks blobs. It belongs to one goroutine.
type Lister interface {
	// Next returns the next entry, nil at the end.
	Next(ctx context.Context) (*Blob, error)
}

// Header holds what is stored with a blob's content. [Header.Encode] makes it fit
// for a service that takes the headers of HTTP.
type Header struct {
	ContentType string
	Metadata    map[string]string
	ETag        string // derived from the content; empty in a Header to be stored if the engine makes it
	Hash        storage.Hashes
}

// Blob describes a blob, or a directory if IsDir is set. In a listing all but Key,
// Size and Updated may be missing. If ETag and Version are, Head is asked.
type Blob struct {
	Header
	Key     string // of a directory with the slash
	Size    int64
	Version string // names this version among those of the key, and is the ETag if there is none
	Created time.Time
	Updated time.Time
	IsDir   bool
	Native  any // what the engine wants to find in a blob of Head that it is to copy
}

// Guard is a condition on the blob that is replaced or deleted. The zero value always
// holds. A version does not hold for a blob that is missing: ErrPrecondition.
type Guard struct {
	Absent  bool   // there is none
	Version string // it has this version
}

// Multipart is an [Engine] that takes a blob in parts. Errors for an upload that is
// unknown or finished match ErrNotExist.
type Multipart interface {
	// Init begins an upload and returns its ID.
	Init(ctx context.Context, key string, h Header) (id string, err error)

	// PutPart stores a part, or replaces it. The hashes are to be returned by Parts, if
	// the service can.
	PutPart(ctx context.Context, up Upload, number int, body *Body, hashes storage.Hashes) (*Part, error)

	// CopyPart stores length bytes of src, all if length ≤ 0, from offset on as a part,
	// if src still is that version. ErrUnsupported makes the caller put the content
	// instead.
	CopyPart(ctx context.Context, up Upload, number int, src *Blob, offset, length int64) (*Part, error)

	// Parts returns the parts that there are by number.
	Parts(ctx context.Context, up Upload) ([]*Part, error)

	// Complete joins parts, which Parts returned, to the blob in one commit that ends
	// the upload, if the guard holds. If check is not nil, it is called with the whole
	// content before that; its result is stored in the header, and its error ends
	// Complete. An engine that cannot do that returns ErrUnsupported.
	Complete(ctx context.Context, up Upload, parts []*Part, check Check, guard Guard) (*Blob, error)

	// Abort ends an upload and discards its parts.
	Abort(ctx context.Context, up Upload) error

	// Uploads returns the uploads in progress of keys that begin with prefix, by key
	// and then by ID.
	Uploads(ctx context.Context, prefix string) ([]*Upload, error)
}

// Check returns the digests of a content.
type Check func(content io.Reader) (storage.Hashes, error)

// Upload is an upload in progress. Key and ID name it, and only Uploads sets the rest.
type Upload struct {
	Key     string
	ID      string
	Header  Header
	Created time.Time
}

// Part describes a part.
type Part struct {
	Number  int
	Size    int64
	ETag    string
	Hash    storage.Hashes
	Updated time.Time
}

// Mover is an [Engine] that moves a blob in one commit.
type Mover interface {
	// Move is Copy to another key and removes src in the same commit. The blob keeps
	// its times.
	Move(ctx context.Context, dst string, src *Blob, h *Header, guard Guard) (*Blob, error)
}

// Streamer is an [Engine] that makes the ETags of blobs, and can store a body while it is
// read.
type Streamer interface {
	// Stream stores all that src has, or nothing if src fails. It describes the blob as
	// Head would.
	Stream(ctx context.Context, key string, src *Source, h Header) (*Blob, error)
}

// ServerCopier is an [Engine] whose Copy never is ErrUnsupported without a guard, and reads
// no content.
type ServerCopier interface{ CopiesOnServer() }

// DirEngine is an [Engine] that changes whole directories, each in one commit.
// Directories end in a slash.
type DirEngine interface {
	// MoveDir re-keys all blobs in src to dst. If check is not nil, it is called with
	// the new keys before anything moves, and its error ends MoveDir. An empty src is
	// ErrNotExist.
	MoveDir(ctx context.Context, dst, src string, check func(key string) error) error

	// DeleteDir removes all blobs in a directory, or those that the options say.
	// Nothing removed is ErrNotExist.
	DeleteDir(ctx context.Context, dir string, o DeleteDirOptions) error
}

// DeleteDirOptions says which blobs go with a directory.
type DeleteDirOptions struct {
	Shallow bool  // only those directly in it
	Twin    bool  // the one of the directory's name, too
	Guard   Guard // on the one of the directory's name
}

// BulkDeleter is an [Engine] that deletes many blobs by one request.
type BulkDeleter interface {
	// DeleteMany removes blobs. Missing ones are no error.
	DeleteMany(ctx context.Context, keys []string) error
}

// Signer is an [Engine] that signs URLs.
type Signer interface {
	// Sign returns a URL for a method of HTTP on a blob.
	Sign(ctx context.Context, key, method string, expires time.Duration) (string, error)
}

// Bucketer is an [Engine] whose buckets are real. Their names are still the top
// directories of keys.
type Bucketer interface {
	// Buckets returns all buckets by name.
	Buckets(ctx context.Context) ([]*storage.BucketInfo, error)

	// HeadBucket describes a bucket; ErrNoBucket if there is none.
	HeadBucket(ctx context.Context, name string) (*storage.BucketInfo, error)

	// CreateBucket creates the bucket that info describes; ErrExist if there is one,
	// ErrUnsupported if it cannot be as described.
	CreateBucket(ctx context.Context, info *storage.BucketInfo) error

	// DeleteBucket removes an empty bucket; ErrNoBucket if there is none.
	DeleteBucket(ctx context.Context, name string) error
}

// Spooler is an [Engine] that has its own place for large bodies.
type Spooler interface {
	// Spool returns a new temporary file.
	Spool() (TempFile, error)
}

// TempFile is a temporary file. Close removes it.
type TempFile interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// Featurer is an [Engine] that says more of its features than its interfaces do.
type Featurer interface {
	// Features returns the features that differ, such as server_side_copy.
	Features() storage.Features
}

// ETagger is an [Engine] for which if_match with one ETag is a guard, so that no Head
// comes before it.
type ETagger interface {
	// VersionOf returns the version of the blobs that have the ETag, which has no
	// quotes, or false if the ETag does not tell.
	VersionOf(etag string) (version string, ok bool)
}
