package drivertest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var listCases = []testCase{
	{"L1_is_recursive_by_default", l1IsRecursiveByDefault},
	{"L1_direct_children", l1DirectChildren},
	{"L1_direct_children_by_prefix", l1DirectChildrenByPrefix},
	{"L1_files_only", l1FilesOnly},
	{"L1_dirs_only", l1DirsOnly},
	{"L1_dirs_only_by_prefix", l1DirsOnlyByPrefix},
	{"L1_files_only_and_dirs_only", l1FilesOnlyAndDirsOnly},
	{"L1_directory_beside_object", l1DirectoryBesideObject},
	{"L1_directories_are_described", l1DirectoriesAreDescribed},
	{"L1_objects_are_described", l1ObjectsAreDescribed},
	{"L1_empty_bucket", l1EmptyBucket},
	{"L1_iterator_ends", l1IteratorEnds},
	{"L3_walks_what_was_there", l3WalksWhatWasThere},
	{"L3_walks_a_bucket_that_is_deleted", l3WalksADeletedBucket},
	{"L3_directory_list", l3DirectoryList},
}

// forest is a set of keys whose order tells whether a slash is just a byte.
var forest = []string{"a", "a-b", "a.b", "a/x", "a/y/z", "ab", "b/c/d/e", "b/c/f"}

var (
	children = storage.Options{storage.OptRecursive: false}
	dirsOnly = storage.Options{storage.OptDirsOnly: true}
)

// with returns options and one more.
func with(opts storage.Options, key string, value any) storage.Options {
	all := storage.Options{key: value}
	for k, v := range opts {
		all[k] = v
	}
	return all
}

func l1IsRecursiveByDefault(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, forest, h.list("", nil), "L1: List must give all objects, and no directories")
	require.Equal(h, forest, h.list("", recursive), "L1: recursive: true is the default")
}

func l1DirectChildren(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, []string{"a", "a-b", "a.b", "a/", "ab", "b/"}, h.list("", children),
		"L1: recursive: false must give the direct children, objects and directories")
}

func l1DirectChildrenByPrefix(h *harness) {
	h.putKeys(forest...)
	for prefix, want := range map[string][]string{
		"a/": {"a/x", "a/y/"}, "a": {"a", "a-b", "a.b", "a/", "ab"}, "a/y": {"a/y/"}, "a/y/": {"a/y/z"},
		"b": {"b/"}, "b/": {"b/c/"}, "b/c": {"b/c/"}, "b/c/": {"b/c/d/", "b/c/f"}, "b/c/d/e": {"b/c/d/e"},
		"b/c/d/e/": {}, "c": {}, "c/": {}, "ab/": {}, "a.": {"a.b"},
	} {
		require.Equal(h, want, h.list(prefix, children), "L1: children with the prefix %q, in the directory that its last slash ends", prefix)
	}
}

func l1FilesOnly(h *harness) {
	h.putKeys(forest...)
	files := storage.Options{storage.OptFilesOnly: true}
	require.Equal(h, forest, h.list("", files), "L1: files_only recursive gives all objects")
	require.Equal(h, []string{"a", "a-b", "a.b", "ab"}, h.list("", with(files, storage.OptRecursive, false)), "L1: files_only must leave out directories")
	require.Equal(h, []string{"a/x"}, h.list("a/", with(files, storage.OptRecursive, false)), "L1: files_only must leave out directories")
	none := storage.Options{storage.OptFilesOnly: false, storage.OptDirsOnly: false, storage.OptRecursive: false}
	require.Equal(h, []string{"b/c/d/", "b/c/f"}, h.list("b/c/", none), "L1: files_only: false and dirs_only: false filter nothing")
}

func l1DirsOnly(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, []string{"a/", "a/y/", "b/", "b/c/", "b/c/d/"}, h.list("", dirsOnly), "L1: dirs_only recursive must give all directories and nothing else")
	require.Equal(h, []string{"a/", "b/"}, h.list("", with(dirsOnly, storage.OptRecursive, false)), "L1: dirs_only must give direct directories alone")
}

func l1DirsOnlyByPrefix(h *harness) {
	h.putKeys(forest...)
	for prefix, want := range map[string][]string{
		"a": {"a/", "a/y/"}, "a/": {"a/y/"}, "a/x": {}, "a/y": {"a/y/"}, "a/y/": {}, "b/": {"b/c/", "b/c/d/"}, "b/c/": {"b/c/d/"}, "z": {},
	} {
		require.Equal(h, want, h.list(prefix, dirsOnly), "L1: directories beneath that match the prefix %q", prefix)
	}
}

func l1FilesOnlyAndDirsOnly(h *harness) {
	h.putKeys(forest...)
	both := storage.Options{storage.OptFilesOnly: true, storage.OptDirsOnly: true}
	require.Equal(h, forest, h.list("", both), "L1: files_only and dirs_only together are as neither")
	require.Equal(h, h.list("", children), h.list("", with(both, storage.OptRecursive, false)), "L1: files_only and dirs_only together are as neither")
}

