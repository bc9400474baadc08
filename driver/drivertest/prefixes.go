package drivertest

import (
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var prefixCases = []testCase{
	{"K2_is_a_byte_prefix", k2IsABytePrefix},
	{"K2_trailing_slash_counts", k2TrailingSlashCounts},
	{"K2_empty_is_everything", k2EmptyIsEverything},
	{"K2_ends_in_mid_name", k2EndsInMidName},
	{"K2_last_name_is_taken_as_it_is", k2LastNameIsTakenAsItIs},
	{"K2_whole_names_are_normalised", k2WholeNamesAreNormalised},
	{"K2_rejects_bad_prefixes", k2RejectsBadPrefixes},
}

func k2IsABytePrefix(h *harness) {
	keys := h.possible("fo", "foo", "foo/a", "foobar", "fop", "g/foo")
	h.putKeys(keys...)
	require.Equal(h, h.possible("foo", "foo/a", "foobar"), h.list("foo", nil), "K2: a prefix is a byte prefix of keys")
}

func k2TrailingSlashCounts(h *harness) {
	h.putKeys(h.possible("foo", "foo/a", "foo/b/c", "foobar")...)
	require.Equal(h, []string{"foo/a", "foo/b/c"}, h.list("foo/", nil), "K2: foo/ must match only what is beneath foo")
	require.Empty(h, h.list("foobar/", nil), "K2: foobar/ must not match the object foobar")
}

func k2EmptyIsEverything(h *harness) {
	h.normalised()
	h.putKeys("a", "b/c")
	for _, prefix := range []string{"", "/", "./", "x/../", "//", `\`} {
		require.Equal(h, []string{"a", "b/c"}, h.list(prefix, nil), "K2: prefix %q is empty when normalised and matches everything", prefix)
	}
}

func k2EndsInMidName(h *harness) {
	h.putKeys("a/b/c1", "a/b/c2/x", "a/b/d", "a/bc", "c1")
	require.Equal(h, []string{"a/b/c1", "a/b/c2/x"}, h.list("a/b/c", nil), "K2: a prefix may end in the middle of a name")
	require.Equal(h, []string{"a/b/c1"}, h.list("a/b/c1", nil), "K2: a prefix may be a whole key")
	require.Empty(h, h.list("a/b/c11", nil), "K2: a prefix longer than any key matches nothing")
	require.Empty(h, h.list("d", nil), "K2: a prefix of no key matches nothing")
	require.Empty(h, h.list(h.longKey("", 3*storage.MaxKey), nil), "K2: a prefix longer than any key can be matches nothing")
}

func k2LastNameIsTakenAsItIs(h *harness) {
	h.putKeys(" x", "..b", ".env", "a/.hidden", "a/..x", "a/x", "ab", "my doc", "mydoc")
	for prefix, want := range map[string][]string{
		".": {"..b", ".env"}, "..": {"..b"}, "a/.": {"a/..x", "a/.hidden"}, "a/..": {"a/..x"}, "my ": {"my doc"}, " ": {" x"}, "a/ ": {}, "...": {},
	} {
		require.Equal(h, want, h.list(prefix, nil), "K2: what is listed by %q must begin with it", prefix)
		require.Equal(h, want, h.list(prefix, children), "K2: what is listed by %q must begin with it", prefix)
	}
}

func k2WholeNamesAreNormalised(h *harness) {
	h.normalised()
	h.putKeys("foo/a", "foo/.b", "foobar")
	for prefix, want := range map[string][]string{
		"/foo": {"foo/.b", "foo/a", "foobar"}, "./foo": {"foo/.b", "foo/a", "foobar"}, "x/../foo": {"foo/.b", "foo/a", "foobar"},
		`\foo\`: {"foo/.b", "foo/a"}, "foo//": {"foo/.b", "foo/a"}, "foo/x/../": {"foo/.b", "foo/a"}, `foo\a`: {"foo/a"}, "foo/./a": {"foo/a"}, "/foo//.": {"foo/.b"},
	} {
		require.Equal(h, want, h.list(prefix, nil), "K2: the whole names of prefix %q must be normalised like a key, a trailing slash kept", prefix)
	}
}

func k2RejectsBadPrefixes(h *harness) {
	h.normalised()
	h.put("there", "content")
	h.rejects("K2: a prefix that leads out of the bucket", storage.ErrPermission, h.prefixCalls(), "../", "a/../../", "../a", "/../.")
	h.rejects("K2: a prefix with a NUL or invalid UTF-8", storage.ErrInvalid, h.prefixCalls(), "a\x00b", "\xff/", "a/\xff", "a\x00/b")
	h.rejects("K2: a whole name of only white space", storage.ErrInvalid, h.prefixCalls(), " /", "a/ /b")
}
