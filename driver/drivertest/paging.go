package drivertest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var pagingCases = []testCase{
	{"L2_byte_order", l2ByteOrder},
	{"L2_directory_sorts_with_its_slash", l2DirectorySortsWithItsSlash},
	{"L2_limit_and_offset", l2LimitAndOffset},
	{"L2_pages_join_to_the_whole", l2PagesJoin},
	{"L2_start_after_is_exclusive", l2StartAfterIsExclusive},
	{"L2_start_after_with_prefix", l2StartAfterWithPrefix},
	{"L2_start_after_among_children", l2StartAfterAmongChildren},
	{"L2_start_after_is_normalised", l2StartAfterIsNormalised},
	{"L2_start_after_comes_before_limit_and_offset", l2StartAfterThenPage},
	{"L2_pages_by_start_after_join_to_the_whole", l2PagesByStartAfter},
	{"L2_pages_by_start_after_of_a_directory", l2PagesOfADirectory},
	{"L2_pages_among_twins", l2PagesAmongTwins},
	{"L2_more_than_a_thousand_entries", l2MoreThanAThousand},
}

// listings are the ways to list.
var listings = []storage.Options{
	nil, {storage.OptRecursive: false}, {storage.OptDirsOnly: true}, {storage.OptRecursive: false, storage.OptDirsOnly: true},
	{storage.OptRecursive: false, storage.OptFilesOnly: true},
}

func l2ByteOrder(h *harness) {
	keys := []string{
		"!", "-", "A", "B/x", "Z", "a", "a b", "a!", "a-/x", "a-b/x", "a.b", "a/-", "a/b", "a/b-c", "a/b.c", "a/b/c", "a0", "a\u00e9",
		"a\U0001f600", "aa", "b", "\u00e9", "\uffee", "\U0001f600",
	}
	keys = h.possible(keys...)
	slices.Sort(keys)
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(keys)) {
		h.put(keys[i], "content")
	}
	require.Equal(h, keys, h.list("", nil), "L2: objects must come in byte order of their whole keys")
}

func l2DirectorySortsWithItsSlash(h *harness) {
	h.putKeys(h.possible("a-/x", "a-b/x", "a.b/x", "a/x", "a0/x", "ab/x", "a", "a-", "a.", "a0")...)
	require.Equal(h, []string{"a-/", "a-b/", "a.b/", "a/", "a0/", "ab/"}, h.list("", dirsOnly), "L2: a directory must sort as its key and a slash")
	want := []string{"a", "a-", "a-/", "a-b/", "a.", "a.b/", "a/", "a0", "a0/", "ab/"}
	if h.limits.Relaxes(storage.RelaxedTwins) {
		want = []string{"a-/", "a-b/", "a.", "a.b/", "a/", "a0/", "ab/"}
	}
	require.Equal(h, want, h.list("", children), "L2: objects and directories must sort together, a directory as its key and a slash")
}

func l2LimitAndOffset(h *harness) {
	h.putKeys(forest...)
	for _, opts := range listings {
		all := h.list("", opts)
		n := len(all)
		for _, c := range []struct{ limit, offset, from, to int }{
			{0, 0, 0, n}, {-1, 0, 0, n}, {0, -1, 0, n}, {math.MinInt, math.MinInt, 0, n}, {math.MaxInt, 0, 0, n}, {n, 0, 0, n}, {n + 1, 0, 0, n},
			{1, 0, 0, 1}, {1, 1, 1, 2}, {1, n - 1, n - 1, n}, {2, n - 1, n - 1, n}, {0, 1, 1, n}, {-1, n - 1, n - 1, n},
			{0, n, n, n}, {1, n, n, n}, {0, n + 1, n, n}, {1, math.MaxInt, n, n}, {math.MaxInt, 1, 1, n}, {math.MaxInt, math.MaxInt, n, n},
		} {
			require.Equal(h, all[c.from:c.to], h.page("", c.limit, c.offset, opts), "L2: List with limit %d, offset %d, options %v", c.limit, c.offset, opts)
		}
	}
}

