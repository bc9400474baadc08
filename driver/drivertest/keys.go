package drivertest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var keyCases = []testCase{
	{"K1_trims_space", k1TrimsSpace},
	{"K1_turns_backslashes", k1TurnsBackslashes},
	{"K1_drops_leading_slashes", k1DropsLeadingSlashes},
	{"K1_cleans_path", k1CleansPath},
	{"K1_cleans_until_nothing_changes", k1CleansUntilStable},
	{"K1_keeps_unusual_keys", k1KeepsUnusualKeys},
	{"K1_every_method_normalises", k1EveryMethodNormalises},
	{"K1_multipart_normalises", k1MultipartNormalises},
	{"K1_empty_is_invalid", k1EmptyIsInvalid},
	{"K1_dotdot_is_not_permitted", k1DotdotIsNotPermitted},
	{"K1_nul_and_bad_utf8_are_invalid", k1BadTextIsInvalid},
	{"K1_object_beside_directory", k1ObjectBesideDirectory},
	{"K2_is_a_byte_prefix", k2IsABytePrefix},
	{"K2_trailing_slash_counts", k2TrailingSlashCounts},
	{"K2_empty_is_everything", k2EmptyIsEverything},
	{"K2_ends_in_mid_name", k2EndsInMidName},
	{"K2_is_normalised", k2IsNormalised},
	{"K2_rejects_bad_prefixes", k2RejectsBadPrefixes},
	{"K3_trims_space", k3TrimsSpace},
	{"K3_slashes_become_underscores", k3SlashesBecomeUnderscores},
	{"K3_dots_get_an_underscore", k3DotsGetAnUnderscore},
	{"K3_spellings_are_one_bucket", k3SpellingsAreOneBucket},
	{"K3_empty_cannot_be_created_or_deleted", k3EmptyIsInvalid},
	{"K3_empty_means_the_default_bucket", k3EmptyMeansDefault},
	{"K3_bad_names_are_invalid", k3BadNamesAreInvalid},
}

// wantKeys writes under each spelling and checks the key that comes of it.
func wantKeys(h *harness, rule string, spellings map[string]string) {
	for spelling, key := range spellings {
		o, err := h.write(spelling, spelling, nil)
		require.NoError(h, err, "%s: Write of %q must succeed", rule, spelling)
		require.Equal(h, key, o.Key, "%s: Object.Key of %q must be normalised", rule, spelling)
		require.Equal(h, spelling, h.get(key), "%s: %q must be stored as %q", rule, spelling, key)
		require.Equal(h, spelling, h.get(spelling), "%s: Open of %q must find %q", rule, spelling, key)
	}
}

func k1TrimsSpace(h *harness) {
	wantKeys(h, "K1", map[string]string{
		" a": "a", "b ": "b", "\t c/d \r\n": "c/d", "\u00a0e\u2003": "e", " f g ": "f g",
	})
}

func k1TurnsBackslashes(h *harness) {
	wantKeys(h, "K1", map[string]string{`a\b`: "a/b", `\c`: "c", `d\\e/f`: "d/e/f", `g\.\h`: "g/h"})
}

func k1DropsLeadingSlashes(h *harness) {
	wantKeys(h, "K1", map[string]string{"/a": "a", "//b/c": "b/c", `\/d`: "d"})
}

func k1CleansPath(h *harness) {
	wantKeys(h, "K1", map[string]string{
		"a//b": "a/b", "c/./d": "c/d", "./e": "e", "f/x/../g": "f/g", "h/i/": "h/i", "x/../j": "j",
	})
}

func k1CleansUntilStable(h *harness) {
	wantKeys(h, "K1: the result must be its own normal form;", map[string]string{"/ a": "a", "./ b": "b", "c/ ": "c", ".//d": "d"})
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
	h.put(` \x//y/`, "1")
	h.put("x/y", "2")
	require.Equal(h, []string{"x/y"}, h.list("", nil), "K1: Write: spellings of a key must be one object")
	require.Equal(h, "2", h.get("/x/./y "), "K1: Open must normalise its key")
	o, err := h.b.Copy(h.ctx, " /copy/", "", `x\y`, nil)
	require.NoError(h, err, "K1: Copy must normalise both keys")
	require.Equal(h, "copy", o.Key, "K1: Copy must return the normalised key")
	o, err = h.b.Move(h.ctx, "/moved ", "", "./copy", nil)
	require.NoError(h, err, "K1: Move must normalise both keys")
	require.Equal(h, "moved", o.Key, "K1: Move must return the normalised key")
	require.NoError(h, h.b.Delete(h.ctx, "//moved", nil), "K1: Delete must normalise its key")
	require.Equal(h, []string{"x/y"}, h.list("", nil), "K1: every method must normalise keys")
}

