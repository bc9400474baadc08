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

// HeadBucket implements [engine.Bucketer].
func (b bucketer) HeadBucket(ctx context.Context, name string) (*storage.BucketInfo, error) {
	if _, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); err != nil {
		return nil, noBucket(err)
	}
	info := &storage.BucketInfo{Name: name}
	err := b.readTime(ctx, info)
	if err == nil {
		err = b.readTags(ctx, info)
	}
	if err != nil && !errors.Is(err, storage.ErrPermission) {
		return nil, err
	}
	return info, nil
}

// noBucket returns the error of a request about a bucket, whose answer may have no code.
func noBucket(err error) error {
	err = translate(err)
	if errors.Is(err, storage.ErrNotExist) && !errors.Is(err, storage.ErrNoBucket) {
		return fmt.Errorf("%w: %w", storage.ErrNoBucket, err)
	}
	return err
}

// readTime sets the time of creation, which only a listing has. That of a bucket of
// another account stays zero.
func (b bucketer) readTime(ctx context.Context, info *storage.BucketInfo) error {
	infos, err := b.buckets(ctx, info.Name)
	for _, listed := range infos {
		if listed.Name == info.Name {
			info.CreatedAt = listed.CreatedAt
		}
	}
	return err
}

// publicTag is the tag of a bucket that was created as public. It gives no rights.
const publicTag = "openlake:public"

// readTags sets the fields that the tags of the bucket hold.
func (b bucketer) readTags(ctx context.Context, info *storage.BucketInfo) error {
	out, err := b.client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &info.Name})
	if code(err) == "NoSuchTagSet" {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	for _, tag := range out.TagSet {
		if aws.ToString(tag.Key) == publicTag {
			info.Public = true
			continue
		}
		if info.Metadata == nil {
			info.Metadata = make(map[string]string)
		}
		info.Metadata[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return nil
}

// CreateBucket implements [engine.Bucketer]. In some regions, creating a bucket again is
// no error to S3.
func (b bucketer) CreateBucket(ctx context.Context, info *storage.BucketInfo) error {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &info.Name})
	if err == nil {
		return storage.ErrExist
	}
	in := &s3.CreateBucketInput{Bucket: &info.Name}
	if region := b.client.Options().Region; region != defaultRegion {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	if _, err := b.client.CreateBucket(ctx, in); err != nil {
		return translate(err)
	}
	if err := b.writeTags(ctx, info); err != nil {
		return errors.Join(err, b.DeleteBucket(context.WithoutCancel(ctx), info.Name))
	}
	return b.readTime(ctx, info)
}

// writeTags keeps what else info says in the tags of the bucket.
func (b bucketer) writeTags(ctx context.Context, info *storage.BucketInfo) error {
	var tags []types.Tag
	for key, value := range info.Metadata {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	if info.Public {
		tags = append(tags, types.Tag{Key: aws.String(publicTag), Value: aws.String("true")})
	}
	if len(tags) == 0 {
		return nil
	}
	_, err := b.client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &info.Name, Tagging: &types.Tagging{TagSet: tags}})
	return translate(err)
}

// DeleteBucket implements [engine.Bucketer].
func (b bucketer) DeleteBucket(ctx context.Context, name string) error {
	_, err := b.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	return translate(err)
}
