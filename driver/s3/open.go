package s3driver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

func init() { storage.Register("s3", driver{}) }

// driver opens stores by data source name.
type driver struct{}

func (driver) Open(ctx context.Context, dsn string) (storage.Storage, error) {
	s, err := parse(dsn)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: data source name of s3: %w", storage.ErrInvalid, err)}
	}
	client, err := newClient(ctx, s)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: s3: %w", storage.ErrInvalid, err)}
	}
	return Open(ctx, client, s.Config)
}

// Config says where in S3 a store is. Only Bucket is needed.
type Config struct {
	// Bucket is the bucket of S3 that holds the store. With RealBuckets, it is the
	// default bucket.
	Bucket string

	// Prefix is what all keys in S3 begin with.
	Prefix string

	// DefaultBucket is the bucket of the store that an empty name means.
	DefaultBucket string

	// RealBuckets makes the buckets of the store those of S3. Otherwise they are
	// directories in Bucket.
	RealBuckets bool
}

func (c Config) check() error {
	switch {
	case c.Bucket == "":
		return errors.New("no bucket is named, as in s3://bucket")
	case len(c.Prefix) > maxPrefix || !utf8.ValidString(c.Prefix):
		return fmt.Errorf("the prefix is not valid UTF-8 of at most %d bytes", maxPrefix)
	}
	return nil
}

// maxPrefix is the length of the longest prefix, in bytes.
const maxPrefix = 512

// Open opens a store in S3 with a client of the AWS SDK, which the caller may have
// configured in any way. Of a service that is not Amazon's it finds out first which
// conditions it judges; see the package documentation.
//
// The store implements [storage.HasLimits], and its buckets [storage.HasDirectories],
// [storage.HasMultipart] and [storage.HasUploads].
func Open(ctx context.Context, client *s3.Client, c Config) (storage.Storage, error) {
	st, err := open(ctx, client, c)
	if err != nil {
		return nil, &storage.Error{Op: "open", Bucket: c.Bucket, Err: err}
	}
	return st, nil
}

func open(ctx context.Context, client *s3.Client, c Config) (storage.Storage, error) {
	if ctx == nil || client == nil {
		return nil, fmt.Errorf("%w: the context or the client is nil", storage.ErrInvalid)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%w: s3: %w", storage.ErrInvalid, err)
	}
	can := amazon
	if !isAmazon(client) {
		var err error
		if can, err = probe(ctx, client, c); err != nil {
			return nil, err
		}
	}
	s := &service{client, c, can, sizesOfS3}
	if c.RealBuckets {
		return engine.New(bucketer{s}, c.Bucket), nil
	}
	return engine.New(s, cmp.Or(c.DefaultBucket, storage.DefaultBucket)), nil
}
