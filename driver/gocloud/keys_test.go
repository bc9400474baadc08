package gocloud

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func TestEncodeKey(t *testing.T) {
	for _, test := range []struct{ key, stored string }{
		{"", ""},
		{"a/b.txt", "a/b.txt"},
		{"a / b/..c./d..", "a / b/..c./d.."},
		{"☺/ä", "☺/ä"},
		{" a\t", " a\t"},
		{"a /b", "a /b"},
		{"\u00a0a\u2003", "\u00a0a\u2003"},

		{"/", "__0x__/__0x__"},
		{"/a", "__0x__/a"},
		{"a/", "a/__0x__"},
		{"a//b", "a/__0x__/b"},
		{".", "__0x2e__"},
		{"../a/./..", ".__0x2e__/a/__0x2e__/.__0x2e__"},
		{`a\b`, "a__0x5c__b"},
		{"a\x00", "a__0x0__"},
		{" ", "__0x20__"},
		{" \u2003", " __0x2003__"},
		{"a/ /b", "a/__0x20__/b"},
		{`a\ /x`, "a__0x5c__ /x"},
		{"\xff\\", "\xff__0x5c__"}, // for the store to refuse

		// What reads as an escape that was written is escaped …
		{"a/__0x__", "a/__0x5f___0x__"},
		{"__0x20__/a", "__0x5f___0x20__/a"},
		{"a__0x5c__b", "a__0x5f___0x5c__b"},
		{`__0x\`, "__0x5f___0x__0x5c__"},
		{"__0x5\x00", "__0x5f___0x5__0x0__"},
		// … and what never would have been written is not.
		{"a__0x62__", "a__0x62__"},
		{"a__0x20__", "a__0x20__"},
		{"a__0x2f__b", "a__0x2f__b"},
		{"a__0x5C__b", "a__0x5C__b"},
		{"a__0x2e__b", "a__0x2e__b"},
		{"a__0x__b", "a__0x__b"},
		{"__0x__", "__0x__"},
		{"__0x5f___0x__", "__0x5f___0x__"},
		{"__0xzz__", "__0xzz__"},
		{"__0x", "__0x"},
	} {
		assert.Equal(t, test.stored, encodeKey(test.key), "encodeKey(%q)", test.key)
		assert.Equal(t, test.key, decodeKey(test.stored), "decodeKey(%q)", test.stored)
	}
}

func TestEncodePrefix(t *testing.T) {
	for _, test := range []struct{ prefix, stored string }{
		{"", ""},
		{"a/", "a/"},
		{"a/b", "a/b"},
		{"a/__b_", "a/__b_"},
		{"a /b c", "a /b c"},
		{"a/ b", "a/ b"},
		{"a/ ", "a/"},
		{"a/ \u2003", "a/"},
		{" /", "__0x20__/"},
		{"/", "__0x__/"},
		{"a//b", "a/__0x__/b"},
		{"a/.", "a/"},
		{"a/..", "a/"},
		{"a/..b", "a/..b"},
		{`a\b`, "a"},
		{"a/b__0x5c", "a/b"},
		{"__0x__", ""},
		{"a/☺\xe2", "a/☺"},
		{"a/ \xe2", "a/"},
		{"a\xff/b", "a"},
	} {
		assert.Equal(t, test.stored, keys{}.prefix(test.prefix), "prefix(%q)", test.prefix)
	}
}

func TestValidPart(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "a☺": "a☺", "a\xe2\x98": "a", "\xff": "", "\ufffd/x\xc3": "\ufffd/x", "a\xffb": "a",
	} {
		assert.Equal(t, want, keys{exact: true}.prefix(s), "%q", s)
	}
}

// FuzzKey checks that keys and clean keys are paired one to one, and that
// prefixes are kept.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{
		"a/b.txt", "/", " //. ", "../.", "_\\", "__\x00__0x", "__0x5\x00", "__0x5f___0x2e__", "a__0x5f___0x62__",
		"__0x5f___0x5f___0x5f___0x2e__", "__0x20__a", "x/__0x20__", "__0xd800__", "__0x__", "__0x5f___0x__", "\u2003x", "\u2003", "a__0x2f__b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" || len(key) > 100 || !utf8.ValidString(key) {
			t.Skip("no key, or one that gets too long")
		}
		stored := encodeKey(key)
		clean, err := storage.CleanKey(stored)
		require.NoError(t, err)
		require.Equal(t, stored, clean, "not clean")
		require.Equal(t, key, decodeKey(stored), "decoded from %q", stored)

		if clean, err := storage.CleanKey(key); err == nil {
			require.Equal(t, clean, encodeKey(decodeKey(clean)), "decoded to %q", decodeKey(clean))
			require.NotEmpty(t, decodeKey(clean))
		}
		for i := range len(key) { // also within a character
			require.True(t, strings.HasPrefix(stored, keys{}.prefix(key[:i])), "prefix %q of %q", key[:i], stored)
		}
	})
}
