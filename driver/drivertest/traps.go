package drivertest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// trapCases are what stores like ours got wrong.
var trapCases = []testCase{
	{"Trap_rename_takes_neighbour", trapRenameTakesNeighbour},
	{"Trap_rename_loses_deep_children", trapRenameLosesDeepChildren},
	{"Trap_listing_in_map_order", trapListingInMapOrder},
	{"Trap_dash_sorts_before_slash_across_pages", trapDashBeforeSlash},
	{"Trap_full_last_page", trapFullLastPage},
	{"Trap_delete_while_listing", trapDeleteWhileListing},
	{"Trap_copy_shares_metadata", trapCopySharesMetadata},
	{"Trap_info_changes_after_stat", trapInfoChangesAfterStat},
	{"Trap_time_is_now_on_every_call", trapTimeIsNow},
	{"Trap_failed_condition_updates_metadata", trapFailedConditionUpdatesMetadata},
	{"Trap_reader_over_the_same_bucket", trapReaderOverTheSameBucket},
	{"Trap_source_that_writes_to_the_same_bucket", trapSourceThatWrites},
	{"Trap_source_of_a_part_that_writes_to_the_same_bucket", trapPartThatWrites},
	{"Trap_failed_rename_leaks_its_lock", trapFailedRenameLeaksItsLock},
	{"Trap_failed_rename_of_a_directory_leaks_its_lock", trapFailedDirectoryRename},
	{"Trap_iterator_invalidated_by_writes", trapIteratorInvalidated},
	{"Trap_etag_built_from_time", trapETagFromTime},
	{"Trap_persistence_never_checked", trapPersistence},
}

func trapRenameTakesNeighbour(h *harness) {
	h.wantMove("d", "m", "renaming d must not take d2, d-x or d.x along",
		[]string{"d-x/f", "d.x/f", "d/f", "d2/f", "d2/d/f", "dd"},
		"d-x/f", "d-x/f", "d.x/f", "d.x/f", "d2/d/f", "d2/d/f", "d2/f", "d2/f", "dd", "dd", "m/f", "d/f")
}

func trapRenameLosesDeepChildren(h *harness) {
	deep := strings.Repeat("deeper/", 12) + "f"
	h.putKeys("d/"+deep, "d/1/2/f", "d/f")
	h.moveDirectory("d", "m")
	require.Equal(h, []string{"m/1/2/f", "m/" + deep, "m/f"}, h.list("", nil), "D4: renaming must take children at any depth along")
	require.Equal(h, "d/"+deep, h.get("m/"+deep), "D4: renaming must take the content of deep children along")
}

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

func trapDashBeforeSlash(h *harness) {
	h.putKeys("a", "a-", "a-1", "a-b/c", "a.b", "a/-", "a/x", "a0")
	for _, opts := range []storage.Options{nil, children} {
		all := h.list("", opts)
		seen := []string{}
		for place := ""; len(seen) < len(all); {
			page := h.page("", 1, 0, with(opts, storage.OptStartAfter, place))
			require.Len(h, page, 1, "L2: pages of one, by start_after, must not end after %q", place)
			place = page[0]
			seen = append(seen, place)
		}
		require.Equal(h, all, seen, "L2: - and . sort before /, and across pages too, so that no entry is lost or given twice")
	}
}

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

func trapDeleteWhileListing(h *harness) {
	h.putMany()
	it, err := h.b.List(h.ctx, "", 0, 0, nil)
	require.NoError(h, err)
	n := 0
	for o, err := range storage.All(it) {
		require.NoError(h, err, "L3: deleting what is listed must not end the listing")
		require.NoError(h, h.b.Delete(h.ctx, o.Key, nil), "L3: each object must be listed once, so %q can be deleted", o.Key)
		n++
	}
	require.Equal(h, manyKeys, n, "L3: deleting while listing must not skip an object")
	require.Empty(h, h.list("", nil), "L3: deleting all that is listed must leave nothing")
}

func trapCopySharesMetadata(h *harness) {
	h.putRich("source")
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	o.Metadata["a"] = "scribbled"
	require.Equal(h, "b", h.stat("source").Metadata["a"], "O8: a copy must not share its metadata map with the source")
	require.Equal(h, "b", h.stat("copy").Metadata["a"], "O8: a copy must not share its metadata map with the caller")
	h.putWith("copy", "content", storage.Options{storage.OptMetadata: map[string]string{"a": "changed"}})
	require.Equal(h, "b", h.stat("source").Metadata["a"], "O8: changing a copy must not change the source's metadata")
}

func trapInfoChangesAfterStat(h *harness) {
	h.putRich("dir/key")
	object, dir := h.stat("dir/key"), h.stat("dir")
	wantObject, wantDir := plain(object), plain(dir)
	h.tick()
	h.put("dir/key", "changed, and longer")
	h.put("dir/new", "content")
	h.same(&wantObject, object, "O8: an object that Stat returned must not change when the key is overwritten")
	h.same(&wantDir, dir, "O8: a directory that Stat returned must not change when something beneath does")
}

