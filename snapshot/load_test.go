package snapshot

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benbjohnson/immutable"
	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// crafted is an entry of a file that is made to be loaded.
type crafted struct {
	savedEntry
	content string
}

// archive returns a saved snapshot with the entries, checksum and all.
func archive(entries []crafted) []byte {
	var file []byte
	for _, e := range entries {
		file = e.append(file)
		file = append(file, e.content...)
		file = append(file, zeros[:padding(int64(len(e.content)))]...)
	}
	file = textEntry(savedSum, sumSize).append(file)
	return append(file, archiveEnd(file)...)
}

// archiveEnd returns what follows the head of the last entry.
func archiveEnd(before []byte) []byte {
	end := []byte(formatSum(xxhash.Sum64(before)))
	return append(append(end, zeros[:padding(int64(len(end)))]...), zeros[:]...)
}

// entriesOf returns the entries of a saved snapshot but for the checksum.
func entriesOf(tb testing.TB, file []byte) (entries []crafted) {
	tb.Helper()
	in := savedReader{r: newSavedBuffer(bytes.NewReader(file))}
	for {
		var e crafted
		require.NoError(tb, in.next(&e.savedEntry))
		if e.path == savedSum {
			return entries
		}
		c, err := in.content(e.size)
		require.NoError(tb, err)
		e.content = c.leaf
		entries = append(entries, e)
	}
}

// sample is a snapshot with an entry of each kind.
func sample(tb testing.TB, exactKeys bool) *Snapshot {
	tb.Helper()
	s := &Snapshot{rules: rules{exactKeys: exactKeys}}
	by := func(second int64) change {
		c := changeAt(second, nil)
		c.rules = s.rules
		return c
	}
	put := func(bucket, key, text string) {
		next, err := s.put(address{bucket, key}, textObject(text), by(1))
		require.NoError(tb, err)
		s = next
	}
	put("a", "x", "first")
	put("b", "dir/one", "text")
	put("b", "dir/two", strings.Repeat("x", 600))
	put("b", "twin", "object")
	put("b", "twin/beneath", "")
	if exactKeys {
		put("b", "//", "exact")
	}
	s, _, err := s.copy(address{"b", "link"}, address{"b", "dir/one"}, map[string]string{"k": "v"}, by(2))
	require.NoError(tb, err)
	for _, id := range []uploadID{{"k", "id1"}, {"k", "id2"}} {
		up := &upload{created: at(3), parts: immutable.NewSortedMap[int, *part](nil)}
		s, err = s.beginUpload("b", id, up, by(3))
		require.NoError(tb, err)
		for n := range 2 {
			p := &part{received{content: leaf("part"), etag: etagOf([]byte("part"), false)}, at(4)}
			s, err = s.putPart("b", id, n+1, p, by(4))
			require.NoError(tb, err)
		}
	}
	return s
}

func saved(tb testing.TB, s *Snapshot) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, s.Save(&b))
	return b.Bytes()
}

func requireRefused(tb testing.TB, file []byte) error {
	tb.Helper()
	s, err := Load(bytes.NewReader(file))
	require.ErrorIs(tb, err, storage.ErrInvalid)
	require.Nil(tb, s)
	return err
}

// TestLoadRefusesDamage: a file that was cut off anywhere, or with a byte that was
// changed, inserted or removed, is refused.
func TestLoadRefusesDamage(t *testing.T) {
	file := saved(t, sample(t, true))
	for i := range file {
		if file[i] == 0 && i%8 > 0 {
			continue
		}
		bit := byte(1) << (i % 8)
		file[i] ^= bit
		requireRefused(t, file)
		file[i] ^= bit
		if i%64 == 0 {
			requireRefused(t, file[:i])
			requireRefused(t, slices.Insert(slices.Clone(file), i, 0))
			requireRefused(t, slices.Delete(slices.Clone(file), i, i+1))
		}
	}
	assert.ErrorContains(t, requireRefused(t, file[:len(file)/2]), "ends early")
	assert.ErrorContains(t, requireRefused(t, append(slices.Clone(file), 0)), "something follows")
	assert.ErrorContains(t, requireRefused(t, append(slices.Clone(file), file...)), "something follows")
	sum := len(file) - 3*blockSize
	assert.ErrorContains(t, requireRefused(t, slices.Concat(file[:sum], []byte("0"), file[sum+1:])), "altered")
	_, err := Load(bytes.NewReader(file))
	require.NoError(t, err)
}

