package snaptest_test

import (
	"context"
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

//go:embed testdata
var embedded embed.FS

// embeddedFixture is the part of embedded that holds buckets.
func embeddedFixture(t *testing.T) fs.FS {
	sub, err := fs.Sub(embedded, "testdata/fixture")
	require.NoError(t, err)
	return sub
}

func mapFile(data string, at time.Time) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(data), ModTime: at}
}

var march = time.Date(2024, 3, 1, 12, 30, 0, 123456789, time.UTC)

// putFile writes an object with the content type that a file gets.
func putFile(t testing.TB, b storage.Bucket, key, content string, opts storage.Options) {
	t.Helper()
	_, err := b.Write(context.Background(), key, strings.NewReader(content), -1, snapshot.GuessContentType(key, []byte(content)), opts)
	require.NoError(t, err)
}

// files are two buckets and one that is empty.
func files() fstest.MapFS {
	return fstest.MapFS{
		"invoices/2024/0001.json": mapFile("{}\n", march),
		"invoices/2024/0002.json": mapFile("", time.Time{}),
		"invoices/readme":         mapFile("no newline", march.Add(time.Hour)),
		"photos/é ü.jpg":          mapFile("\xff\x00\r\n", march),
		"empty":                   {Mode: fs.ModeDir | 0o755},
	}
}

func TestFixture(t *testing.T) {
	snap := snaptest.Fixture(t, files())
	require.Equal(t, 4, snap.Len())
	require.Equal(t, "\xff\x00\r\n", content(t, snap, "photos", "é ü.jpg"))
	for _, bucket := range []string{"empty", "invoices", "photos"} {
		info, err := snap.Storage().Bucket(bucket).Info(context.Background())
		require.NoError(t, err)
		require.True(t, info.CreatedAt.IsZero())
	}
	o, err := snap.Storage().Bucket("invoices").Stat(context.Background(), "2024/0001.json", nil)
	require.NoError(t, err)
	require.Equal(t, &storage.Object{Bucket: "invoices", Key: "2024/0001.json", Size: 3, ContentType: "application/json", ETag: o.ETag, Created: march, Updated: march}, o)
	snaptest.AssertUnchanged(t, snap, snaptest.Fixture(t, files()))
}

// A fixture can be a saved snapshot, with all that files do not have.
func TestFixtureOfASavedFile(t *testing.T) {
	snap := rich(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "rich.tar")
	require.NoError(t, snap.SaveFile(path))
	snaptest.AssertUnchanged(t, snap, snaptest.Fixture(t, os.DirFS(dir)))

	require.NoError(t, os.WriteFile(path, []byte("not saved"), 0o666))
	r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, os.DirFS(dir)) })
	require.True(t, r.fatal)
	require.Equal(t, `snaptest.Fixture: file "rich.tar": storage: load: invalid argument: it is not as a snapshot is saved`, r.failure(t))

	require.NoError(t, os.Mkdir(filepath.Join(dir, "z"), 0o777))
	r = record(t, func(tb testing.TB) { snaptest.Fixture(tb, os.DirFS(dir)) })
	require.Contains(t, r.failure(t), "the file is in no bucket")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Rename(filepath.Join(dir, "z"), path))
	require.NotNil(t, snaptest.Fixture(t, os.DirFS(dir)), "a bucket with the name of a file")
}

func TestFixtureOptions(t *testing.T) {
	untyped := snaptest.Fixture(t, files(), snapshot.WithContentTypes(nil))
	require.Equal(t, "changed invoices/2024/0001.json", snaptest.Diff(t, untyped, snaptest.Fixture(t, files()))[0])
	r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, files(), nil) })
	require.Contains(t, r.failure(t), "an option is nil")
}

