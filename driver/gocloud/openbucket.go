package gocloud

import (
	"context"
	"fmt"
	"net/url"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"

	"open-lake.dev/lib/storage"
)

// Options sets options for [OpenBucket].
type Options struct {
	// NoMD5 turns off the hashing of what is written, which costs time. The
	// MD5 attribute is then not available.
	NoMD5 bool
}

// OpenBucket opens a [blob.Bucket] on b. A nil opts is the same as the zero
// value. Closing the result closes neither b nor its store. If b is nil, every
// operation is [storage.ErrInvalid].
func OpenBucket(b storage.Bucket, opts *Options) *blob.Bucket {
	return blob.NewBucket(openBucket(b, opts))
}

func openBucket(b storage.Bucket, opts *Options) driver.Bucket {
	if opts == nil {
		opts = &Options{}
	}
	if b == nil {
		b = nilBucket{}
	}
	return &bucket{store: b, opts: *opts}
}

// bucket is a [driver.Bucket] on a [storage.Bucket]. It keeps no state.
type bucket struct {
	store storage.Bucket
	opts  Options
}

// As implements [driver.Bucket].
func (b *bucket) As(i any) bool { return as(b.store)(i) }

// Close implements [driver.Bucket]. The store is its owner's to close.
func (b *bucket) Close() error { return nil }

// as returns a function that assigns v to the pointer it is given, if that points
// to v's type.
func as[T any](v T) func(any) bool {
	return func(i any) bool {
		p, ok := i.(*T)
		if ok {
			*p = v
		}
		return ok
	}
}

// before calls a Before… hook, if there is one, on the options of the operation.
func before(hook func(func(any) bool) error, opts storage.Options) error {
	if hook == nil {
		return nil
	}
	return hook(as(opts))
}

// URLOpener opens the buckets of one store by URL. The host names the bucket,
// whatever the scheme: "s3://uploads" is the bucket "uploads", and "mem://" the
// store's default bucket. A path or a parameter is an error, except prefix and
// key, which [blob.URLMux] handles itself.
type URLOpener struct {
	Storage storage.Storage
	Options Options // passed to OpenBucket
}

// OpenBucketURL implements [blob.BucketURLOpener].
func (o *URLOpener) OpenBucketURL(_ context.Context, u *url.URL) (*blob.Bucket, error) {
	switch {
	case o == nil || o.Storage == nil || u == nil:
		return nil, fmt.Errorf("open bucket: %w: the store or the URL is nil", storage.ErrInvalid)
	case u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("open bucket %v: unexpected path %q; ?prefix= confines a bucket to a directory", u, u.Path)
	case u.RawQuery != "":
		return nil, fmt.Errorf("open bucket %v: unknown parameters %q; only prefix and key are known", u, u.RawQuery)
	}
	return OpenBucket(o.Storage.Bucket(u.Host), &o.Options), nil
}
