package filedriver

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"open-lake.dev/lib/storage"
)

// TestFull: a disk without room is ErrQuota, and what was there stays.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("mounting a small file system: ", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	b := openTest(t, dir, "").Bucket("b")
	old := put(t, b, "k", "old")
	for _, size := range []int{1 << 20, 5 << 20} { // from memory, and spooled
		_, err := b.Write(t.Context(), "k", strings.NewReader(strings.Repeat("x", size)), -1, "", nil)
		require.ErrorIs(t, err, storage.ErrQuota)
	}
	mu, err := b.(storage.HasMultipart).InitMultipart(t.Context(), "k", "", nil)
	require.NoError(t, err)
	part, err := b.(storage.HasMultipart).UploadPart(t.Context(), mu, 1, strings.NewReader(strings.Repeat("x", 600<<10)), -1, nil)
	require.NoError(t, err)
	_, err = b.(storage.HasMultipart).CompleteMultipart(t.Context(), mu, []*storage.PartInfo{part}, nil)
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.Equal(t, "old", get(t, b, "k"))
	o, err := b.Stat(t.Context(), "k", nil)
	require.NoError(t, err)
	assert.Equal(t, old, o)
	temps, err := os.ReadDir(filepath.Join(dir, tempDir))
	require.NoError(t, err)
	assert.Empty(t, temps)
	require.NoError(t, b.(storage.HasMultipart).AbortMultipart(t.Context(), mu, nil), "making room must be possible")
	put(t, b, "k", strings.Repeat("y", 600<<10))
}

// asNobody makes the rest of the test one that a user without rights runs.
func asNobody(t *testing.T) {
	if os.Getuid() != 0 {
		return
	}
	runtime.LockOSThread() // the thread ends with the test
	_, err := unix.SetfsuidRetUid(65534)
	require.NoError(t, err)
}

// TestForbidden: files that the user may not write are ErrPermission, and can be read.
func TestForbidden(t *testing.T) {
	dir, fresh := t.TempDir(), t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755))
	b := openTest(t, dir, "").Bucket("b")
	put(t, b, "a/k", "text")
	require.NoError(t, os.MkdirAll(filepath.Join(fresh, "b", "a"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(fresh, "b", "a", "k"), []byte("text"), 0o444))
	for _, d := range []string{dir, fresh} {
		require.NoError(t, filepath.WalkDir(d, func(path string, e os.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				return os.Chmod(path, 0o555)
			}
			return os.Chmod(path, 0o444)
		}))
	}
	t.Cleanup(func() {
		for _, d := range []string{dir, fresh} {
			_ = filepath.WalkDir(d, func(path string, e os.DirEntry, err error) error { return os.Chmod(path, 0o777) })
		}
	})
	done := make(chan struct{})
	go func() { // of which the thread ends
		defer close(done)
		asNobody(t)
		for _, d := range []string{dir, fresh} {
			b := openTest(t, d, "").Bucket("b")
			assert.Equal(t, "text", get(t, b, "a/k"))
			assert.Equal(t, []string{"a/k"}, keys(t, b, "", nil))
			_, err := b.Write(t.Context(), "a/k", strings.NewReader("x"), 1, "", nil)
			assert.ErrorIs(t, err, storage.ErrPermission)
			_, err = b.Write(t.Context(), "new", strings.NewReader("x"), 1, "", nil)
			assert.ErrorIs(t, err, storage.ErrPermission)
			assert.ErrorIs(t, b.Delete(t.Context(), "a/k", nil), storage.ErrPermission)
			_, err = b.(storage.HasDirectories).Directory("a").Move(t.Context(), "c", nil)
			assert.ErrorIs(t, err, storage.ErrPermission)
		}
	}()
	<-done
}
