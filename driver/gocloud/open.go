package gocloud

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"gocloud.dev/blob"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// Open opens a store in a [blob.Bucket]. Closing the store leaves b open, which its
// opener closes. If b is nil or zero, every operation is [storage.ErrClosed].
//
// The store implements [storage.HasLimits], and its buckets
// [storage.HasDirectories]. The package documentation says what it cannot do.
func Open(b *blob.Bucket) storage.Storage { return openStore(&blobs{b: b}, "") }

func openStore(e *blobs, defaultBucket string) storage.Storage {
	if !isOpen(e.b) {
		st := engine.New(e, storage.DefaultBucket)
		_ = st.Close() // of an engine that is not owned
		return st
	}
	e.files = isFiles(e.b)
	return engine.New(e, cmp.Or(defaultBucket, storage.DefaultBucket))
}

// isOpen reports whether b has a driver. A zero Bucket panics.
func isOpen(b *blob.Bucket) (ok bool) {
	defer func() { _ = recover() }()
	b.As(new(int))
	return b != nil
}

func init() { Register("azblob", "gs") }

// Register registers schemes of [blob.DefaultURLMux] with package storage, whose
// Open then opens URLs like "azblob://container?bucket=data" in the way of [Open]. The
// program imports the drivers of gocloud.dev that it uses. The parameter bucket
// names the default bucket; all others are gocloud.dev's.
//
// "azblob" and "gs" are registered already. A scheme that another driver of package
// storage has, such as s3 or file, can be registered if that is not imported; else
// Register panics like [storage.Register].
func Register(schemes ...string) {
	for _, scheme := range schemes {
		storage.Register(scheme, urlDriver{})
	}
}

// urlDriver is a [storage.Driver] that opens URLs of gocloud.dev.
type urlDriver struct{}

func (urlDriver) Open(ctx context.Context, dsn string) (storage.Storage, error) {
	st, err := openURL(ctx, dsn)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: err}
	}
	return st, nil
}

// maxPrefix is the length of the longest prefix, in bytes.
const maxPrefix = 512

func openURL(ctx context.Context, dsn string) (storage.Storage, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", storage.ErrInvalid, err)
	}
	query := u.Query()
	prefix, defaultBucket := query.Get("prefix"), query.Get("bucket")
	if len(prefix) > maxPrefix {
		return nil, fmt.Errorf("%w: the prefix has %d bytes, the most are %d", storage.ErrInvalid, len(prefix), maxPrefix)
	}
	query.Del("bucket")
	u.RawQuery = query.Encode()
	if mux := blob.DefaultURLMux(); !mux.ValidBucketScheme(u.Scheme) {
		return nil, fmt.Errorf("%w: no driver of gocloud.dev is imported for %s://; there are those for %q", storage.ErrInvalid, u.Scheme, mux.BucketSchemes())
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, translate(err)
	}
	return openStore(&blobs{b: b, prefix: len(prefix), owned: true}, defaultBucket), nil
}