// TestLoadRefusesForeign: other files, and a snapshot in another format.
func TestLoadRefusesForeign(t *testing.T) {
	var foreign bytes.Buffer
	w := tar.NewWriter(&foreign)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "a", Size: 1, Mode: 0o644}))
	w.Write([]byte("x"))
	require.NoError(t, w.Close())
	for name, file := range map[string][]byte{
		"nothing": nil, "text": []byte("text"), "zeros": make([]byte, 1<<20), "tar": foreign.Bytes(),
		"gzip": append([]byte("\x1f\x8b\x08\x00"), make([]byte, 2000)...),
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, requireRefused(t, file), "it is not as a snapshot is saved")
		})
	}
	later := entriesOf(t, saved(t, sample(t, false)))
	later[0].content = "open-lake snapshot 2\n"
	later[0].size = int64(len(later[0].content))
	assert.ErrorContains(t, requireRefused(t, archive(later)), `another format, "open-lake snapshot 2\n"`)
}

// TestLoadRefusesEntries: files whose checksum is right, with entries that Save
// would not have written.
func TestLoadRefusesEntries(t *testing.T) {
	find := func(entries []crafted, path string) *crafted {
		i := slices.IndexFunc(entries, func(e crafted) bool { return e.path == path })
		require.GreaterOrEqual(t, i, 0, path)
		return &entries[i]
	}
	// edit changes the named entry.
	edit := func(path string, change func(e *crafted)) func([]crafted) []crafted {
		return func(entries []crafted) []crafted {
			change(find(entries, path))
			return entries
		}
	}
	rename := func(path, to string) func([]crafted) []crafted {
		return edit(path, func(e *crafted) { e.path = to })
	}
	drop := func(path string) func([]crafted) []crafted {
		return func(entries []crafted) []crafted {
			return slices.DeleteFunc(entries, func(e crafted) bool { return e.path == path })
		}
	}
	// twice repeats the named entry at the end, or right there.
	twice := func(path string, there bool) func([]crafted) []crafted {
		return func(entries []crafted) []crafted {
			e := *find(entries, path)
			if there {
				i := slices.IndexFunc(entries, func(e crafted) bool { return e.path == path })
				return slices.Insert(entries, i, e)
			}
			return append(entries, e)
		}
	}
	for name, change := range map[string]func([]crafted) []crafted{
		"a path that climbs":         rename("b/dir/one", "b/../one"),
		"a path out of the archive":  rename("b/dir/one", "../one"),
		"an absolute path":           rename("b/dir/one", "/b/dir/one"),
		"an empty path":              rename("b/dir/one", ""),
		"a file in no bucket":        rename("b/dir/one", "one"),
		"a file in another bucket":   rename("b/dir/one", "a/dir/one"),
		"a file in no directory":     rename("b/dir/one", "b/one/one"),
		"a file in the safe place":   rename("b/dir/one", ".openlake/objects/1"),
		"a file in an unknown place": rename("b/dir/one", ".openlake/one"),
		"a file as a directory":      rename("b/dir/one", "b/dir/one/"),
		"a key that is not clean":    rename("b/dir/one", "b/dir//one"),
		"a key of invalid UTF-8":     rename("b/dir/one", "b/dir/\xff"),
		"a key that is too long":     rename("b/dir/one", "b/dir/"+strings.Repeat("a/", 600)+"a"),
		"a bucket's name that is not": func(entries []crafted) []crafted {
			e := *find(entries, "b/")
			e.path = "c /"
			return append(entries, e)
		},
		"the name .openlake": rename("a/", ".openlake/"),
		"a key out of order": rename("b/dir/one", "b/dir/zzz"),
		"an object twice":    twice("b/dir/one", true),
		"an object again":    twice("b/dir/one", false),
		"an upload twice":    twice(".openlake/uploads/2/", true),
		"an upload again":    twice(".openlake/uploads/2/", false),
		"a part twice":       twice(".openlake/uploads/2/1", true),
		"a part again":       twice(".openlake/uploads/2/1", false),
		"a bucket twice":     twice("a/", true),
		"a bucket again":     twice("b/", false),
		"an object after the uploads": func(entries []crafted) []crafted {
			e := *find(entries, "b/dir/one")
			e.path = "b/zzz"
			return append(entries, e)
		},
		"a head again":             twice(savedHead, false),
		"no head":                  drop(savedHead),
		"no bucket":                drop("a/"),
		"no directory":             drop("b/dir/"),
		"no upload":                drop(".openlake/uploads/2/"),
		"no upload before its ":    drop(".openlake/uploads/3/"),
		"an empty directory":       drop("b/twin/beneath"),
		"no twin":                  drop(".openlake/objects/1"),
		"a twin that is none":      func(e []crafted) []crafted { return drop("b/twin/beneath")(drop("b/twin/")(e)) },
		"a plain twin":             edit(".openlake/objects/1", func(e *crafted) { e.path, e.bucket, e.key = "b/twin", "", "" }),
		"a twin of another bucket": edit(".openlake/objects/1", func(e *crafted) { e.bucket = "a" }),
		"a twin of no bucket":      edit(".openlake/objects/1", func(e *crafted) { e.bucket = "" }),
		"a wrong number":           rename(".openlake/objects/1", ".openlake/objects/2"),
		"an odd number":            rename(".openlake/objects/1", ".openlake/objects/01"),
		"a link to nothing":        edit("b/link", func(e *crafted) { e.link = "b/nothing" }),
		"a link out":               edit("b/link", func(e *crafted) { e.link = "/etc/passwd" }),
		"a link to itself":         edit("b/link", func(e *crafted) { e.link = "b/link" }),
		"a link to what follows":   edit("b/dir/one", func(e *crafted) { e.link, e.size, e.content = "b/dir/two", 0, "" }),
		"a link to a link": func(entries []crafted) []crafted {
			i := slices.IndexFunc(entries, func(e crafted) bool { return e.path == "b/link" })
			e := entries[i]
			e.path, e.link = "b/link2", "b/link"
			return slices.Insert(entries, i+1, e)
		},
		"a link to a part":             edit("b/link", func(e *crafted) { e.link = ".openlake/uploads/2/1" }),
		"a link to a directory":        edit("b/link", func(e *crafted) { e.link = "b/dir/" }),
		"a link with a size":           edit("b/link", func(e *crafted) { e.size = 4 }),
		"a link that is a part":        edit(".openlake/uploads/2/1", func(e *crafted) { e.link, e.size, e.content = "b/dir/one", 0, "" }),
		"a directory with a size":      edit("b/dir/", func(e *crafted) { e.size = 4 }),
		"a size that is too small":     edit("b/dir/two", func(e *crafted) { e.size-- }),
		"a size that is too large":     edit("b/dir/two", func(e *crafted) { e.size = 1 << 33 }),
		"a size that is huge":          edit("b/dir/two", func(e *crafted) { e.size = 1<<63 - 1 }),
		"an ETag that is none":         edit("b/dir/one", func(e *crafted) { e.etag = "etag" }),
		"an ETag in capitals":          edit("b/dir/one", func(e *crafted) { e.etag = "ABCDEF0123456789" }),
		"an ETag of no content":        edit("b/dir/one", func(e *crafted) { e.etag = "-5" }),
		"no ETag":                      edit("b/dir/one", func(e *crafted) { e.etag = "" }),
		"no ETag of a part":            edit(".openlake/uploads/2/1", func(e *crafted) { e.etag = "" }),
		"a part's ETag of parts":       edit(".openlake/uploads/2/1", func(e *crafted) { e.etag += "-2" }),
		"a part 0":                     rename(".openlake/uploads/2/1", ".openlake/uploads/2/0"),
		"a part 10001":                 rename(".openlake/uploads/2/2", ".openlake/uploads/2/10001"),
		"a part 02":                    rename(".openlake/uploads/2/2", ".openlake/uploads/2/02"),
		"a part with a name":           rename(".openlake/uploads/2/2", ".openlake/uploads/2/x"),
		"a part of another upload":     rename(".openlake/uploads/3/1", ".openlake/uploads/2/3"),
		"an upload of a wrong bucket":  edit(".openlake/uploads/2/", func(e *crafted) { e.bucket = "a" }),
		"an upload without ID":         edit(".openlake/uploads/2/", func(e *crafted) { e.id = "" }),
		"an upload with a bad key":     edit(".openlake/uploads/3/", func(e *crafted) { e.key = "k/" }),
		"an upload out of order":       edit(".openlake/uploads/3/", func(e *crafted) { e.id = "id0" }),
		"an upload with an ETag":       edit(".openlake/uploads/2/", func(e *crafted) { e.etag = "0123456789abcdef" }),
		"a part with a type":           edit(".openlake/uploads/2/1", func(e *crafted) { e.contentType = "t" }),
		"a bucket with a type":         edit("b/", func(e *crafted) { e.contentType = "t" }),
		"a directory with metadata":    edit("b/dir/", func(e *crafted) { e.metadata = map[string]string{"k": "v"} }),
		"a directory born later":       edit("b/dir/", func(e *crafted) { e.created, e.born = at(100), at(100) }),
		"a bucket born later":          edit("b/", func(e *crafted) { e.born = at(100) }),
		"a public object":              edit("b/dir/one", func(e *crafted) { e.public = true }),
		"an object's bucket":           edit("b/dir/one", func(e *crafted) { e.bucket = "b" }),
		"an object with an ID":         edit("b/dir/one", func(e *crafted) { e.id = "id" }),
		"an object with another birth": edit("b/dir/one", func(e *crafted) { e.born = at(9) }),
		"a head with attributes":       edit(savedHead, func(e *crafted) { e.etag = "0123456789abcdef" }),
		"a head that is long": edit(savedHead, func(e *crafted) {
			e.content = savedTitle + strings.Repeat("x", 5000)
			e.size = int64(len(e.content))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			entries := entriesOf(t, saved(t, sample(t, false)))
			requireRefused(t, archive(change(entries)))
		})
	}
	for _, exact := range []bool{false, true} {
		file := saved(t, sample(t, exact))
		require.Equal(t, file, archive(entriesOf(t, file)))
	}
	exact := entriesOf(t, saved(t, sample(t, true)))
	exact[0] = entriesOf(t, saved(t, sample(t, false)))[0]
	requireRefused(t, archive(exact)) // the keys are not those of such a store
}

