package s3test_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// The MinIO client works as the AWS SDK does.
func TestMinIO(t *testing.T) {
	srv := s3test.New(t)
	access, secret := srv.Credentials()
	transport := httpClient(t).Transport
	client, err := minio.New(strings.TrimPrefix(srv.URL(), "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(access, secret, ""), Region: srv.Region(), Transport: transport,
	})
	require.NoError(t, err)
	ctx := context.Background()
	require.NoError(t, client.MakeBucket(ctx, "photos", minio.MakeBucketOptions{}))

	// Longer than a part, so it is uploaded in several.
	content := bytes.Repeat([]byte("0123456789abcdef"), 11<<20/16)
	_, err = client.PutObject(ctx, "photos", "big", bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{
		PartSize: 5 << 20, UserMetadata: map[string]string{"Author": "Zoë"}, UserTags: map[string]string{"kind": "raw"},
	})
	require.NoError(t, err)
	object, err := client.GetObject(ctx, "photos", "big", minio.GetObjectOptions{})
	require.NoError(t, err)
	got, err := io.ReadAll(object)
	require.NoError(t, err)
	require.NoError(t, object.Close())
	require.True(t, bytes.Equal(content, got))

	info, err := client.StatObject(ctx, "photos", "big", minio.StatObjectOptions{})
	require.NoError(t, err)
	require.Equal(t, int64(len(content)), info.Size)
	require.Equal(t, 1, info.UserTagCount)
	attributes, err := client.GetObjectAttributes(ctx, "photos", "big", minio.ObjectAttributesOptions{})
	require.NoError(t, err)
	require.Len(t, attributes.ObjectParts.Parts, 3)

	for o := range client.ListObjects(ctx, "photos", minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		require.NoError(t, o.Err)
		require.Equal(t, "big", o.Key)
	}
	require.NoError(t, client.RemoveObject(ctx, "photos", "big", minio.RemoveObjectOptions{}))
	require.NoError(t, client.RemoveBucket(ctx, "photos"))
}
