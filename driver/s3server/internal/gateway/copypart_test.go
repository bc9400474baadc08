package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"

	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// copyFixture has an object of size bytes and an upload.
type copyFixture struct {
	backend.Backend
	store  *memdriver.Store
	upload string
}

func newCopyFixture(t testing.TB, size int) *copyFixture {
	store := memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags())
	b, ctx := New(store, "owner"), context.Background()
	bucket := new("b")
	require.NoError(t, b.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}, nil))
	_, err := b.PutObject(ctx, s3response.PutObjectInput{
		Bucket: bucket, Key: new("object"), Body: io.LimitReader(random(), int64(size)), ContentLength: new(int64(size)),
	})
	require.NoError(t, err)
	up, err := b.CreateMultipartUpload(ctx, s3response.CreateMultipartUploadInput{Bucket: bucket, Key: new("copy")})
	require.NoError(t, err)
	return &copyFixture{b, store, up.UploadId}
}

// random returns the same bytes every time.
func random() io.Reader { return rand.NewChaCha8([32]byte{}) }

// copyPart copies a range of the object, all of it if that is empty.
func (f *copyFixture) copyPart(t testing.TB, number int32, byteRange string) s3response.CopyPartResult {
	in := &s3.UploadPartCopyInput{Bucket: new("b"), Key: new("copy"), UploadId: &f.upload, PartNumber: &number, CopySource: new("b/object")}
	if byteRange != "" {
		in.CopySourceRange = &byteRange
	}
	res, err := f.UploadPartCopy(context.Background(), in)
	require.NoError(t, err)
	return res
}

// TestUploadPartCopyShares copies parts of a long object. They cost no memory but the
// leaves at their ends, and completing the upload joins them.
func TestUploadPartCopyShares(t *testing.T) {
	const size = 64 << 20
	f := newCopyFixture(t, size)
	half := fmt.Sprintf("bytes=0-%d", size/2-1)
	rest := fmt.Sprintf("bytes=%d-%d", size/2, size-1)
	first := f.copyPart(t, 1, half)
	for byteRange, most := range map[string]uint64{"": 64 << 10, half: 2<<20 + 512<<10} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f.copyPart(t, 3, byteRange)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, most, byteRange)
	}
	second := f.copyPart(t, 2, rest)
	_, _, err := f.CompleteMultipartUpload(context.Background(), &s3.CompleteMultipartUploadInput{
		Bucket: new("b"), Key: new("copy"), UploadId: &f.upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{
			{PartNumber: new(int32(1)), ETag: first.ETag}, {PartNumber: new(int32(2)), ETag: second.ETag},
		}},
	})
	require.NoError(t, err)
	r, o, err := f.store.Bucket("b").Open(context.Background(), "copy", 0, 0, nil)
	require.NoError(t, err)
	defer r.Close()
	require.EqualValues(t, size, o.Size)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	want := make([]byte, size)
	random().Read(want)
	require.True(t, bytes.Equal(want, content))
}

// BenchmarkUploadPartCopy copies the whole and a range of an object of 64 MiB.
func BenchmarkUploadPartCopy(b *testing.B) {
	const size = 64 << 20
	f := newCopyFixture(b, size)
	for name, byteRange := range map[string]string{"whole": "", "range": fmt.Sprintf("bytes=1-%d", size-1)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.copyPart(b, 1, byteRange)
			}
		})
	}
}
