package gocloud

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// open returns a bucket of a new store, and the blob bucket on it.
func open(t *testing.T, opts ...memdriver.Option) (storage.Bucket, *blob.Bucket) {
	store := memdriver.Open(opts...)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	b := store.Bucket("b")
	bucket := OpenBucket(b, nil)
	t.Cleanup(func() { assert.NoError(t, bucket.Close()) })
	return b, bucket
}

func put(t *testing.T, b storage.Bucket, key, content string) *storage.Object {
	obj, err := b.Write(t.Context(), key, strings.NewReader(content), int64(len(content)), "", nil)
	require.NoError(t, err)
	return obj
}

func requireCode(t *testing.T, want gcerrors.ErrorCode, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, gcerrors.Code(err), "%v", err)
}

func TestAttributesAreMetadata(t *testing.T) {
	b, bucket := open(t)
	require.NoError(t, bucket.WriteAll(t.Context(), "k", []byte("x"), &blob.WriterOptions{
		CacheControl:    "no-cache",
		ContentLanguage: "en",
		ContentType:     "text/plain",
		Metadata:        map[string]string{"cache-control": "mine", "Owner": "me"},
	}))
	obj, err := b.Stat(t.Context(), "k", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/plain", obj.ContentType)
	assert.Equal(t, map[string]string{
		"Cache-Control": "no-cache", "Content-Language": "en", "cache-control": "mine", "owner": "me",
	}, obj.Metadata)

	_, err = b.Write(t.Context(), "native", strings.NewReader(""), 0, "", storage.Options{
		storage.OptMetadata: map[string]string{"Content-Encoding": "gzip", "Owner": "me"},
	})
	require.NoError(t, err)
	attrs, err := bucket.Attributes(t.Context(), "native")
	require.NoError(t, err)
	assert.Equal(t, "gzip", attrs.ContentEncoding)
	assert.Equal(t, map[string]string{"owner": "me"}, attrs.Metadata)
	assert.Equal(t, "application/octet-stream", attrs.ContentType)
	assert.Nil(t, attrs.MD5)
}

func TestNoMD5(t *testing.T) {
	b, bucket := open(t)
	unhashed := OpenBucket(b, &Options{NoMD5: true})
	for bucket, want := range map[*blob.Bucket]int{bucket: md5.Size, unhashed: 0} {
		require.NoError(t, bucket.WriteAll(t.Context(), "k", []byte("x"), nil))
		attrs, err := bucket.Attributes(t.Context(), "k")
		require.NoError(t, err)
		assert.Len(t, attrs.MD5, want)
	}
	require.NoError(t, unhashed.Close())
}

func TestDirectoryIsNoBlob(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "dir/k", "x")
	for _, key := range []string{"dir", "dir/"} {
		_, err := bucket.Attributes(t.Context(), key)
		requireCode(t, gcerrors.NotFound, err)
		_, err = bucket.NewReader(t.Context(), key, nil)
		requireCode(t, gcerrors.NotFound, err)
		requireCode(t, gcerrors.NotFound, bucket.Copy(t.Context(), "copy", key, nil))
		requireCode(t, gcerrors.NotFound, bucket.Delete(t.Context(), key))
	}
	data, err := bucket.ReadAll(t.Context(), "dir/k")
	require.NoError(t, err)
	assert.Equal(t, "x", string(data))
}

// TestSnapshotIsReadOnly checks that a bucket opens on a snapshot too, and that
// ErrPermission of a write is not taken for that of a directory.
func TestSnapshotIsReadOnly(t *testing.T) {
	store := memdriver.Open()
	put(t, store.Bucket("b"), "dir/k", "x")
	bucket := OpenBucket(store.Snapshot().Storage().Bucket("b"), nil)
	requireCode(t, gcerrors.PermissionDenied, bucket.WriteAll(t.Context(), "k", nil, nil))
	requireCode(t, gcerrors.PermissionDenied, bucket.Copy(t.Context(), "k", "dir/k", nil))
	requireCode(t, gcerrors.PermissionDenied, bucket.Delete(t.Context(), "dir/k"))
	data, err := bucket.ReadAll(t.Context(), "dir/k")
	require.NoError(t, err)
	assert.Equal(t, "x", string(data))
	require.NoError(t, bucket.Close())
}

func TestErrorCode(t *testing.T) {
	b := openBucket(memdriver.Open().Bucket("b"), nil)
	for err, want := range map[error]gcerrors.ErrorCode{
		storage.ErrNotExist:      gcerrors.NotFound,
		storage.ErrNoBucket:      gcerrors.NotFound,
		storage.ErrExist:         gcerrors.AlreadyExists,
		storage.ErrPermission:    gcerrors.PermissionDenied,
		storage.ErrUnsupported:   gcerrors.Unimplemented,
		storage.ErrInvalid:       gcerrors.InvalidArgument,
		storage.ErrClosed:        gcerrors.FailedPrecondition,
		storage.ErrPrecondition:  gcerrors.FailedPrecondition,
		storage.ErrChecksum:      gcerrors.FailedPrecondition,
		storage.ErrQuota:         gcerrors.ResourceExhausted,
		context.Canceled:         gcerrors.Canceled,
		context.DeadlineExceeded: gcerrors.DeadlineExceeded,
		io.ErrUnexpectedEOF:      gcerrors.Unknown,
	} {
		err = &storage.Error{Op: "open", Err: fmt.Errorf("%w: for a reason", err)}
		assert.Equal(t, want, b.ErrorCode(err), "%v", err)
		var e *storage.Error
		assert.True(t, b.ErrorAs(err, &e) && e == err)
		assert.False(t, b.ErrorAs(err, new(string)))
	}
}

