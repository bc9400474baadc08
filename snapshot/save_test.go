package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

func saved(tb testing.TB, s *snapshot.Snapshot) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, s.Save(&b))
	return b.Bytes()
}

func loaded(tb testing.TB, file []byte) *snapshot.Snapshot {
	tb.Helper()
	s, err := snapshot.Load(bytes.NewReader(file))
	require.NoError(tb, err)
	return s
}

// everything returns all that can be observed of a snapshot.
func everything(tb testing.TB, s *snapshot.Snapshot) map[string]string {
	tb.Helper()
	st := memdriver.Open(memdriver.WithSnapshot(s))
	all := map[string]string{"sums": fmt.Sprint(s.Len(), s.Bytes(), s.ExactKeys())}
	buckets, err := st.Buckets(ctx, 0, 0, nil)
	require.NoError(tb, err)
	for info, err := range storage.All(buckets) {
		require.NoError(tb, err)
		b := st.Bucket(info.Name)
		root, err := b.(storage.HasDirectories).Directory("").Info(ctx)
		require.NoError(tb, err)
		all["bucket "+info.Name] = fmt.Sprintf("%#v %v %v", info, root.Created, root.Updated)
		for _, only := range []string{storage.OptFilesOnly, storage.OptDirsOnly} {
			list, err := b.List(ctx, "", 0, 0, storage.Options{only: true})
			require.NoError(tb, err)
			for o, err := range storage.All(list) {
				require.NoError(tb, err)
				all[fmt.Sprint(info.Name, "/", o.Key, " ", o.IsDir)] = fmt.Sprintf("%#v", o) + body(tb, b, o)
			}
		}
		uploads, err := b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil)
		require.NoError(tb, err)
		for up, err := range storage.All(uploads) {
			require.NoError(tb, err)
			mp := b.(storage.HasMultipart)
			parts, err := mp.ListParts(ctx, &up.MultipartUpload, 0, 0, nil)
			require.NoError(tb, err)
			text := fmt.Sprintf("%#v", up)
			for _, p := range parts {
				text += fmt.Sprintf(" %d %d %s %v %v", p.Number, p.Size, p.ETag, p.Hash, p.LastModified)
			}
			if len(parts) > 0 {
				o, err := mp.CompleteMultipart(ctx, &up.MultipartUpload, parts, nil)
				require.NoError(tb, err)
				text += o.ETag + body(tb, b, o)
			}
			all["upload "+info.Name+"/"+up.Key+" "+up.UploadID] = text
		}
	}
	return all
}

// body returns the content of an object, none of a directory.
func body(tb testing.TB, b storage.Bucket, o *storage.Object) string {
	tb.Helper()
	if o.IsDir {
		return ""
	}
	r, _, err := b.Open(ctx, o.Key, 0, 0, nil)
	require.NoError(tb, err)
	text, err := io.ReadAll(r)
	require.NoError(tb, err)
	return string(text)
}

// clock returns a clock that gives the times, and then goes on by a second.
func clock(times ...time.Time) memdriver.Option {
	i, last := 0, time.Date(2026, 1, 1, 0, 0, 0, 1_000, time.UTC)
	return memdriver.WithClock(func() time.Time {
		if i < len(times) {
			i++
			return times[i-1]
		}
		last = last.Add(time.Second)
		return last
	})
}

