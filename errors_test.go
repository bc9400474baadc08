package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

func TestErrorTwins(t *testing.T) {
	for err, twin := range map[error]error{
		storage.ErrNotExist: fs.ErrNotExist, storage.ErrExist: fs.ErrExist, storage.ErrPermission: fs.ErrPermission,
		storage.ErrInvalid: fs.ErrInvalid, storage.ErrClosed: fs.ErrClosed, storage.ErrUnsupported: errors.ErrUnsupported,
	} {
		wrapped := &storage.Error{Op: "stat", Bucket: "b", Key: "k", Err: fmt.Errorf("more: %w", err)}
		assert.ErrorIs(t, wrapped, err)
		assert.ErrorIs(t, wrapped, twin)
		assert.NotErrorIs(t, twin, err, "the twin is wider")
		assert.EqualError(t, err, twin.Error())
	}
}

func TestErrorsAreApart(t *testing.T) {
	sentinels := []error{storage.ErrNotExist, storage.ErrExist, storage.ErrPermission, storage.ErrUnsupported, storage.ErrInvalid,
		storage.ErrClosed, storage.ErrPrecondition, storage.ErrChecksum, storage.ErrQuota, storage.ErrNoBucket}
	for _, a := range sentinels {
		for _, b := range sentinels {
			is := a == b || a == storage.ErrNoBucket && b == storage.ErrNotExist
			assert.Equal(t, is, errors.Is(a, b), "%v is %v", a, b)
		}
	}
	assert.ErrorIs(t, storage.ErrNoBucket, fs.ErrNotExist)
}

func TestErrorText(t *testing.T) {
	e := &storage.Error{Op: "write", Bucket: "b", Key: "a\nb", Err: storage.ErrQuota}
	assert.EqualError(t, e, `storage: write bucket "b" key "a\nb": quota exceeded`)
	e = &storage.Error{Op: "info", Bucket: "b", Err: storage.ErrNoBucket}
	assert.EqualError(t, e, `storage: info bucket "b": bucket does not exist`)
	e = &storage.Error{Op: "buckets", Err: storage.ErrClosed}
	assert.EqualError(t, e, "storage: buckets: file already closed")
	assert.EqualError(t, &storage.Error{Op: "list"}, "storage: list", "without a cause")
	for err, text := range map[error]string{
		storage.ErrPrecondition: "precondition failed", storage.ErrChecksum: "checksum mismatch", storage.ErrQuota: "quota exceeded",
	} {
		assert.EqualError(t, err, text)
	}
}

func ExampleError_Error() {
	err := &storage.Error{Op: "write", Bucket: "docs", Key: "report.txt", Err: storage.ErrQuota}
	fmt.Println(err)
	// Output: storage: write bucket "docs" key "report.txt": quota exceeded
}

// ExampleError_Unwrap tells a missing bucket from a missing object.
func ExampleError_Unwrap() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	defer st.Close()
	_, err := st.Bucket("docs").Stat(ctx, "report.txt", nil)
	fmt.Println(errors.Is(err, storage.ErrNotExist), errors.Is(err, storage.ErrNoBucket))
	st.CreateBucket(ctx, "docs", nil)
	_, err = st.Bucket("docs").Stat(ctx, "report.txt", nil)
	fmt.Println(errors.Is(err, storage.ErrNotExist), errors.Is(err, storage.ErrNoBucket))
	// Output:
	// true true
	// true false
}
