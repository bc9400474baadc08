package filedriver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// TestEscape checks the names of files on Windows, on any system.
func TestEscape(t *testing.T) {
	for name, want := range map[string]string{
		"plain.txt":   "plain.txt",
		"100%":        "100%",
		"10:30":       "10%3A30",
		"a?b*c":       "a%3Fb%2Ac",
		"dot.":        "dot%2E",
		"blank ":      "blank%20",
		"con":         "%63on",
		"Aux.txt":     "%41ux.txt",
		"com1":        "%63om1",
		"COM²":        "%43OM²",
		"console":     "console",
		"com":         "com",
		"tab\there":   "tab%09here",
		"%3A":         "%253A",
		"%25":         "%2525",
		"ü ☺ of ours": "ü ☺ of ours",
	} {
		assert.Equal(t, want, escape(name))
		assert.Equal(t, name, unescape(want))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune(`aZ0%25ABC. :*"<>|?\coprnul1²`+"\x01")), 1, 12, -1).Draw(t, "name")
		file := escape(name)
		if unescape(file) != name {
			t.Fatalf("%q is %q on disk, which is %q", name, file, unescape(file))
		}
		if strings.ContainsAny(file, forbidden+"\x01") || strings.HasSuffix(file, ".") || strings.HasSuffix(file, " ") || isDevice(file) {
			t.Fatalf("%q is %q on disk, which Windows does not take", name, file)
		}
	})
}

// TestFoldedCase: where the file system does not distinguish case, a key never means the
// file of another one.
func TestFoldedCase(t *testing.T) {
	e, err := open(t.TempDir(), config{unsynced: true})
	require.NoError(t, err)
	defer e.Close()
	require.NoError(t, e.prepare())
	e.folds.Store(true)
	require.NoError(t, e.root.MkdirAll("b/Dir", 0o777))
	require.NoError(t, e.root.WriteFile("b/Dir/Readme", nil, 0o666))
	for _, key := range []string{"b/Dir/Readme", "b/Dir/other", "b/new/readme"} {
		_, err := e.find(key)
		assert.NoError(t, err, key)
	}
	for _, key := range []string{"b/Dir/README", "b/dir/Readme", "b/dir/new"} {
		_, err := e.find(key)
		assert.ErrorIs(t, err, storage.ErrExist, key)
		_, err = e.Head(t.Context(), key)
		assert.ErrorIs(t, err, storage.ErrNotExist, key)
	}
	assert.ErrorIs(t, e.MoveDir(t.Context(), "B/x/", "b/Dir/", func(string) error { return nil }), storage.ErrExist)
}