// snapshots are snapshots of all kinds.
func snapshots(tb testing.TB) map[string]*snapshot.Snapshot {
	tb.Helper()
	all := map[string]*snapshot.Snapshot{"zero": new(snapshot.Snapshot), "two photos": gallery().Snapshot()}
	add := func(name string, fill func(st storage.Storage, b storage.Bucket), opts ...memdriver.Option) {
		tb.Helper()
		st := memdriver.Open(append([]memdriver.Option{clock()}, opts...)...)
		fill(st, st.Bucket("b"))
		all[name] = st.Snapshot()
	}
	must := func(_ any, err error) {
		tb.Helper()
		require.NoError(tb, err)
	}
	put := func(b storage.Bucket, key, text string, opts storage.Options) {
		tb.Helper()
		must(b.Write(ctx, key, strings.NewReader(text), -1, "", opts))
	}
	metadata := func(pairs ...string) storage.Options {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return storage.Options{storage.OptMetadata: m}
	}
	odd := metadata("", "empty key", "no value", "", "a=b", "c=d", "n\x00", "\x00", "line\n", "\n\n", "\xff", "\xfe", "é +%", "é +%")
	algorithms := storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashMD5, storage.HashSHA1, storage.HashSHA256, storage.HashCRC32C}}

	add("exact keys", func(st storage.Storage, b storage.Bucket) {
		for _, key := range []string{"/", "//", "/abs", "../x", "..", ".", "a//b", "a/", "a", "a//", "a/./b", `a\b`, "a/../..", "nul\x00", " ", "x\n", "-rf", "a/\u2028"} {
			put(b, key, "text of "+key, nil)
		}
	}, memdriver.WithExactKeys())
	add("MD5 ETags", func(st storage.Storage, b storage.Bucket) { put(b, "k", "text", nil) }, memdriver.WithMD5ETags())
	add("attributes", func(st storage.Storage, b storage.Bucket) {
		put(b, "metadata", "1", odd)
		put(b, "digests", "2", algorithms)
		must(b.Write(ctx, "type", strings.NewReader(""), 0, "text/plain; charset=\"é\n=\x00\"", nil))
		must(st.CreateBucket(ctx, "public", storage.Options{storage.OptPublic: true, storage.OptMetadata: odd[storage.OptMetadata]}))
		must(st.CreateBucket(ctx, "empty metadata", metadata()))
		put(b, "large metadata", "3", metadata("large", strings.Repeat("m", 3<<20)))
	})
	add("names", func(st storage.Storage, b storage.Bucket) {
		for _, key := range []string{
			"a", "a/b", "a-b", "a.b", "a/b/c/d/e", "a/b/c", "ab",
			strings.Repeat("k", 99), strings.Repeat("k", 98) + "/k", strings.Repeat("k", 255), strings.Repeat("k", 256),
			strings.Repeat("k", 256) + "/k", "long/" + strings.Repeat("é/", 300) + "x", "é", "x/" + strings.Repeat("l", 300) + "/y", "xattr/public",
		} {
			put(b, key, key, nil)
			must(b.Copy(ctx, "copy/"+key, "", key, nil))
		}
		for _, name := range []string{".openlake", "openlake", ".openlake2", "..b", strings.Repeat("n", 300), "é", "-", "a\nb"} {
			put(st.Bucket(name), "uploads/1", name, nil)
			put(st.Bucket(name), "uploads", name, nil)
		}
	})
	add("content", func(st storage.Storage, b storage.Bucket) {
		large := strings.Repeat("0123456789abcdef", 100_000)
		for _, n := range []int{0, 1, 511, 512, 513, 1024, 128 << 10, 128<<10 + 1, len(large)} {
			put(b, fmt.Sprint(n), large[:n], nil)
			must(b.Write(ctx, fmt.Sprint(n, " in memory"), bytes.NewReader([]byte(large[:n])), -1, "", nil))
			must(b.Copy(ctx, fmt.Sprint("copy of ", n), "", fmt.Sprint(n), metadata("k", "v")))
			must(st.Bucket("a").Copy(ctx, fmt.Sprint(n), "b", fmt.Sprint(n), nil))
		}
	})
	add("uploads", func(st storage.Storage, b storage.Bucket) {
		mp := b.(storage.HasMultipart)
		for i, key := range []string{"z", "a", "a", "dir/a", "done"} {
			mu, err := mp.InitMultipart(ctx, key, "text/plain", odd)
			require.NoError(tb, err)
			var parts []*storage.PartInfo
			for n := range i {
				p, err := mp.UploadPart(ctx, mu, 10*n+1, strings.NewReader(fmt.Sprint("part ", n)), -1, algorithms)
				require.NoError(tb, err)
				parts = append(parts, p)
			}
			must(mp.UploadPart(ctx, mu, storage.MaxParts, strings.NewReader(""), -1, nil))
			if key == "done" {
				must(mp.CompleteMultipart(ctx, mu, parts, nil))
				must(b.Copy(ctx, "done again", "", "done", nil))
			}
		}
		must(st.Bucket("no objects").(storage.HasMultipart).InitMultipart(ctx, "../x", "", nil))
	}, memdriver.WithMD5ETags(), memdriver.WithExactKeys())
	times := []time.Time{
		{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(-1, 5e8), time.Unix(-2, 999_999_999), time.Unix(-62135596801, 1),
		time.Unix(1<<33-1, 999_999_999), time.Unix(1<<33, 0), time.Unix(1<<50, 10), time.Unix(-1<<50, 10), time.Unix(1_700_000_000, 120_000_000),
	}
	add("times", func(st storage.Storage, b storage.Bucket) {
		for i := range times {
			put(st.Bucket(fmt.Sprint("bucket ", i)), "d/k", "", nil)
		}
		for i := range times {
			put(st.Bucket(fmt.Sprint("bucket ", i)), "d/k", "again", nil)
		}
	}, clock(append(times, times[5:]...)...))
	add("directories", func(st storage.Storage, b storage.Bucket) {
		for _, key := range []string{"a/b/1", "a/b/2", "a/c/1", "d/1", "gone/1"} {
			put(b, key, key, nil)
		}
		for _, key := range []string{"a/b/1", "gone/1"} {
			require.NoError(tb, b.Delete(ctx, key, nil))
		}
		must(b.(storage.HasDirectories).Directory("a/c").Move(ctx, "e/f", nil))
		put(st.Bucket("emptied"), "k", "", nil)
		require.NoError(tb, st.Bucket("emptied").Delete(ctx, "k", nil))
	})
	files, err := snapshot.FromFS("", os.DirFS("testdata"))
	if err == nil {
		all["files"] = files
	}
	return all
}

