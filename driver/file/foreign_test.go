package filedriver

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// foreign writes a file as another program does.
func foreign(t *testing.T, dir, key, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(key))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
}

// TestLongForeignNames: names that are too long for a record are those of objects
// without one, and their directories can be moved and deleted.
func TestLongForeignNames(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "fsync=false").Bucket("b")
	put(t, b, "k", "text")
	file, long := strings.Repeat("f", 255), strings.Repeat("d", 254)
	foreign(t, dir, "b/"+file, "long file")
	foreign(t, dir, "b/"+long+"/x", "in a long directory")
	assert.Equal(t, []string{long + "/x", file, "k"}, keys(t, b, "", nil))
	assert.Equal(t, "long file", get(t, b, file))
	_, err := b.Stat(t.Context(), strings.Repeat("n", 300), nil)
	require.ErrorIs(t, err, storage.ErrNotExist)

	directory := b.(storage.HasDirectories).Directory(long)
	_, err = directory.Move(t.Context(), "moved", nil)
	require.NoError(t, err)
	assert.Equal(t, "in a long directory", get(t, b, "moved/x"))
	foreign(t, dir, "b/"+long+"/x", "again")
	require.NoError(t, directory.Delete(t.Context(), storage.Options{storage.OptRecursive: true}))
	require.NoError(t, b.Delete(t.Context(), file, nil))
	assert.Equal(t, []string{"k", "moved/x"}, keys(t, b, "", nil))
}

// TestMoveIsNotTakenAwayTwice: a move that was cut off after its first step goes on with
// what it took away, also if another program made a directory of that name since.
func TestMoveIsNotTakenAwayTwice(t *testing.T) {
	dir := t.TempDir()
	put(t, openTest(t, dir, "fsync=false").Bucket("b"), "d/k", "text")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, movingDir), 0o777))
	require.NoError(t, os.Rename(filepath.Join(dir, "b", "d"), filepath.Join(dir, movingFiles)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, journalPath), []byte(`{"move":{"dst":"b/e","src":"b/d"}}`), 0o666))
	foreign(t, dir, "b/d/new", "new")
	b := openTest(t, dir, "fsync=false").Bucket("b")
	assert.Equal(t, []string{"d/new", "e/k"}, keys(t, b, "", nil))
	o, err := b.Stat(t.Context(), "e/k", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/x-test", o.ContentType)
}

// TestForeignNamesOfNoKey: files that no key can name are in no listing, and do not make
// directories.
func TestForeignNamesOfNoKey(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "fsync=false").Bucket("b")
	put(t, b, "k", "text")
	for _, name := range []string{"v/~object", "w/a~object~object", "x/ ", "y/\t/k"} {
		foreign(t, dir, "b/"+name, "text")
	}
	foreign(t, dir, "b/twin/a~object", "an object without the directory")
	if runtime.GOOS == "linux" {
		foreign(t, dir, "b/z/\xff", "text")
		foreign(t, dir, `b/u/a\b`, "text")
	}
	assert.Equal(t, []string{"k", "twin/a"}, keys(t, b, "", nil))
	assert.Equal(t, []string{"k", "twin/"}, keys(t, b, "", storage.Options{storage.OptRecursive: false}))
	for _, name := range []string{"u", "v", "w", "x", "y", "z"} {
		_, err := b.Stat(t.Context(), name, nil)
		require.ErrorIs(t, err, storage.ErrNotExist)
	}
}

// TestCutOff: a reader of a file that another program cuts off fails, however it is read.
func TestCutOff(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "fsync=false").Bucket("b")
	for name, read := range map[string]func(r io.Reader) (int64, error){
		"Read": func(r io.Reader) (int64, error) {
			text, err := io.ReadAll(r)
			return int64(len(text)), err
		},
		"WriteTo": func(r io.Reader) (int64, error) { return io.Copy(io.Discard, r) },
	} {
		put(t, b, "k", "long text")
		rc, _, err := b.Open(t.Context(), "k", 1, 0, nil)
		require.NoError(t, err)
		require.NoError(t, os.Truncate(filepath.Join(dir, "b", "k"), 5))
		n, err := read(rc)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		assert.EqualValues(t, 4, n)
		require.NoError(t, rc.Close())
	}
}
