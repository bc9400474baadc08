package gocloud

import (
	"context"
	"errors"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// option returns a hook that sets an option.
func option(key string, value any) func(func(any) bool) error {
	return func(as func(any) bool) error {
		var opts storage.Options
		if !as(&opts) {
			return errors.New("no options")
		}
		opts[key] = value
		return nil
	}
}

// TestETagInConditions checks that a condition takes the ETag of
// blob.Attributes, with its quotes, and that of the object, without (O7).
func TestETagInConditions(t *testing.T) {
	for _, opts := range [][]memdriver.Option{nil, {memdriver.WithMD5ETags()}} {
		b, bucket := open(t, opts...)
		obj := put(t, b, "k", "x")
		attrs, err := bucket.Attributes(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, `"`+obj.ETag+`"`, attrs.ETag)

		for _, etag := range []string{attrs.ETag, obj.ETag, "W/" + attrs.ETag, `"other", ` + attrs.ETag} {
			match, none := option(storage.OptIfMatch, etag), option(storage.OptIfNoneMatch, etag)
			require.NoError(t, bucket.WriteAll(t.Context(), "k", []byte("x"), &blob.WriterOptions{BeforeWrite: match}))
			requireCode(t, gcerrors.FailedPrecondition, bucket.WriteAll(t.Context(), "k", nil, &blob.WriterOptions{BeforeWrite: none}))

			r, err := bucket.NewReader(t.Context(), "k", &blob.ReaderOptions{BeforeRead: match})
			require.NoError(t, err)
			require.NoError(t, r.Close())
			_, err = bucket.NewReader(t.Context(), "k", &blob.ReaderOptions{BeforeRead: none})
			requireCode(t, gcerrors.FailedPrecondition, err)

			require.NoError(t, bucket.Copy(t.Context(), "k", "k", &blob.CopyOptions{BeforeCopy: match}))
			requireCode(t, gcerrors.FailedPrecondition, bucket.DeleteWithOptions(t.Context(), "k", &blob.DeleteOptions{BeforeDelete: none}))
			require.NoError(t, bucket.DeleteWithOptions(t.Context(), "k", &blob.DeleteOptions{BeforeDelete: match}))
			put(t, b, "k", "x")
		}
	}
}

func TestETagIsQuotedOnce(t *testing.T) {
	for etag, want := range map[string]string{"": "", "ab-2": `"ab-2"`, `"ab"`: `"ab"`, `W/"ab"`: `W/"ab"`} {
		assert.Equal(t, want, attributes(&storage.Object{ETag: etag}).ETag, "of %s", etag)
	}
}

// TestMisspeltOption checks that a hook's misspelt condition does not let a write
// through.
func TestMisspeltOption(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "k", "x")
	err := bucket.WriteAll(t.Context(), "k", nil, &blob.WriterOptions{BeforeWrite: option("If-Match", "other")})
	requireCode(t, gcerrors.InvalidArgument, err)
	assert.Equal(t, "x", content(t, b))
}

// TestMissingBucket checks how B1 and B2 look to gocloud.dev.
func TestMissingBucket(t *testing.T) {
	for _, relaxed := range []bool{false, true} {
		limits := storage.Limits{}
		if relaxed {
			limits.Relaxed = []string{storage.RelaxedB2}
		}
		_, bucket := open(t, memdriver.WithLimits(limits))
		accessible, err := bucket.IsAccessible(t.Context())
		require.NoError(t, err)
		assert.Equal(t, !relaxed, accessible)

		_, err = bucket.Attributes(t.Context(), "k")
		requireNoBucket(t, bucket, err)
		_, err = bucket.NewReader(t.Context(), "k", nil)
		requireNoBucket(t, bucket, err)
		requireNoBucket(t, bucket, bucket.Delete(t.Context(), "k"))
		requireNoBucket(t, bucket, bucket.Copy(t.Context(), "l", "k", nil))
		err = bucket.WriteAll(t.Context(), "k", nil, nil)
		if relaxed {
			requireNoBucket(t, bucket, err)
		} else {
			require.NoError(t, err)
		}
	}
}

func requireNoBucket(t *testing.T, b *blob.Bucket, err error) {
	t.Helper()
	requireCode(t, gcerrors.NotFound, err)
	var e *storage.Error
	require.True(t, b.ErrorAs(err, &e))
	require.ErrorIs(t, e, storage.ErrNoBucket)
}