func k1MultipartNormalises(h *harness) {
	mu, parts := h.upload(` \big//file/`, "content")
	require.Equal(h, "big/file", mu.Key, "K1: InitMultipart must normalise its key")
	require.Equal(h, "big/file", h.complete(mu, parts...).Key, "K1: CompleteMultipart must return the normalised key")
	require.Equal(h, "content", h.get("big/file"), "K1: the object must be at the normalised key")
}

// call is one way to pass a key or a path to the store.
type call struct {
	name string
	do   func(arg string) error
}

// keyCalls are all ways to pass a key. The object "there" must exist.
func keyCalls(h *harness) []call {
	calls := []call{
		{"Write", func(key string) error { _, err := h.write(key, "content", nil); return err }},
		{"Open", func(key string) error {
			rc, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
			return closing(rc, err)
		}},
		{"Stat", func(key string) error { _, err := h.b.Stat(h.ctx, key, nil); return err }},
		{"Delete", func(key string) error { return h.b.Delete(h.ctx, key, nil) }},
		{"Delete recursive", func(key string) error {
			return h.b.Delete(h.ctx, key, storage.Options{storage.OptRecursive: true})
		}},
		{"Copy to", func(key string) error { _, err := h.b.Copy(h.ctx, key, "", "there", nil); return err }},
		{"Copy from", func(key string) error { _, err := h.b.Copy(h.ctx, "x", "", key, nil); return err }},
		{"Move to", func(key string) error { _, err := h.b.Move(h.ctx, key, "", "there", nil); return err }},
		{"Move from", func(key string) error { _, err := h.b.Move(h.ctx, "x", "", key, nil); return err }},
	}
	if m, ok := h.b.(storage.HasMultipart); ok {
		calls = append(calls, call{"InitMultipart", func(key string) error {
			_, err := m.InitMultipart(h.ctx, key, "", nil)
			return err
		}})
	}
	return calls
}

// prefixCalls are all ways to pass a prefix, which may be empty.
func prefixCalls(h *harness) []call {
	return []call{
		{"List", func(prefix string) error { return listing(h.b.List(h.ctx, prefix, 0, 0, nil)) }},
		{"List start_after", func(key string) error {
			return listing(h.b.List(h.ctx, "", 0, 0, storage.Options{storage.OptStartAfter: key}))
		}},
	}
}

// directoryCalls are all ways to pass the path of a directory, which may be
// empty; none if the driver has no directories. The directory "there" must exist.
func directoryCalls(h *harness) []call {
	d, ok := h.b.(storage.HasDirectories)
	if !ok {
		return nil
	}
	return []call{
		{"Directory.Info", func(path string) error { _, err := d.Directory(path).Info(h.ctx); return err }},
		{"Directory.List", func(path string) error { return listing(d.Directory(path).List(h.ctx, 0, 0, nil)) }},
		{"Directory.Delete", func(path string) error { return d.Directory(path).Delete(h.ctx, nil) }},
		{"Directory.Move", func(path string) error { _, err := d.Directory(path).Move(h.ctx, "x", nil); return err }},
		{"Directory.Move to", func(path string) error { _, err := d.Directory("there").Move(h.ctx, path, nil); return err }},
	}
}

// closing closes what an operation returned, if it did.
func closing(c io.Closer, err error) error {
	if err == nil {
		err = c.Close()
	}
	return err
}

// listing drains a listing and returns its error, wherever it comes up.
func listing(it storage.ObjectIter, err error) error {
	if err != nil {
		return err
	}
	for _, err := range storage.All(it) {
		if err != nil {
			return err
		}
	}
	return nil
}

// rejects checks that all calls fail with want for all args and change nothing.
func (h *harness) rejects(rule string, want error, calls []call, args ...string) {
	h.unchanged(rule+": a rejected name must change nothing", func() {
		for _, arg := range args {
			for _, c := range calls {
				require.ErrorIs(h, c.do(arg), want, "%s: %s of %q", rule, c.name, arg)
			}
		}
	})
}