// What the fixture holds goes into a directory, an archive, a file system, and
// comes back the same.
func TestFixtureComesBack(t *testing.T) {
	archive := txtar.Parse([]byte("-- b/a/text --\ntext\n-- b/empty --\n-- c/line --\n\n"))
	fromArchive, err := txtar.FS(archive)
	require.NoError(t, err)
	for name, fsys := range map[string]fs.FS{"fstest.MapFS": files(), "embed.FS": embeddedFixture(t), "txtar": fromArchive, "nothing": fstest.MapFS{}} {
		t.Run(name, func(t *testing.T) {
			snap := snaptest.Fixture(t, fsys)
			snaptest.AssertUnchanged(t, snap, snaptest.Fixture(t, snap.FS()))

			dir := filepath.Join(t.TempDir(), "deep", "er")
			snaptest.Export(t, snap, dir)
			snaptest.AssertUnchanged(t, snap, snaptest.Fixture(t, os.DirFS(dir)))
			snaptest.Export(t, snap, dir) // again: the files are there already

			if name == "txtar" {
				require.Equal(t, archive.Files, snaptest.Archive(t, snap).Files)
			}
		})
	}
}

func TestFixtureReportsWhatItCannotCarry(t *testing.T) {
	for name, tc := range map[string]struct {
		fsys fs.FS
		want string
	}{
		"a file without a bucket": {fstest.MapFS{"f": {}}, `snaptest.Fixture: storage: fromfs key "f": invalid argument: the file is in no bucket; put it in a directory, whose name is the bucket's`},
		"a bucket's name":         {fstest.MapFS{" b/f": {}}, `key " b": invalid argument: a bucket cannot have this name; rename the directory`},
		"a key":                   {fstest.MapFS{`b/a\f`: {}}, `key "b/a\\f": invalid argument: a key cannot be like this; rename the file`},
		"a blank key":             {fstest.MapFS{`b/ `: {}}, `key "b/ ": invalid argument: a key cannot be like this; rename the file`},
		"a device":                {fstest.MapFS{"b/f": {Mode: fs.ModeDevice}}, `key "b/f": ` + storage.ErrUnsupported.Error() + `: not a regular file but D`},
		"no directory":            {os.DirFS(filepath.Join(t.TempDir(), "none")), "stat .: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, tc.fsys) })
			require.True(t, r.fatal)
			require.Contains(t, r.failure(t), tc.want)
		})
	}
}

func TestFixtureOfAnEmbedFSWithoutSub(t *testing.T) {
	for name, fsys := range map[string]fs.FS{"value": embedded, "pointer": &embedded} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, fsys) })
			require.True(t, r.fatal)
			require.Equal(t, "snaptest.Fixture: the embed.FS has the directory testdata at its top, which would become a bucket; "+
				`pass fs.Sub(fsys, "testdata/NAME"), the directory that holds the buckets`, r.failure(t))
		})
	}
	// A bucket of that name is one.
	require.Equal(t, 1, snaptest.Fixture(t, fstest.MapFS{"testdata/k": {}}).Len())
	require.Zero(t, snaptest.Fixture(t, embed.FS{}).Len())
}

func TestFixtureOfAGoldenFile(t *testing.T) {
	all := snaptest.Default | snaptest.Created | snaptest.Updated
	for name, opts := range map[string][]snaptest.Option{
		"default":          nil,
		"everything":       {snaptest.Show(all)},
		"no ETags":         {snaptest.Show(all &^ snaptest.ETag)},
		"no content":       {snaptest.Show(all &^ snaptest.Content)},
		"size and digests": {snaptest.Show(snaptest.Size | snaptest.Content), snaptest.InlineUpTo(0), snaptest.Prefixes("plain", "s")},
		"size and content": {snaptest.Show(snaptest.Size | snaptest.Content), snaptest.Prefixes("plain", "s")},
	} {
		t.Run(name, func(t *testing.T) {
			st := odd(t)
			require.NoError(t, st.Bucket("texts").Delete(t.Context(), "plain/twin", nil))
			require.NoError(t, st.Bucket("texts").Delete(t.Context(), "empty", nil))
			fsys, err := txtar.FS(txtar.Parse([]byte(golden(t, st, opts...))))
			require.NoError(t, err)
			r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, fsys) })
			require.True(t, r.fatal)
			require.Equal(t, "snaptest.Fixture: the files are the entries of a golden file, which describe objects and are not their content; "+
				"use snaptest.Archive or snaptest.Export to write fixtures", r.failure(t))
		})
	}
}

