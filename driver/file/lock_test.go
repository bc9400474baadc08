package filedriver

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// openFiles opens the engine of a store.
func openFiles(t *testing.T, dir string) *files {
	e, err := open(dir, config{unsynced: true})
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

// TestWaitForLock: the end of a context ends the waiting for another store, which may
// have been stopped, and leaves the lock as it was.
func TestWaitForLock(t *testing.T) {
	dir := t.TempDir()
	holder, other := openFiles(t, dir), openFiles(t, dir)
	require.NoError(t, holder.prepare())
	require.NoError(t, holder.acquire(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		require.ErrorIs(t, other.Delete(ctx, "b/k", engine.Guard{}), context.Canceled)
	}
	require.NoError(t, holder.unlock())
	require.ErrorIs(t, other.Delete(context.Background(), "b/k", engine.Guard{}), storage.ErrNotExist)
	require.ErrorIs(t, holder.Delete(t.Context(), "b/k", engine.Guard{}), storage.ErrNotExist)
}

// TestListWithoutLock: a store that cannot be locked lists nothing while a directory is
// half moved.
func TestListWithoutLock(t *testing.T) {
	dir := t.TempDir()
	st := openTest(t, dir, "fsync=false")
	put(t, st.Bucket("b"), "k", "text")
	require.NoError(t, st.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, tempDir)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, tempDir), nil, 0o666)) // as good as read only
	b := openTest(t, dir, "").Bucket("b")
	assert.Equal(t, []string{"k"}, keys(t, b, "", nil))
	require.NoError(t, os.WriteFile(filepath.Join(dir, lockPath), []byte("\x01\x00\x00\x00\x00\x00\x00\x00"), 0o666))
	it, err := b.List(t.Context(), "moved/", 0, 0, nil)
	require.NoError(t, err)
	_, err = it.Next()
	require.Error(t, err)
	require.NoError(t, it.Close())
}

// TestPrepareAgain: a store that cannot be locked does not close the directories that
// others read.
func TestPrepareAgain(t *testing.T) {
	dir := t.TempDir()
	e := openFiles(t, dir)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, lockPath), 0o777))
	require.Error(t, e.prepare())
	metas := e.metas.Load()
	require.NotNil(t, metas)
	require.Error(t, e.prepare())
	_, err := metas.Stat(".")
	require.NoError(t, err)
}
