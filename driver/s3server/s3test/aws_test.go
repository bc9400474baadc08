package s3test_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// newClient starts a server with a bucket for a test, and returns a client.
func newClient(t *testing.T, opts ...s3server.Option) (*s3test.Server, *s3.Client) {
	srv := s3test.New(t, opts...)
	client := srv.Client(func(o *s3.Options) { o.HTTPClient = httpClient(t) })
	_, err := client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: aws.String("photos")})
	require.NoError(t, err)
	return srv, client
}

// httpClient returns an HTTP client that leaves no connection behind.
func httpClient(t *testing.T) *http.Client {
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func put(t *testing.T, client *s3.Client, key, content string) {
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: aws.String("photos"), Key: &key, Body: strings.NewReader(content), ContentType: aws.String("text/plain"),
	})
	require.NoError(t, err)
}

func get(t *testing.T, client *s3.Client, key string) string {
	out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("photos"), Key: &key})
	require.NoError(t, err)
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	require.NoError(t, err)
	return string(content)
}

// A golden file shows all that the code under test has stored.
func TestGolden(t *testing.T) {
	srv, client := newClient(t)
	put(t, client, "alps/peak.txt", "Matterhorn\n")
	put(t, client, "alps/lake.txt", "Oeschinensee\n")
	s3test.Golden(t, srv, "testdata/photos.golden")
}

// Subtests share a server, and each finds it as it was before.
func TestRollback(t *testing.T) {
	srv, client := newClient(t)
	put(t, client, "a", "1")
	before := srv.Store().Snapshot()
	for _, key := range []string{"b", "c"} {
		t.Run(key, func(t *testing.T) {
			snaptest.Rollback(t, srv.Store())
			snaptest.AssertUnchanged(t, before, srv.Store().Snapshot())
			put(t, client, key, "2")
			up, err := client.CreateMultipartUpload(context.Background(), &s3.CreateMultipartUploadInput{Bucket: aws.String("photos"), Key: aws.String("big")})
			require.NoError(t, err)
			require.NotEmpty(t, up.UploadId)
		})
	}
	snaptest.AssertUnchanged(t, before, srv.Store().Snapshot())
	uploads, err := client.ListMultipartUploads(context.Background(), &s3.ListMultipartUploadsInput{Bucket: aws.String("photos")})
	require.NoError(t, err)
	require.Empty(t, uploads.Uploads)
}

// Parallel subtests start from one state, and each has a server of its own.
func TestFork(t *testing.T) {
	srv, client := newClient(t)
	put(t, client, "shared", "from all")
	snap := srv.Store().Snapshot()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			own := s3test.Over(t, snaptest.Fork(t, snap)).Client(func(o *s3.Options) { o.HTTPClient = httpClient(t) })
			require.Equal(t, "from all", get(t, own, "shared"))
			put(t, own, "shared", fmt.Sprint(i))
			require.Equal(t, fmt.Sprint(i), get(t, own, "shared"))
		})
	}
}

// The third PUT is answered with 503, and the SDK tries again.
func TestFault(t *testing.T) {
	puts := 0
	nth := s3test.Nth(3, http.MethodPut, s3server.Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown"})
	_, client := newClient(t, s3server.WithIntercept(func(r *s3server.Request) *s3server.Fault {
		if r.Method == http.MethodPut {
			puts++
		}
		return nth(r)
	}))
	put(t, client, "a", "1") // the first PUT made the bucket
	put(t, client, "b", "2")
	require.Equal(t, "2", get(t, client, "b"))
	require.Equal(t, 4, puts)
}

// A body that is cut short is an error of the reader.
func TestCutBody(t *testing.T) {
	_, client := newClient(t, s3server.WithIntercept(s3test.Nth(1, http.MethodGet, s3server.Fault{CutBody: 5})))
	put(t, client, "a", "0123456789")
	out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("photos"), Key: aws.String("a")})
	require.NoError(t, err)
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "01234", string(content))
	require.Equal(t, "0123456789", get(t, client, "a"))
}

// A connection that is cut is an error of the request.
func TestCut(t *testing.T) {
	_, client := newClient(t, s3server.WithIntercept(s3test.Nth(2, http.MethodPut, s3server.Fault{Cut: true})))
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("photos"), Key: aws.String("a")},
		func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
	require.ErrorContains(t, err, "EOF")
	put(t, client, "a", "1")
	require.Equal(t, "1", get(t, client, "a"))
}

// Of many that create one object if it does not exist, one succeeds.
func TestCreateIfAbsent(t *testing.T) {
	_, client := newClient(t)
	for round := range 30 {
		key, results := fmt.Sprint(round), make(chan error, 16)
		for i := range cap(results) {
			go func() {
				_, err := client.PutObject(context.Background(), &s3.PutObjectInput{
					Bucket: aws.String("photos"), Key: &key, Body: strings.NewReader(fmt.Sprint(i)), IfNoneMatch: aws.String("*"),
				})
				results <- err
			}()
		}
		winners := 0
		for range cap(results) {
			var failed smithy.APIError
			switch err := <-results; {
			case err == nil:
				winners++
			case !errors.As(err, &failed) || failed.ErrorCode() != "PreconditionFailed":
				t.Error(err)
			}
		}
		require.Equal(t, 1, winners)
	}
}

// A counter that is changed by If-Match loses no increment.
func TestIncrement(t *testing.T) {
	_, client := newClient(t)
	put(t, client, "counter", "0")
	done := make(chan error)
	for range 8 {
		go func() {
			for range 25 {
				if err := increment(client); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
	require.Equal(t, "200", get(t, client, "counter"))
}

func increment(client *s3.Client) error {
	for {
		out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("photos"), Key: aws.String("counter")})
		if err != nil {
			return err
		}
		var n int
		_, err = fmt.Fscan(out.Body, &n)
		out.Body.Close()
		if err != nil {
			return err
		}
		_, err = client.PutObject(context.Background(), &s3.PutObjectInput{
			Bucket: aws.String("photos"), Key: aws.String("counter"), Body: strings.NewReader(fmt.Sprint(n + 1)), IfMatch: out.ETag,
		})
		var failed smithy.APIError
		if !errors.As(err, &failed) || failed.ErrorCode() != "PreconditionFailed" {
			return err
		}
	}
}

// A snapshot has versions, delete markers and locks.
func TestVersions(t *testing.T) {
	srv, client := newClient(t)
	ctx, bucket, key := context.Background(), aws.String("photos"), aws.String("a")
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	put(t, client, "a", "1")
	put(t, client, "a", "2")
	snap := srv.Store().Snapshot()
	_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	list, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	require.NoError(t, err)
	require.Len(t, list.Versions, 2)
	require.Len(t, list.DeleteMarkers, 1)
	first, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: list.Versions[1].VersionId})
	require.NoError(t, err)
	content, err := io.ReadAll(first.Body)
	require.NoError(t, err)
	require.Equal(t, "1", string(content))

	require.NoError(t, srv.Store().Restore(snap))
	require.Equal(t, "2", get(t, client, "a"))
	list, err = client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	require.NoError(t, err)
	require.Empty(t, list.DeleteMarkers)
}