// What only looks a little like a golden file is a fixture.
func TestFixtureThatIsNoGoldenFile(t *testing.T) {
	entry := "size: 1\netag: a293d43641f17ec1\n\nv\n\\ No newline at end of file\n"
	for name, fsys := range map[string]fstest.MapFS{
		"an entry among others":    {"b/entry": mapFile(entry, march), "b/k": mapFile("v", march)},
		"a size":                   {"b/shoe.yaml": mapFile("size: 43\n", march)},
		"a size and a type":        {"b/shoe.yaml": mapFile("size: 43\ntype: boot\n", march)},
		"a size of something else": {"b/shoe.yaml": mapFile("size: 43\n\ncolour: red\n", march)},
		"an ETag":                  {"b/etag": mapFile("etag: 1\n", march)},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, len(fsys), snaptest.Fixture(t, fsys).Len()) })
	}
}

func TestFixtureFollowsLinksToFiles(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "b"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b", "f"), []byte("f"), 0o666))
	require.NoError(t, os.Symlink("f", filepath.Join(dir, "b", "link")))
	snap := snaptest.Fixture(t, os.DirFS(dir))
	require.Equal(t, "f", content(t, snap, "b", "link"))

	require.NoError(t, os.Symlink(".", filepath.Join(dir, "b", "loop")))
	r := record(t, func(tb testing.TB) { snaptest.Fixture(tb, os.DirFS(dir)) })
	require.Contains(t, r.failure(t), `key "b/loop": `+storage.ErrUnsupported.Error()+`: a link to a directory`)
}

// rich is a store with everything that files cannot carry.
func rich(t *testing.T) *snapshot.Snapshot {
	ctx := context.Background()
	now := march
	st := snaptest.New(t, memdriver.WithClock(func() time.Time { return now }))
	b := st.Bucket("b")
	_, err := b.Write(ctx, "typed", strings.NewReader("t\n"), -1, "text/plain", storage.Options{
		storage.OptMetadata:           map[string]string{"k": "v"},
		storage.OptChecksumAlgorithms: []string{storage.HashCRC32C},
	})
	require.NoError(t, err)
	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "parts", "text/plain; charset=utf-8", nil)
	require.NoError(t, err)
	part, err := mp.UploadPart(ctx, mu, 1, strings.NewReader("p\n"), -1, nil)
	require.NoError(t, err)
	_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, nil)
	require.NoError(t, err)
	putFile(t, b, "updated", "1\n", nil)
	now = now.Add(time.Hour)
	putFile(t, b, "updated", "2\n", nil)
	return st.Snapshot()
}

func TestExportReportsWhatItDrops(t *testing.T) {
	snap := rich(t)
	dir := filepath.Join(t.TempDir(), "out")
	r := record(t, func(tb testing.TB) { snaptest.Export(tb, snap, dir) })
	require.True(t, r.fatal)
	require.Equal(t, `snaptest.Export: the files are not all of the snapshot:
    changed bucket b
        - created: 2024-03-01T12:30:00.123456789Z
        + created: 0001-01-01T00:00:00Z
    changed b/parts
        - etag: 8bedc358d4470f48-1
        + etag: cbe92ec917188e45
    changed b/typed
        - type: text/plain
        - hash crc32c: 6b50eab1
        - meta k: v
        + type: text/plain; charset=utf-8
    changed b/updated
        - created: 2024-03-01T12:30:00.123456789Z
        + created: 2024-03-01T13:30:00.123456789Z
To leave attributes out, add them to the call: snaptest.ContentType | snaptest.ETag | snaptest.Hash | snaptest.Metadata | snaptest.Created`, r.failure(t))
	require.NoDirExists(t, dir)

	snaptest.Export(t, snap, dir, snaptest.ContentType|snaptest.ETag|snaptest.Hash, snaptest.Metadata|snaptest.Created)
	back := snaptest.Fixture(t, os.DirFS(dir))
	require.Equal(t, "2\n", content(t, back, "b", "updated"))
	o, err := back.Storage().Bucket("b").Stat(context.Background(), "updated", nil)
	require.NoError(t, err)
	require.Equal(t, march.Add(time.Hour), o.Updated)

	// The suggestion grows with what is there, it does not start anew.
	r = record(t, func(tb testing.TB) { snaptest.Export(tb, snap, dir+"2", snaptest.ContentType|snaptest.Created) })
	require.True(t, strings.HasSuffix(r.failure(t), "add them to the call: snaptest.ContentType | snaptest.ETag | snaptest.Hash | snaptest.Metadata | snaptest.Created"))
}