// TestLoadRefusesHeaders: tar that other programs would read, but Save does not
// write.
func TestLoadRefusesHeaders(t *testing.T) {
	entries := entriesOf(t, saved(t, sample(t, false)))
	i := slices.IndexFunc(entries, func(e crafted) bool { return e.path == "b/dir/one" })
	before, after := archive(entries[:i]), entries[i+1:]
	before = before[:len(before)-4*blockSize]
	e := entries[i]
	records := func(records string) []byte {
		head := e.append(nil)
		extended := make([]byte, blockSize)
		fillHeader(extended, extendedPath, "", typeExtended, int64(len(records)), 0)
		return slices.Concat(extended, []byte(records), zeros[:padding(int64(len(records)))], head[len(head)-blockSize:])
	}
	normal := string(e.append(nil)[blockSize:])
	normal = normal[:strings.LastIndex(normal[:len(normal)-blockSize], "\n")+1]
	record := func(key, value string) string { return string(appendRecord(nil, "", key, value)) }
	raw := func(typ byte) []byte {
		head := make([]byte, blockSize)
		fillHeader(head, e.path, "", typ, e.size, 1)
		return head
	}
	file := func(head []byte) []byte {
		b := slices.Concat(before, head, []byte(e.content), zeros[:padding(e.size)])
		for _, e := range after {
			b = append(append(e.append(b), e.content...), zeros[:padding(int64(len(e.content)))]...)
		}
		b = textEntry(savedSum, sumSize).append(b)
		return append(b, archiveEnd(b)...)
	}
	_, err := Load(bytes.NewReader(file(records(normal))))
	require.NoError(t, err, "the test makes good files, too")
	for name, head := range map[string][]byte{
		"a symbolic link":        raw('2'),
		"a device":               raw('3'),
		"a pipe":                 raw('6'),
		"a global header":        raw('g'),
		"a sparse file":          raw('S'),
		"a long name":            raw('L'),
		"an old file":            raw(0),
		"no records":             raw('0'),
		"an unknown record":      records(normal + record("comment", "x")),
		"an unknown attribute":   records(normal + record(attributePrefix+"color", "x")),
		"a sparse record":        records(normal + record("GNU.sparse.size", "1000000000000")),
		"a record twice":         records(normal + normal),
		"a path that is short":   records(record("path", "b/dir/one") + normal),
		"a size that fits":       records(record("size", "4") + normal),
		"a negative size":        records(record("size", "-4") + normal),
		"a time that is not":     records(record("mtime", "x") + normal),
		"a time of many digits":  records(record("mtime", "1.0000000001") + normal),
		"a record without end":   records(normal[:len(normal)-1]),
		"a record without value": records(normal + "5 ab\n"),
		"a record of no length":  records(normal + "0 a=b\n"),
		"a record that is long":  records(normal + "99 a=b\n"),
		"a negative record":      records(normal + "-6 a=b\n"),
		"a huge record":          records(normal + "99999999999999999999 a=b\n"),
		"not public":             records(normal + record(attributePrefix+"public", "false")),
		"bad escapes":            records(normal + record(attributePrefix+"meta.%", "x")),
		"two extended headers":   slices.Concat(records(normal)[:2*blockSize], records(normal)),
	} {
		t.Run(name, func(t *testing.T) { requireRefused(t, file(head)) })
	}
}

