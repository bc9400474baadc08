package snaptest_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// noUpdate makes Updating false, and update true, for the rest of the test.
func noUpdate(t *testing.T) { setUpdate(t, "false") }
func update(t *testing.T)   { setUpdate(t, "true") }

func setUpdate(t *testing.T, value string) {
	t.Helper()
	before := flag.Lookup("snaptest.update").Value.String()
	require.NoError(t, flag.Set("snaptest.update", value))
	t.Cleanup(func() { flag.Set("snaptest.update", before) })
	t.Setenv("SNAPTEST_UPDATE", "")
}

// golden returns the golden file of a store.
func golden(t *testing.T, st storage.Storage, opts ...snaptest.Option) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.txtar")
	before := flag.Lookup("snaptest.update").Value.String()
	require.NoError(t, flag.Set("snaptest.update", "true"))
	defer flag.Set("snaptest.update", before)
	r := record(t, func(tb testing.TB) { snaptest.Golden(tb, st, path, opts...) })
	require.Empty(t, r.failures)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(file)
}

// odd is a store with a bit of everything that a golden file has to tell apart.
func odd(t *testing.T) snapshot.Store {
	start := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	tick := time.Duration(0)
	st := snaptest.New(t, memdriver.WithDefaultBucket("texts"), memdriver.WithClock(func() time.Time {
		tick += time.Minute
		return start.Add(tick)
	}))
	ctx := context.Background()
	texts := st.Bucket("texts")
	write := func(b storage.Bucket, key, content, contentType string, metadata map[string]string) {
		_, err := b.Write(ctx, key, strings.NewReader(content), -1, contentType, storage.Options{storage.OptMetadata: metadata})
		require.NoError(t, err)
	}
	write(texts, "plain", "two\nlines\n", "text/plain", map[string]string{"b": "2", "a": "1"})
	write(texts, "plain/twin", "no newline", "", nil)
	write(texts, "plain-sorts-before-slash", "\n", "", nil)
	write(texts, "empty", "", "text/plain; charset=utf-8", nil)
	write(texts, "windows", "carriage\r\nreturn\r\n", "", nil)
	write(texts, "archive", "-- name --\n", "", nil)
	write(texts, "marker", "x\n\\ No newline at end of file\n", "", nil)
	write(texts, "binary", "\xff\x00", "application/octet-stream", nil)
	write(texts, "long", strings.Repeat("0123456789abcde\n", 65), "", nil)
	write(texts, "short", strings.Repeat("0123456789abcde\n", 2), "", nil)
	write(texts, "two\nlines --", "key\n", " spaced ", map[string]string{"a: b": "c\n", "": "", "q": `"`, "not UTF-8": "\xff\ufffd"})
	_, err := texts.Write(ctx, "hashed", strings.NewReader("h"), 1, "", storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashCRC32C}})
	require.NoError(t, err)
	_, err = st.CreateBucket(ctx, "open: to all", storage.Options{storage.OptPublic: true, storage.OptMetadata: map[string]string{"owner": "ann"}})
	require.NoError(t, err)
	write(st.Bucket("one"), "k", "v", "", nil)
	return st
}

func TestGolden(t *testing.T) {
	all := snaptest.Default | snaptest.Created | snaptest.Updated
	for file, opts := range map[string][]snaptest.Option{
		"all.txtar":     nil,
		"times.txtar":   {snaptest.Show(all), snaptest.Buckets("open: to all", "one")},
		"rounded.txtar": {snaptest.Show(snaptest.Updated), snaptest.Times(func(t time.Time) string { return t.Format(time.DateOnly) }), snaptest.Buckets("one")},
		"some.txtar":    {snaptest.Buckets("", "texts"), snaptest.Prefixes("plain", "plain/", "s"), snaptest.Show(snaptest.Size | snaptest.Content), snaptest.InlineUpTo(31)},
	} {
		t.Run(file, func(t *testing.T) { snaptest.Golden(t, odd(t), "testdata/"+file, opts...) })
	}
	t.Run("empty store", func(t *testing.T) { snaptest.Golden(t, snaptest.New(t), "testdata/empty.txtar") })
}

// backwards is a driver that lists in an order of its own.
type backwards struct{ storage.Storage }

func (s backwards) Bucket(name string) storage.Bucket { return backwardsBucket{s.Storage.Bucket(name)} }

type backwardsBucket struct{ storage.Bucket }

func (b backwardsBucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	it, err := b.Bucket.List(ctx, prefix, limit, offset, opts)
	if err != nil {
		return nil, err
	}
	var all []*storage.Object
	for o, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	slices.Reverse(all)
	return &list{all}, nil
}

type list struct{ left []*storage.Object }

func (l *list) Close() error { return nil }

func (l *list) Next() (*storage.Object, error) {
	if len(l.left) == 0 {
		return nil, nil
	}
	o := l.left[0]
	l.left = l.left[1:]
	return o, nil
}

