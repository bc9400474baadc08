package snapshot_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

func TestFS(t *testing.T) {
	st := memdriver.Open()
	keys := []string{"a-b", "a.b", "a/x", "a/y/z", "ab", "é/ü", "deep/er/and/deeper"}
	for _, key := range keys {
		write(t, st.Bucket("b"), key, "text of "+key)
	}
	write(t, st.Bucket("other"), "k", "")
	_, err := st.CreateBucket(ctx, "empty", nil)
	require.NoError(t, err)
	s := st.Snapshot()

	require.NoError(t, fstest.TestFS(s.FS(), "b/a/y/z", "b/a-b", "other/k", "empty"))
	fsys, err := s.BucketFS("b")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(fsys, keys...))
	empty, err := s.BucketFS("empty")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(empty))
	require.NoError(t, fstest.TestFS(new(snapshot.Snapshot).FS()))

	f, err := fsys.Open("a/x")
	require.NoError(t, err)
	require.NoError(t, iotest.TestReader(f, []byte("text of a/x")))
	require.NoError(t, f.Close())
	_, err = f.Read(make([]byte, 1))
	require.ErrorIs(t, err, fs.ErrClosed)
}

func TestFSInfo(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
	write(t, st.Bucket("b"), "d/k", "text")
	fsys, err := st.Snapshot().BucketFS("b")
	require.NoError(t, err)
	info, err := fs.Stat(fsys, "d/k")
	require.NoError(t, err)
	assert.Equal(t, "k", info.Name())
	assert.EqualValues(t, 4, info.Size())
	assert.Equal(t, fs.FileMode(0o444), info.Mode())
	assert.Equal(t, at, info.ModTime())
	obj, err := st.Bucket("b").Stat(ctx, "d/k", nil)
	require.NoError(t, err)
	assert.Equal(t, obj, info.Sys())
	dir, err := fs.Stat(fsys, "d")
	require.NoError(t, err)
	assert.True(t, dir.IsDir())
	assert.Equal(t, at, dir.ModTime())
	assert.Nil(t, dir.Sys())
}

// TestFSTwins: of an object and a directory of one name the directory stands.
func TestFSTwins(t *testing.T) {
	st := memdriver.Open()
	for _, key := range []string{"a", "a/x", "a-b", "b/c", "b/c/d"} {
		write(t, st.Bucket("b"), key, key)
	}
	fsys, err := st.Snapshot().BucketFS("b")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(fsys, "a/x", "a-b", "b/c/d"))
	info, err := fs.Stat(fsys, "a")
	require.NoError(t, err)
	assert.True(t, info.IsDir())
	list, err := fs.ReadDir(fsys, ".")
	require.NoError(t, err)
	assert.Len(t, list, 3)
}

func TestFSErrors(t *testing.T) {
	st := memdriver.Open()
	write(t, st.Bucket("b"), "d/k", "text")
	fsys := st.Snapshot().FS()
	for name, want := range map[string]error{"b/none": fs.ErrNotExist, "none/k": fs.ErrNotExist, "b/d/k/x": fs.ErrNotExist, "/b": fs.ErrInvalid, "b/../b": fs.ErrInvalid, "": fs.ErrInvalid} {
		_, err := fsys.Open(name)
		assert.ErrorIs(t, err, want, name)
		_, err = fs.Stat(fsys, name)
		assert.ErrorIs(t, err, want, name)
		_, err = fs.ReadFile(fsys, name)
		assert.ErrorIs(t, err, want, name)
		_, err = fs.ReadDir(fsys, name)
		assert.ErrorIs(t, err, want, name)
	}
	_, err := fs.ReadDir(fsys, "b/d/k")
	assert.ErrorContains(t, err, "not a directory")
	_, err = fs.ReadFile(fsys, "b/d")
	assert.ErrorContains(t, err, "is a directory")
	d, err := fsys.Open("b/d")
	require.NoError(t, err)
	_, err = d.Read(nil)
	assert.ErrorContains(t, err, "is a directory")
	require.NoError(t, d.Close())
}

func TestFromFS(t *testing.T) {
	at := time.Date(2025, 5, 5, 5, 5, 5, 0, time.UTC)
	files := fstest.MapFS{
		"a.txt":     {Data: []byte("a"), ModTime: at},
		"d/e/b.bin": {Data: make([]byte, 300_000), ModTime: at.Add(time.Hour)},
		"d/empty":   {},
	}
	s, err := snapshot.FromFS("b", files)
	require.NoError(t, err)
	assert.Equal(t, 3, s.Len())
	assert.EqualValues(t, 300_001, s.Bytes())
	back, err := s.BucketFS("b")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(back, "a.txt", "d/e/b.bin", "d/empty"))
	for name, file := range files {
		data, err := fs.ReadFile(back, name)
		require.NoError(t, err)
		assert.Equal(t, len(file.Data), len(data))
		info, err := fs.Stat(back, name)
		require.NoError(t, err)
		assert.True(t, file.ModTime.Equal(info.ModTime()))
	}
	again, err := snapshot.FromFS("b", files)
	require.NoError(t, err)
	assert.Equal(t, dump(t, s.Storage()), dump(t, again.Storage()))
}

func TestFromFSFollowsFileLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600))
	require.NoError(t, os.Symlink("file", filepath.Join(dir, "link")))
	s, err := snapshot.FromFS("b", os.DirFS(dir))
	require.NoError(t, err)
	rc, _, err := s.Storage().Bucket("b").Open(ctx, "link", 0, 0, nil)
	require.NoError(t, err)
	text, err := io.ReadAll(rc)
	require.NoError(t, err)
	assert.Equal(t, "text", string(text))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "up")))
	_, err = snapshot.FromFS("b", os.DirFS(dir))
	assert.ErrorIs(t, err, storage.ErrUnsupported)
	assert.ErrorContains(t, err, `"up"`)
	assert.ErrorContains(t, err, "a link to a directory")
	_, err = snapshot.FromFS("", os.DirFS(dir))
	assert.ErrorIs(t, err, storage.ErrInvalid, "a file in no bucket")
	top := t.TempDir()
	require.NoError(t, os.Symlink(dir, filepath.Join(top, "bucket")))
	_, err = snapshot.FromFS("", os.DirFS(top))
	assert.ErrorContains(t, err, "a link to a directory", "for a bucket, too")
}

func TestFromFSRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		bucket string
		fsys   fs.FS
		want   error
	}{
		"no bucket name":          {" ", fstest.MapFS{}, storage.ErrInvalid},
		"a path with \\":          {"b", fstest.MapFS{`a\b`: {}}, storage.ErrInvalid},
		"a blank name":            {"b", fstest.MapFS{" /a": {}}, storage.ErrInvalid},
		"a blank bucket":          {"", fstest.MapFS{" /a": {}}, storage.ErrInvalid},
		"a file on top":           {"", fstest.MapFS{"a": {}}, storage.ErrInvalid},
		"no file system":          {"b", nil, storage.ErrInvalid},
		"a name that climbs":      {"b", lists{"../x"}, storage.ErrInvalid},
		"a bucket that climbs":    {"", lists{".."}, storage.ErrInvalid},
		"a name that is a dot":    {"b", lists{"."}, storage.ErrInvalid},
		"a name that is empty":    {"b", lists{""}, storage.ErrInvalid},
		"a named pipe":            {"b", fstest.MapFS{"p": {Mode: fs.ModeNamedPipe}}, storage.ErrUnsupported},
		"a pipe listed as file":   {"b", listsFiles{fstest.MapFS{"p": {Mode: fs.ModeNamedPipe}}}, storage.ErrUnsupported},
		"a folder listed as file": {"b", listsFiles{fstest.MapFS{"d/x": {}}}, storage.ErrUnsupported},
		"a missing folder":        {"b", os.DirFS(filepath.Join(t.TempDir(), "none")), fs.ErrNotExist},
	} {
		_, err := snapshot.FromFS(c.bucket, c.fsys)
		assert.ErrorIs(t, err, c.want, name)
	}
}

// lists is a file system whose top directory lists a name, whatever it is.
type lists struct{ name string }

func (l lists) Open(name string) (fs.File, error) { return fstest.MapFS{}.Open(name) }

func (l lists) ReadDir(string) ([]fs.DirEntry, error) {
	return []fs.DirEntry{fs.FileInfoToDirEntry(named(l))}, nil
}

// listsFiles is a file system that lists what it has as files.
type listsFiles struct{ fstest.MapFS }

func (l listsFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := l.MapFS.ReadDir(name)
	for i, e := range entries {
		entries[i] = fs.FileInfoToDirEntry(named{e.Name()})
	}
	return entries, err
}

// named describes an empty file.
type named struct{ name string }

func (n named) Name() string     { return n.name }
func (named) Size() int64        { return 0 }
func (named) Mode() fs.FileMode  { return 0o444 }
func (named) ModTime() time.Time { return time.Time{} }
func (named) IsDir() bool        { return false }
func (named) Sys() any           { return nil }

// TestFromFSErrorsNameTheEntry: an entry that is not a name is quoted as it is.
func TestFromFSErrorsNameTheEntry(t *testing.T) {
	_, err := snapshot.FromFS("b", lists{"../x"})
	assert.ErrorContains(t, err, `"../x"`)
}

// TestBucketFSOfAPattern: a bucket whose name is a pattern is a directory like any.
func TestBucketFSOfAPattern(t *testing.T) {
	st := memdriver.Open()
	write(t, st.Bucket("[x]"), "a.txt", "a")
	write(t, st.Bucket("[x]"), "d/b.txt", "b")
	fsys, err := st.Snapshot().BucketFS("[x]")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(fsys, "a.txt", "d/b.txt"))
	found, err := fs.Glob(fsys, "*.txt")
	require.NoError(t, err)
	assert.Equal(t, []string{"a.txt"}, found)
	sub, err := fs.Sub(fsys, "d")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(sub, "b.txt"))
	_, err = fs.Sub(fsys, "a.txt")
	assert.Error(t, err)
}

// TestFromFSDirectoryTimes: a directory was created with the earliest of its files
// and updated with the latest (D1), whatever their order.
func TestFromFSDirectoryTimes(t *testing.T) {
	at := func(year int) time.Time { return time.Date(year, 1, 2, 3, 4, 5, 6, time.UTC) }
	for _, years := range [][2]int{{2010, 2020}, {2020, 2010}} {
		s, err := snapshot.FromFS("b", fstest.MapFS{"d/a": {ModTime: at(years[0])}, "d/b": {ModTime: at(years[1])}})
		require.NoError(t, err)
		dir, err := s.Storage().Bucket("b").Stat(ctx, "d", nil)
		require.NoError(t, err)
		assert.Equal(t, at(2010), dir.Created)
		assert.Equal(t, at(2020), dir.Updated)
	}
}

// TestExactKeysThatAreNoPaths: FS shows the exact keys that are valid paths.
func TestExactKeysThatAreNoPaths(t *testing.T) {
	st := memdriver.Open(memdriver.WithExactKeys())
	for _, key := range []string{"a", "d/e", "d/", "d//x", "/abs", "./dot", "../up", "d/.."} {
		write(t, st.Bucket("b"), key, key)
	}
	fsys, err := st.Snapshot().BucketFS("b")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(fsys, "a", "d/e"))
}
