package s3server

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// TestListBetweenPages changes a bucket between two pages of a listing. The second is of
// the state at its time, as on S3, after the last key of the first.
func TestListBetweenPages(t *testing.T) {
	srv := newTestServer(t)
	client, store, ctx := newTestClient(t, srv), srv.Store(), context.Background()
	for i := range 6 {
		write(t, store, fmt.Sprint(i), "1")
	}
	start := store.Snapshot()
	in := &s3.ListObjectsV2Input{Bucket: aws.String("photos"), MaxKeys: aws.Int32(3)}
	first, err := client.ListObjectsV2(ctx, in)
	require.NoError(t, err)
	in.ContinuationToken = first.NextContinuationToken
	b := store.Bucket("photos")
	for _, key := range []string{"2", "4"} { // the last of the page is among them
		require.NoError(t, b.Delete(ctx, key, nil))
	}
	write(t, store, "1a", "1")
	write(t, store, "4a", "1")
	second, err := client.ListObjectsV2(ctx, in)
	require.NoError(t, err)
	require.Equal(t, []string{"3", "4a", "5"}, keysOf(second))
	require.NoError(t, store.Restore(start))
	second, err = client.ListObjectsV2(ctx, in)
	require.NoError(t, err)
	require.Equal(t, []string{"3", "4", "5"}, keysOf(second))
}

func keysOf(page *s3.ListObjectsV2Output) (keys []string) {
	for _, o := range page.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}
