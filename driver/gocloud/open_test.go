package gocloud

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// listed returns the keys of a listing.
func listed(t *testing.T, it storage.ObjectIter, err error) []string {
	require.NoError(t, err)
	var keys []string
	for o, err := range storage.All(it) {
		require.NoError(t, err)
		keys = append(keys, o.Key)
	}
	return keys
}

// TestForeignBlobs checks that a store shows what others put into the bucket.
func TestForeignBlobs(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	for _, key := range []string{"data/a.txt", "data/dir/b.txt", "data/dir/", "data//x", "data/ /y", "root.txt", "../up/x", ".buckets/.", " /z"} {
		require.NoError(t, b.WriteAll(t.Context(), key, []byte(key), &blob.WriterOptions{
			ContentType: "text/plain", Metadata: map[string]string{"owner": "me"},
		}))
	}
	st := Open(b)
	bucket := st.Bucket("data")
	it, err := bucket.List(t.Context(), "", 0, 0, nil)
	assert.Equal(t, []string{"a.txt", "dir/b.txt"}, listed(t, it, err))
	o, err := bucket.Stat(t.Context(), "a.txt", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/plain", o.ContentType)
	assert.Equal(t, map[string]string{"owner": "me"}, o.Metadata)
	_, err = bucket.Stat(t.Context(), "a.txt", storage.Options{storage.OptIfMatch: o.ETag})
	require.NoError(t, err)

	buckets, err := st.Buckets(t.Context(), 0, 0, nil)
	require.NoError(t, err)
	for info, err := range storage.All(buckets) {
		require.NoError(t, err)
		assert.Equal(t, &storage.BucketInfo{Name: "data"}, info)
	}
	_, err = st.CreateBucket(t.Context(), "data", nil)
	require.ErrorIs(t, err, storage.ErrExist)
	require.ErrorIs(t, st.DeleteBucket(t.Context(), "data", nil), storage.ErrPermission)
	require.NoError(t, st.Close())
}

// TestCopyOfAForeignBlob checks that a copy is described as Stat describes it where
// the service does not tell the MD5.
func TestCopyOfAForeignBlob(t *testing.T) {
	b := memblob.OpenBucket(&memblob.Options{NoMD5: true})
	defer b.Close()
	require.NoError(t, b.WriteAll(t.Context(), "data/a", []byte("content"), nil))
	bucket := Open(b).Bucket("data")
	o, err := bucket.Copy(t.Context(), "b", "", "a", nil)
	require.NoError(t, err)
	now, err := bucket.Stat(t.Context(), "b", nil)
	require.NoError(t, err)
	assert.Equal(t, now, o)
}

func TestReservedBucket(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	st := Open(b)
	_, err := st.CreateBucket(t.Context(), ".buckets", nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = st.Bucket(".buckets").Write(t.Context(), "data", strings.NewReader(""), 0, "", nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = st.Bucket("data").Info(t.Context())
	require.ErrorIs(t, err, storage.ErrNoBucket)
}

// TestClose checks that a store leaves the bucket of its opener open.
func TestClose(t *testing.T) {
	b := memblob.OpenBucket(nil)
	st := Open(b)
	put(t, st.Bucket("data"), "k", "x")
	require.NoError(t, st.Close())
	data, err := b.ReadAll(t.Context(), "data/k")
	require.NoError(t, err)
	assert.Equal(t, "x", string(data))
	require.NoError(t, b.Close())
}

// TestConditionalReplacement checks that what gocloud.dev cannot judge is refused
// and that a condition that fails is told apart (F2).
func TestConditionalReplacement(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	bucket := Open(b).Bucket("data")
	o := put(t, bucket, "k", "old")
	for etag, want := range map[string]error{o.ETag: storage.ErrUnsupported, "other": storage.ErrPrecondition} {
		_, err := bucket.Write(t.Context(), "k", strings.NewReader("new"), 3, "", storage.Options{storage.OptIfMatch: etag})
		assert.ErrorIs(t, err, want)
	}
	assert.Equal(t, "old", content(t, bucket))
}

// TestFilesCreateUnconditionally checks that fileblob, where two writers can both
// create a blob, is not asked to create one under a condition.
func TestFilesCreateUnconditionally(t *testing.T) {
	b := openFiles(t)
	defer b.Close()
	st := Open(b)
	bucket := st.Bucket("data")
	opts := storage.Options{storage.OptUpsert: false}
	_, err := bucket.Write(t.Context(), "k", strings.NewReader("new"), 3, "", opts)
	require.ErrorIs(t, err, storage.ErrUnsupported)
	put(t, bucket, "k", "old")
	_, err = bucket.Write(t.Context(), "k", strings.NewReader("new"), 3, "", opts)
	require.ErrorIs(t, err, storage.ErrExist)
	assert.True(t, storage.LimitsOf(st).Relaxes(storage.RelaxedTwins))
}

func TestOpenNothing(t *testing.T) {
	for _, b := range []*blob.Bucket{nil, {}} {
		st := Open(b)
		_, err := st.Bucket("b").Stat(t.Context(), "k", nil)
		require.ErrorIs(t, err, storage.ErrClosed)
		require.NoError(t, st.Close())
	}
}

// opener opens one memory bucket for each host.
type opener map[string]*blob.Bucket

func (o opener) OpenBucketURL(_ context.Context, u *url.URL) (*blob.Bucket, error) {
	if u.RawQuery != "" {
		return nil, io.ErrUnexpectedEOF
	}
	o[u.Host] = memblob.OpenBucket(nil)
	return o[u.Host], nil
}

func TestURL(t *testing.T) {
	opened := opener{}
	blob.DefaultURLMux().RegisterBucket("gocloudtest", opened)
	Register("gocloudtest")
	st, err := storage.Open(t.Context(), "gocloudtest://container?bucket=main")
	require.NoError(t, err)
	assert.Equal(t, "main", st.Bucket("").Name())
	put(t, st.Bucket(""), "k", "x")
	it, err := st.Bucket("").List(t.Context(), "", 0, 0, nil)
	require.NoError(t, err)
	require.NoError(t, st.Close())
	assert.Equal(t, []string{"k"}, listed(t, it, nil), "an iterator stays good (C2)")
	_, err = opened["container"].Exists(t.Context(), "k")
	assert.Equal(t, gcerrors.FailedPrecondition, gcerrors.Code(err), "the bucket is closed after its last iterator")

	st, err = storage.Open(t.Context(), "gocloudtest://container")
	require.NoError(t, err)
	assert.Equal(t, storage.DefaultBucket, st.Bucket("").Name())
	require.NoError(t, st.Close())
	_, err = opened["container"].Exists(t.Context(), "k")
	assert.Equal(t, gcerrors.FailedPrecondition, gcerrors.Code(err))
}

// TestLimitsOfAURL checks that a prefix leaves less of a key (F2).
func TestLimitsOfAURL(t *testing.T) {
	blob.DefaultURLMux().RegisterBucket("gocloudlimits", opener{})
	Register("gocloudlimits")
	whole, err := storage.Open(t.Context(), "gocloudlimits://container")
	require.NoError(t, err)
	defer whole.Close()
	want := storage.LimitsOf(whole)
	assert.Equal(t, time.Second, want.TimeResolution)

	short, err := storage.Open(t.Context(), "gocloudlimits://container?prefix="+strings.Repeat("p", 512))
	require.NoError(t, err)
	defer short.Close()
	assert.Equal(t, want.MaxKey-512, storage.LimitsOf(short).MaxKey)

	_, err = storage.Open(t.Context(), "gocloudlimits://container?prefix="+strings.Repeat("p", 513))
	require.ErrorIs(t, err, storage.ErrInvalid)
}

func TestBadURL(t *testing.T) {
	blob.DefaultURLMux().RegisterBucket("gocloudbad", opener{})
	Register("gocloudbad")
	_, err := storage.Open(t.Context(), "gocloudbad://container?region=moon-1")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = storage.Open(t.Context(), "gocloudbad://%zz")
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = storage.Open(t.Context(), "azblob://container")
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.ErrorContains(t, err, "no driver of gocloud.dev is imported for azblob://")
}

// strict is a driver whose readers end with their context, like those of services.
type strict struct{ driver.Bucket }

func (b strict) NewRangeReader(ctx context.Context, key string, offset, length int64, opts *driver.ReaderOptions) (driver.Reader, error) {
	r, err := b.Bucket.NewRangeReader(ctx, key, offset, length, opts)
	return strictReader{r, ctx}, err
}

type strictReader struct {
	driver.Reader
	ctx context.Context
}

func (r strictReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// TestReaderOutlivesItsContext checks that the context of Open is that of the call.
func TestReaderOutlivesItsContext(t *testing.T) {
	b := blob.NewBucket(strict{openBucket(memdriver.Open().Bucket("real"), nil)})
	defer b.Close()
	data := Open(b).Bucket("data")
	put(t, data, "k", "text")
	ctx, cancel := context.WithCancel(t.Context())
	rc, _, err := data.Open(ctx, "k", 0, 0, nil)
	require.NoError(t, err)
	cancel()
	text, err := io.ReadAll(rc)
	require.NoError(t, err)
	assert.Equal(t, "text", string(text))
	require.NoError(t, rc.Close())
	_, err = rc.Read(make([]byte, 1))
	require.ErrorIs(t, err, storage.ErrClosed)
}

// buffered is a driver that notes the size of the buffer of each writer.
type buffered struct {
	driver.Bucket
	sizes *[]int
}

func (b buffered) NewTypedWriter(ctx context.Context, key, contentType string, opts *driver.WriterOptions) (driver.Writer, error) {
	*b.sizes = append(*b.sizes, opts.BufferSize)
	return b.Bucket.NewTypedWriter(ctx, key, contentType, opts)
}

// TestBufferHoldsTheBlob checks that a small blob takes a small buffer, into which it
// fits, so that it is uploaded by one request.
func TestBufferHoldsTheBlob(t *testing.T) {
	var sizes []int
	b := blob.NewBucket(buffered{openBucket(memdriver.Open().Bucket("real"), nil), &sizes})
	defer b.Close()
	data := Open(b).Bucket("data")
	put(t, data, "first", "") // marks the bucket, too
	sizes = nil
	for _, size := range []int{0, 1000, 7 << 20, 8 << 20} {
		put(t, data, "k", strings.Repeat("x", size))
	}
	assert.Equal(t, []int{1, 1001, 7<<20 + 1, 0}, sizes)
}

// TestTextThatIsNotUTF8 checks that it is refused rather than changed.
func TestTextThatIsNotUTF8(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	data := Open(b).Bucket("data")
	for _, meta := range []map[string]string{nil, {"key": "\xff"}, {"\xff": "value"}} {
		contentType := "text/plain"
		if meta == nil {
			contentType = "\xff"
		}
		_, err := data.Write(t.Context(), "k", strings.NewReader(""), 0, contentType, storage.Options{storage.OptMetadata: meta})
		assert.ErrorIs(t, err, storage.ErrInvalid)
	}
}

// overtaken is a driver in which another writer comes between a write and the look at
// what was written.
type overtaken struct {
	driver.Bucket
	other func() // nil once it has run
}

func (b *overtaken) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	if other := b.other; other != nil {
		b.other = nil
		other()
	}
	return b.Bucket.Attributes(ctx, key)
}

// TestOvertakenWriter checks that Write describes its own object, not the next one.
func TestOvertakenWriter(t *testing.T) {
	drv := &overtaken{Bucket: openBucket(memdriver.Open().Bucket("real"), nil)}
	b := blob.NewBucket(drv)
	defer b.Close()
	data := Open(b).Bucket("data")
	put(t, data, "k", "old")
	var other *storage.Object
	drv.other = func() { other = put(t, data, "k", "the other's") }
	o := put(t, data, "k", "mine")
	require.NotNil(t, other)
	assert.EqualValues(t, 4, o.Size)
	assert.NotEqual(t, other.ETag, o.ETag)
	_, err := data.Stat(t.Context(), "k", storage.Options{storage.OptIfMatch: other.ETag})
	require.NoError(t, err)
}

// TestBucketIsMarkedAgain checks that a bucket outlives its objects (B2), also one that
// was deleted and came back.
func TestBucketIsMarkedAgain(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	st := Open(b)
	data := st.Bucket("data")
	put(t, data, "k", "x")
	require.NoError(t, st.DeleteBucket(t.Context(), "data", storage.Options{storage.OptForce: true}))
	_, err := data.Info(t.Context())
	require.ErrorIs(t, err, storage.ErrNoBucket)
	put(t, data, "k", "x")
	require.NoError(t, data.Delete(t.Context(), "k", nil))
	_, err = data.Info(t.Context())
	require.NoError(t, err)
}
