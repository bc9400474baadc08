package filedriver

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// corrupt replaces the content of each file in a directory whose name has the text.
func corrupt(t *testing.T, dir, name, content string) {
	found := false
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(e.Name(), name) {
			return err
		}
		found = true
		return os.WriteFile(path, []byte(content), 0o666)
	}))
	require.True(t, found)
}

// TestBrokenRecord: an object whose record is broken is an error that names the record,
// and can be replaced, deleted and moved with its directory.
func TestBrokenRecord(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"created": 5}`, "\x00\x00"} {
		dir := t.TempDir()
		b := openTest(t, dir, "fsync=false").Bucket("b")
		for _, key := range []string{"d/k", "d/l"} {
			put(t, b, key, "text")
		}
		corrupt(t, filepath.Join(dir, metaDir, "b.d"), "", text)
		_, err := b.Stat(t.Context(), "d/k", nil)
		require.ErrorContains(t, err, `the record ".storage/meta/b.d/d.d/k.`)
		_, _, err = b.Open(t.Context(), "d/k", 0, 0, nil)
		require.ErrorContains(t, err, "is broken")
		it, err := b.List(t.Context(), "", 0, 0, nil)
		require.NoError(t, err)
		_, err = it.Next()
		require.ErrorContains(t, err, "is broken")
		require.NoError(t, it.Close())
		_, err = b.(storage.HasDirectories).Directory("d").Move(t.Context(), "e", nil)
		require.NoError(t, err)
		put(t, b, "e/k", "new")
		require.NoError(t, b.Delete(t.Context(), "e/l", nil))
		assert.Equal(t, []string{"e/k"}, keys(t, b, "", nil))
	}
}

// TestBrokenJournal: a journal that cannot be read is an error, for nobody knows what is
// half done; a journal that is not there is nothing to be done.
func TestBrokenJournal(t *testing.T) {
	dir := t.TempDir()
	put(t, openTest(t, dir, "fsync=false").Bucket("b"), "k", "text")
	for _, text := range []string{"", "{", "[]", `{"move": 5}`, "\x00"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, journalPath), []byte(text), 0o666))
		_, err := Open(dir)
		require.ErrorContains(t, err, `".storage/journal" is broken`, text)
	}
	require.NoError(t, os.Remove(filepath.Join(dir, journalPath)))
	for _, number := range []string{"\x07\x00\x00\x00\x00\x00\x00\x00", "\x01", "", "\xff\xff\xff\xff\xff\xff\xff\xff"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, lockPath), []byte(number), 0o666))
		b := openTest(t, dir, "fsync=false").Bucket("b")
		assert.Equal(t, "text", get(t, b, "k"))
		_, err := b.(storage.HasDirectories).Directory("").Move(t.Context(), "d", nil)
		require.NoError(t, err)
		_, err = b.(storage.HasDirectories).Directory("d").Move(t.Context(), "", nil)
		require.NoError(t, err)
	}
}

// TestJournalOfNothing: a journal of what is done already, or never was, changes nothing.
func TestJournalOfNothing(t *testing.T) {
	dir := t.TempDir()
	put(t, openTest(t, dir, "fsync=false").Bucket("b"), "k", "text")
	for _, text := range []string{"{}", `{"remove":["b/gone",".storage/meta/b.d/gone.1-1"]}`, `{"move":{"dst":"b/x","src":"b/gone"}}`,
		`{"move":{"dst":"b/x","src":"b/gone","merge":true}}`, `{"remove":["../../outside"]}`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, journalPath), []byte(text), 0o666))
		st, err := Open(dir)
		if strings.Contains(text, "outside") {
			require.ErrorIs(t, err, storage.ErrPermission)
			assert.NoFileExists(t, filepath.Join(dir, journalPath))
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, "text", get(t, st.Bucket("b"), "k"))
		require.NoError(t, st.Close())
		assert.NoFileExists(t, filepath.Join(dir, journalPath))
	}
}

// TestSweep: temporary files that are old go when a store is opened that is written to.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	st := openTest(t, dir, "fsync=false")
	put(t, st.Bucket("b"), "k", "text")
	for name, old := range map[string]bool{"old": true, "new": false} {
		path := filepath.Join(dir, tempDir, name)
		require.NoError(t, os.MkdirAll(filepath.Join(path, "sub"), 0o777))
		if old {
			info, err := os.Stat(path)
			require.NoError(t, err)
			long := info.ModTime().Add(-2 * tooOld)
			require.NoError(t, os.Chtimes(path, long, long))
		}
	}
	openTest(t, dir, "fsync=false")
	assert.NoDirExists(t, filepath.Join(dir, tempDir, "old"))
	assert.DirExists(t, filepath.Join(dir, tempDir, "new"))
}