// TestSaveComesBack: what is loaded is what was saved, in everything that can be
// observed, and saved again it is the same bytes.
func TestSaveComesBack(t *testing.T) {
	for name, s := range snapshots(t) {
		t.Run(name, func(t *testing.T) {
			file := saved(t, s)
			require.Equal(t, file, saved(t, s))
			back := loaded(t, file)
			require.Equal(t, everything(t, s), everything(t, back))
			require.True(t, bytes.Equal(file, saved(t, back)))
			for range snapshot.Diff(s, back) {
				t.Fatal("Diff finds a difference")
			}
		})
	}
}

// TestLoadedGoesOn: a store that goes on from a loaded snapshot does what the
// original does.
func TestLoadedGoesOn(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	name := func() string { return string("abc"[r.IntN(3)]) }
	key := func() string {
		if r.IntN(2) == 0 {
			return name() + "/" + name() + "/" + name()
		}
		return name()
	}
	st := memdriver.Open(clock())
	for range 30 {
		back := memdriver.Open(clock(), memdriver.WithSnapshot(loaded(t, saved(t, st.Snapshot()))))
		st = memdriver.Open(clock(), memdriver.WithSnapshot(st.Snapshot()))
		for range 20 {
			op, bucket, k, k2 := r.IntN(6), name(), key(), key()
			for _, st := range []*memdriver.Store{st, back} {
				b := st.Bucket(bucket)
				switch op {
				case 0, 1:
					write(t, b, k, k2)
				case 2:
					b.Copy(ctx, k, "", k2, nil)
				case 3:
					b.Delete(ctx, k, nil)
				case 4:
					b.(storage.HasDirectories).Directory(k).Move(ctx, k2, nil)
				case 5:
					b.(storage.HasDirectories).Directory("").Move(ctx, k2, nil)
				}
			}
		}
		require.Equal(t, everything(t, st.Snapshot()), everything(t, back.Snapshot()))
	}
}

// TestSaveSharesContent: content that objects share is in the file once, and is
// shared again after Load. Content that is merely equal is not.
func TestSaveSharesContent(t *testing.T) {
	st := memdriver.Open()
	text := strings.Repeat("x", 1<<20)
	write(t, st.Bucket("b"), "0", text)
	for i := range 10 {
		_, err := st.Bucket("b").Copy(ctx, fmt.Sprint(i+1), "", "0", storage.Options{storage.OptMetadata: map[string]string{}})
		require.NoError(t, err)
	}
	once := saved(t, st.Snapshot())
	assert.Less(t, len(once), 5<<20/2, "the content and the metadata that are the content")
	again := saved(t, loaded(t, once))
	assert.Equal(t, len(once), len(again))
	write(t, st.Bucket("c"), "0", text)
	assert.Greater(t, len(saved(t, st.Snapshot())), len(once)+1<<20)
}

// TestSavedIsTar reads the saved snapshots as any program can: with archive/tar.
// No path leads out of the directory, and they can all be unpacked together.
func TestSavedIsTar(t *testing.T) {
	for name, s := range snapshots(t) {
		t.Run(name, func(t *testing.T) {
			seen := map[string]byte{}
			r := tar.NewReader(bytes.NewReader(saved(t, s)))
			objects := 0
			for h, err := r.Next(); err != io.EOF; h, err = r.Next() {
				if name == "attributes" && errors.Is(err, tar.ErrHeader) || errors.Is(err, tar.ErrFieldTooLong) {
					return // archive/tar takes only 1 MiB of attributes
				}
				require.NoError(t, err)
				path := strings.TrimSuffix(h.Name, "/")
				require.True(t, fs.ValidPath(path), "%q", path)
				require.NotContains(t, seen, path)
				seen[path] = h.Typeflag
				if dir := filepath.Dir(path); dir != "." && !strings.HasPrefix(path, ".openlake/") {
					require.Equal(t, byte(tar.TypeDir), seen[dir], "%q", path)
				}
				require.Equal(t, h.Typeflag == tar.TypeDir, strings.HasSuffix(h.Name, "/"))
				if h.Typeflag == tar.TypeLink {
					require.Equal(t, byte(tar.TypeReg), seen[h.Linkname])
				}
				if h.Typeflag != tar.TypeDir && (!strings.HasPrefix(path, ".openlake/") || strings.HasPrefix(path, ".openlake/objects/")) {
					objects++
				}
			}
			require.Equal(t, s.Len(), objects)
		})
	}
}