// A time that files are given to say that there is none cannot be told from it.
func TestExportReportsATimeItCannotCarry(t *testing.T) {
	st := snaptest.New(t, memdriver.WithClock(func() time.Time { return time.Unix(0, 0) }))
	putFile(t, st.Bucket("b"), "k", "v", nil)
	r := record(t, func(tb testing.TB) { snaptest.Export(tb, st.Snapshot(), tb.TempDir(), snaptest.Created) })
	require.Contains(t, r.failure(t), "- updated: 1970-01-01T00:00:00Z\n")
	snaptest.Export(t, st.Snapshot(), t.TempDir(), snaptest.Updated)
}

func TestExportNeverDropsATwin(t *testing.T) {
	st := snaptest.New(t)
	putFile(t, st.Bucket("b"), "a", "object\n", nil)
	putFile(t, st.Bucket("b"), "a/b", "beneath\n", nil)
	everything := snaptest.Default | snaptest.Created | snaptest.Updated
	for name, export := range map[string]func(tb testing.TB){
		"Export":  func(tb testing.TB) { snaptest.Export(tb, st.Snapshot(), tb.TempDir(), everything) },
		"Archive": func(tb testing.TB) { snaptest.Archive(tb, st.Snapshot(), everything) },
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, record(t, export).failure(t), "snaptest."+name+": the files are not all of the snapshot:\n    removed b/a\n"+
				"What was removed, or differs in size, must be changed or deleted first: an object beside a directory of its name; ")
		})
	}
}

func TestExportDoesNotOverwrite(t *testing.T) {
	snap := snaptest.Fixture(t, files())
	dir := t.TempDir()
	precious := filepath.Join(dir, "invoices", "2024", "0001.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(precious), 0o777))
	require.NoError(t, os.WriteFile(precious, []byte("precious"), 0o666))
	r := record(t, func(tb testing.TB) { snaptest.Export(tb, snap, dir, snaptest.Updated) })
	require.Contains(t, r.failure(t), "snaptest.Export: "+dir+" holds other files already; remove it, or choose another directory: ")
	data, err := os.ReadFile(precious)
	require.NoError(t, err)
	require.Equal(t, "precious", string(data))

	r = record(t, func(tb testing.TB) { snaptest.Export(tb, snap, precious) })
	require.Contains(t, r.failure(t), "not a directory")
}

func TestExportWithoutTimes(t *testing.T) {
	dir := t.TempDir()
	before := time.Now().Add(-time.Hour)
	snaptest.Export(t, snaptest.Fixture(t, files()), dir, snaptest.Updated)
	info, err := os.Stat(filepath.Join(dir, "invoices", "readme"))
	require.NoError(t, err)
	require.True(t, info.ModTime().After(before))
}

// Without their times, the files of a checkout are those that were exported.
func TestExportAgainWithoutTimes(t *testing.T) {
	snap := snaptest.Fixture(t, files())
	dir := t.TempDir()
	snaptest.Export(t, snap, dir)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "invoices", "readme"), time.Now(), time.Now()))
	r := record(t, func(tb testing.TB) { snaptest.Export(tb, snap, dir) })
	require.Contains(t, r.failure(t), "changed invoices/readme\n        - created: 2024-03-01T13:30:00.123456789Z\n")
	snaptest.Export(t, snap, dir, snaptest.Updated)
}