func trapTimeIsNow(h *harness) {
	h.put("dir/key", "content")
	for _, key := range []string{"dir/key", "dir"} {
		before := h.stat(key)
		h.tick()
		h.same(before, h.stat(key), "O2: times of %q must be those of its last change, not of the call", key)
	}
}

func trapFailedConditionUpdatesMetadata(h *harness) {
	want := h.putRich("key")
	h.put("source", "content")
	opts := storage.Options{storage.OptIfMatch: "other", storage.OptMetadata: map[string]string{"a": "changed"}}
	_, err := h.write("key", "rich content", opts)
	require.ErrorIs(h, err, storage.ErrPrecondition)
	for _, t := range h.transfers() {
		_, err = t.do(h.b, "key", "", "source", opts)
		require.ErrorIs(h, err, storage.ErrPrecondition, "O7: %s with a condition that fails", t.name)
	}
	h.same(want, h.stat("key"), "O7: a failed condition must not update metadata")
}

func trapReaderOverTheSameBucket(h *harness) {
	content := large()
	h.put("source", content)
	rc, _, err := h.b.Open(h.ctx, "source", 0, 0, nil)
	require.NoError(h, err)
	_, err = h.b.Write(h.ctx, "copy", rc, -1, "", nil)
	require.NoError(h, err, "O1: a source may be a reader over the same bucket")
	require.NoError(h, rc.Close())
	require.True(h, content == h.get("copy"), "O1: a source may be a reader over the same bucket")
	_, err = h.b.Write(h.ctx, "key", interrupted("0123456789", func() {
		_, _ = h.get("source"), h.stat("copy")
		_ = h.list("", nil)
		_ = h.bucketNames(0, 0)
	}), 10, "", nil)
	require.NoError(h, err, "O1: a source may read, stat and list while it is read")
}

func trapSourceThatWrites(h *harness) {
	_, err := h.b.Write(h.ctx, "key", interrupted("0123456789", func() {
		h.put("key", "the source's own")
		h.put("another", "content")
		require.NoError(h, h.b.Delete(h.ctx, "another", nil))
		_, err := h.st.CreateBucket(h.ctx, "fresh", nil)
		require.NoError(h, err)
	}), 10, "", nil)
	require.NoError(h, err, "O1: a source may write to the same bucket while it is read")
	require.Equal(h, "0123456789", h.get("key"), "O1: the Write that commits last wins")
	h.mustExist("fresh", true, "O1: what the source wrote must stay")
}

func trapPartThatWrites(h *harness) {
	mu, _ := h.upload("whole")
	part, err := h.multipart().UploadPart(h.ctx, mu, 1, interrupted("0123456789", func() { h.put("key", "again") }), 10, nil)
	require.NoError(h, err, "O1: the source of a part may write to the same bucket")
	h.complete(mu, part)
}

func trapFailedRenameLeaksItsLock(h *harness) {
	h.put("dir/key", "content")
	_, err := h.b.Move(h.ctx, "x", "", "missing", nil)
	require.ErrorIs(h, err, storage.ErrNotExist)
	_, err = h.b.Move(h.ctx, "x", "", "dir", nil)
	require.ErrorIs(h, err, storage.ErrPermission)
	_, err = h.b.Move(h.ctx, "x", "", "dir/key", storage.Options{storage.OptIfMatch: "*"})
	require.ErrorIs(h, err, storage.ErrPrecondition)
	h.put("dir/key", "after a failed Move")
	require.Equal(h, "after a failed Move", h.get("dir/key"), "O2: a failed Move must leave the store usable")
}

func trapFailedDirectoryRename(h *harness) {
	for _, dst := range []string{"x", "../up"} {
		_, err := h.directory("missing").Move(h.ctx, dst, nil)
		require.Error(h, err)
	}
	h.put("dir/key", "after a failed Move")
	require.Equal(h, "after a failed Move", h.get("dir/key"), "D4: a failed Move must leave the store usable")
}

func trapIteratorInvalidated(h *harness) {
	h.putMany()
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 50, 10, nil) }, func() {
		for i := range 100 {
			h.put(fmt.Sprintf("many/0000-%d", i), "inserted")
			h.put(fmt.Sprintf("many/%04d", i), "overwritten")
		}
	}, "L3: later writes must neither end an iterator nor show in it")
}

func trapETagFromTime(h *harness) {
	etag := h.put("key", "content").ETag
	h.tick()
	require.Equal(h, etag, h.put("key", "content").ETag, "O3: an ETag must not be built from time")
	o, err := h.another().Bucket("test").Write(h.ctx, "key", io.LimitReader(strings.NewReader("content"), 99), 7, "", nil)
	require.NoError(h, err)
	require.Equal(h, etag, o.ETag, "O3: an ETag must be the same in every run, or golden files differ")
}
