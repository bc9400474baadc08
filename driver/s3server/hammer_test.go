package s3server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
)

// newTestClient returns a client of the AWS SDK.
func newTestClient(t testing.TB, srv *Server) *s3.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	access, secret := srv.Credentials()
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(srv.URL()), Region: srv.Region(), UsePathStyle: true, HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: access, SecretAccessKey: secret}, nil
		}),
	})
}

// texts keeps the texts that are passed to a store, as a store may that copies none,
// and copies to compare them with.
type texts struct {
	mu           sync.Mutex
	kept, copies []string
}

// keep is a [wrap.Around].
func (k *texts) keep(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
	k.mu.Lock()
	all := []string{c.Bucket, c.Key, c.SrcBucket, c.SrcKey, c.ContentType}
	metadata, _ := c.Options[storage.OptMetadata].(map[string]string)
	for key, value := range metadata {
		all = append(all, key, value)
	}
	for _, text := range all {
		k.kept, k.copies = append(k.kept, text), append(k.copies, strings.Clone(text))
	}
	k.mu.Unlock()
	return next(ctx)
}

// TestHammer writes objects with text of every kind that a request carries, from
// clients whose other requests overwrite the buffers that it arrived in, and then
// compares all of it, in what the clients see and in what the store was passed.
func TestHammer(t *testing.T) {
	var passed texts
	store := NewStore()
	defer store.Close()
	srv, err := New(wrap.Intercept(store, passed.keep).(snapshot.Store))
	require.NoError(t, err)
	defer srv.Close()
	client := newTestClient(t, srv)
	ctx := context.Background()
	const clients, objects = 8, 40
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			bucket := fmt.Sprintf("bucket-%d", c)
			if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
				t.Error(err)
				return
			}
			for i := range objects {
				if err := hammer(ctx, client, bucket, fmt.Sprintf("%s/object-%03d", bucket, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for c := range clients {
		bucket := fmt.Sprintf("bucket-%d", c)
		for i := range objects {
			requireHammered(t, client, bucket, fmt.Sprintf("%s/object-%03d", bucket, i))
		}
		list, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
		require.NoError(t, err)
		require.Len(t, list.Contents, 2*objects)
		policy, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &bucket})
		require.NoError(t, err)
		require.Equal(t, bucket, *policy.TagSet[0].Value)
	}
	require.Equal(t, passed.copies, passed.kept)
}

func hammer(ctx context.Context, client *s3.Client, bucket, key string) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader("content of " + key),
		ContentType: aws.String("type/" + key), CacheControl: aws.String("cache " + key),
		ContentDisposition: aws.String("attachment; filename=" + key), Metadata: map[string]string{"mine": "meta " + key},
		Tagging: aws.String("tag=" + key),
	})
	if err != nil {
		return err
	}
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: aws.String(key + ".copy"), CopySource: aws.String(bucket + "/" + key)})
	if err != nil {
		return err
	}
	_, err = client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &bucket, Tagging: &types.Tagging{
		TagSet: []types.Tag{{Key: aws.String("bucket"), Value: &bucket}},
	}})
	if err != nil {
		return err
	}
	_, err = client.ListObjects(ctx, &s3.ListObjectsInput{Bucket: &bucket, Prefix: aws.String(strings.Repeat("x", 300))})
	return err
}

func requireHammered(t *testing.T, client *s3.Client, bucket, key string) {
	for _, key := range []string{key, key + ".copy"} {
		of := strings.TrimSuffix(key, ".copy")
		out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		require.NoError(t, err)
		content, err := io.ReadAll(out.Body)
		require.NoError(t, err)
		require.Equal(t, "content of "+of, string(content))
		require.Equal(t, "type/"+of, *out.ContentType)
		require.Equal(t, "cache "+of, *out.CacheControl)
		require.Equal(t, "attachment; filename="+of, *out.ContentDisposition)
		require.Equal(t, map[string]string{"mine": "meta " + of}, out.Metadata)
		tags, err := client.GetObjectTagging(context.Background(), &s3.GetObjectTaggingInput{Bucket: &bucket, Key: &key})
		require.NoError(t, err)
		require.Equal(t, []types.Tag{{Key: aws.String("tag"), Value: &of}}, tags.TagSet)
	}
}

// TestLong stores bodies that are received before the commit, and leaves nothing in
// the stage.
func TestLong(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket := context.Background(), aws.String("photos")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for range 2 {
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("long"), Body: bytes.NewReader(content), ContentType: aws.String("image/raw")})
		require.NoError(t, err)
	}
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("long"), Body: bytes.NewReader(content), IfNoneMatch: aws.String("*")})
	require.ErrorContains(t, err, "PreconditionFailed")
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("long"), Range: aws.String("bytes=100-1048575")})
	require.NoError(t, err)
	got, err := io.ReadAll(out.Body)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content[100:], got))
	require.Equal(t, "image/raw", *out.ContentType)
	_, err = srv.Store().Bucket(".s3").Info(ctx)
	require.ErrorIs(t, err, storage.ErrNoBucket)
}

// TestBrokenOff lets clients break off in the middle of a body; nothing is stored.
func TestBrokenOff(t *testing.T) {
	srv := newTestServer(t)
	ctx := context.Background()
	_, err := srv.Store().CreateBucket(ctx, "photos", nil)
	require.NoError(t, err)
	before := srv.Store().Snapshot()
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
	for i := range rounds {
		size := []int{1000, 60_000, 300_000}[i%3]
		breakOff(t, srv, size, i%7*size/8)
	}
	require.Eventually(t, func() bool { return srv.server.GetOpenConnectionsCount() <= 1 }, 10*time.Second, time.Millisecond)
	require.Same(t, before, srv.Store().Snapshot())
}

// breakOff sends the beginning of a PUT of size bytes.
func breakOff(t *testing.T, srv *Server, size, sent int) {
	r, err := http.NewRequest("PUT", srv.URL()+"/photos/key", nil)
	require.NoError(t, err)
	r.ContentLength = int64(size)
	const unsigned = "UNSIGNED-PAYLOAD" // so that only the length tells that the body is not whole
	r.Header.Set("X-Amz-Content-Sha256", unsigned)
	access, secret := srv.Credentials()
	require.NoError(t, v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: access, SecretAccessKey: secret},
		r, unsigned, "s3", srv.Region(), time.Now()))
	c, err := net.Dial("tcp", srv.addr())
	require.NoError(t, err)
	defer c.Close()
	fmt.Fprintf(c, "PUT /photos/key HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", srv.addr(), size)
	for name := range r.Header {
		fmt.Fprintf(c, "%s: %s\r\n", name, r.Header.Get(name))
	}
	fmt.Fprintf(c, "\r\n%s", strings.Repeat("x", sent))
}

// TestLongIsStreamed reads a long object without holding a copy of it.
func TestLongIsStreamed(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx := context.Background()
	const size = 64 << 20
	_, err := srv.Store().Bucket("photos").Write(ctx, "long", bytes.NewReader(make([]byte, size)), size, "", nil)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("photos"), Key: aws.String("long")})
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, out.Body)
	require.NoError(t, err)
	require.EqualValues(t, size, n)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4))
}