// Names that climb are no keys; a name that no file can have is an error.
func TestExportStaysInItsDirectory(t *testing.T) {
	dir := t.TempDir()
	st := snaptest.New(t)
	putFile(t, st.Bucket(".."), "k", "v", nil)
	putFile(t, st.Bucket("b"), "x/../c", "v", nil)
	_, err := st.Bucket("b").Write(context.Background(), "../../climb", strings.NewReader(""), 0, "", nil)
	require.ErrorIs(t, err, storage.ErrPermission)
	out := filepath.Join(dir, "out")
	snaptest.Export(t, st.Snapshot(), out, snaptest.Created)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// What the file system refuses leaves nothing behind that would block the next
// run.
func TestExportWritesAllOrNothing(t *testing.T) {
	fine := snaptest.New(t)
	putFile(t, fine.Bucket("a"), "first", "1", nil)
	longName := snaptest.Fork(t, fine.Snapshot())
	putFile(t, longName.Bucket("b"), strings.Repeat("n", 300), "v", nil)
	farTime := snaptest.Fork(t, fine.Snapshot(), memdriver.WithClock(func() time.Time { return time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) }))
	putFile(t, farTime.Bucket("b"), "far", "v", nil)

	for name, bad := range map[string]struct {
		snap *snapshot.Snapshot
		want string
	}{
		"a name of 300 bytes":     {longName.Snapshot(), ": open "},
		"a time of the year 2300": {farTime.Snapshot(), ": the files are not all of the snapshot:\n    changed b/far\n"},
	} {
		for _, path := range []string{".", "missing", "missing/parents/out"} {
			t.Run(name+" in "+path, func(t *testing.T) {
				root := t.TempDir()
				dir := filepath.Join(root, filepath.FromSlash(path))
				r := record(t, func(tb testing.TB) { snaptest.Export(tb, bad.snap, dir, snaptest.Created) })
				require.True(t, r.fatal)
				require.Contains(t, r.failure(t), "snaptest.Export: nothing was written to "+dir+bad.want)
				entries, err := os.ReadDir(root)
				require.NoError(t, err)
				require.Empty(t, entries)

				snaptest.Export(t, fine.Snapshot(), dir, snaptest.Created)
				entries, err = os.ReadDir(dir)
				require.NoError(t, err)
				require.Len(t, entries, 1)
			})
		}
	}
}

// The relative path of the working directory will do.
func TestExportToTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	snap := snaptest.Fixture(t, files())
	snaptest.Export(t, snap, ".")
	snaptest.Export(t, snap, filepath.Join("sub", "dir"))
	require.FileExists(t, "invoices/readme")
	require.FileExists(t, "sub/dir/invoices/readme")
}

func TestExportMakesDirectoriesThatOthersCanRead(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "plain"), 0o777))
	plain, err := os.Stat(filepath.Join(root, "plain"))
	require.NoError(t, err)
	snaptest.Export(t, snaptest.Fixture(t, files()), filepath.Join(root, "out"))
	for _, dir := range []string{"out", "out/invoices"} {
		info, err := os.Stat(filepath.Join(root, dir))
		require.NoError(t, err)
		require.Equal(t, plain.Mode(), info.Mode())
	}
}

func TestArchiveReportsWhatItCannotCarry(t *testing.T) {
	for name, tc := range map[string]struct{ key, content, want string }{
		"no newline":       {"k", "v", "    changed b/k\n        - size: 1\n        - etag: "},
		"a line of txtar":  {"k", "-- c/l --\n", "    created bucket c\n    changed b/k\n"},
		"a line in a name": {"k\nl", "v\n", `    removed "b/k\nl"` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			st := snaptest.New(t)
			putFile(t, st.Bucket("b"), tc.key, tc.content, nil)
			r := record(t, func(tb testing.TB) {
				snaptest.Archive(tb, st.Snapshot(), snaptest.Created|snaptest.Updated, snaptest.Size)
			})
			require.True(t, r.fatal)
			require.Contains(t, r.failure(t), "snaptest.Archive: ")
			require.Contains(t, r.failure(t), tc.want)
		})
	}
}
