package drivertest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// trapCases are faults that other stores had. Each names where it was found.
var trapCases = []testCase{
	{"Trap_rename_takes_neighbour", trapRenameTakesNeighbour},
	{"Trap_rename_loses_deep_children", trapRenameLosesDeepChildren},
	{"Trap_rename_to_the_root", trapRenameToTheRoot},
	{"Trap_rename_that_stopped_half_way_blocks_the_next", trapRenameThatStopped},
	{"Trap_directory_whose_name_ends_in_a_blank", trapNameThatEndsInABlank},
	{"Trap_deep_nesting", trapDeepNesting},
	{"Trap_directory_times_are_not_those_of_the_latest_child", trapDirectoryTimes},
	{"Trap_listing_in_map_order", trapListingInMapOrder},
	{"Trap_dash_sorts_before_slash_across_pages", trapDashBeforeSlash},
	{"Trap_full_last_page", trapFullLastPage},
	{"Trap_page_of_children_repeats_a_prefix", trapRepeatedPrefix},
	{"Trap_prefix_is_rewritten", trapPrefixIsRewritten},
	{"Trap_delete_while_listing", trapDeleteWhileListing},
	{"Trap_iterator_invalidated_by_writes", trapIteratorInvalidated},
	{"Trap_copy_shares_metadata", trapCopySharesMetadata},
	{"Trap_info_changes_after_stat", trapInfoChangesAfterStat},
	{"Trap_time_is_now_on_every_call", trapTimeIsNow},
	{"Trap_failed_condition_updates_metadata", trapFailedConditionUpdatesMetadata},
	{"Trap_quoted_and_bare_etags_do_not_match", trapQuotedETags},
	{"Trap_condition_is_ignored", trapConditionIsIgnored},
	{"Trap_reader_over_the_same_bucket", trapReaderOverTheSameBucket},
	{"Trap_source_that_writes_to_the_same_bucket", trapSourceThatWrites},
	{"Trap_source_of_a_part_that_writes_to_the_same_bucket", trapPartThatWrites},
	{"Trap_checksum_error_with_the_last_bytes_is_lost", trapChecksumError},
	{"Trap_failed_write_loses_the_rest", trapFailedWriteLosesTheRest},
	{"Trap_failed_rename_leaks_its_lock", trapFailedRenameLeaksItsLock},
	{"Trap_failed_rename_of_a_directory_leaks_its_lock", trapFailedDirectoryRename},
	{"Trap_ten_bytes_keep_a_long_string_alive", trapTenBytes},
	{"Trap_etag_built_from_time", trapETagFromTime},
	{"Trap_persistence_never_checked", trapPersistence},
}

// Renaming d also took d2: afero #141, go-billy #71 and #73.
func trapRenameTakesNeighbour(h *harness) {
	h.wantMove("d", "m", "renaming d must not take d2, d-x or d.x along",
		[]string{"d-x/f", "d.x/f", "d/f", "d2/f", "d2/d/f", "dd"},
		"d-x/f", "d-x/f", "d.x/f", "d.x/f", "d2/d/f", "d2/d/f", "d2/f", "d2/f", "dd", "dd", "m/f", "d/f")
}

// Renaming lost deep children: go-billy #71 and #73.
func trapRenameLosesDeepChildren(h *harness) {
	deep := strings.Repeat("deeper/", 12) + "f"
	h.putKeys("d/"+deep, "d/1/2/f", "d/f")
	h.moveDirectory("d", "m")
	require.Equal(h, []string{"m/1/2/f", "m/" + deep, "m/f"}, h.list("", nil), "D4: renaming must take children at any depth along")
	require.Equal(h, "d/"+deep, h.get("m/"+deep), "D4: renaming must take the content of deep children along")
}

// Listings came in the order of a map, another each time: stores in memory.
func trapListingInMapOrder(h *harness) {
	want := []string{}
	for i := range 200 {
		want = append(want, fmt.Sprintf("%03d", i))
	}
	for _, i := range rand.New(rand.NewPCG(3, 3)).Perm(200) {
		h.put(want[i], "content")
	}
	for range 3 {
		require.Equal(h, want, h.list("", nil), "L2: a listing must be in byte order, and the same every time")
		require.Equal(h, want, h.list("", children), "L2: a listing of children must be in byte order, and the same every time")
	}
}

