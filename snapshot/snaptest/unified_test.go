package snaptest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUnified(t *testing.T) {
	old := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n"
	for name, tc := range map[string]struct{ old, new, want string }{
		"a line in the middle": {
			old, strings.Replace(old, "5\n", "five\n", 1),
			"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8",
		},
		"at both ends": {
			old, "0\n" + strings.TrimSuffix(old, "16\n"),
			"@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -13,4 +14,3 @@\n 13\n 14\n 15\n-16",
		},
		"hunks that touch are one": {
			old, strings.NewReplacer("\n5\n", "\n", "\n11\n", "\n").Replace(old),
			"@@ -2,13 +2,11 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n 9\n 10\n-11\n 12\n 13\n 14",
		},
		"lines that repeat": {
			"x\nx\ny\nx\n", "x\ny\nx\nx\n",
			"@@ -1,4 +1,4 @@\n x\n-x\n y\n+x\n x",
		},
		"within an entry": {
			"-- b/k --\nsize: 1\n\n1\n2\n3\n4\n5\n", "-- b/k --\nsize: 1\n\n1\n2\n3\n4\nV\n",
			"@@ -5,4 +5,4 @@ -- b/k --\n 2\n 3\n 4\n-5\n+V",
		},
		"lines that are in both parts": {
			"a\ntype\nx\nb\ntype\ny\n", "a\ntype\nX\nb\nTYPE\ntype\n",
			"@@ -1,6 +1,6 @@\n a\n type\n-x\n+X\n b\n+TYPE\n type\n-y",
		},
		"a zero-width space":         {"a\n", "a\u200b\n", "@@ -1,1 +1,1 @@\n-\"a\"\n+\"a\\u200b\""},
		"a byte order mark":          {"\ufeffa\n", "a\n", "@@ -1,1 +1,1 @@\n-\"\\ufeffa\"\n+\"a\""},
		"a no-break space":           {"a b\n", "a\u00a0b\n", "@@ -1,1 +1,1 @@\n-\"a b\"\n+\"a\\u00a0b\""},
		"an override of direction":   {"a\n", "\u202ea\n", "@@ -1,1 +1,1 @@\n-\"a\"\n+\"\\u202ea\""},
		"a blank at the end":         {"a\nb\t\n", "a \nb\n", "@@ -1,2 +1,2 @@\n-\"a\"\n-\"b\\t\"\n+\"a \"\n+\"b\""},
		"a tab":                      {"a\tb\nc\td\n", "a b\nc\td\n", "@@ -1,2 +1,2 @@\n-\"a\\tb\"\n+\"a b\"\n c\td"},
		"spaces":                     {"a  b\n", "a b\n", "@@ -1,1 +1,1 @@\n-\"a  b\"\n+\"a b\""},
		"a variation selector":       {"❤\n", "❤\ufe0f\n", "@@ -1,1 +1,1 @@\n-\"❤\"\n+\"❤\\ufe0f\""},
		"a combining accent":         {"\u00e9\n", "e\u0301\n", "@@ -1,1 +1,1 @@\n-é\n+\"e\\u0301\""},
		"invalid UTF-8":              {"\xff\n", "\ufffd\n", "@@ -1,1 +1,1 @@\n-\"\\xff\"\n+\"\ufffd\""},
		"a line that moved":          {"a\tb\nx\n", "x\na\tb\n", "@@ -1,2 +1,2 @@\n-a\tb\n x\n+a\tb"},
		"a line that is odd in both": {"x\u200b\na\n", "x\u200b\nb\n", "@@ -1,2 +1,2 @@\n \"x\\u200b\"\n-a\n+b"},
		"nothing in common":          {"a\nb\n", "c\n", "@@ -1,2 +1,1 @@\n-a\n-b\n+c"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "--- file\n+++ store\n"+tc.want, unified("file", "store", tc.old, tc.new))
		})
	}
}

// The lines of a diff but the inserted ones are the old text, those but the
// deleted ones the new text.
func TestCompareIsFaithful(t *testing.T) {
	texts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h", "", " "}), 0, 20)
	rapid.Check(t, func(t *rapid.T) {
		old, new := texts.Draw(t, "old"), texts.Draw(t, "new")
		var gotOld, gotNew []string
		for _, l := range diffLines(old, new) {
			if l.sign != '+' {
				gotOld = append(gotOld, l.text)
			}
			if l.sign != '-' {
				gotNew = append(gotNew, l.text)
			}
		}
		require.Equal(t, strings.Join(old, "\n"), strings.Join(gotOld, "\n"))
		require.Equal(t, strings.Join(new, "\n"), strings.Join(gotNew, "\n"))
	})
}

// Two listings of which one lacks an entry differ in that entry's lines.
func TestCompareFindsTheEntry(t *testing.T) {
	entry := func(key string) []string {
		return []string{"-- b/" + key + " --", "size: 1", "type: text/plain", "etag: " + key}
	}
	var old, new []string
	for _, key := range []string{"a", "b", "c", "d"} {
		old = append(old, entry(key)...)
		if key != "c" {
			new = append(new, entry(key)...)
		}
	}
	var deleted []string
	for _, l := range diffLines(old, new) {
		require.NotEqual(t, byte('+'), l.sign)
		if l.sign == '-' {
			deleted = append(deleted, l.text)
		}
	}
	require.Equal(t, entry("c"), deleted)
}

func TestLongReportsAreShortened(t *testing.T) {
	lines := make([]string, maxLines+1)
	require.Equal(t, maxLines+1, strings.Count(shorten(lines), "\n")+1)
	require.True(t, strings.HasSuffix(shorten(lines), "\n… 1 more line"))
	require.Equal(t, maxLines, strings.Count(shorten(lines[:maxLines]), "\n")+1)
}

// Entries are matched however many differ: here each of 20,000 has changed, and
// every tenth is gone.
func TestCompareOfLongTexts(t *testing.T) {
	var old, new []string
	for i := range 20_000 {
		marker := fmt.Sprintf("-- b/%d --", i)
		old = append(old, marker, "size: 1", fmt.Sprint("etag: ", i))
		if i%10 > 0 {
			new = append(new, marker, "size: 1", fmt.Sprint("etag: ", -i))
		}
	}
	lines := diffLines(old, new)
	require.Equal(t, len(old), count(lines, '-'))
	require.Equal(t, len(new), count(lines, '+'))
	require.Less(t, len(lines), len(old)+20_000)
}
