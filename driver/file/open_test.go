package filedriver

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// openTest opens a store by its data source name.
func openTest(t testing.TB, dir, query string) storage.Storage {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(dir), RawQuery: query}
	st, err := storage.Open(context.Background(), u.String())
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}

// put writes a text.
func put(t testing.TB, b storage.Bucket, key, text string) *storage.Object {
	t.Helper()
	o, err := b.Write(t.Context(), key, strings.NewReader(text), int64(len(text)), "text/x-test", nil)
	require.NoError(t, err)
	return o
}

// get reads a text.
func get(t testing.TB, b storage.Bucket, key string) string {
	t.Helper()
	rc, _, err := b.Open(t.Context(), key, 0, 0, nil)
	require.NoError(t, err)
	defer rc.Close()
	text, err := io.ReadAll(rc)
	require.NoError(t, err)
	return string(text)
}

// keys lists the keys, those of directories with a slash.
func keys(t testing.TB, b storage.Bucket, prefix string, opts storage.Options) []string {
	t.Helper()
	it, err := b.List(t.Context(), prefix, 0, 0, opts)
	require.NoError(t, err)
	var keys []string
	for o, err := range storage.All(it) {
		require.NoError(t, err)
		key := o.Key
		if o.IsDir {
			key += "/"
		}
		keys = append(keys, key)
	}
	return keys
}

func TestDataSourceNames(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	file := dir + "/file"
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	for dsn, reason := range map[string]string{
		"file:":                                 "it should be like file:///dir",
		"file://":                               "it should be like file:///dir",
		"file://host" + dir:                     "it should be like file:///dir",
		"file://user@localhost" + dir:           "it should be like file:///dir",
		"file://" + dir + "#part":               "it should be like file:///dir",
		"file://" + dir + "?creat_dir=true":     `unknown parameter "creat_dir"; did you mean "create_dir"?`,
		"file://" + dir + "?fsync=yes":          `parameter "fsync": "yes" is not true or false`,
		"file://" + dir + "?fsync=1&fsync=0":    `parameter "fsync" is given 2 times`,
		"file://" + dir + "?bucket=a%00b":       `parameter "bucket"`,
		"file://" + dir + "?a;b":                "not escaped as in a URL",
		"file://" + dir + "/%zz":                "invalid URL escape",
		"file://" + dir + "/missing?create_dir": "set create_dir=true",
		"file://" + file:                        "is not a directory",
		"file://" + file + "?create_dir=true":   "is not a directory",
	} {
		_, err := storage.Open(t.Context(), dsn)
		require.Error(t, err, dsn)
		assert.ErrorContains(t, err, reason, dsn)
		if reason == "set create_dir=true" {
			assert.ErrorIs(t, err, storage.ErrNotExist)
		} else {
			assert.ErrorIs(t, err, storage.ErrInvalid, dsn)
		}
	}
	for _, dsn := range []string{"file://" + dir, "file:" + dir, "file://localhost" + dir, "file://" + dir + "/new/er?create_dir=true&fsync=&bucket=b"} {
		st, err := storage.Open(t.Context(), dsn)
		require.NoError(t, err, dsn)
		require.NoError(t, st.Close())
	}
	t.Chdir(t.TempDir())
	st, err := storage.Open(t.Context(), "file:relative?create_dir=true")
	require.NoError(t, err)
	require.NoError(t, st.Close())
	assert.DirExists(t, "relative")
}

