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

// newMinIO returns a MinIO client of a new server.
func newMinIO(t *testing.T) *minio.Client {
	srv := s3test.New(t)
	access, secret := srv.Credentials()
	client, err := minio.New(strings.TrimPrefix(srv.URL(), "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(access, secret, ""), Region: srv.Region(), Transport: httpClient(t).Transport,
	})
	require.NoError(t, err)
	return client
}

// The MinIO client works as the AWS SDK does.
func TestMinIO(t *testing.T) {
	client, ctx := newMinIO(t), context.Background()
	require.NoError(t, client.MakeBucket(ctx, "photos", minio.MakeBucketOptions{}))

	// Longer than a part, so it is uploaded in several.
	content := bytes.Repeat([]byte("0123456789abcdef"), 11<<20/16)
	_, err := client.PutObject(ctx, "photos", "big", bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{
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

// TestMinIOVersions lists versions by the MinIO client, which keeps the order of the
// listing: by key, the newest first, delete markers among the others.
func TestMinIOVersions(t *testing.T) {
	client, ctx := newMinIO(t), context.Background()
	require.NoError(t, client.MakeBucket(ctx, "versions", minio.MakeBucketOptions{}))
	require.NoError(t, client.EnableVersioning(ctx, "versions"))
	var want []string // the newest first
	for i, op := range []string{"put", "delete", "put", "delete"} {
		var err error
		if op == "put" {
			_, err = client.PutObject(ctx, "versions", "k", strings.NewReader("x"), 1, minio.PutObjectOptions{})
		} else {
			err = client.RemoveObject(ctx, "versions", "k", minio.RemoveObjectOptions{})
		}
		require.NoError(t, err, "%d", i)
		want = append([]string{"k " + op}, want...)
	}
	_, err := client.PutObject(ctx, "versions", "l", strings.NewReader("x"), 1, minio.PutObjectOptions{})
	require.NoError(t, err)
	want = append(want, "l put")
	var got []string
	for o := range client.ListObjects(ctx, "versions", minio.ListObjectsOptions{WithVersions: true, MaxKeys: 2}) {
		require.NoError(t, o.Err)
		op := "put"
		if o.IsDeleteMarker {
			op = "delete"
		}
		got = append(got, o.Key+" "+op)
	}
	require.Equal(t, want, got)
}
