package s3server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

// plain sends a request that is not signed and returns the answer and its body.
func plain(t *testing.T, srv *Server, method, path, body string, header map[string]string) (*http.Response, string) {
	r, err := http.NewRequest(method, srv.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Accept-Encoding", "identity")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

// TestMends checks what the protocol layer alone does other than S3.
func TestMends(t *testing.T) {
	srv := newTestServer(t, WithAnonymous())
	put := func(path, body string, header map[string]string) {
		resp, text := plain(t, srv, "PUT", path, body, header)
		require.Equal(t, http.StatusOK, resp.StatusCode, text)
	}
	put("/photos", "", nil)
	put("/photos/a%2Bb%20c%01", "x", map[string]string{"Content-Encoding": "gzip,aws-chunked", "X-Amz-Meta-Author": "Zoë"})

	resp, _ := plain(t, srv, "GET", "/photos/a%2Bb%20c%01", "", nil)
	require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"), "aws-chunked is the transfer's")
	require.Equal(t, "Zoë", resp.Header.Get("X-Amz-Meta-Author"))
	etag := resp.Header.Get("ETag")

	resp, _ = plain(t, srv, "GET", "/photos/a%2Bb%20c%01", "", map[string]string{"If-None-Match": etag})
	require.Equal(t, http.StatusNotModified, resp.StatusCode)
	require.Equal(t, etag, resp.Header.Get("ETag"), "of a 304")

	for _, list := range []string{"?list-type=2", "?", "?versions"} {
		_, text := plain(t, srv, "GET", "/photos"+list+"&encoding-type=url", "", nil)
		require.Contains(t, text, "<Key>a%2Bb%20c%01</Key>", list)
		require.Contains(t, text, "<EncodingType>url</EncodingType>", list)
		require.Contains(t, text, "<Prefix></Prefix>", list)
	}
	_, text := plain(t, srv, "GET", "/photos", "", nil)
	require.Contains(t, text, "<Marker></Marker>")

	resp, text = plain(t, srv, "GET", "/photos/a%2Bb%20c%01?attributes", "", map[string]string{"X-Amz-Object-Attributes": "ETag, ObjectSize"})
	require.Contains(t, text, "<ObjectSize>1</ObjectSize>")
	_, err := http.ParseTime(resp.Header.Get("Last-Modified"))
	require.NoError(t, err)
	require.NotContains(t, resp.Header.Get("Last-Modified"), "T00")
}

// TestLongDocument checks that a document that is too long is refused unread.
func TestLongDocument(t *testing.T) {
	srv := newTestServer(t)
	c, err := net.Dial("tcp", srv.addr())
	require.NoError(t, err)
	defer c.Close()
	fmt.Fprintf(c, "PUT /photos?policy HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", maxDocument+1)
	c.Write(bytes.Repeat([]byte(" "), 64<<10))
	answer, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 400 Bad Request\r\n", answer)
}

// TestManyDeletes checks that more than a thousand keys are refused, and a thousand
// go in one commit.
func TestManyDeletes(t *testing.T) {
	srv := newTestServer(t)
	client := newTestClient(t, srv)
	ctx, bucket := context.Background(), aws.String("photos")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	ids := make([]types.ObjectIdentifier, 1001)
	for i := range ids {
		ids[i].Key = aws.String(strings.Repeat("k", i%500+1))
	}
	_, err = client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: ids}})
	require.ErrorContains(t, err, "MalformedXML")
	out, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: ids[:1000]}})
	require.NoError(t, err)
	require.Len(t, out.Deleted, 1000)
}

// TestRefused checks that what is not signed right is refused.
func TestRefused(t *testing.T) {
	srv := newTestServer(t)
	resp, _ := plain(t, srv, "GET", "/", "", nil)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "not signed")
	wrong := newTestClient(t, srv)
	_, err := wrong.ListBuckets(context.Background(), &s3.ListBucketsInput{}, func(o *s3.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: DefaultAccessKey, SecretAccessKey: "wrong"}, nil
		})
	})
	require.ErrorContains(t, err, "SignatureDoesNotMatch")

	client := newTestClient(t, srv)
	_, err = client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: aws.String("photos")})
	require.NoError(t, err)
	presigned, err := s3.NewPresignClient(client).PresignPutObject(context.Background(),
		&s3.PutObjectInput{Bucket: aws.String("photos"), Key: aws.String("a")}, s3.WithPresignExpires(time.Second))
	require.NoError(t, err)
	path := strings.TrimPrefix(presigned.URL, srv.URL())
	resp, text := plain(t, srv, "PUT", path, "x", nil)
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	require.Eventually(t, func() bool {
		resp, _ := plain(t, srv, "PUT", path, "x", nil)
		return resp.StatusCode == http.StatusForbidden
	}, 10*time.Second, 50*time.Millisecond, "expired")
}

// TestCopyConditions checks the conditions on the object that a copy replaces.
func TestCopyConditions(t *testing.T) {
	srv := newTestServer(t, WithAnonymous())
	plain(t, srv, "PUT", "/photos", "", nil)
	plain(t, srv, "PUT", "/photos/a", "x", nil)
	copyTo := func(header map[string]string) int {
		header["X-Amz-Copy-Source"] = "/photos/a"
		resp, _ := plain(t, srv, "PUT", "/photos/b", "", header)
		return resp.StatusCode
	}
	require.Equal(t, http.StatusOK, copyTo(map[string]string{"If-None-Match": "*"}))
	require.Equal(t, http.StatusPreconditionFailed, copyTo(map[string]string{"If-None-Match": "*"}))
	require.Equal(t, http.StatusPreconditionFailed, copyTo(map[string]string{"If-Match": `"0"`}))
	resp, _ := plain(t, srv, "HEAD", "/photos/b", "", nil)
	require.Equal(t, http.StatusOK, copyTo(map[string]string{"If-Match": resp.Header.Get("ETag")}))
}

// TestDeleteConditions checks the conditions on the object that is deleted.
func TestDeleteConditions(t *testing.T) {
	srv := newTestServer(t, WithAnonymous())
	plain(t, srv, "PUT", "/photos", "", nil)
	remove := func(etag string) int {
		resp, _ := plain(t, srv, "DELETE", "/photos/a", "", map[string]string{"If-Match": etag})
		return resp.StatusCode
	}
	plain(t, srv, "PUT", "/photos/a", "x", nil)
	require.Equal(t, http.StatusPreconditionFailed, remove(`"0"`))
	require.Equal(t, http.StatusNoContent, remove("*"), "any ETag")
	resp, _ := plain(t, srv, "HEAD", "/photos/a", "", nil)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.Equal(t, http.StatusNoContent, remove(`"0"`), "what does not exist")
}