// TestNaturalFiles: other programs find objects under their names, and a copy of the
// directory has everything.
func TestNaturalFiles(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "").Bucket("photos")
	put(t, b, "2026/a.jpg", "picture")
	put(t, b, "2026", "beside its directory")
	for file, want := range map[string]string{"2026/a.jpg": "picture", "2026~object": "beside its directory"} {
		text, err := os.ReadFile(filepath.Join(dir, "photos", file))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
	o, err := b.Write(t.Context(), "meta", strings.NewReader("x"), 1, "", storage.Options{storage.OptMetadata: map[string]string{
		"Upper Key": strings.Repeat("long", 100_000), "": "ü\n",
	}})
	require.NoError(t, err)

	moved := filepath.Join(t.TempDir(), "moved")
	require.NoError(t, os.Rename(dir, moved))
	b = openTest(t, moved, "").Bucket("photos")
	assert.Equal(t, []string{"2026", "2026/a.jpg", "meta"}, keys(t, b, "", nil))
	again, err := b.Stat(t.Context(), "meta", nil)
	require.NoError(t, err)
	assert.Equal(t, o, again)
}

// TestForeignFiles opens a directory that other programs filled, and does not write to
// it before a user does.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{"site/index.html": "<p>", "site/data/raw": "plain", "site/data/x.json": "{}", "top": "in no bucket"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "site", "empty", "er"), 0o777))
	st := openTest(t, dir, "")
	b := st.Bucket("site")
	assert.Equal(t, []string{"data/raw", "data/x.json", "index.html"}, keys(t, b, "", nil))
	assert.Equal(t, []string{"data/", "index.html"}, keys(t, b, "", storage.Options{storage.OptRecursive: false}))
	o, err := b.Stat(t.Context(), "index.html", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/html; charset=utf-8", o.ContentType)
	info, err := os.Stat(filepath.Join(dir, "site", "index.html"))
	require.NoError(t, err)
	assert.Equal(t, info.ModTime().UTC(), o.Updated)
	assert.Equal(t, "<p>", get(t, b, "index.html"))
	o, err = b.Stat(t.Context(), "data/raw", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/plain; charset=utf-8", o.ContentType)
	assert.NoDirExists(t, filepath.Join(dir, ownDir), "reading writes nothing")

	_, err = b.Write(t.Context(), "data/raw", strings.NewReader("new"), 3, "", storage.Options{storage.OptIfMatch: o.ETag})
	require.NoError(t, err, "the ETag of a foreign file is good for a condition")
	_, err = b.Write(t.Context(), "data/raw", strings.NewReader("newer"), 5, "", storage.Options{storage.OptIfMatch: o.ETag})
	require.ErrorIs(t, err, storage.ErrPrecondition)
	o, err = b.Copy(t.Context(), "copy", "", "index.html", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/html; charset=utf-8", o.ContentType)
	assert.Equal(t, put(t, b, "same", "<p>").ETag, o.ETag, "a copy has the ETag of its content")
}

// TestChangedByOthers: an object whose file another program replaced does not keep
// what described the old content.
func TestChangedByOthers(t *testing.T) {
	dir := t.TempDir()
	b := openTest(t, dir, "").Bucket("b")
	old := put(t, b, "k.txt", "old")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b", "k.txt"), []byte("newer"), 0o666))
	o, err := b.Stat(t.Context(), "k.txt", nil)
	require.NoError(t, err)
	assert.Equal(t, int64(5), o.Size)
	assert.NotEqual(t, old.ETag, o.ETag)
	assert.Equal(t, "text/plain; charset=utf-8", o.ContentType)
	put(t, b, "k.txt", "ours again")
	assert.Equal(t, "ours again", get(t, b, "k.txt"))
}

func TestReservedNames(t *testing.T) {
	st := openTest(t, t.TempDir(), "")
	b := st.Bucket("b")
	put(t, b, "k", "x")
	put(t, b, "k/l", "x")
	for _, key := range []string{"k~object", "~object/x", "a/b~object", strings.Repeat("x", maxName+1)} {
		_, err := b.Write(t.Context(), key, strings.NewReader(""), 0, "", nil)
		require.ErrorIs(t, err, storage.ErrInvalid, key)
		_, err = b.Copy(t.Context(), key, "", "k", nil)
		require.ErrorIs(t, err, storage.ErrInvalid, key)
		_, err = b.Move(t.Context(), key, "", "k", nil)
		require.ErrorIs(t, err, storage.ErrInvalid, key)
		_, err = b.(storage.HasMultipart).InitMultipart(t.Context(), key, "", nil)
		require.ErrorIs(t, err, storage.ErrInvalid, key)
		_, err = b.(storage.HasDirectories).Directory("k").Move(t.Context(), key, nil)
		require.ErrorIs(t, err, storage.ErrInvalid, key)
		_, err = b.Stat(t.Context(), key, nil)
		require.ErrorIs(t, err, storage.ErrNotExist, key)
		require.ErrorIs(t, b.Delete(t.Context(), key, nil), storage.ErrNotExist, key)
	}
	for _, bucket := range []string{".storage", ".buckets", "b~object", strings.Repeat("x", maxName+1)} {
		_, err := st.CreateBucket(t.Context(), bucket, nil)
		require.ErrorIs(t, err, storage.ErrInvalid, bucket)
		_, err = st.Bucket(bucket).Write(t.Context(), "k", strings.NewReader(""), 0, "", nil)
		require.ErrorIs(t, err, storage.ErrInvalid, bucket)
	}
	_, err := st.Bucket(".storage").Stat(t.Context(), "lock", nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
	assert.Equal(t, []string{"k", "k/l"}, keys(t, b, "", nil))
	put(t, b, strings.Repeat("x", maxName), "the longest name")
}

// TestLinksOut: links that lead out of the directory are not followed.
func TestLinksOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	out, dir := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(out, "secret"), []byte("secret"), 0o666))
	st := openTest(t, dir, "")
	b := st.Bucket("b")
	put(t, b, "inside", "x")
	for link, to := range map[string]string{"out": out, "file": filepath.Join(out, "secret"), "up": "../../" + filepath.Base(out), "in": "inside", "dir": "."} {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, "b", link)))
	}
	require.NoError(t, exec.Command("mkfifo", filepath.Join(dir, "b", "pipe")).Run())
	assert.Equal(t, []string{"in", "inside"}, keys(t, b, "", nil), "links to files within are listed")
	assert.Equal(t, "x", get(t, b, "in"))
	for _, key := range []string{"out/secret", "file", "up/secret", "out/new", "pipe"} {
		_, _, err := b.Open(t.Context(), key, 0, 0, nil)
		require.Error(t, err, key)
		_, err = b.Write(t.Context(), key, strings.NewReader("x"), 1, "", nil)
		require.ErrorIs(t, err, storage.ErrPermission, key)
		require.Error(t, b.Delete(t.Context(), key, nil), key)
	}
	require.NoError(t, b.(storage.HasDirectories).Directory("").Delete(t.Context(), storage.Options{storage.OptRecursive: true}))
	entries, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing outside has changed")
}