// lastBytes is a reader that returns an error together with its last bytes.
type lastBytes struct {
	io.Reader
	left int
	err  error
}

func (r *lastBytes) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.left -= n; r.left <= 0 {
		err = r.err
	}
	return n, err
}

var errBroken = errors.New("broken")

// TestUploadWithABadEnd: an error that comes with the last bytes stores nothing
// (O1).
func TestUploadWithABadEnd(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "k", "old")
	bad := func() io.Reader { return &lastBytes{strings.NewReader("new"), 3, errBroken} }
	err := bucket.Upload(t.Context(), "k", bad(), &blob.WriterOptions{ContentType: "text/plain"})
	require.ErrorIs(t, err, errBroken)

	ctx, cancel := context.WithCancel(t.Context())
	w, err := bucket.NewWriter(ctx, "k", nil)
	require.NoError(t, err)
	_, err = io.Copy(w, bad())
	require.ErrorIs(t, err, errBroken)
	cancel()
	require.Error(t, w.Close())
	assert.Equal(t, "old", content(t, b))
}

// badEnd is a bucket whose readers fail with their last bytes.
type badEnd struct{ storage.Bucket }

func (b badEnd) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	rc, obj, err := b.Bucket.Open(ctx, key, offset, length, opts)
	if err != nil {
		return nil, nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&lastBytes{rc, int(obj.Size), errBroken}, rc}, obj, nil
}

func TestReadWithABadEnd(t *testing.T) {
	b, _ := open(t)
	put(t, b, "k", "text")
	bucket := OpenBucket(badEnd{b}, nil)
	data, err := bucket.ReadAll(t.Context(), "k")
	assert.ErrorContains(t, err, errBroken.Error())
	assert.Equal(t, "text", string(data))
	var text strings.Builder
	assert.ErrorContains(t, bucket.Download(t.Context(), "k", &text, nil), errBroken.Error())
	assert.Equal(t, "text", text.String())
	require.NoError(t, bucket.Close())
}

// TestNothingIsKept checks that what a caller has of a deleted blob keeps none of
// its content alive (O4).
func TestNothingIsKept(t *testing.T) {
	const size = 32 << 20
	b, bucket := open(t)
	before := heap()
	body := strings.NewReader(strings.Repeat("x", size))
	w, err := bucket.NewWriter(t.Context(), "k", nil)
	require.NoError(t, err)
	_, err = body.WriteTo(w)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	body = nil
	r, err := bucket.NewReader(t.Context(), "k", nil)
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 10))
	require.NoError(t, err)
	attrs, err := bucket.Attributes(t.Context(), "k")
	require.NoError(t, err)
	entry, err := bucket.List(nil).Next(t.Context())
	require.NoError(t, err)

	require.NoError(t, b.Delete(t.Context(), "k", nil))
	require.Greater(t, heap()-before, int64(size*3/4), "the reader keeps its content until it is closed")
	require.NoError(t, r.Close())
	assert.Less(t, heap()-before, int64(size/4))
	runtime.KeepAlive([]any{w, r, attrs, entry})
}

// heap returns the bytes that are reachable.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestNilBucket: a nil argument is an error (C3).
func TestNilBucket(t *testing.T) {
	bucket := OpenBucket(nil, nil)
	invalid := func(err error) {
		t.Helper()
		requireCode(t, gcerrors.InvalidArgument, err)
	}
	invalid(bucket.WriteAll(t.Context(), "k", nil, nil))
	invalid(bucket.Delete(t.Context(), "k"))
	invalid(bucket.Copy(t.Context(), "l", "k", nil))
	_, err := bucket.NewReader(t.Context(), "k", nil)
	invalid(err)
	_, err = bucket.Attributes(t.Context(), "k")
	invalid(err)
	_, err = bucket.List(nil).Next(t.Context())
	invalid(err)
	_, err = bucket.SignedURL(t.Context(), "k", nil)
	invalid(err)
	require.NoError(t, bucket.Close())
}

func TestNilURLOpener(t *testing.T) {
	u := &url.URL{Scheme: "mem"}
	store := memdriver.Open()
	for _, o := range []*URLOpener{nil, {}} {
		_, err := o.OpenBucketURL(t.Context(), u)
		require.ErrorIs(t, err, storage.ErrInvalid)
	}
	_, err := (&URLOpener{Storage: store}).OpenBucketURL(t.Context(), nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
}
