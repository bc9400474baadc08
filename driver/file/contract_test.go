package filedriver

import (
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
)

// TestContract runs the suite on stores as a program opens them.
func TestContract(t *testing.T) {
	drivertest.Run(t, drivertest.Config{Patience: time.Minute, Factory: func(t *testing.T) (storage.Storage, func()) {
		st := openTest(t, t.TempDir(), "fsync=false")
		return st, func() { st.Close() }
	}})
}

// openTest opens a store by its data source name.
func openTest(t testing.TB, dir, query string) storage.Storage {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(dir), RawQuery: query}
	st, err := storage.Open(t.Context(), u.String())
	require.NoError(t, err)
	return st
}