func TestReader(t *testing.T) {
	b := openTest(t, t.TempDir(), "fsync=false").Bucket("b")
	text := strings.Repeat("0123456789", 1000)
	put(t, b, "k", text)
	rc, _, err := b.Open(t.Context(), "k", 5, 9000, nil)
	require.NoError(t, err)
	want := text[5:9005]
	var got bytes.Buffer
	first := make([]byte, 10)
	_, err = io.ReadFull(rc, first)
	require.NoError(t, err)
	n, err := rc.(io.WriterTo).WriteTo(&got)
	require.NoError(t, err)
	assert.Equal(t, int64(8990), n)
	assert.Equal(t, want, string(first)+got.String())
	part := make([]byte, 7)
	_, err = rc.(io.ReaderAt).ReadAt(part, 100)
	require.NoError(t, err)
	assert.Equal(t, want[100:107], string(part))
	_, err = rc.(io.Seeker).Seek(-3, io.SeekEnd)
	require.NoError(t, err)
	rest, err := io.ReadAll(rc)
	require.NoError(t, err)
	assert.Equal(t, want[8997:], string(rest))
	_, err = rc.(io.Seeker).Seek(-1, io.SeekStart)
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.NoError(t, rc.Close())
	_, err = rc.Read(part)
	require.ErrorIs(t, err, fs.ErrClosed)
}
