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
	slices.Sort(keys)
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(keys)) {
		h.put(keys[i], "content")
	}
	require.Equal(h, keys, h.list("", nil), "L2: objects must come in byte order of their whole keys")
}

func l2DirectorySortsWithItsSlash(h *harness) {
	h.putKeys("a-/x", "a-b/x", "a.b/x", "a/x", "a0/x", "ab/x", "a", "a-", "a.", "a0")
	require.Equal(h, []string{"a-/", "a-b/", "a.b/", "a/", "a0/", "ab/"}, h.list("", dirsOnly), "L2: a directory must sort as its key and a slash")
	require.Equal(h, []string{"a", "a-", "a-/", "a-b/", "a.", "a.b/", "a/", "a0", "a0/", "ab/"}, h.list("", children),
		"L2: objects and directories must sort together, a directory as its key and a slash")
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

// after returns what of a listing sorts after a place.
func after(all []string, place string) []string {
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
	places := append(slices.Clone(forest), "", "-", "a/", "a/y", "a/y/", "a/w", "aa", "b/c/", "b/c/e", "c")
	for _, opts := range []storage.Options{nil, dirsOnly} {
		all := h.list("", opts)
		for _, place := range places {
			require.Equal(h, after(all, place), h.list("", with(opts, storage.OptStartAfter, place)),
				"L2: start_after %q must give what sorts after it, be it there or not, options %v", place, opts)
		}
	}
}

func l2StartAfterWithPrefix(h *harness) {
	h.putKeys(forest...)
	for _, place := range []string{"", "a", "a/", "a/x", "a/y/z", "ab", "b", "z"} {
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
		"": {"a", "a-b", "a.b", "a/", "ab", "b/"}, "a": {"a-b", "a.b", "a/", "ab", "b/"}, "a.b": {"a/", "ab", "b/"},
		"a/": {"ab", "b/"}, "a/x": {"ab", "b/"}, "ab": {"b/"}, "b": {"b/"}, "b/": {}, "b/c": {},
	} {
		require.Equal(h, want, h.list("", with(children, storage.OptStartAfter, place)),
			"L2: start_after %q among children, where a directory sorts as its key and a slash", place)
	}
}

func l2StartAfterIsNormalised(h *harness) {
	h.putKeys("a", "a/x", "b")
	for place, want := range map[string][]string{
		" a ": {"a/x", "b"}, "/a": {"a/x", "b"}, `\a\x`: {"b"}, "./a/": {"a/x", "b"}, "x/../b": {}, "a//x": {"b"},
	} {
		require.Equal(h, want, h.list("", storage.Options{storage.OptStartAfter: place}), "L2: start_after %q must be normalised as a prefix is", place)
	}
	require.Equal(h, []string{"b"}, h.list("", with(children, storage.OptStartAfter, `/a\`)), "L2: a trailing slash of start_after counts")
}

func l2StartAfterThenPage(h *harness) {
	h.putKeys(forest...)
	opts := storage.Options{storage.OptStartAfter: "a-b"}
	require.Equal(h, forest[2:4], h.page("", 2, 0, opts), "L2: limit counts from start_after on")
	require.Equal(h, forest[4:6], h.page("", 2, 2, opts), "L2: offset counts from start_after on")
	require.Equal(h, forest[7:], h.page("", 0, 5, opts), "L2: offset counts from start_after on")
	require.Empty(h, h.page("", 0, 6, opts), "L2: an offset past the end gives nothing")
}

func l2PagesByStartAfter(h *harness) {
	h.putKeys(forest...)
	for _, opts := range listings {
		all := h.list("", opts)
		for limit := 1; limit <= len(all); limit++ {
			joined, place := []string{}, ""
			for range len(all) + 1 {
				page := h.page("", limit, 0, with(opts, storage.OptStartAfter, place))
				if len(page) == 0 {
					break
				}
				joined, place = append(joined, page...), page[len(page)-1]
			}
			require.Equal(h, all, joined, "L2: pages of %d, each after the last name of the one before, must join to the whole, options %v: %s",
				limit, opts, strings.Join(joined, " "))
		}
	}
}
