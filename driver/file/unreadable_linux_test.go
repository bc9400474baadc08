package filedriver

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"open-lake.dev/lib/storage"
)

// TestUnreadable: a file that this process may not read does not end a listing.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "fsync=false").Bucket("b")
	put(t, b, "k", "text")
	foreign(t, dir, "b/secret.png", "text")
	require.NoError(t, os.Chmod(filepath.Join(dir, "b", "secret.png"), 0))
	if os.Geteuid() == 0 { // root may read it
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		require.NoError(t, unix.Setfsuid(65534))
		defer func() { require.NoError(t, unix.Setfsuid(0)) }()
	}
	assert.Equal(t, []string{"k", "secret.png"}, keys(t, b, "", nil))
	o, err := b.Stat(t.Context(), "secret.png", nil)
	require.NoError(t, err)
	assert.Equal(t, "image/png", o.ContentType)
	_, _, err = b.Open(t.Context(), "secret.png", 0, 0, nil)
	require.ErrorIs(t, err, storage.ErrPermission)
}
