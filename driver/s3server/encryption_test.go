package s3server

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

// encryptionOf returns what HeadObject answers of an object's encryption.
func encryptionOf(t *testing.T, client *s3.Client, key string) []string {
	t.Helper()
	out, err := client.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String("photos"), Key: &key})
	require.NoError(t, err)
	return encryption(out.ServerSideEncryption, out.SSEKMSKeyId, out.BucketKeyEnabled)
}

// encryption lists the headers of encryption in an answer.
func encryption(method types.ServerSideEncryption, kmsKey *string, bucketKey *bool) (list []string) {
	if method != "" {
		list = append(list, string(method))
	}
	if kmsKey != nil {
		list = append(list, *kmsKey)
	}
	if bucketKey != nil && *bucketKey {
		list = append(list, "bucket key")
	}
	return list
}

// TestEncryption gives back the encryption that was asked for.
func TestEncryption(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket, key := context.Background(), createBucket(t, client, ""), aws.String("a")
	kms := []string{"aws:kms", "my-key", "bucket key"}
	put, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: key, Body: strings.NewReader("1"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String("my-key"), BucketKeyEnabled: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, kms, encryption(put.ServerSideEncryption, put.SSEKMSKeyId, put.BucketKeyEnabled))
	require.Equal(t, kms, encryptionOf(t, client, "a"))
	get, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	get.Body.Close()
	require.Equal(t, kms, encryption(get.ServerSideEncryption, get.SSEKMSKeyId, get.BucketKeyEnabled))
	require.Empty(t, get.Metadata)

	// A copy has the encryption that it was asked for, and not its source's.
	in := &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String("photos/a")}
	_, err = client.CopyObject(ctx, in)
	require.NoError(t, err)
	require.Empty(t, encryptionOf(t, client, "copy"))
	in.ServerSideEncryption = types.ServerSideEncryptionAes256
	copied, err := client.CopyObject(ctx, in)
	require.NoError(t, err)
	require.Equal(t, types.ServerSideEncryptionAes256, copied.ServerSideEncryption)
	require.Equal(t, []string{"AES256"}, encryptionOf(t, client, "copy"))
	in.Key = key // onto itself, which S3 refuses where nothing would change
	_, err = client.CopyObject(ctx, in)
	require.NoError(t, err)
	require.Equal(t, []string{"AES256"}, encryptionOf(t, client, "a"))

	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("2")})
	require.NoError(t, err)
	require.Empty(t, encryptionOf(t, client, "a"))
}

// TestEncryptionOfUploads gives back the encryption that an upload was begun with, with
// each answer.
func TestEncryptionOfUploads(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket, key := context.Background(), createBucket(t, client, ""), aws.String("a")
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("source"), Body: bytes.NewReader(make([]byte, 5<<20))})
	require.NoError(t, err)
	up, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ServerSideEncryption: types.ServerSideEncryptionAwsKms})
	require.NoError(t, err)
	copied, err := client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(1), CopySource: aws.String("photos/source")})
	require.NoError(t, err)
	part, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(2), Body: strings.NewReader("2")})
	require.NoError(t, err)
	done, err := client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
		Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: copied.CopyPartResult.ETag}, {PartNumber: aws.Int32(2), ETag: part.ETag}},
	}})
	require.NoError(t, err)
	for _, method := range []types.ServerSideEncryption{up.ServerSideEncryption, copied.ServerSideEncryption, part.ServerSideEncryption, done.ServerSideEncryption} {
		require.Equal(t, types.ServerSideEncryptionAwsKms, method)
	}
	require.Equal(t, []string{"aws:kms"}, encryptionOf(t, client, "a"))
}

// TestBadEncryption refuses an encryption that S3 does not have, and keys of the client,
// which would be ignored.
func TestBadEncryption(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket, key := context.Background(), createBucket(t, client, ""), aws.String("a")
	up, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("1")})
	require.NoError(t, err)
	before := srv.Store().Snapshot()
	put := func(in *s3.PutObjectInput) error {
		in.Bucket, in.Key, in.Body = bucket, key, strings.NewReader("2")
		_, err := client.PutObject(ctx, in)
		return err
	}
	require.ErrorContains(t, put(&s3.PutObjectInput{ServerSideEncryption: "ROT13"}), "InvalidArgument")
	require.ErrorContains(t, put(&s3.PutObjectInput{ServerSideEncryption: types.ServerSideEncryptionAes256, SSEKMSKeyId: aws.String("k")}), "InvalidArgument")
	require.ErrorContains(t, put(&s3.PutObjectInput{SSEKMSKeyId: aws.String("k")}), "InvalidArgument")

	method, secret := aws.String("AES256"), aws.String(strings.Repeat("k", 32))
	require.ErrorContains(t, put(&s3.PutObjectInput{SSECustomerAlgorithm: method, SSECustomerKey: secret}), "NotImplemented")
	require.ErrorContains(t, put(&s3.PutObjectInput{SSECustomerKey: secret}), "NotImplemented")
	_, err = client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, SSECustomerAlgorithm: method, SSECustomerKey: secret})
	require.ErrorContains(t, err, "NotImplemented")
	_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, SSECustomerAlgorithm: method, SSECustomerKey: secret})
	require.ErrorContains(t, err, "501")
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("b"), CopySource: aws.String("photos/a"), CopySourceSSECustomerAlgorithm: method, CopySourceSSECustomerKey: secret})
	require.ErrorContains(t, err, "NotImplemented")
	_, err = client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("1"), SSECustomerAlgorithm: method, SSECustomerKey: secret})
	require.ErrorContains(t, err, "NotImplemented")
	require.Same(t, before, srv.Store().Snapshot())
}

// TestEncryptionOfForms takes the fields of a form for the headers of those names.
func TestEncryptionOfForms(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	createBucket(t, client, "")
	require.Equal(t, http.StatusNoContent, postForm(t, client, map[string]string{"x-amz-server-side-encryption": "aws:kms"}))
	require.Equal(t, []string{"aws:kms"}, encryptionOf(t, client, "a"))
	require.Equal(t, http.StatusNotImplemented, postForm(t, client, map[string]string{"x-amz-server-side-encryption-customer-algorithm": "AES256"}))
}

// postForm writes an object by a form with fields beside those of the signature and
// returns the status of the answer.
func postForm(t *testing.T, client *s3.Client, fields map[string]string) int {
	post, err := s3.NewPresignClient(client).PresignPostObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("photos"), Key: aws.String("a")}, func(o *s3.PresignPostOptions) {
		for name, value := range fields {
			o.Conditions = append(o.Conditions, map[string]string{name: value})
		}
	})
	require.NoError(t, err)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, values := range []map[string]string{post.Values, fields} {
		for name, value := range values {
			require.NoError(t, form.WriteField(name, value))
		}
	}
	file, err := form.CreateFormFile("file", "a")
	require.NoError(t, err)
	file.Write([]byte("1")) // to memory
	require.NoError(t, form.Close())
	resp, err := http.Post(post.URL, form.FormDataContentType(), &body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