// TestLoadTakesMemoryAsItReads: neither what an entry claims nor how many there are
// makes Load take much more memory than the file has bytes.
func TestLoadTakesMemoryAsItReads(t *testing.T) {
	entries := entriesOf(t, saved(t, sample(t, false)))
	head := func(size int64, records int64) []byte {
		e := entries[2]
		e.size = size
		b := e.append(archive(entries[:2])[:0])
		if records > 0 {
			fillHeader(b, extendedPath, "", typeExtended, records, 0)
		}
		return append(archive(entries[:2])[:len(archive(entries[:2]))-4*blockSize], b...)
	}
	many := entries[:2:2]
	for i := range 20_000 {
		o := textObject("")
		e := crafted{savedEntry: *o.entry()}
		e.path = fmt.Sprintf("a/%06d", i)
		many = append(many, e)
	}
	links := entries[:3:3]
	for i := range 20_000 {
		e := crafted{savedEntry: entries[2].savedEntry}
		e.path, e.link, e.size = fmt.Sprintf("a/y%06d", i), entries[2].path, 0
		links = append(links, e)
	}
	for name, file := range map[string][]byte{
		"a huge file":            head(1<<62, 0),
		"a file of 8 GiB":        head(1<<33-1, 0),
		"a huge extended header": head(0, 1<<33-1),
		"many empty objects":     archive(many),
		"many links":             archive(links),
	} {
		t.Run(name, func(t *testing.T) {
			r := bytes.NewReader(file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := Load(r)
			runtime.ReadMemStats(&after)
			assert.Equal(t, strings.HasPrefix(name, "many"), err == nil, "%v", err)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2*len(file)+1<<20))
			runtime.KeepAlive(s)
		})
	}
}

