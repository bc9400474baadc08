package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// ExampleReadAll adds a line to an object, unless somebody else changes it
// meanwhile.
func ExampleReadAll() {
	ctx := context.Background()
	b := memdriver.Open().Bucket("docs")
	storage.WriteAll(ctx, b, "list.txt", []byte("milk\n"), "text/plain", nil)

	data, obj, err := storage.ReadAll(ctx, b, "list.txt")
	if err != nil {
		panic(err)
	}
	_, err = storage.WriteAll(ctx, b, "list.txt", append(data, "eggs\n"...), obj.ContentType, storage.Options{
		storage.OptIfMatch: obj.ETag,
	})
	fmt.Println(err)

	_, err = storage.WriteAll(ctx, b, "list.txt", append(data, "bread\n"...), obj.ContentType, storage.Options{
		storage.OptIfMatch: obj.ETag,
	})
	fmt.Println(errors.Is(err, storage.ErrPrecondition))
	// Output:
	// <nil>
	// true
}

func ExampleWriteAll() {
	ctx := context.Background()
	b := memdriver.Open().Bucket("docs")
	obj, err := storage.WriteAll(ctx, b, "hello.txt", []byte("hello\n"), "text/plain", nil)
	fmt.Println(obj.Key, obj.Size, err)
	// Output: hello.txt 6 <nil>
}

func ExampleExists() {
	ctx := context.Background()
	b := memdriver.Open().Bucket("docs")
	storage.WriteAll(ctx, b, "letters/1.txt", nil, "", nil)
	for _, key := range []string{"letters/1.txt", "letters/2.txt", "letters"} {
		fmt.Println(storage.Exists(ctx, b, key))
	}
	// Output:
	// true <nil>
	// false <nil>
	// false <nil>
}

func TestReadAllOfWriteAll(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	for _, content := range []string{"", "x", strings.Repeat("0123456789", 300_000)} {
		put, err := storage.WriteAll(t.Context(), b, "k", []byte(content), "text/plain", storage.Options{
			storage.OptMetadata: map[string]string{"a": "b"},
		})
		require.NoError(t, err)
		data, got, err := storage.ReadAll(t.Context(), b, "k")
		require.NoError(t, err)
		assert.True(t, content == string(data))
		assert.Equal(t, put, got)
	}
}

// counting is a bucket that counts the readers that are open.
type counting struct {
	storage.Bucket
	open *int
}

func (b counting) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	r, o, err := b.Bucket.Open(ctx, key, offset, length, opts)
	*b.open++
	return counted{r, b.open}, o, err
}

type counted struct {
	io.ReadCloser
	open *int
}

func (r counted) Close() error { *r.open--; return r.ReadCloser.Close() }

func TestReadAllClosesTheReader(t *testing.T) {
	b := counting{memdriver.Open().Bucket("b"), new(int)}
	_, err := storage.WriteAll(t.Context(), b, "k", nil, "", nil)
	require.NoError(t, err)
	_, _, err = storage.ReadAll(t.Context(), b, "k")
	require.NoError(t, err)
	assert.Zero(t, *b.open)
}

// brokenReads is a bucket whose readers fail.
type brokenReads struct{ storage.Bucket }

func (b brokenReads) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	r, o, err := b.Bucket.Open(ctx, key, offset, length, opts)
	if err == nil {
		r.Close()
		r = io.NopCloser(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errTorn)))
	}
	return r, o, err
}

var errTorn = errors.New("torn")

func TestReadAllFails(t *testing.T) {
	st := memdriver.Open()
	b := st.Bucket("b")
	_, err := storage.WriteAll(t.Context(), b, "k", []byte("content"), "", nil)
	require.NoError(t, err)
	none := func(b storage.Bucket, ctx context.Context, key string, want error) {
		t.Helper()
		data, o, err := storage.ReadAll(ctx, b, key)
		assert.ErrorIs(t, err, want)
		assert.Nil(t, data)
		assert.Nil(t, o)
	}
	none(b, t.Context(), "other", storage.ErrNotExist)
	none(b, t.Context(), "", storage.ErrInvalid)
	none(b, done(t), "k", context.Canceled)
	none(b, nil, "k", storage.ErrInvalid)
	none(nil, t.Context(), "k", storage.ErrInvalid)
	none(brokenReads{b}, t.Context(), "k", errTorn)
	require.NoError(t, st.Close())
	none(b, t.Context(), "k", storage.ErrClosed)
}

func done(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestWriteAllFails(t *testing.T) {
	st := memdriver.Open()
	b := st.Bucket("b")
	fails := func(b storage.Bucket, ctx context.Context, opts storage.Options, want error) {
		t.Helper()
		o, err := storage.WriteAll(ctx, b, "k", []byte("new"), "", opts)
		assert.ErrorIs(t, err, want)
		assert.Nil(t, o)
	}
	fails(b, t.Context(), storage.Options{storage.OptIfMatch: "*"}, storage.ErrPrecondition)
	fails(b, done(t), nil, context.Canceled)
	fails(b, nil, nil, storage.ErrInvalid)
	fails(nil, t.Context(), nil, storage.ErrInvalid)
	require.Zero(t, st.Snapshot().Len())
	require.NoError(t, st.Close())
	fails(b, t.Context(), nil, storage.ErrClosed)
}

func TestExists(t *testing.T) {
	st := memdriver.Open()
	b := st.Bucket("b")
	for _, key := range []string{"both", "both/x", "dir/x", "object"} {
		_, err := storage.WriteAll(t.Context(), b, key, nil, "", nil)
		require.NoError(t, err)
	}
	for key, want := range map[string]bool{
		"both": true, "both/": true, "dir": false, "dir/": false, "dir/x": true, "object": true, "object/": true, `\object\`: true, "none": false,
	} {
		ok, err := storage.Exists(t.Context(), b, key)
		require.NoError(t, err, key)
		assert.Equal(t, want, ok, key)
	}
	ok, err := storage.Exists(t.Context(), st.Bucket("missing"), "k")
	assert.NoError(t, err)
	assert.False(t, ok)
}

func TestExistsOfExactKeys(t *testing.T) {
	b := memdriver.Open(memdriver.WithExactKeys()).Bucket("b")
	_, err := storage.WriteAll(t.Context(), b, "a//", nil, "", nil)
	require.NoError(t, err)
	for key, want := range map[string]bool{"a//": true, "a": false, "a/": false} {
		ok, err := storage.Exists(t.Context(), b, key)
		require.NoError(t, err, key)
		assert.Equal(t, want, ok, key)
	}
}

func TestExistsFails(t *testing.T) {
	st := memdriver.Open()
	b := st.Bucket("b")
	fails := func(b storage.Bucket, ctx context.Context, key string, want error) {
		t.Helper()
		ok, err := storage.Exists(ctx, b, key)
		assert.ErrorIs(t, err, want)
		assert.False(t, ok)
	}
	fails(b, t.Context(), "", storage.ErrInvalid)
	fails(b, t.Context(), "../k", storage.ErrPermission)
	fails(b, done(t), "k", context.Canceled)
	fails(nil, t.Context(), "k", storage.ErrInvalid)
	require.NoError(t, st.Close())
	fails(b, t.Context(), "k", storage.ErrClosed)
}