// A dash sorts before a slash, which broke pages of children: go-cloud #3092, #3791.
func trapDashBeforeSlash(h *harness) {
	h.putKeys(h.possible("a", "a-", "a-1", "a-b/c", "a.b", "a/-", "a/x", "a0")...)
	for _, opts := range []storage.Options{nil, children} {
		seen := h.pages(h.lister(""), 1, opts, (*storage.Object).PageKey)
		require.Equal(h, h.list("", opts), seen, "L2: - and . sort before /, and across pages too, so that no entry is lost or given twice")
	}
}

// A full last page was reported as truncated: gofakes3.
func trapFullLastPage(h *harness) {
	h.putKeys("a", "b", "c", "d")
	require.Equal(h, []string{"c", "d"}, h.page("", 2, 2, nil), "L2: the last page, when it is full")
	require.Empty(h, h.page("", 2, 4, nil), "L2: there is nothing after a last page that is full")
	require.Empty(h, h.page("", 2, 0, storage.Options{storage.OptStartAfter: "d"}), "L2: there is nothing after a last page that is full")
	it, err := h.b.List(h.ctx, "", 4, 0, nil)
	require.NoError(h, err)
	defer it.Close()
	for range 4 {
		o, err := it.Next()
		require.NoError(h, err)
		require.NotNil(h, o)
	}
	o, err := it.Next()
	require.NoError(h, err, "L2: the end of a full page is no error")
	require.Nil(h, o, "L2: a page ends at its limit, with nil")
}

// Deleting the listed objects while listing skipped some: gofakes3 #89.
func trapDeleteWhileListing(h *harness) {
	many := h.putMany(moreThanAPage)
	it, err := h.b.List(h.ctx, "", 0, 0, nil)
	require.NoError(h, err)
	n := 0
	for o, err := range storage.All(it) {
		require.NoError(h, err, "L3: deleting what is listed must not end the listing")
		require.NoError(h, h.b.Delete(h.ctx, o.Key, nil), "L3: each object must be listed once, so %q can be deleted", o.Key)
		n++
	}
	require.Equal(h, len(many), n, "L3: deleting while listing must not skip an object")
	require.Empty(h, h.list("", nil), "L3: deleting all that is listed must leave nothing")
}

// Later writes invalidated iterators: go-memdb #87, #90.
func trapIteratorInvalidated(h *harness) {
	h.strong(storage.RelaxedL3)
	h.putMany(400)
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 50, 10, nil) }, func() {
		for i := range 100 {
			h.put(fmt.Sprintf("many/0000-%d", i), "inserted")
			h.put(fmt.Sprintf("many/%04d", i), "overwritten")
		}
	}, "L3: later writes must neither end an iterator nor show in it")
}

// Renaming to the root made keys that no call could name: memfs #397.
func trapRenameToTheRoot(h *harness) {
	names := []string{" y", "...", ".hidden", "a b/ c", "y "}
	for _, name := range names {
		h.put("dir/"+name, name)
	}
	h.moveDirectory("dir", "")
	require.Equal(h, names, h.list("", nil), "D4: a Move to the root must re-key everything")
	for _, key := range names {
		require.Equal(h, key, h.get(key), "K1: what a Move made must be named by its key")
		h.delete(key)
	}
	require.Empty(h, h.list("", nil), "K1: what a Move made must be named by its key")
}

// A copy of a directory that stopped half way blocked the next: golang #62484.
func trapRenameThatStopped(h *harness) {
	h.putTogether("left", 10)
	dir := h.directory("left")
	ctx, end := h.fuse(7)
	_, _ = dir.Move(ctx, "right", nil)
	end()
	if len(h.list("left/", nil)) > 0 {
		h.moveDirectory("left", "right")
	}
	require.Len(h, h.list("right/", nil), 10, "D4: a Move that stopped half way must not block the next")
	require.Empty(h, h.list("left/", nil), "D4: a Move that stopped half way must not block the next")
}

