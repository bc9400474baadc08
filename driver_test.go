package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory"
)

type fakeDriver struct{}

var registered atomic.Int32

// register registers fakeDriver under a scheme of its own, since tests may run
// more than once.
func register() (scheme string) {
	scheme = fmt.Sprint("fake", registered.Add(1))
	storage.Register(scheme, fakeDriver{})
	return scheme
}

func (fakeDriver) Open(_ context.Context, dsn string) (storage.Storage, error) {
	return nil, errors.New("opened " + dsn)
}

func TestRegister(t *testing.T) {
	assert.PanicsWithValue(t, "storage: Register with an empty name", func() { storage.Register("", fakeDriver{}) })
	assert.PanicsWithValue(t, "storage: Register of a nil driver as x", func() { storage.Register("x", nil) })
	assert.PanicsWithValue(t, "storage: Register called twice for mem", func() { storage.Register("mem", fakeDriver{}) })
}

// TestOpenPassesTheName: the driver gets the whole data source name, also an
// opaque one.
func TestOpenPassesTheName(t *testing.T) {
	scheme := register()
	for _, rest := range []string{"", "/data", "//", "//where?how", "//where/?how#now", ":"} {
		dsn := scheme + ":" + rest
		_, err := storage.Open(context.Background(), dsn)
		assert.EqualError(t, err, "opened "+dsn)
	}
}

func TestOpenMemory(t *testing.T) {
	for _, dsn := range []string{"mem:", "mem://", "mem://name", "mem://name/", "mem://?bucket=", "mem:?bucket=b"} {
		st, err := storage.Open(context.Background(), dsn)
		require.NoError(t, err, dsn)
		assert.NoError(t, st.Close())
	}
}

func TestOpenErrors(t *testing.T) {
	ctx := context.Background()
	_, err := storage.Open(ctx, "nope://")
	require.ErrorIs(t, err, storage.ErrInvalid)
	assert.ErrorContains(t, err, `unknown scheme "nope"`)
	assert.ErrorContains(t, err, "mem")
	_, err = storage.Open(ctx, "s3://bucket")
	assert.ErrorContains(t, err, `import _ "open-lake.dev/lib/storage/driver/s3"`)
	for _, dsn := range []string{"", "mem", "://", ":", "/mem", "?mem"} {
		_, err := storage.Open(ctx, dsn)
		require.ErrorIs(t, err, storage.ErrInvalid, dsn)
		var e *storage.Error
		require.ErrorAs(t, err, &e, dsn)
		assert.Equal(t, "open", e.Op)
	}
	var none context.Context
	_, err = storage.Open(none, "mem://")
	assert.ErrorIs(t, err, storage.ErrInvalid)
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, err = storage.Open(ctx, "mem://")
	assert.ErrorIs(t, err, context.Canceled)
}

var once sync.Once

func ExampleRegister() {
	// A driver does this once, from its init function.
	once.Do(func() { storage.Register("example", fakeDriver{}) })
	_, err := storage.Open(context.Background(), "example://data")
	fmt.Println(err)
	// Output: opened example://data
}
