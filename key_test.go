package storage_test

import (
	"fmt"
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
		{" \t a/b \n", "a/b", nil},
		{`a\b`, "a/b", nil},
		{"///a//b/", "a/b", nil},
		{"./a/./b/../c", "a/c", nil},
		{"a/b/../..", "", storage.ErrInvalid},
		{"", "", storage.ErrInvalid},
		{" ", "", storage.ErrInvalid},
		{"/", "", storage.ErrInvalid},
		{".", "", storage.ErrInvalid},
		{"..", "", storage.ErrPermission},
		{"../a", "", storage.ErrPermission},
		{`a\..\..\b`, "", storage.ErrPermission},
		{"/../a", "", storage.ErrPermission},
		{"a\x00b", "", storage.ErrInvalid},
		{"a\xff", "", storage.ErrInvalid},
		{"..a/b..", "..a/b..", nil},
		{"...", "...", nil},
		{"/ a", "a", nil},     // one pass would leave " a", which cleans to "a"
		{"x/../ a", "a", nil}, // likewise
		{`/\ ..`, "", storage.ErrPermission},
		{"a / b", "a / b", nil},
		{"日本/語", "日本/語", nil},
	} {
		got, err := storage.CleanKey(c.in)
		assert.Equal(t, c.want, got, "%q", c.in)
		assert.ErrorIs(t, err, c.err, "%q", c.in)
	}
}

func TestCleanPrefix(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "/": "", "foo": "foo", "foo/": "foo/", `foo\`: "foo/", "/foo//": "foo/", "./foo": "foo", "a/../": "", "foo/ ": "foo/", "c /": "c /", "c ": "c", " / c /": "c /",
	} {
		got, err := storage.CleanPrefix(in)
		assert.NoError(t, err)
		assert.Equal(t, want, got, "%q", in)
	}
	for in, want := range map[string]error{"../": storage.ErrPermission, "\x00": storage.ErrInvalid} {
		_, err := storage.CleanPrefix(in)
		assert.ErrorIs(t, err, want, "%q", in)
	}
}

func TestCleanDir(t *testing.T) {
	for in, want := range map[string]string{"": "", "/": "", "a/b/": "a/b", `a\b`: "a/b", "c ": "c", "c /": "c ", ".": ""} {
		got, err := storage.CleanDir(in)
		assert.NoError(t, err)
		assert.Equal(t, want, got, "%q", in)
	}
	_, err := storage.CleanDir("a/../..")
	assert.ErrorIs(t, err, storage.ErrPermission)
}

func TestCleanBucket(t *testing.T) {
	for in, want := range map[string]string{
		"b": "b", " b ": "b", "a/b": "a_b", `a\b`: "a_b", ".": "_.", "..": "_..", "...": "...", "/": "_",
	} {
		got, err := storage.CleanBucket(in)
		assert.NoError(t, err)
		assert.Equal(t, want, got, "%q", in)
	}
	for _, in := range []string{"", " \n", "a\x00", "\xff"} {
		_, err := storage.CleanBucket(in)
		assert.ErrorIs(t, err, storage.ErrInvalid, "%q", in)
	}
}

func ExampleCleanKey() {
	key, err := storage.CleanKey(` \photos\2026//./cat.jpg`)
	fmt.Println(key, err)
	_, err = storage.CleanKey("photos/../../etc/passwd")
	fmt.Println(err)
	// Output:
	// photos/2026/cat.jpg <nil>
	// not permitted: .. leads out of the bucket
}

func ExampleCleanPrefix() {
	prefix, _ := storage.CleanPrefix("/photos//2026/")
	fmt.Println(prefix)
	// Output: photos/2026/
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
