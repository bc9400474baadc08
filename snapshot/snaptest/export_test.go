package snaptest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An entry that cannot be moved takes back those that were.
func TestMoveEntriesMovesAllOrNothing(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(from, "a"), filepath.Join(from, "b"), filepath.Join(to, "b", "theirs")} {
		require.NoError(t, os.MkdirAll(path, 0o777))
	}
	require.ErrorIs(t, moveEntries(from, to), os.ErrExist)
	require.NoDirExists(t, filepath.Join(to, "a"))
	require.DirExists(t, filepath.Join(to, "b", "theirs"))

	require.NoError(t, os.RemoveAll(filepath.Join(to, "b")))
	require.NoError(t, os.Mkdir(filepath.Join(from, "a"), 0o777))
	require.NoError(t, moveEntries(from, to))
	require.DirExists(t, filepath.Join(to, "a"))
	require.DirExists(t, filepath.Join(to, "b"))
}
