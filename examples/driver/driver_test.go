package driver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
)

// open returns a new store and a function that closes it.
func open(t *testing.T) (storage.Storage, func()) {
	st, err := storage.Open(t.Context(), "sandbox://photos")
	require.NoError(t, err)
	return st, func() { st.Close() }
}

// TestContract checks the driver against every rule of package storage.
func TestContract(t *testing.T) { drivertest.ConformanceSuite(t, open) }

// TestSandbox checks what only this driver does.
func TestSandbox(t *testing.T) {
	st, closeStore := open(t)
	defer closeStore()
	obj, err := st.Bucket("").Write(t.Context(), "cat.jpg", strings.NewReader("meow"), 4, "image/jpeg", nil)
	require.NoError(t, err)
	require.Equal(t, "photos", obj.Bucket)
	require.Zero(t, obj.Updated.Nanosecond()%1e6)
}

func TestBadNames(t *testing.T) {
	for _, dsn := range []string{"sandbox://", "sandbox://photos/2024", "sandbox://photos?max_bytes=1", "sandbox://%"} {
		_, err := storage.Open(t.Context(), dsn)
		require.ErrorIs(t, err, storage.ErrInvalid, dsn)
	}
}
