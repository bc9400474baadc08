package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory"
)

func ExampleOpen() {
	ctx := context.Background()
	st, err := storage.Open(ctx, "mem://?bucket=photos")
	if err != nil {
		panic(err)
	}
	defer st.Close()
	obj, err := st.Bucket("").Write(ctx, "cat.jpg", strings.NewReader("meow"), 4, "image/jpeg", nil)
	fmt.Println(obj.Bucket, obj.Key, obj.ETag, err)

	_, err = storage.Open(ctx, "s3://photos")
	fmt.Println(errors.Is(err, storage.ErrInvalid))
	// Output:
	// photos cat.jpg bc11093a30a6315f <nil>
	// true
}

func ExampleAll() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	defer st.Close()
	b := st.Bucket("docs")
	for _, key := range []string{"ab", "a/x", "a.b", "a-b"} {
		b.Write(ctx, key, strings.NewReader(key), -1, "", nil)
	}
	objects, err := b.List(ctx, "", 0, 0, storage.Options{storage.OptRecursive: false})
	if err != nil {
		panic(err)
	}
	for obj, err := range storage.All(objects) {
		if err != nil {
			panic(err)
		}
		fmt.Println(obj.Key, obj.IsDir)
	}
	// Output:
	// a-b false
	// a.b false
	// a true
	// ab false
}

func ExampleError() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	_, err := st.Bucket("docs").Stat(ctx, "missing.txt", nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, storage.ErrNotExist), errors.Is(err, fs.ErrNotExist))
	var e *storage.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Bucket, e.Key)
	}
	// Output:
	// storage: stat bucket "docs" key "missing.txt": bucket does not exist
	// true true
	// stat docs missing.txt
}

// threeIter gives three values, and after them nil and err.
type threeIter struct {
	given, closed int
	err           error
}

func (it *threeIter) Next() (*storage.Object, error) {
	if it.given == 3 {
		return nil, it.err
	}
	it.given++
	return &storage.Object{Key: fmt.Sprint(it.given)}, nil
}

func (it *threeIter) Close() error { it.closed++; return nil }

func TestAll(t *testing.T) {
	it, n := &threeIter{}, 0
	for obj, err := range storage.All(it) {
		n++
		assert.NoError(t, err)
		assert.Equal(t, fmt.Sprint(n), obj.Key)
	}
	assert.Equal(t, 3, n)
	assert.Equal(t, 1, it.closed)

	it = &threeIter{}
	for range storage.All(it) {
		break
	}
	assert.Equal(t, 1, it.given)
	assert.Equal(t, 1, it.closed, "leaving the loop closes")

	it, n = &threeIter{err: storage.ErrClosed}, 0
	for obj, err := range storage.All(it) {
		if n++; n == 4 {
			assert.Nil(t, obj)
			assert.ErrorIs(t, err, storage.ErrClosed)
		}
	}
	assert.Equal(t, 4, n, "an error comes once and ends the loop")
	assert.Equal(t, 1, it.closed)
}

// TestAllOfNil: a nil iterator is an error, of whichever kind it is (C3).
func TestAllOfNil(t *testing.T) {
	var objects storage.ObjectIter
	var buckets storage.BucketIter
	var uploads storage.UploadIter
	n := 0
	for obj, err := range storage.All(objects) {
		n++
		assert.Nil(t, obj)
		assert.ErrorIs(t, err, storage.ErrInvalid)
	}
	for info, err := range storage.All(buckets) {
		n++
		assert.Nil(t, info)
		assert.ErrorIs(t, err, storage.ErrInvalid)
	}
	for info, err := range storage.All(uploads) {
		n++
		assert.Nil(t, info)
		assert.ErrorIs(t, err, storage.ErrInvalid)
	}
	assert.Equal(t, 3, n)
}