func k1EmptyIsInvalid(h *harness) {
	h.put("there", "content")
	h.rejects("K1: a key that is empty when normalised", storage.ErrInvalid, keyCalls(h),
		"", " ", "/", "//", ".", "./", "a/..", `\`, " / ", "/./")
}

func k1DotdotIsNotPermitted(h *harness) {
	h.put("there", "content")
	h.put("there/too", "content")
	h.rejects("K1: a key that climbs out of the bucket", storage.ErrPermission, slices.Concat(keyCalls(h), prefixCalls(h), directoryCalls(h)),
		"..", "../a", "a/../../b", `..\a`, "/..", "/../there", " .. ", "../there")
}

func k1BadTextIsInvalid(h *harness) {
	h.put("there", "content")
	h.put("there/too", "content")
	h.rejects("K1: a key with a NUL or invalid UTF-8", storage.ErrInvalid, slices.Concat(keyCalls(h), prefixCalls(h), directoryCalls(h)),
		"\x00", "a\x00b", "there\x00", "\xff", "a/\xc3\x28", "\xed\xa0\x80")
}

func k1ObjectBesideDirectory(h *harness) {
	h.putKeys("a", "a/b", "a/b/c")
	require.Equal(h, []string{"a", "a/b", "a/b/c"}, h.list("", nil), "K1: an object may have the name of a directory")
	require.Equal(h, "a/b", h.get("a/b"), "K1: an object beside a directory keeps its content")
	require.NoError(h, h.b.Delete(h.ctx, "a/b", nil), "K1: an object beside a directory can be deleted")
	require.Equal(h, []string{"a", "a/b/c"}, h.list("", nil), "K1: deleting an object leaves the directory of its name")
}

func k2IsABytePrefix(h *harness) {
	h.putKeys("fo", "foo", "foo/a", "foobar", "fop", "g/foo")
	require.Equal(h, []string{"foo", "foo/a", "foobar"}, h.list("foo", nil), "K2: a prefix is a byte prefix of keys")
}

func k2TrailingSlashCounts(h *harness) {
	h.putKeys("foo", "foo/a", "foo/b/c", "foobar")
	require.Equal(h, []string{"foo/a", "foo/b/c"}, h.list("foo/", nil), "K2: foo/ must match only what is beneath foo")
	require.Empty(h, h.list("foobar/", nil), "K2: foobar/ must not match the object foobar")
}

func k2EmptyIsEverything(h *harness) {
	h.putKeys("a", "b/c")
	for _, prefix := range []string{"", " ", "/", ".", "x/.."} {
		require.Equal(h, []string{"a", "b/c"}, h.list(prefix, nil), "K2: prefix %q is empty when normalised and matches everything", prefix)
	}
}

func k2EndsInMidName(h *harness) {
	h.putKeys("a/b/c1", "a/b/c2/x", "a/b/d", "a/bc", "c1")
	require.Equal(h, []string{"a/b/c1", "a/b/c2/x"}, h.list("a/b/c", nil), "K2: a prefix may end in the middle of a name")
	require.Equal(h, []string{"a/b/c1"}, h.list("a/b/c1", nil), "K2: a prefix may be a whole key")
	require.Empty(h, h.list("a/b/c11", nil), "K2: a prefix longer than any key matches nothing")
}

func k2IsNormalised(h *harness) {
	h.putKeys("foo/a", "foobar")
	for prefix, want := range map[string][]string{
		" /foo ": {"foo/a", "foobar"}, "./foo": {"foo/a", "foobar"}, "x/../foo": {"foo/a", "foobar"},
		`\foo\`: {"foo/a"}, "foo//": {"foo/a"}, "//foo/ ": {"foo/a"}, `foo\a`: {"foo/a"},
	} {
		require.Equal(h, want, h.list(prefix, nil), "K2: prefix %q must be normalised like a key, a trailing slash kept", prefix)
	}
}

func k2RejectsBadPrefixes(h *harness) {
	h.put("there", "content")
	h.rejects("K2: a prefix that climbs out of the bucket", storage.ErrPermission, prefixCalls(h), "..", "../", "a/../../")
	h.rejects("K2: a prefix with a NUL or invalid UTF-8", storage.ErrInvalid, prefixCalls(h), "a\x00", "\xff/")
}

// wantBuckets creates a bucket by each name and checks the name it gets.
func wantBuckets(h *harness, names map[string]string) {
	for spelling, want := range names {
		info, err := h.st.CreateBucket(h.ctx, spelling, nil)
		require.NoError(h, err, "K3: CreateBucket of %q must succeed", spelling)
		require.Equal(h, want, info.Name, "K3: the name %q must be normalised", spelling)
		require.Equal(h, want, h.st.Bucket(spelling).Name(), "K3: Bucket(%q).Name must be normalised", spelling)
		require.Contains(h, h.bucketNames(0, 0), want, "K3: the bucket %q must be listed as %q", spelling, want)
		require.NoError(h, h.st.DeleteBucket(h.ctx, spelling, nil), "K3: DeleteBucket must normalise %q", spelling)
		require.NotContains(h, h.bucketNames(0, 0), want, "K3: DeleteBucket of %q must delete %q", spelling, want)
	}
}

func k3TrimsSpace(h *harness) {
	wantBuckets(h, map[string]string{" a": "a", "b \n": "b", "\tc d\t": "c d"})
}

func k3SlashesBecomeUnderscores(h *harness) {
	wantBuckets(h, map[string]string{"a/b": "a_b", `c\d`: "c_d", "/": "_", "../e": ".._e"})
}

func k3DotsGetAnUnderscore(h *harness) {
	wantBuckets(h, map[string]string{".": "_.", "..": "_..", " . ": "_.", "...": "...", ".x": ".x"})
}

func k3SpellingsAreOneBucket(h *harness) {
	_, err := h.st.Bucket(" x/y ").Write(h.ctx, "key", strings.NewReader("content"), 7, "", nil)
	require.NoError(h, err, "K3: a bucket may be written to by any spelling of its name")
	o, err := h.st.Bucket("x_y").Stat(h.ctx, "key", nil)
	require.NoError(h, err, "K3: every spelling of a name must mean the same bucket")
	require.Equal(h, "x_y", o.Bucket, "K3: Object.Bucket must be the normalised name")
	_, err = h.b.Copy(h.ctx, "copy", ` x\y`, "key", nil)
	require.NoError(h, err, "K3: srcBucket must be normalised")
	_, err = h.st.CreateBucket(h.ctx, `x\y`, nil)
	require.ErrorIs(h, err, storage.ErrExist, "K3: another spelling of a bucket's name must not create another")
}

func k3EmptyIsInvalid(h *harness) {
	for _, name := range []string{"", " ", "\t\n"} {
		_, err := h.st.CreateBucket(h.ctx, name, nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "K3: CreateBucket of %q", name)
		require.ErrorIs(h, h.st.DeleteBucket(h.ctx, name, nil), storage.ErrInvalid, "K3: DeleteBucket of %q", name)
	}
}

func k3EmptyMeansDefault(h *harness) {
	b := h.st.Bucket("")
	require.NotEmpty(h, b.Name(), `K3: Bucket("") must be named as the default bucket`)
	_, err := b.Write(h.ctx, "key", strings.NewReader("content"), 7, "", nil)
	require.NoError(h, err, `K3: Bucket("") must be usable`)
	o, err := h.st.Bucket(b.Name()).Stat(h.ctx, "key", nil)
	require.NoError(h, err, `K3: Bucket("") must be the bucket of the name it tells`)
	require.Equal(h, b.Name(), o.Bucket, "K3: Object.Bucket must name the default bucket")
	_, err = h.b.Stat(h.ctx, "key", nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "K3: the default bucket must not be another bucket")
}

func k3BadNamesAreInvalid(h *harness) {
	h.put("there", "content")
	for _, name := range []string{"\x00", "a\x00", "\xff", "b\xc3"} {
		h.unchanged(fmt.Sprintf("K3: the bad bucket name %q must change nothing", name), func() {
			_, err := h.st.CreateBucket(h.ctx, name, nil)
			require.ErrorIs(h, err, storage.ErrInvalid, "K3: CreateBucket of %q", name)
			require.ErrorIs(h, h.st.DeleteBucket(h.ctx, name, nil), storage.ErrInvalid, "K3: DeleteBucket of %q", name)
			_, err = h.b.Copy(h.ctx, "x", name, "there", nil)
			require.ErrorIs(h, err, storage.ErrInvalid, "K3: Copy from bucket %q", name)
			require.Equal(h, name, h.st.Bucket(name).Name(), "K3: Name of a bad name is the name as given")
			wantHandle(h, h.st.Bucket(name), storage.ErrInvalid)
		})
	}
}

// wantHandle checks that the methods of a bucket's handle fail with want.
func wantHandle(h *harness, b storage.Bucket, want error) {
	_, err := b.Info(h.ctx)
	require.ErrorIs(h, err, want, "K3: Info of bucket %q", b.Name())
	_, err = b.Write(h.ctx, "key", strings.NewReader("x"), 1, "", nil)
	require.ErrorIs(h, err, want, "K3: Write to bucket %q", b.Name())
	_, err = b.Stat(h.ctx, "key", nil)
	require.ErrorIs(h, err, want, "K3: Stat in bucket %q", b.Name())
	require.ErrorIs(h, listing(b.List(h.ctx, "", 0, 0, nil)), want, "K3: List of bucket %q", b.Name())
}