func l1DirectoryBesideObject(h *harness) {
	h.putKeys("foo", "foo/bar", "foobar")
	require.Equal(h, []string{"foo", "foo/", "foobar"}, h.list("foo", children), "L1: an object and a directory of one name are two entries")
	require.Equal(h, []string{"foo/bar"}, h.list("foo/", children), "L1: children of foo/ leave out the object foo")
}

func l1DirectoriesAreDescribed(h *harness) {
	h.put("a/b/c", "content")
	for _, opts := range []storage.Options{children, dirsOnly} {
		entry := h.entries(h.b.List(h.ctx, "a/", 0, 0, opts))[0]
		require.True(h, entry.IsDir, "L1: a directory in a listing must have IsDir")
		require.Equal(h, "a/b", entry.Key, "L1: a directory's Key in a listing is whole and has no trailing slash")
		require.Equal(h, bucketName, entry.Bucket, "L1: a directory in a listing must tell its bucket")
		h.same(h.stat("a/b/"), entry, "L1: a directory in a listing must be as Stat tells it")
	}
}

func l1ObjectsAreDescribed(h *harness) {
	want := h.putRich("a/b")
	for _, opts := range []storage.Options{nil, children} {
		entries := h.entries(h.b.List(h.ctx, "a/", 0, 0, opts))
		require.Len(h, entries, 1)
		h.same(want, entries[0], "L1: an object in a listing must be as Stat tells it")
	}
}

func l1EmptyBucket(h *harness) {
	for _, opts := range []storage.Options{nil, children, dirsOnly} {
		require.Empty(h, h.list("", opts), "L1: an empty bucket lists empty")
		require.Empty(h, h.list("a/", opts), "L1: an empty bucket lists empty under any prefix")
	}
}

func l1IteratorEnds(h *harness) {
	h.put("a", "content")
	it, err := h.b.List(h.ctx, "", 0, 0, nil)
	require.NoError(h, err)
	o, err := it.Next()
	require.NoError(h, err)
	require.Equal(h, "a", o.Key)
	for range 2 {
		o, err = it.Next()
		require.NoError(h, err, "L1: the end of an iterator is no error")
		require.Nil(h, o, "L1: Next at the end is nil, as often as it is called")
	}
	require.NoError(h, it.Close(), "L1: Close of an iterator is nil")
	require.NoError(h, it.Close(), "L1: Close of an iterator is nil any number of times")
	_, err = it.Next()
	require.ErrorIs(h, err, storage.ErrClosed, "L1: Next after Close")
}

// turmoil changes everything about the keys that putMany wrote.
func (h *harness) turmoil() {
	h.put("many/0000-", "inserted")
	for i := range manyKeys {
		switch key := fmt.Sprintf("many/%04d", i); i % 4 {
		case 0:
			require.NoError(h, h.b.Delete(h.ctx, key, nil))
		case 1:
			h.put(key, "overwritten, and longer than it was")
		case 2:
			_, err := h.b.Move(h.ctx, key+"-moved", "", key, nil)
			require.NoError(h, err)
		}
	}
}

const manyKeys = 400

// putMany writes more objects than a driver is likely to fetch in advance.
func (h *harness) putMany() {
	for i := range manyKeys {
		h.put(fmt.Sprintf("many/%04d", i), "original")
	}
}

// walksOn checks that two iterators go on to give what list gave when they
// began, though change is made after the first entry of one and before that of
// the other.
func (h *harness) walksOn(list func() (storage.ObjectIter, error), change func(), message string) {
	want := h.entries(list())
	begun, err := list()
	require.NoError(h, err)
	defer begun.Close()
	first, err := begun.Next()
	require.NoError(h, err)
	fresh, err := list()
	require.NoError(h, err)
	defer fresh.Close()
	change()
	for _, got := range [][]*storage.Object{append([]*storage.Object{first}, h.entries(begun, nil)...), h.entries(fresh, nil)} {
		require.Len(h, got, len(want), message)
		for i := range want {
			h.same(want[i], got[i], message)
		}
	}
}

func l3WalksWhatWasThere(h *harness) {
	for _, opts := range []storage.Options{nil, children} {
		h.putMany()
		h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "many/", 0, 0, opts) }, h.turmoil,
			"L3: an iterator must give what was there when List was called, whatever is written meanwhile")
	}
}

func l3WalksADeletedBucket(h *harness) {
	h.putMany()
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 0, 0, nil) }, func() {
		require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true}))
	}, "L3: an iterator must go on when its bucket is deleted")
}

func l3DirectoryList(h *harness) {
	h.putMany()
	many := h.directory("many")
	h.walksOn(func() (storage.ObjectIter, error) { return many.List(h.ctx, 0, 0, nil) }, func() {
		_, err := many.Move(h.ctx, "elsewhere", nil)
		require.NoError(h, err)
	}, "L3: an iterator of Directory.List must give what was there when it was called")
}