func TestErrorsOfTheStore(t *testing.T) {
	store := memdriver.Open(memdriver.WithMaxBytes(10))
	bucket := OpenBucket(store.Bucket("b"), nil)
	large := bytes.Repeat([]byte("x"), 1<<20)
	requireCode(t, gcerrors.ResourceExhausted, bucket.WriteAll(t.Context(), "k", large, nil))
	requireCode(t, gcerrors.InvalidArgument, bucket.WriteAll(t.Context(), "", nil, nil))
	require.NoError(t, store.Close())
	requireCode(t, gcerrors.FailedPrecondition, bucket.WriteAll(t.Context(), "k", large, nil))
	_, err := bucket.List(nil).Next(t.Context())
	requireCode(t, gcerrors.FailedPrecondition, err)
	require.NoError(t, bucket.Close())
}

func TestCloseLeavesTheStoreOpen(t *testing.T) {
	store := memdriver.Open()
	require.NoError(t, OpenBucket(store.Bucket("b"), nil).Close())
	put(t, store.Bucket("b"), "k", "x")
}

func TestRanges(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "k", "0123456789")
	for _, test := range []struct {
		offset, length int64
		want           string
	}{
		{0, 0, ""}, {4, 0, ""}, {4, 2, "45"}, {8, 5, "89"}, {10, -1, ""}, {99, 5, ""}, {0, -1, "0123456789"},
	} {
		r, err := bucket.NewRangeReader(t.Context(), "k", test.offset, test.length, nil)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, test.want, string(got), "%+v", test)
		assert.EqualValues(t, 10, r.Size())
		require.NoError(t, r.Close())
	}
}

func TestURLOpener(t *testing.T) {
	store := memdriver.Open(memdriver.WithDefaultBucket("main"))
	opener := &URLOpener{Storage: store, Options: Options{NoMD5: true}}
	for rawURL, name := range map[string]string{
		"mem://":         "main",
		"mem:///":        "main",
		"s3://uploads":   "uploads",
		"gs://my_Bucket": "my_Bucket",
	} {
		u, err := url.Parse(rawURL)
		require.NoError(t, err)
		bucket, err := opener.OpenBucketURL(t.Context(), u)
		require.NoError(t, err)
		var b storage.Bucket
		require.True(t, bucket.As(&b))
		assert.Equal(t, name, b.Name(), rawURL)
		require.NoError(t, bucket.WriteAll(t.Context(), "k", nil, nil))
		attrs, err := bucket.Attributes(t.Context(), "k")
		require.NoError(t, err)
		assert.Nil(t, attrs.MD5, "the opener's Options are not used")
		require.NoError(t, bucket.Close())
	}
	for rawURL, reason := range map[string]string{
		"s3://uploads/dir":           `unexpected path "/dir"`,
		"s3://uploads?region=moon-1": `unknown parameters "region=moon-1"`,
	} {
		u, err := url.Parse(rawURL)
		require.NoError(t, err)
		_, err = opener.OpenBucketURL(t.Context(), u)
		assert.ErrorContains(t, err, reason)
	}
}

// signing is a bucket that signs, as some drivers' do.
type signing struct{ storage.Bucket }

func (signing) SignedURL(_ context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	return fmt.Sprint(method, " ", key, " ", expires, " ", opts["region"]), nil
}

func TestSignedURL(t *testing.T) {
	b, bucket := open(t)
	_, err := bucket.SignedURL(t.Context(), "k", nil)
	requireCode(t, gcerrors.Unimplemented, err)

	signer := OpenBucket(signing{b}, nil)
	got, err := signer.SignedURL(t.Context(), "dir/", &blob.SignedURLOptions{
		Method: "PUT", Expiry: time.Minute, BeforeSign: func(as func(any) bool) error {
			var opts storage.Options
			require.True(t, as(&opts))
			opts["region"] = "moon-1"
			return nil
		},
	})
	require.NoError(t, err)
	assert.Equal(t, "PUT dir/__0x__ 1m0s moon-1", got)

	_, err = signer.SignedURL(t.Context(), "k", &blob.SignedURLOptions{Method: "PUT", ContentType: "text/plain"})
	requireCode(t, gcerrors.Unimplemented, err)
	require.NoError(t, signer.Close())
}

// TestHooks checks that the error of a Before… hook ends the operation before
// anything happens.
func TestHooks(t *testing.T) {
	b, bucket := open(t)
	obj := put(t, b, "k", "x")
	refused := errors.New("refused")
	refuse := func(func(any) bool) error { return refused }

	err := bucket.WriteAll(t.Context(), "k", []byte("y"), &blob.WriterOptions{BeforeWrite: refuse})
	require.ErrorIs(t, err, refused)
	_, err = bucket.NewReader(t.Context(), "k", &blob.ReaderOptions{BeforeRead: refuse})
	require.ErrorIs(t, err, refused)
	require.ErrorIs(t, bucket.Copy(t.Context(), "copy", "k", &blob.CopyOptions{BeforeCopy: refuse}), refused)
	require.ErrorIs(t, bucket.DeleteWithOptions(t.Context(), "k", &blob.DeleteOptions{BeforeDelete: refuse}), refused)
	_, err = bucket.List(&blob.ListOptions{BeforeList: refuse}).Next(t.Context())
	require.ErrorIs(t, err, refused)
	_, err = OpenBucket(signing{b}, nil).SignedURL(t.Context(), "k", &blob.SignedURLOptions{BeforeSign: refuse})
	require.ErrorIs(t, err, refused)

	now, err := b.Stat(t.Context(), "k", nil)
	require.NoError(t, err)
	assert.Equal(t, obj, now)
	_, err = b.Stat(t.Context(), "copy", nil)
	assert.ErrorIs(t, err, storage.ErrNotExist)
}
