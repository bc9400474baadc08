package drivertest

import (
	"maps"

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
	{"L1_nothing_is_invented", l1NothingIsInvented},
	{"L1_empty_bucket", l1EmptyBucket},
	{"L1_iterator_ends", l1IteratorEnds},
}

// forest is a set of keys whose order shows whether a slash is sorted as a byte.
var forest = []string{"A", "a-b", "a.b", "a/x", "a/y/z", "ab", "b/c/d/e", "b/c/f"}

var (
	children  = storage.Options{storage.OptRecursive: false}
	dirsOnly  = storage.Options{storage.OptDirsOnly: true}
	filesOnly = storage.Options{storage.OptFilesOnly: true}
)

// with returns options with one more, or with another value.
func with(opts storage.Options, key string, value any) storage.Options {
	all := maps.Clone(opts)
	if all == nil {
		all = make(storage.Options)
	}
	all[key] = value
	return all
}

func l1IsRecursiveByDefault(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, forest, h.list("", nil), "L1: List must give all objects, and no directories")
	require.Equal(h, forest, h.list("", recursive), "L1: recursive: true is the default")
}

func l1DirectChildren(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, []string{"A", "a-b", "a.b", "a/", "ab", "b/"}, h.list("", children),
		"L1: recursive: false must give the direct children, objects and directories")
}

func l1DirectChildrenByPrefix(h *harness) {
	h.putKeys(forest...)
	for prefix, want := range map[string][]string{
		"a/": {"a/x", "a/y/"}, "a": {"a-b", "a.b", "a/", "ab"}, "a/y": {"a/y/"}, "a/y/": {"a/y/z"},
		"b": {"b/"}, "b/": {"b/c/"}, "b/c": {"b/c/"}, "b/c/": {"b/c/d/", "b/c/f"}, "b/c/d/e": {"b/c/d/e"},
		"b/c/d/e/": {}, "c": {}, "c/": {}, "ab/": {}, "a.": {"a.b"},
	} {
		require.Equal(h, want, h.list(prefix, children), "L1: children with the prefix %q, in the directory that its last slash ends", prefix)
	}
}

func l1FilesOnly(h *harness) {
	h.putKeys(forest...)
	require.Equal(h, forest, h.list("", filesOnly), "L1: files_only recursive gives all objects")
	require.Equal(h, []string{"A", "a-b", "a.b", "ab"}, h.list("", with(filesOnly, storage.OptRecursive, false)), "L1: files_only must leave out directories")
	require.Equal(h, []string{"a/x"}, h.list("a/", with(filesOnly, storage.OptRecursive, false)), "L1: files_only must leave out directories")
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
	both := with(filesOnly, storage.OptDirsOnly, true)
	require.Equal(h, forest, h.list("", both), "L1: files_only and dirs_only together are as neither")
	require.Equal(h, h.list("", children), h.list("", with(both, storage.OptRecursive, false)), "L1: files_only and dirs_only together are as neither")
}

func l1DirectoryBesideObject(h *harness) {
	h.strong(storage.RelaxedTwins)
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
		require.Equal(h, bucketName, entry.Bucket, "L1: a directory in a listing must name its bucket")
		if !h.limits.Relaxes(storage.RelaxedL1) {
			h.same(h.stat("a/b/"), entry, "L1: a directory in a listing must be as Stat describes it")
		}
	}
}

func l1ObjectsAreDescribed(h *harness) {
	h.strong(storage.RelaxedL1)
	want := h.putRich("a/b")
	for _, opts := range []storage.Options{nil, children} {
		entries := h.entries(h.b.List(h.ctx, "a/", 0, 0, opts))
		require.Len(h, entries, 1)
		h.same(want, entries[0], "L1: an object in a listing must be as Stat describes it")
	}
}

func l1NothingIsInvented(h *harness) {
	want := h.putRich("a/b")
	for _, opts := range []storage.Options{nil, children} {
		entries := h.entries(h.b.List(h.ctx, "a/", 0, 0, opts))
		require.Len(h, entries, 1)
		got := entries[0]
		require.Equal(h, "a/b", got.Key, "L1: Key in a listing must be right")
		require.Equal(h, want.Size, got.Size, "L1: Size in a listing must be right")
		require.Equal(h, want.ETag, got.ETag, "L1: ETag in a listing must be right")
		h.sameTime(want.Updated, got.Updated, "L1: Updated in a listing must be right")
		require.False(h, got.IsDir, "L1: an object in a listing is no directory")
		require.Contains(h, []string{want.ContentType, ""}, got.ContentType, "L1: ContentType in a listing must be right or absent")
		if !got.Created.IsZero() {
			h.sameTime(want.Created, got.Created, "L1: Created in a listing must be right or absent")
		}
		if len(got.Metadata) > 0 {
			require.Equal(h, want.Metadata, got.Metadata, "L1: Metadata in a listing must be right or absent")
		}
		for algorithm, sum := range got.Hash {
			require.Equal(h, want.Hash[algorithm], sum, "L1: Hash in a listing must be right or absent")
		}
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
	wantEnd(h, it, "L1", func(o *storage.Object) { require.Equal(h, "a", o.Key) })
}

// wantEnd checks how an iterator of one entry ends and closes.
func wantEnd[T any](h *harness, it interface {
	Next() (*T, error)
	Close() error
}, rule string, check func(*T)) {
	v, err := it.Next()
	require.NoError(h, err)
	check(v)
	for range 2 {
		v, err = it.Next()
		require.NoError(h, err, "%s: the end of an iterator is no error", rule)
		require.Nil(h, v, "%s: Next at the end is nil, as often as it is called", rule)
	}
	require.NoError(h, it.Close(), "%s: Close of an iterator is nil", rule)
	require.NoError(h, it.Close(), "%s: Close of an iterator is nil any number of times", rule)
	_, err = it.Next()
	require.ErrorIs(h, err, storage.ErrClosed, "%s: Next after Close", rule)
}