// TestSavedEntry: append and parse are inverse, for what no test can hold in memory,
// too.
func TestSavedEntry(t *testing.T) {
	for _, e := range []savedEntry{
		{path: "b/k", size: 1<<33 - 1},
		{path: "b/k", size: 1 << 33},
		{path: "b/k", size: 1<<63 - 1},
		{path: "b/k", link: strings.Repeat("long", 100)},
		{path: strings.Repeat("é", 100) + "/", attributes: attributes{public: true, born: at(1)}},
		{path: "b/k", attributes: attributes{metadata: map[string]string{"k": strings.Repeat("v", 1<<20)}}},
	} {
		for _, modified := range []time.Time{{}, at(0), at(-1), at(1<<33 - 1), at(1 << 33), time.Unix(-1, 1).UTC(), time.Unix(1, 100).UTC()} {
			e.modified, e.created = modified, modified
			if !e.public {
				e.born = modified
			}
			head := e.append(nil)
			require.Zero(t, len(head)%blockSize)
			in := savedReader{r: newSavedBuffer(bytes.NewReader(head))}
			var back savedEntry
			require.NoError(t, in.next(&back))
			require.Equal(t, e, back)
			require.NoError(t, in.check(&e))
			if h, err := tar.NewReader(bytes.NewReader(head)).Next(); err != tar.ErrFieldTooLong {
				require.NoError(t, err)
				require.Equal(t, e.path, h.Name)
				require.Equal(t, e.size, h.Size)
				require.Equal(t, e.link, h.Linkname)
				if e.hasMtime() {
					require.True(t, h.ModTime.Equal(modified))
				}
			}
		}
	}
}