// A directory whose name ends in a blank opened its neighbour: rclone #6652.
func trapNameThatEndsInABlank(h *harness) {
	h.putKeys("a /b", "a/x")
	require.Equal(h, []string{"a /", "a/"}, h.list("", children), "K1: a blank at the end is part of a directory's name")
	require.Equal(h, []string{"a /b"}, h.names(h.directory("a ").List(h.ctx, 0, 0, nil)), "K1: a directory must open as itself, not as its neighbour")
	h.moveDirectory("a ", "c ")
	require.Equal(h, []string{"a/x", "c /b"}, h.list("", nil), "K1: a directory must be moved itself, not its neighbour")
	require.NoError(h, h.directory("c ").Delete(h.ctx, recursive))
	require.Equal(h, []string{"a/x"}, h.list("", nil), "K1: a directory must be deleted itself, not its neighbour")
}

// Deep nesting exhausted the stack: golang #53415.
func trapDeepNesting(h *harness) {
	deep := strings.Repeat("d/", h.maxKey()/2-1) + "k"
	h.put(deep, "content")
	require.Equal(h, []string{deep}, h.list("", nil), "K1: a key may be nested as deep as its length permits")
	require.Len(h, h.list("", dirsOnly), strings.Count(deep, "/"), "L1: every level is a directory")
	require.Equal(h, "content", h.get(deep))
	if _, ok := h.b.(storage.HasDirectories); ok {
		h.moveDirectory("d/d", "e")
		require.Equal(h, []string{"e" + deep[len("d/d"):]}, h.list("", nil), "D4: a deep directory must move whole")
	}
	_, err := h.write(strings.Repeat("d/", 3_000_000)+"k", "content", nil)
	require.ErrorIs(h, err, storage.ErrInvalid, "K1: a key of three million levels is too long")
	for _, key := range h.list("", nil) {
		require.NoError(h, h.b.Delete(h.ctx, key[:1], recursive), "O6: a deep directory must be deleted whole")
	}
	require.Empty(h, h.list("", nil), "O6: a deep directory must be deleted whole")
}

// The times of a directory were not those of its latest child: goofys #256.
func trapDirectoryTimes(h *harness) {
	h.strong(storage.RelaxedD1)
	h.put("dir/sub/first", "content")
	for _, key := range []string{"dir/sub/second", "dir/third", "dir/sub/first", "dir/a/b/c/fourth"} {
		h.tick()
		latest := h.put(key, "latest")
		h.sameTime(latest.Updated, h.stat("dir/").Updated, "D1: Updated of a directory must be that of its latest child, "+key)
	}
}

// A page of children returned the same prefix over and over: noobaa #7281.
func trapRepeatedPrefix(h *harness) {
	h.putKeys("a/1", "a/2", "b/1/x", "b/2", "c/1", "d")
	want := []string{"a/", "b/", "c/", "d"}
	for what, token := range map[string]func(*storage.Object) string{
		"PageKey": (*storage.Object).PageKey, "Key": func(o *storage.Object) string { return o.Key }, "the name with its slash": name,
	} {
		require.Equal(h, want, h.pages(h.lister(""), 1, children, token), "L2: pages of one child, each after %s of the last", what)
		require.Equal(h, want, h.pages(h.lister(""), 2, children, token), "L2: pages of two children, each after %s of the last", what)
	}
}

// A prefix was rewritten and no longer matched the keys: moto #5228.
func trapPrefixIsRewritten(h *harness) {
	keys := []string{"a b/x", "a%20b/x", "a+b/x", "a\u00e9/x", "ae\u0301/x"}
	h.putKeys(keys...)
	for _, key := range keys {
		for _, prefix := range []string{key, strings.TrimSuffix(key, "x"), strings.TrimSuffix(key, "/x")} {
			require.Equal(h, []string{key}, h.list(prefix, nil), "K2: what begins with the bytes of %q must be listed, and nothing else", prefix)
		}
	}
}
