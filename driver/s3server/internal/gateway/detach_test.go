package gateway

import (
	"context"
	"testing"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3response"
)

// keeper is a back end that keeps what it is passed.
type keeper struct {
	Backend
	put    s3response.PutObjectInput
	delete *s3.DeleteObjectsInput
	policy []byte
	bucket string
	tags   map[string]string
}

func (k *keeper) PutObject(_ context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	k.put = in
	return out, nil
}

func (k *keeper) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput) (out s3response.DeleteResult, err error) {
	k.delete = in
	return out, nil
}

func (k *keeper) PutBucketPolicy(_ context.Context, bucket string, policy []byte) error {
	k.bucket, k.policy = bucket, policy
	return nil
}

func (k *keeper) PutBucketTagging(_ context.Context, _ string, tags map[string]string) error {
	k.tags = tags
	return nil
}

// TestDetach overwrites the buffer that the arguments of a back end are parts of.
func TestDetach(t *testing.T) {
	buffer := []byte("text")
	text := unsafe.String(&buffer[0], len(buffer))
	k := new(keeper)
	d, ctx := detached{k}, context.Background()
	d.PutObject(ctx, s3response.PutObjectInput{
		Bucket: &text, ObjectLockMode: types.ObjectLockMode(text), Metadata: map[string]string{"key": text},
	})
	d.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &text, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: &text}}}})
	require.NoError(t, d.PutBucketPolicy(ctx, text, buffer))
	require.NoError(t, d.PutBucketTagging(ctx, text, map[string]string{text: text}))
	copy(buffer, "gone")
	require.Equal(t, "text", *k.put.Bucket)
	require.Equal(t, "text", string(k.put.ObjectLockMode))
	require.Equal(t, "text", k.put.Metadata["key"])
	require.Equal(t, "text", *k.delete.Bucket)
	require.Equal(t, "text", *k.delete.Delete.Objects[0].Key)
	require.Equal(t, "text", k.bucket)
	require.Equal(t, "text", string(k.policy))
	require.Equal(t, map[string]string{"text": "text"}, k.tags)
}
