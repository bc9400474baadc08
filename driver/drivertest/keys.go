package drivertest

import (
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var keyCases = []testCase{
	{"K1_keeps_blanks", k1KeepsBlanks},
	{"K1_turns_backslashes", k1TurnsBackslashes},
	{"K1_drops_leading_slashes", k1DropsLeadingSlashes},
	{"K1_cleans_path", k1CleansPath},
	{"K1_result_is_its_own_normal_form", k1ResultIsNormal},
	{"K1_keeps_unusual_keys", k1KeepsUnusualKeys},
	{"K1_every_method_normalises", k1EveryMethodNormalises},
	{"K1_empty_is_invalid", k1EmptyIsInvalid},
	{"K1_name_of_white_space_is_invalid", k1WhiteSpaceIsInvalid},
	{"K1_dotdot_is_not_permitted", k1DotdotIsNotPermitted},
	{"K1_nul_and_bad_utf8_are_invalid", k1BadTextIsInvalid},
	{"K1_longest_key", k1LongestKey},
	{"K1_very_long_spellings", k1VeryLongSpellings},
	{"K1_hostile_keys_stay_in_the_bucket", k1HostileKeys},
	{"K1_listed_names_what_was_listed", k1ListedNamesWhatWasListed},
	{"K1_object_beside_directory", k1ObjectBesideDirectory},
	{"K1_object_beside_directory_is_kept_or_refused", k1TwinIsKeptOrRefused},
}

// wantKeys writes under each spelling and checks the key that results.
func wantKeys(h *harness, spellings map[string]string) {
	h.normalised()
	for spelling, key := range spellings {
		o, err := h.write(spelling, spelling, nil)
		require.NoError(h, err, "K1: Write of %q must succeed", spelling)
		require.Equal(h, key, o.Key, "K1: Object.Key of %q must be normalised", spelling)
		require.Equal(h, spelling, h.get(key), "K1: %q must be stored as %q", spelling, key)
		require.Equal(h, spelling, h.get(spelling), "K1: Open of %q must find %q", spelling, key)
	}
}

func k1KeepsBlanks(h *harness) {
	wantKeys(h, map[string]string{
		" a": " a", "a": "a", "a ": "a ", " c/d \r": " c/d \r", "/ e /f": " e /f", "\u00a0g\u2003": "\u00a0g\u2003", "i j": "i j",
	})
}

func k1TurnsBackslashes(h *harness) {
	wantKeys(h, map[string]string{`a\b`: "a/b", `\c`: "c", `d\\e/f`: "d/e/f", `g\.\h`: "g/h"})
}

func k1DropsLeadingSlashes(h *harness) {
	wantKeys(h, map[string]string{"/a": "a", "//b/c": "b/c", `\/d`: "d"})
}

func k1CleansPath(h *harness) {
	wantKeys(h, map[string]string{
		"a//b": "a/b", "c/./d": "c/d", "./e": "e", "f/x/../g": "f/g", "h/i/": "h/i", "x/../j": "j",
	})
}

func k1ResultIsNormal(h *harness) {
	wantKeys(h, map[string]string{
		".//a": "a", `.\./b`: "b", "x/.././/c": "c", "x//../y/../d": "d", "./. /e": ". /e", `f\..\/g/./`: "g", "..x/../h": "h",
	})
}

func k1KeepsUnusualKeys(h *harness) {
	for _, key := range []string{
		"...", "a/..b", "..c", "d..", "e/.f", "%2e%2e/g", "C:h", "i j", "k\nl", "日本/語", "ü", "u\u0308", "🙂",
		"m?n=o&p#q", "*", "-", "r'\"`s", "\ufeffx", strings.Repeat("long/", 100) + "key",
	} {
		o, err := h.write(key, key, nil)
		require.NoError(h, err, "K1: %q is a good key", key)
		require.Equal(h, key, o.Key, "K1: a key that is normal must stay as it is")
		require.Equal(h, key, h.get(key), "K1: each key must have its own content")
	}
}

func k1EveryMethodNormalises(h *harness) {
	h.normalised()
	h.put(`\x//y/`, "1")
	h.put("x/y", "2")
	require.Equal(h, []string{"x/y"}, h.list("", nil), "K1: Write: spellings of a key must be one object")
	require.Equal(h, "2", h.get("/x/./y"), "K1: Open must normalise its key")
	for _, t := range h.transfers() {
		o, err := t.do(h.b, "/"+t.name+"/", "", `x\y`, nil)
		require.NoError(h, err, "K1: %s must normalise both keys", t.name)
		require.Equal(h, t.name, o.Key, "K1: %s must return the normalised key", t.name)
		require.NoError(h, h.b.Delete(h.ctx, "//"+t.name, nil), "K1: Delete must normalise its key")
		h.put("x/y", "2")
	}
	require.Equal(h, []string{"x/y"}, h.list("", nil), "K1: every method must normalise keys")
}

func k1EmptyIsInvalid(h *harness) {
	h.normalised()
	h.put("there", "content")
	h.rejects("K1: a key that is empty when normalised", storage.ErrInvalid, h.keyCalls(),
		"", "/", "//", ".", "./", "a/..", `\`, "/./", `a\..\.`)
}

func k1WhiteSpaceIsInvalid(h *harness) {
	h.normalised()
	h.put("there", "content")
	h.put("there-too/x", "content")
	calls := slices.Concat(h.keyCalls(), h.directoryCalls())
	h.rejects("K1: a name of only white space", storage.ErrInvalid, calls, " ", "a/ /b", "\t", "a/\r\n", "\u00a0/a", "/ /", `a\ \b`)
}

func k1DotdotIsNotPermitted(h *harness) {
	h.normalised()
	h.put("there", "content")
	h.put("there-too/x", "content")
	h.rejects("K1: a key that leads out of the bucket", storage.ErrPermission, slices.Concat(h.keyCalls(), h.directoryCalls()), "..", "/..", "a/../..")
	h.rejects("K1: a key that leads out of the bucket", storage.ErrPermission, slices.Concat(h.keyCalls(), h.prefixCalls(), h.directoryCalls()),
		"../a", "a/../../b", `..\a`, "/../there", "../there")
}

func k1BadTextIsInvalid(h *harness) {
	h.normalised()
	h.put("there", "content")
	h.put("there-too/x", "content")
	h.rejects("K1: a key with a NUL or invalid UTF-8", storage.ErrInvalid, slices.Concat(h.keyCalls(), h.directoryCalls()),
		"\x00", "a\x00b", "there\x00", "\xff", "a/\xc3\x28", "\xed\xa0\x80")
}

func k1LongestKey(h *harness) {
	h.put("there", "content")
	key := h.longKey("", h.maxKey())
	h.put(key, "content")
	require.Equal(h, []string{key, "there"}, h.list("", nil), "K1: a key of %d bytes is good", len(key))
	h.rejects("F2: a key longer than Limits.MaxKey", storage.ErrInvalid, h.storingCalls(), h.longKey("", h.maxKey()+1))
	h.rejects("K1: a key of more than 1,024 bytes", storage.ErrInvalid, h.keyCalls(), h.longKey("", storage.MaxKey+1), h.longKey("", 5*storage.MaxKey))
	if !h.exact {
		h.put("x/../"+key, "content") // the normalised key counts
	}
}

func k1VeryLongSpellings(h *harness) {
	h.normalised()
	for spelling, key := range map[string]string{
		strings.Repeat("a/../", 20_000) + "flat": "flat", strings.Repeat("/", 100_000) + "slash": "slash", strings.Repeat("./", 50_000) + "dot": "dot",
	} {
		o, err := h.write(spelling, "content", nil)
		require.NoError(h, err, "K1: a long spelling of a short key, %s", brief(spelling))
		require.Equal(h, key, o.Key, "K1: a long spelling of a short key, %s", brief(spelling))
	}
	_, err := h.write(strings.Repeat("../", 30_000)+"up", "content", nil)
	require.ErrorIs(h, err, storage.ErrPermission, "K1: a long key that leads out of the bucket")
}

func k1HostileKeys(h *harness) {
	h.normalised()
	putIn(h, h.bucket("other"), "secret", "x")
	for _, key := range []string{"../other/secret", "/../other/secret", `..\other\secret`, "a/../../other/secret", "./../other/secret"} {
		_, err := h.b.Stat(h.ctx, key, nil)
		require.ErrorIs(h, err, storage.ErrPermission, "K1: %q must not reach another bucket", key)
		require.ErrorIs(h, h.b.Delete(h.ctx, key, recursive), storage.ErrPermission, "K1: %q must not reach another bucket", key)
	}
	for _, key := range []string{"other/secret", "/etc/passwd", "~/x", "%2e%2e/other/secret", "..%2fother/secret"} {
		h.gone(key, "K1: a key means nothing outside its bucket")
	}
}

// k1ListedNamesWhatWasListed uses what listings give as keys and paths.
func k1ListedNamesWhatWasListed(h *harness) {
	keys := []string{" a", "a", "a ", "b /x", "b/ y", "b/y", "c/d /z", "c/d/ z "}
	h.putKeys(keys...)
	require.Equal(h, keys, h.list("", nil), "K1: blanks are part of a name")
	for _, key := range keys {
		require.Equal(h, key, h.get(key), "K1: a listed key must name what was listed")
	}
	require.Equal(h, []string{"b /x"}, h.list("b /", nil), "K1: a listed directory must name what was listed")
	require.NoError(h, h.b.Delete(h.ctx, "b ", recursive))
	require.Equal(h, []string{" a", "a", "a ", "b/ y", "b/y", "c/d /z", "c/d/ z "}, h.list("", nil), "K1: a recursive Delete of \"b \" must leave b")
	h.delete("a ")
	require.Equal(h, []string{" a", "a"}, h.list("", nil)[:2], "K1: Delete of a listed key must delete what was listed")
}

func k1ObjectBesideDirectory(h *harness) {
	h.strong(storage.RelaxedTwins)
	h.putKeys("a", "a/b", "a/b/c")
	require.Equal(h, []string{"a", "a/b", "a/b/c"}, h.list("", nil), "K1: an object may have the name of a directory")
	require.Equal(h, "a/b", h.get("a/b"), "K1: an object beside a directory keeps its content")
	h.delete("a/b")
	require.Equal(h, []string{"a", "a/b/c"}, h.list("", nil), "K1: deleting an object leaves the directory of its name")
}

func k1TwinIsKeptOrRefused(h *harness) {
	h.putKeys("file", "dir/x", "source", "src/y")
	try := func(what string, do func() error) {
		if !h.limits.Relaxes(storage.RelaxedTwins) {
			require.NoError(h, do(), "K1: %s", what)
			return
		}
		h.unchanged("K1: an object refused because of a directory must change nothing", func() {
			require.ErrorIs(h, do(), storage.ErrExist, "K1: %s", what)
		})
	}
	try("Write of an object beside a directory", func() error { _, err := h.write("dir", "new", nil); return err })
	try("Write of an object beneath an object", func() error { _, err := h.write("file/x", "new", nil); return err })
	for _, t := range h.transfers() {
		try(t.name+" of an object to the name of a directory", func() error { _, err := t.do(h.b, "dir", "", "source", nil); return err })
		h.put("source", "again")
	}
	if _, ok := h.b.(storage.HasMultipart); ok {
		mu, parts := h.upload("dir", "part")
		try("CompleteMultipart at the name of a directory", func() error {
			_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, nil)
			return err
		})
	}
	if d, ok := h.b.(storage.HasDirectories); ok {
		try("Directory.Move to the name of an object", func() error { _, err := d.Directory("src").Move(h.ctx, "file", nil); return err })
	}
	require.Equal(h, "file", h.get("file"), "K1: an object must keep its content when a directory gets its name")
	require.Equal(h, "dir/x", h.get("dir/x"), "K1: what is in a directory must stay when an object gets its name")
}