// TestRecordLength: a record's length counts its own digits.
func TestRecordLength(t *testing.T) {
	for n := range 2000 {
		record := appendRecord(nil, "", "k", strings.Repeat("v", n))
		key, value, rest, ok := cutRecord(record)
		require.True(t, ok)
		require.Equal(t, "k", key)
		require.Len(t, value, n)
		require.Empty(t, rest)
	}
}

// FuzzLoad: any file is refused with ErrInvalid, or loaded and then saved as it was.
// Since no file of chance has the right checksum, it is put right in some.
func FuzzLoad(f *testing.F) {
	add := func(file []byte) {
		f.Add(file, false)
		f.Add(file, true)
	}
	add(saved(f, new(Snapshot)))
	add(saved(f, sample(f, false)))
	add(saved(f, sample(f, true).WithMD5ETags()))
	entries := entriesOf(f, saved(f, sample(f, true)))
	for i := range entries {
		add(archive(slices.Delete(slices.Clone(entries), i, i+1)))
	}
	f.Fuzz(func(t *testing.T, file []byte, sum bool) {
		const end = 3 * blockSize
		if sum && len(file) > end && len(file) < 1<<20 {
			before := file[:len(file)-end]
			file = append(slices.Clone(before), archiveEnd(before)...)
		}
		s, err := Load(bytes.NewReader(file))
		if err != nil {
			require.ErrorIs(t, err, storage.ErrInvalid)
			require.Nil(t, s)
			return
		}
		require.True(t, bytes.Equal(file, saved(t, s)), "it is saved as something else")
	})
}

// TestGoldenSave: the format does not change unnoticed, since files of it are kept.
func TestGoldenSave(t *testing.T) {
	golden := filepath.Join("testdata", "saved.tar")
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, saved(t, sample(t, true))), "a format that changes needs another number and the old one still be read")
	s, err := LoadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, sample(t, true).Len(), s.Len())
}
