package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3response"

	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// newBenchGateway returns a back end over a store with n objects of 1 KiB.
func newBenchGateway(b *testing.B, n int) Backend {
	g := New(memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags()), "owner")
	require.NoError(b, g.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: new("b")}, []byte(`{"Owner":"owner"}`)))
	for i := range n {
		benchPut(b, g, i)
	}
	return g
}

var benchContent = bytes.Repeat([]byte("x"), 1024)

func benchPut(b *testing.B, g Backend, i int) {
	_, err := g.PutObject(context.Background(), s3response.PutObjectInput{
		Bucket: new("b"), Key: new(fmt.Sprintf("dir-%d/key-%05d", i%100, i)), Body: bytes.NewReader(benchContent), ContentLength: new(int64(1024)),
		ContentType: new("application/octet-stream"),
	})
	require.NoError(b, err)
}

// BenchmarkObject measures the back end alone, without HTTP.
func BenchmarkObject(b *testing.B) {
	g := newBenchGateway(b, 1000)
	ctx := context.Background()
	b.Run("put", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			benchPut(b, g, i%1000)
		}
	})
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			out, err := g.GetObject(ctx, &s3.GetObjectInput{Bucket: new("b"), Key: new(fmt.Sprintf("dir-%d/key-%05d", i%100, i%1000))})
			require.NoError(b, err)
			io.Copy(io.Discard, out.Body)
			out.Body.Close()
		}
	})
	b.Run("acl", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := g.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: new("b")})
			require.NoError(b, err)
		}
	})
}

// BenchmarkPage measures a page of 1,000 objects of the back end alone.
func BenchmarkPage(b *testing.B) {
	g := newBenchGateway(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		res, err := g.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: new("b"), StartAfter: new("dir-30")})
		require.NoError(b, err)
		require.Len(b, res.Contents, 1000)
	}
}