// TestSavedUnpacks lets tar unpack a snapshot, which gives the files of its FS.
func TestSavedUnpacks(t *testing.T) {
	if _, err := exec.LookPath("tar"); err != nil {
		t.Skip("there is no tar")
	}
	for _, name := range []string{"two photos", "directories", "content", "names"} {
		t.Run(name, func(t *testing.T) {
			s := snapshots(t)[name]
			dir := t.TempDir()
			tar := exec.Command("tar", "xf", "-")
			tar.Dir, tar.Stdin = dir, bytes.NewReader(saved(t, s))
			out, err := tar.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Empty(t, string(out))
			unpacked := 0
			require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || strings.HasPrefix(path, ".openlake/") {
					return err
				}
				unpacked++
				got, err := os.ReadFile(filepath.Join(dir, path))
				require.NoError(t, err)
				want, err := fs.ReadFile(s.FS(), path)
				require.NoError(t, err)
				require.True(t, bytes.Equal(want, got), path)
				return nil
			}))
			require.Positive(t, unpacked)
		})
	}
}

var errBroken = errors.New("broken")

// TestSaveFails: an error of the writer comes back, wherever it comes.
func TestSaveFails(t *testing.T) {
	s := snapshots(t)["content"]
	require.ErrorIs(t, (*snapshot.Snapshot)(nil).Save(io.Discard), storage.ErrInvalid)
	require.ErrorIs(t, s.Save(nil), storage.ErrInvalid)
	size := len(saved(t, s))
	for n := 0; n < size; n += size / 50 {
		require.ErrorIs(t, s.Save(&limitedWriter{left: n, err: errBroken}), errBroken, n)
		require.ErrorIs(t, s.Save(&limitedWriter{left: n}), io.ErrShortWrite, n)
	}
	require.NoError(t, s.Save(&limitedWriter{left: size, err: errBroken}))
}

// limitedWriter takes so many bytes and fails then.
type limitedWriter struct {
	left int
	err  error
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, w.err
	}
	w.left -= len(p)
	return len(p), nil
}

// TestLoadFromAnyReader: how a reader cuts the bytes does not matter, and its errors
// come back.
func TestLoadFromAnyReader(t *testing.T) {
	s := snapshots(t)["names"]
	file := saved(t, s)
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
		back, err := snapshot.Load(wrap(bytes.NewReader(file)))
		require.NoError(t, err)
		require.Equal(t, s.Len(), back.Len())
	}
	for n := 0; n <= len(file); n += len(file) / 100 {
		back, err := snapshot.Load(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errBroken)))
		require.ErrorIs(t, err, errBroken, "after %d of %d bytes", n, len(file))
		require.Nil(t, back)
	}
	_, err := snapshot.Load(nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
}

func TestSaveFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fixture.tar")
	require.NoError(t, gallery().Snapshot().SaveFile(path))
	back, err := snapshot.LoadFile(path)
	require.NoError(t, err)
	require.Equal(t, 2, back.Len())
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	require.ErrorIs(t, (*snapshot.Snapshot)(nil).SaveFile(path), storage.ErrInvalid)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after, "a failing save leaves the file")
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o666))
	want, err := os.Stat(plain)
	require.NoError(t, err)
	got, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want.Mode(), got.Mode())

	require.NoError(t, new(snapshot.Snapshot).SaveFile(path))
	back, err = snapshot.LoadFile(path)
	require.NoError(t, err)
	require.Zero(t, back.Len())
	require.Error(t, gallery().Snapshot().SaveFile(dir), "a directory")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no temporary file is left")
	beside, err := filepath.Glob(dir + "*")
	require.NoError(t, err)
	require.Equal(t, []string{dir}, beside)
}

// TestFileErrors: they name the file.
func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "such.tar")
	_, err := snapshot.LoadFile(missing)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, missing)
	err = gallery().Snapshot().SaveFile(missing)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, missing)
	_, err = snapshot.LoadFile(dir)
	require.ErrorContains(t, err, dir)
	text := filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(text, []byte("text"), 0o666))
	_, err = snapshot.LoadFile(text)
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.ErrorContains(t, err, text)
}