func l2PagesJoin(h *harness) {
	h.putKeys(forest...)
	for _, opts := range listings {
		for _, prefix := range []string{"", "a", "a/", "b/"} {
			all := h.list(prefix, opts)
			for limit := 1; limit <= len(all)+1; limit++ {
				joined := []string{}
				for offset := 0; offset < len(all); offset += limit {
					joined = append(joined, h.page(prefix, limit, offset, opts)...)
				}
				require.Equal(h, all, joined, "L2: pages of %d must join to the whole listing of %q, options %v", limit, prefix, opts)
			}
		}
	}
}

// after returns the names of a listing that sort after a place. A place without a
// slash at its end is taken for the Key of a directory if there is one of its name.
func after(all []string, place string) []string {
	if slices.Contains(all, place+"/") {
		place += "/"
	}
	rest := []string{}
	for _, name := range all {
		if name > place {
			rest = append(rest, name)
		}
	}
	return rest
}

func l2StartAfterIsExclusive(h *harness) {
	h.putKeys(forest...)
	places := append(slices.Clone(forest), "", "-", "a", "a/", "a/y", "a/y/", "a/w", "aa", "b/c/", "b/c/e", "c")
	for _, opts := range listings {
		all := h.list("", opts)
		for _, place := range places {
			require.Equal(h, after(all, place), h.list("", with(opts, storage.OptStartAfter, place)),
				"L2: start_after %q must give what sorts after it, whether it is there or not, options %v", place, opts)
		}
	}
}

func l2StartAfterWithPrefix(h *harness) {
	h.putKeys(forest...)
	for _, place := range []string{"", "A", "a", "a/", "a/x", "a/y", "a/y/z", "ab", "b", "z"} {
		for _, prefix := range []string{"a", "a/", "b/c/"} {
			for _, opts := range listings {
				require.Equal(h, after(h.list(prefix, opts), place), h.list(prefix, with(opts, storage.OptStartAfter, place)),
					"L2: start_after %q under the prefix %q, options %v", place, prefix, opts)
			}
		}
	}
}

func l2StartAfterAmongChildren(h *harness) {
	h.putKeys(forest...)
	for place, want := range map[string][]string{
		"": {"A", "a-b", "a.b", "a/", "ab", "b/"}, "A": {"a-b", "a.b", "a/", "ab", "b/"}, "a.b": {"a/", "ab", "b/"},
		"a/": {"ab", "b/"}, "a/x": {"ab", "b/"}, "ab": {"b/"}, "b/": {}, "b/c": {},
		"a": {"ab", "b/"}, "b": {}, // the Keys of directories
	} {
		require.Equal(h, want, h.list("", with(children, storage.OptStartAfter, place)),
			"L2: start_after %q among children, where a directory sorts as its key and a slash", place)
	}
}

