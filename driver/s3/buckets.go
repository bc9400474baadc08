package s3driver

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
)

// bucketer is a [service] whose buckets are real, an [engine.Bucketer].
type bucketer struct{ *service }

// Buckets implements [engine.Bucketer].
func (b bucketer) Buckets(ctx context.Context) ([]*storage.BucketInfo, error) {
	return b.buckets(ctx, "")
}

func (b bucketer) buckets(ctx context.Context, prefix string) ([]*storage.BucketInfo, error) {
	in := new(s3.ListBucketsInput)
	if prefix != "" {
		in.Prefix = &prefix
	}
	var infos []*storage.BucketInfo
	for {
		out, err := b.client.ListBuckets(ctx, in)
		if err != nil {
			return nil, translate(err)
		}
		for _, bucket := range out.Buckets {
			infos = append(infos, &storage.BucketInfo{Name: aws.ToString(bucket.Name), CreatedAt: aws.ToTime(bucket.CreationDate)})
		}
		if aws.ToString(out.ContinuationToken) == "" {
			return infos, nil
		}
		in.ContinuationToken = out.ContinuationToken
	}
}

// HeadBucket implements [engine.Bucketer]. The time of creation is only in a listing.
func (b bucketer) HeadBucket(ctx context.Context, name string) (*storage.BucketInfo, error) {
	if _, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); err != nil {
		return nil, noBucket(err)
	}
	infos, err := b.buckets(ctx, name)
	if err != nil && !errors.Is(err, storage.ErrPermission) {
		return nil, err
	}
	for _, info := range infos {
		if info.Name == name {
			return info, nil
		}
	}
	return &storage.BucketInfo{Name: name}, nil // of another account
}

// noBucket returns the error of a request about a bucket, whose answer may have no code.
func noBucket(err error) error {
	err = translate(err)
	if errors.Is(err, storage.ErrNotExist) && !errors.Is(err, storage.ErrNoBucket) {
		return fmt.Errorf("%w: %w", storage.ErrNoBucket, err)
	}
	return err
}

// CreateBucket implements [engine.Bucketer].
func (b bucketer) CreateBucket(ctx context.Context, info *storage.BucketInfo) error {
	if info.Public || len(info.Metadata) > 0 {
		return fmt.Errorf("%w: a bucket of S3 is not public by itself and has no metadata", storage.ErrUnsupported)
	}
	in := &s3.CreateBucketInput{Bucket: &info.Name}
	if region := b.client.Options().Region; region != defaultRegion {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err := b.client.CreateBucket(ctx, in)
	return translate(err)
}

// DeleteBucket implements [engine.Bucketer].
func (b bucketer) DeleteBucket(ctx context.Context, name string) error {
	_, err := b.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	return translate(err)
}
