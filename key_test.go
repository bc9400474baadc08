package storage_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

func TestCleanKey(t *testing.T) {
	for _, c := range []struct {
		in, want string
		err      error
	}{
		{"a", "a", nil},
		{`a\b`, "a/b", nil},
		{"///a//b/", "a/b", nil},
		{"./a/./b/../c", "a/c", nil},
		{"..a/b..", "..a/b..", nil},
		{"...", "...", nil},
		{"a/.hidden", "a/.hidden", nil},
		{"日本/語", "日本/語", nil},
		{"a b", "a b", nil},
		{" a / b ", " a / b ", nil}, // blanks are part of a name
		{"\t a/b \n", "\t a/b \n", nil},
		{"a/b /", "a/b ", nil},
		{"x/../ a", " a", nil},
		{"a\u00a0", "a\u00a0", nil},
		{"x/ /../y", "x/y", nil}, // the name of white space is gone
		{" ..", " ..", nil},
		{"x/ ./y", "x/ ./y", nil},
		{"a/b/../..", "", storage.ErrInvalid},
		{"", "", storage.ErrInvalid},
		{"/", "", storage.ErrInvalid},
		{`\/\`, "", storage.ErrInvalid},
		{".", "", storage.ErrInvalid},
		{" ", "", storage.ErrInvalid},
		{"a/ /b", "", storage.ErrInvalid},
		{"a/\t\n", "", storage.ErrInvalid},
		{"\u00a0/a", "", storage.ErrInvalid},
		{"a/\u2003\u3000", "", storage.ErrInvalid},
		{"a\x00b", "", storage.ErrInvalid},
		{"a\xff", "", storage.ErrInvalid},
		{"..", "", storage.ErrPermission},
		{"../a", "", storage.ErrPermission},
		{`a\..\..\b`, "", storage.ErrPermission},
		{"/../a", "", storage.ErrPermission},
		{`/\..`, "", storage.ErrPermission},
	} {
		got, err := storage.CleanKey(c.in)
		assert.Equal(t, c.want, got, "%q", c.in)
		assert.ErrorIs(t, err, c.err, "%q", c.in)
	}
}

// TestLongKeys: the limit is on the bytes of the normalised key.
func TestLongKeys(t *testing.T) {
	long := strings.Repeat("é", storage.MaxKey/2)
	for name, clean := range map[string]func(string) (string, error){"CleanKey": storage.CleanKey, "CleanDir": storage.CleanDir} {
		for _, in := range []string{long, "//./" + long + "/", "x/../" + long} {
			got, err := clean(in)
			assert.NoError(t, err, name)
			assert.Equal(t, long, got, name)
		}
		_, err := clean(long + "x")
		assert.ErrorIs(t, err, storage.ErrInvalid, name)
		assert.ErrorContains(t, err, "1025 bytes", name)
		_, err = clean(strings.Repeat("d/", 30_000) + "x")
		assert.ErrorIs(t, err, storage.ErrInvalid, name)
	}
	prefix, err := storage.CleanPrefix(long + "x")
	assert.NoError(t, err, "a prefix longer than any key matches none")
	assert.Equal(t, long+"x", prefix)
}

// TestCleaningIsLinear compares the memory that cleaning takes for two sizes of
// each shape of input (K1).
func TestCleaningIsLinear(t *testing.T) {
	for name, clean := range map[string]func(string) (string, error){
		"CleanKey": storage.CleanKey, "CleanPrefix": storage.CleanPrefix, "CleanDir": storage.CleanDir, "CleanBucket": storage.CleanBucket,
	} {
		for _, unit := range []string{" /", ` \`, "/ ", "/", "./", "a/", "é/", "a/../", "a/b/.././../", "a /"} {
			small, large := strings.Repeat(unit, 5_000)+"x", strings.Repeat(unit, 50_000)+"x"
			n, tenfold := allocated(func() { clean(small) }), allocated(func() { clean(large) })
			assert.LessOrEqual(t, tenfold, 20*n+4096, "%s of %q, repeated", name, unit)
		}
	}
}

// allocated returns the bytes that do allocates, without those that other
// goroutines happen to allocate beside it.
func allocated(do func()) uint64 {
	least := ^uint64(0)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

func TestCheckKey(t *testing.T) {
	long := strings.Repeat("k", storage.MaxKey)
	for _, key := range []string{"a", "/", "a//b", "/a", "a/", ".", "..", "../a", `a\b`, " ", "a\x00b", long} {
		assert.NoError(t, storage.CheckKey(key), "%q", key)
	}
	for _, key := range []string{"", long + "k", "a\xff", "\xed\xa0\x80"} {
		assert.ErrorIs(t, storage.CheckKey(key), storage.ErrInvalid, "%q", key)
	}
}

func TestCleanPrefix(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "/": "", "./": "", "a/../": "",
		"foo": "foo", "foo/": "foo/", `foo\`: "foo/", "/foo//": "foo/", "./foo": "foo", "a/../foo": "foo",
		// The last name is unfinished and stays as it is.
		".": ".", "..": "..", " ": " ", "a/.": "a/.", "a/..": "a/..", "a//..": "a/..", "my ": "my ", "foo/ ": "foo/ ",
		"c /": "c /", " c": " c", "x/. /": "x/. /",
	} {
		got, err := storage.CleanPrefix(in)
		assert.NoError(t, err, "%q", in)
		assert.Equal(t, want, got, "%q", in)
	}
	for in, want := range map[string]error{
		"../": storage.ErrPermission, "a/../../b": storage.ErrPermission, "\x00": storage.ErrInvalid, "a/\xff": storage.ErrInvalid,
		"\xff/a": storage.ErrInvalid, " /": storage.ErrInvalid, "a/ /b": storage.ErrInvalid,
	} {
		_, err := storage.CleanPrefix(in)
		assert.ErrorIs(t, err, want, "%q", in)
	}
}

func TestCleanDir(t *testing.T) {
	for in, want := range map[string]string{"": "", "/": "", ".": "", "a/..": "", "a/b/": "a/b", `a\b`: "a/b", "c ": "c ", "c /": "c ", " c": " c"} {
		got, err := storage.CleanDir(in)
		assert.NoError(t, err, "%q", in)
		assert.Equal(t, want, got, "%q", in)
	}
	for in, want := range map[string]error{"a/../..": storage.ErrPermission, " ": storage.ErrInvalid, "a/ ": storage.ErrInvalid, "a\x00": storage.ErrInvalid} {
		_, err := storage.CleanDir(in)
		assert.ErrorIs(t, err, want, "%q", in)
	}
}

func TestCleanBucket(t *testing.T) {
	for in, want := range map[string]string{
		"b": "b", " b ": "b", "\tb\n": "b", "\u00a0b": "b", "a b": "a b", "a/b": "a_b", `a\b`: "a_b", "/a/": "_a_",
		".": "_.", "..": "_..", " .. ": "_..", "...": "...", "/": "_", "../x": ".._x", "/ ": "_",
	} {
		got, err := storage.CleanBucket(in)
		assert.NoError(t, err)
		assert.Equal(t, want, got, "%q", in)
	}
	for _, in := range []string{"", " \n", "\u2003", "a\x00", "\xff"} {
		_, err := storage.CleanBucket(in)
		assert.ErrorIs(t, err, storage.ErrInvalid, "%q", in)
	}
}

func ExampleCleanKey() {
	key, err := storage.CleanKey(`\photos\2026//./cat.jpg`)
	fmt.Println(key, err)
	_, err = storage.CleanKey("photos/../../etc/passwd")
	fmt.Println(err)
	// Output:
	// photos/2026/cat.jpg <nil>
	// permission denied: .. leads out of the bucket
}

func ExampleCheckKey() {
	fmt.Println(storage.CheckKey("a//b/"))
	fmt.Println(storage.CheckKey(""))
	// Output:
	// <nil>
	// invalid argument: empty key
}

func ExampleCleanPrefix() {
	prefix, _ := storage.CleanPrefix("/photos//2026/")
	fmt.Println(prefix)
	prefix, _ = storage.CleanPrefix("/photos//.")
	fmt.Println(prefix)
	// Output:
	// photos/2026/
	// photos/.
}

func ExampleCleanDir() {
	dir, _ := storage.CleanDir("/photos/2026/")
	fmt.Println(dir)
	// Output: photos/2026
}

func ExampleCleanBucket() {
	name, _ := storage.CleanBucket("team/photos ")
	fmt.Println(name)
	// Output: team_photos
}

// BenchmarkCleanKey cleans a key that is clean, as most are, and one that has to
// be looked at name by name.
func BenchmarkCleanKey(b *testing.B) {
	for name, key := range map[string]string{"plain": "p04/q01/r07/k0000123", "dot": "p04/q01/r07/.k000123"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				storage.CleanKey(key)
			}
		})
	}
}
