package s3driver

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// maxDeletes is the most objects that one request deletes.
const maxDeletes = 1000

// DeleteMany implements [engine.BulkDeleter]. All keys are of one bucket.
func (s *service) DeleteMany(ctx context.Context, keys []string) error {
	for batch := range slices.Chunk(keys, maxDeletes) {
		if err := s.deleteBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) deleteBatch(ctx context.Context, keys []string) error {
	objects := make([]types.ObjectIdentifier, len(keys))
	for i, key := range keys {
		objects[i].Key = s.locate(key).key
	}
	out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: s.locate(keys[0]).bucket,
		Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return translate(err)
	}
	for _, e := range out.Errors {
		if aws.ToString(e.Code) != "NoSuchKey" {
			return fmt.Errorf("deleting %q: %w", aws.ToString(e.Key), refused(e))
		}
	}
	return nil
}

// refused returns the error of one object in the answer to a request for many.
func refused(e types.Error) error {
	return translate(&smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)})
}
