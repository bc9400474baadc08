package gocloud

import (
	"context"
	"crypto/md5"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// newWriter returns a driver's writer to the key "k" of b.
func newWriter(t *testing.T, ctx context.Context, b storage.Bucket, opts driver.WriterOptions) driver.Writer {
	w, err := openBucket(b, nil).NewTypedWriter(ctx, "k", "text/plain", &opts)
	require.NoError(t, err)
	return w
}

func content(t *testing.T, b storage.Bucket) string {
	rc, _, err := b.Open(t.Context(), "k", 0, 0, nil)
	require.NoError(t, err)
	data, err := io.ReadAll(rc)
	require.NoError(t, err)
	require.NoError(t, rc.Close())
	return string(data)
}

func TestCloseTwice(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	for name, write := range map[string]func(io.Writer) error{
		"nothing": func(io.Writer) error { return nil },
		"write":   func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err },
		"upload":  func(w io.Writer) error { return w.(driver.Uploader).Upload(strings.NewReader("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t, t.Context(), b, driver.WriterOptions{})
			require.NoError(t, write(w))
			require.NoError(t, w.Close())
			first, err := b.Stat(t.Context(), "k", nil)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			second, err := b.Stat(t.Context(), "k", nil)
			require.NoError(t, err)
			assert.Equal(t, first, second, "the second Close wrote")
		})
	}
}

// deaf is a bucket that ignores the end of a context, like a store that waits for
// its source.
type deaf struct{ storage.Bucket }

func (b deaf) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	return b.Bucket.Write(context.WithoutCancel(ctx), key, src, size, contentType, opts)
}

// TestAbandonedWriter cancels a writer and never closes it. TestMain fails if its
// goroutine goes on.
func TestAbandonedWriter(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	put(t, b, "k", "old")
	ctx, cancel := context.WithCancel(t.Context())
	w := newWriter(t, ctx, deaf{b}, driver.WriterOptions{})
	_, err := io.WriteString(w, "new")
	require.NoError(t, err)
	cancel()
	assert.Equal(t, "old", content(t, b))
}

func TestCancelledWriter(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	put(t, b, "k", "old")
	for name, test := range map[string]struct {
		b    storage.Bucket
		text string
	}{"nothing": {b, ""}, "some": {b, "new"}, "some, deaf": {deaf{b}, "new"}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			w := newWriter(t, ctx, test.b, driver.WriterOptions{})
			if test.text != "" {
				_, err := io.WriteString(w, test.text)
				require.NoError(t, err)
			}
			cancel()
			assert.ErrorIs(t, w.Close(), context.Canceled)
			assert.ErrorIs(t, w.Close(), context.Canceled)
			assert.Equal(t, "old", content(t, b))
		})
	}
}

func TestUploadOfAFailingReader(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "k", "old")
	broken := errors.New("broken")
	src := io.MultiReader(strings.NewReader("new"), iotest.ErrReader(broken))
	err := bucket.Upload(t.Context(), "k", src, &blob.WriterOptions{ContentType: "text/plain"})
	require.ErrorIs(t, err, broken)
	assert.Equal(t, "old", content(t, b))
}

func TestContentMD5(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	sum := md5.Sum([]byte("right"))
	for text, want := range map[string]error{"right": nil, "wrong": storage.ErrChecksum} {
		w := newWriter(t, t.Context(), b, driver.WriterOptions{ContentMD5: sum[:]})
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
		assert.ErrorIs(t, w.Close(), want)
	}
	assert.Equal(t, "right", content(t, b))
}

// TestWriteAfterCancel checks that a Write after the store's reads have ended returns
// the context's error.
func TestWriteAfterCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWriter(t, ctx, deaf{memdriver.Open().Bucket("b")}, driver.WriterOptions{})
	_, err := io.WriteString(w, "new")
	require.NoError(t, err)
	cancel()
	for err == nil {
		_, err = w.Write(make([]byte, 64<<10))
	}
	assert.Equal(t, context.Canceled, err)
	assert.ErrorIs(t, w.Close(), context.Canceled)
}

// TestWriteAfterTheStoreGaveUp checks that a Write after the store's error returns
// that error.
func TestWriteAfterTheStoreGaveUp(t *testing.T) {
	b := memdriver.Open(memdriver.WithMaxBytes(10)).Bucket("b")
	w := newWriter(t, t.Context(), b, driver.WriterOptions{})
	var err error
	for err == nil {
		_, err = w.Write(make([]byte, 64<<10))
	}
	assert.ErrorIs(t, err, storage.ErrQuota)
	assert.ErrorIs(t, w.Close(), storage.ErrQuota)
}

func TestIfNotExist(t *testing.T) {
	b, bucket := open(t)
	opts := &blob.WriterOptions{IfNotExist: true}
	require.NoError(t, bucket.WriteAll(t.Context(), "k", []byte("first"), opts))
	requireCode(t, gcerrors.FailedPrecondition, bucket.WriteAll(t.Context(), "k", []byte("second"), opts))
	assert.Equal(t, "first", content(t, b))
}

// TestConditions checks that the store judges the condition that a hook sets.
func TestConditions(t *testing.T) {
	b, bucket := open(t)
	put(t, b, "k", "x")
	put(t, b, "l", "y")
	other := func(as func(any) bool) error {
		var opts storage.Options
		require.True(t, as(&opts))
		opts[storage.OptIfMatch] = "another"
		return nil
	}
	requireCode(t, gcerrors.FailedPrecondition, bucket.WriteAll(t.Context(), "k", nil, &blob.WriterOptions{BeforeWrite: other}))
	_, err := bucket.NewReader(t.Context(), "k", &blob.ReaderOptions{BeforeRead: other})
	requireCode(t, gcerrors.FailedPrecondition, err)
	requireCode(t, gcerrors.FailedPrecondition, bucket.Copy(t.Context(), "k", "l", &blob.CopyOptions{BeforeCopy: other}))
	requireCode(t, gcerrors.FailedPrecondition, bucket.DeleteWithOptions(t.Context(), "k", &blob.DeleteOptions{BeforeDelete: other}))
	assert.Equal(t, "x", content(t, b))
}