func l2StartAfterIsNormalised(h *harness) {
	h.normalised()
	h.putKeys("a", "b/x", "c")
	for place, want := range map[string][]string{
		"/a": {"b/x", "c"}, `\b\x`: {"c"}, "./b/": {"b/x", "c"}, "x/../c": {}, "b//x": {"c"}, "./": {"a", "b/x", "c"}, "b/.": {"b/x", "c"},
	} {
		require.Equal(h, want, h.list("", storage.Options{storage.OptStartAfter: place}), "L2: start_after %q must be normalised as a prefix is", place)
	}
	require.Equal(h, []string{"c"}, h.list("", with(children, storage.OptStartAfter, `/b\`)), "L2: a trailing slash of start_after counts")
}

func l2StartAfterThenPage(h *harness) {
	h.putKeys(forest...)
	opts := storage.Options{storage.OptStartAfter: "a-b"}
	require.Equal(h, forest[2:4], h.page("", 2, 0, opts), "L2: limit counts from start_after on")
	require.Equal(h, forest[4:6], h.page("", 2, 2, opts), "L2: offset counts from start_after on")
	require.Equal(h, forest[7:], h.page("", 0, 5, opts), "L2: offset counts from start_after on")
	require.Empty(h, h.page("", 0, 6, opts), "L2: an offset past the end gives nothing")
}

// lister lists a page.
type lister func(limit int, opts storage.Options) []*storage.Object

// pages lists in pages of limit entries, each of which starts after the last entry
// of the one before, and joins them. It fails if that does not end.
func (h *harness) pages(list lister, limit int, opts storage.Options, token func(*storage.Object) string) []string {
	joined, place := []string{}, ""
	for len(joined) < 5_000 {
		page := list(limit, with(opts, storage.OptStartAfter, place))
		if len(page) == 0 {
			return joined
		}
		require.LessOrEqual(h, len(page), limit, "L2: a page must not be longer than its limit")
		for _, o := range page {
			joined = append(joined, name(o))
		}
		place = token(page[len(page)-1])
	}
	require.Fail(h, "L2: a loop of pages must end", "limit %d, options %v: %q …", limit, opts, joined[:20])
	return nil
}

// wantPages checks that pages of every size join to the whole listing if each
// starts after the PageKey of the last entry, and that a loop that passes its Key
// ends and misses no more than it must: where an object and a directory have one name,
// the directory and the entries between the two.
func (h *harness) wantPages(list lister, opts storage.Options) {
	all := []string{}
	for _, o := range list(0, opts) {
		all = append(all, name(o))
	}
	for limit := 1; limit <= len(all); limit++ {
		require.Equal(h, all, h.pages(list, limit, opts, (*storage.Object).PageKey),
			"L2: pages of %d, each after the PageKey of the last entry, must join to the whole, options %v", limit, opts)
		byKey, place := []string{}, ""
		for rest := all; len(rest) > 0; rest = after(all, place) {
			byKey = append(byKey, rest[:min(limit, len(rest))]...)
			place = strings.TrimSuffix(byKey[len(byKey)-1], "/")
		}
		require.Equal(h, byKey, h.pages(list, limit, opts, func(o *storage.Object) string { return o.Key }),
			"L2: pages of %d, each after the Key of the last entry, must end, options %v", limit, opts)
	}
}

func (h *harness) lister(prefix string) lister {
	return func(limit int, opts storage.Options) []*storage.Object {
		return h.entries(h.b.List(h.ctx, prefix, limit, 0, opts))
	}
}

func l2PagesByStartAfter(h *harness) {
	h.putKeys(forest...)
	for _, opts := range listings {
		for _, prefix := range []string{"", "a", "b/"} {
			h.wantPages(h.lister(prefix), opts)
			byName := h.pages(h.lister(prefix), 1, opts, name)
			require.Equal(h, h.list(prefix, opts), byName, "L2: a name with the slash of a directory goes on after it, too, options %v", opts)
		}
	}
}

func l2PagesOfADirectory(h *harness) {
	h.putKeys(forest...)
	for _, path := range []string{"", "a", "b/c"} {
		d := h.directory(path)
		list := func(limit int, opts storage.Options) []*storage.Object {
			return h.entries(d.List(h.ctx, limit, 0, opts))
		}
		for _, opts := range []storage.Options{nil, {storage.OptDirsOnly: true}, {storage.OptFilesOnly: true}} {
			h.wantPages(list, opts)
		}
	}
}

// l2PagesAmongTwins pages where objects and directories have the same names.
func l2PagesAmongTwins(h *harness) {
	h.strong(storage.RelaxedTwins)
	h.putKeys("a", "a-b", "a.b", "a/x", "ab", "b", "b/y", "b/y/z", "c", "d/e")
	for _, opts := range listings {
		for _, prefix := range []string{"", "a", "b/"} {
			h.wantPages(h.lister(prefix), opts)
		}
	}
}

// l2MoreThanAThousand lists more than services put on a page.
func l2MoreThanAThousand(h *harness) {
	want := h.putMany(1_100)
	h.put("other", "content")
	require.Equal(h, want, h.list("many/", nil), "L2: a listing of more than a thousand objects must be whole and in order")
	require.Equal(h, want, h.list("many/", children), "L2: a listing of more than a thousand children must be whole and in order")
	require.Equal(h, want[1_005:1_010], h.page("many/", 5, 1_005, nil), "L2: an offset of more than a thousand")
	require.Equal(h, want[:1_050], h.page("many/", 1_050, 0, nil), "L2: a limit of more than a thousand")
	require.Equal(h, want[1_040:], h.list("many/", storage.Options{storage.OptStartAfter: want[1_039]}), "L2: start_after past the first thousand")
	require.Equal(h, want, h.pages(h.lister("many/"), 1_000, nil, (*storage.Object).PageKey), "L2: pages of a thousand")
	require.Equal(h, []string{"many/", "other"}, h.list("", children), "L2: a directory of more than a thousand objects is one entry")
}
