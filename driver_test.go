package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory"
)

type fakeDriver struct{}

var registered atomic.Int32

func (fakeDriver) Open(_ context.Context, dsn string) (storage.Storage, error) {
	return nil, errors.New("opened " + dsn)
}

func TestRegister(t *testing.T) {
	assert.PanicsWithValue(t, "storage: Register with an empty name", func() { storage.Register("", fakeDriver{}) })
	assert.PanicsWithValue(t, "storage: Register of a nil driver as x", func() { storage.Register("x", nil) })
	assert.PanicsWithValue(t, "storage: Register called twice for mem", func() { storage.Register("mem", fakeDriver{}) })
	scheme := fmt.Sprint("fake", registered.Add(1)) // tests may run more than once
	storage.Register(scheme, fakeDriver{})
	_, err := storage.Open(context.Background(), scheme+"://where?how")
	assert.EqualError(t, err, "opened "+scheme+"://where?how", "the driver gets the whole name")
}

func TestOpenErrors(t *testing.T) {
	_, err := storage.Open(context.Background(), "nope://")
	require.ErrorIs(t, err, storage.ErrInvalid)
	assert.ErrorContains(t, err, `unknown scheme "nope"`)
	assert.ErrorContains(t, err, "mem")
	assert.ErrorContains(t, err, "import missing")
	_, err = storage.Open(context.Background(), "mem")
	require.ErrorIs(t, err, storage.ErrInvalid)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = storage.Open(ctx, "mem://")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestErrors(t *testing.T) {
	for err, twin := range map[error]error{
		storage.ErrNotExist: fs.ErrNotExist, storage.ErrExist: fs.ErrExist, storage.ErrPermission: fs.ErrPermission,
		storage.ErrInvalid: fs.ErrInvalid, storage.ErrClosed: fs.ErrClosed, storage.ErrUnsupported: errors.ErrUnsupported,
	} {
		wrapped := &storage.Error{Op: "stat", Bucket: "b", Key: "k", Err: fmt.Errorf("more: %w", err)}
		assert.ErrorIs(t, wrapped, err)
		assert.ErrorIs(t, wrapped, twin)
		assert.NotErrorIs(t, twin, err, "the twin is wider")
	}
	sentinels := []error{storage.ErrNotExist, storage.ErrExist, storage.ErrPermission, storage.ErrUnsupported, storage.ErrInvalid,
		storage.ErrClosed, storage.ErrPrecondition, storage.ErrChecksum, storage.ErrQuota}
	for i, a := range sentinels {
		for j, b := range sentinels {
			assert.Equal(t, i == j, errors.Is(a, b), "%v is %v", a, b)
		}
	}
	e := &storage.Error{Op: "write", Bucket: "b", Key: "a\nb", Err: storage.ErrQuota}
	assert.EqualError(t, e, `storage: write bucket "b" key "a\nb": quota exceeded`)
	e = &storage.Error{Op: "buckets", Err: storage.ErrClosed}
	assert.EqualError(t, e, "storage: buckets: already closed")
}