func TestGoldenOfAnyDriver(t *testing.T) {
	st := odd(t)
	want := golden(t, st)
	require.Equal(t, want, golden(t, foreign{st}))
	require.Equal(t, want, golden(t, backwards{st}))
	require.Equal(t, want, golden(t, st.Snapshot().Storage()))
}

// busy is a store that is never the same twice: it can be read only by way of a
// snapshot.
type busy struct{ snapshot.Store }

func (busy) Buckets(context.Context, int, int, storage.Options) (storage.BucketIter, error) {
	return nil, errors.New("busy")
}

func TestGoldenReadsOneState(t *testing.T) {
	st := odd(t)
	require.Equal(t, golden(t, st), golden(t, busy{st}))
}

// A driver's error is not lost, wherever it comes from.
func TestGoldenReportsTheDriversErrors(t *testing.T) {
	for name, broken := range map[string]func(*failing){
		"list": func(f *failing) { f.list = true },
		"next": func(f *failing) { f.next = true },
		"open": func(f *failing) { f.open = true },
		"read": func(f *failing) { f.read = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := failing{Storage: foreign{odd(t)}}
			broken(&f)
			r := record(t, func(tb testing.TB) { snaptest.Golden(tb, f, "testdata/all.txtar") })
			require.True(t, r.fatal)
			require.Equal(t, "snaptest.Golden: cannot read the store: "+name+" is broken", r.failure(t))
		})
	}
}

// Equal files mean equal content, whatever looks like the file's own syntax.
func TestGoldenIsUnambiguous(t *testing.T) {
	fragments := []string{"a", "\n", "\r\n", "-- x --", "-- x --\n", "-- --\n", "\\ No newline at end of file", "sha256: 00\n", "bucket b: 1 object, 1 byte\n", "\xff", "\u2028", "\u00a0", "\t", " ", "\ufffd", "\ufeff", "content quoted:\n", "\"a\"\n", "\u200b"}
	contents := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 4), func(s []string) string { return strings.Join(s, "") })
	seen := map[string]string{}
	rapid.Check(t, func(rt *rapid.T) {
		text := contents.Draw(rt, "content")
		st := memdriver.Open()
		defer st.Close()
		put(t, st.Bucket("b"), "k", text, nil)
		put(t, st.Bucket("b"), "l", "last", nil)
		file := golden(t, st, snaptest.Show(snaptest.Content))
		require.Len(rt, txtar.Parse([]byte(file)).Files, 2)
		require.NotContains(rt, file, "\r")
		if other, ok := seen[file]; ok {
			require.Equal(rt, other, text)
		}
		seen[file] = text
	})
}

// Content with characters that cannot be seen is shown, but not raw.
func TestGoldenQuotesUnclearContent(t *testing.T) {
	for content, want := range map[string]string{
		"zero\u200bwidth\nplain\n":  `"zero\u200bwidth\n"` + "\n" + `"plain\n"` + "\n",
		"\ufeffmark":                `"\ufeffmark"` + "\n",
		"no\u00a0break\n":           `"no\u00a0break\n"` + "\n",
		"\u202eright to left\n":     `"\u202eright to left\n"` + "\n",
		"a \"blank\" at the end \n": `"a \"blank\" at the end \n"` + "\n",
		"a tab at the end\t":        `"a tab at the end\t"` + "\n",
		"e\u0301\n":                 `"e\u0301\n"` + "\n",
	} {
		t.Run(content, func(t *testing.T) {
			st := snaptest.New(t)
			put(t, st.Bucket("b"), "k", content, nil)
			require.Equal(t, "bucket b: 1 object\n-- b/k --\ncontent quoted:\n"+want, golden(t, st, snaptest.Show(snaptest.Content)))
		})
	}
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "\tclear\tcontent:\n\n  é 字 ❤\ufe0f", nil)
	require.Equal(t, "bucket b: 1 object\n-- b/k --\n\n\tclear\tcontent:\n\n  é 字 ❤\ufe0f\n\\ No newline at end of file\n", golden(t, st, snaptest.Show(snaptest.Content)))
}

// The file in the package comment is a real one.
func TestGoldenFileInThePackageComment(t *testing.T) {
	st := snaptest.New(t)
	b := st.Bucket("gallery")
	_, err := b.Write(t.Context(), "alps/index.html", strings.NewReader("<h1>Alps</h1>\n"), -1, "text/html",
		storage.Options{storage.OptMetadata: map[string]string{"title": "In the Alps"}})
	require.NoError(t, err)
	_, err = b.Write(t.Context(), "alps/peak.jpg", strings.NewReader("\xff\xd8\xff\xe0 a peak"), -1, "image/jpeg", nil)
	require.NoError(t, err)
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	comment := "//\t" + strings.ReplaceAll(strings.TrimSuffix(golden(t, st), "\n"), "\n", "\n//\t") + "\n"
	require.Contains(t, strings.ReplaceAll(string(doc), "\r\n", "\n"), strings.ReplaceAll(comment, "//\t\n", "//\n"))
}
