package s3server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

// uploadInParts uploads two parts, of 5 MiB and of three bytes, and returns the answers
// to them.
func uploadInParts(t *testing.T, client *s3.Client, in *s3.CreateMultipartUploadInput) []*s3.UploadPartOutput {
	ctx := context.Background()
	up, err := client.CreateMultipartUpload(ctx, in)
	require.NoError(t, err)
	var parts []*s3.UploadPartOutput
	var completed []types.CompletedPart
	for i, content := range [][]byte{bytes.Repeat([]byte("x"), 5<<20), []byte("end")} {
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: in.Bucket, Key: in.Key, UploadId: up.UploadId, PartNumber: aws.Int32(int32(i + 1)),
			Body: bytes.NewReader(content), ChecksumAlgorithm: in.ChecksumAlgorithm,
		})
		require.NoError(t, err)
		parts = append(parts, part)
		completed = append(completed, types.CompletedPart{
			PartNumber: aws.Int32(int32(i + 1)), ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256, ChecksumCRC32: part.ChecksumCRC32,
		})
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: in.Bucket, Key: in.Key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: completed},
	})
	require.NoError(t, err)
	return parts
}

// TestObjectParts asks for the parts of objects that were uploaded in parts, with and
// without checksums of their own.
func TestObjectParts(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket := context.Background(), aws.String("photos")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmSha256, types.ChecksumAlgorithmCrc32} {
		key := aws.String("object-" + string(algorithm))
		parts := uploadInParts(t, client, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ChecksumAlgorithm: algorithm})
		attributes := &s3.GetObjectAttributesInput{
			Bucket: bucket, Key: key, ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectParts, types.ObjectAttributesChecksum},
		}
		all, err := client.GetObjectAttributes(ctx, attributes)
		require.NoError(t, err)
		require.EqualValues(t, 2, *all.ObjectParts.TotalPartsCount)
		require.Len(t, all.ObjectParts.Parts, 2)
		require.False(t, *all.ObjectParts.IsTruncated)
		for i, p := range all.ObjectParts.Parts {
			require.EqualValues(t, i+1, *p.PartNumber)
			require.Equal(t, []int64{5 << 20, 3}[i], *p.Size)
			require.Equal(t, []*string{parts[i].ChecksumSHA256, parts[i].ChecksumCRC32}, []*string{p.ChecksumSHA256, p.ChecksumCRC32})
		}
		attributes.MaxParts = aws.Int32(1)
		first, err := client.GetObjectAttributes(ctx, attributes)
		require.NoError(t, err)
		require.EqualValues(t, 2, *first.ObjectParts.TotalPartsCount)
		require.True(t, *first.ObjectParts.IsTruncated)
		attributes.PartNumberMarker = first.ObjectParts.NextPartNumberMarker
		second, err := client.GetObjectAttributes(ctx, attributes)
		require.NoError(t, err)
		require.False(t, *second.ObjectParts.IsTruncated)
		require.Equal(t, all.ObjectParts.Parts, append(first.ObjectParts.Parts, second.ObjectParts.Parts...))
		attributes.PartNumberMarker = aws.String("9")
		none, err := client.GetObjectAttributes(ctx, attributes)
		require.NoError(t, err)
		require.Empty(t, none.ObjectParts.Parts)
		require.False(t, *none.ObjectParts.IsTruncated)
	}
}

// TestPartNumber reads and describes the parts of an object.
func TestPartNumber(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket, key := context.Background(), aws.String("photos"), aws.String("a")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	uploadInParts(t, client, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ContentType: aws.String("image/raw"), Metadata: map[string]string{"mine": "1"}})
	const whole = 5<<20 + 3
	for number, at := range map[int32][2]int{1: {0, 5 << 20}, 2: {5 << 20, whole}} {
		contentRange := fmt.Sprintf("bytes %d-%d/%d", at[0], at[1]-1, whole)
		get, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, PartNumber: &number})
		require.NoError(t, err)
		content, err := io.ReadAll(get.Body)
		require.NoError(t, err)
		require.Len(t, content, at[1]-at[0])
		head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, PartNumber: &number})
		require.NoError(t, err)
		require.Equal(t, []any{int32(2), contentRange, "image/raw", map[string]string{"mine": "1"}}, []any{*get.PartsCount, *get.ContentRange, *get.ContentType, get.Metadata})
		require.Equal(t, []any{int32(2), contentRange, "image/raw", map[string]string{"mine": "1"}}, []any{*head.PartsCount, *head.ContentRange, *head.ContentType, head.Metadata})
		require.EqualValues(t, at[1]-at[0], *head.ContentLength)
	}
	_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, PartNumber: aws.Int32(3)})
	require.ErrorContains(t, err, "416")
}
