package drivertest

import (
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var directoryCases = []testCase{
	{"D1_handle", d1Handle},
	{"D1_exists_while_an_object_lies_beneath", d1ExistsWhileAnObjectLiesBeneath},
	{"D1_info", d1Info},
	{"D1_root_exists_while_the_bucket_does", d1Root},
	{"D1_missing", d1Missing},
	{"D1_object_is_no_directory", d1ObjectIsNoDirectory},
	{"D1_times", d1Times},
	{"D1_times_of_moved_objects", d1TimesOfMovedObjects},
	{"D1_times_are_not_invented", d1TimesAreNotInvented},
	{"D1_bad_paths", d1BadPaths},
	{"D2_direct_children", d2DirectChildren},
	{"D2_filters", d2Filters},
	{"D2_pages", d2Pages},
	{"D2_missing_is_empty", d2MissingIsEmpty},
	{"D3_recursive", d3Recursive},
	{"D3_direct_objects_only", d3DirectObjectsOnly},
	{"D3_root", d3Root},
	{"D3_nothing_removed", d3NothingRemoved},
	{"D3_leaves_the_neighbours", d3LeavesTheNeighbours},
}

func d1Handle(h *harness) {
	spellings := map[string]string{"": "", "a": "a", "a/b": "a/b"}
	if !h.exact {
		maps.Copy(spellings, map[string]string{"/": "", ".": "", "/a//b/": "a/b", `\a\b\`: "a/b", "x/../a": "a", "a /": "a ", " a": " a"})
	}
	for path, want := range spellings {
		d := h.directory(path)
		require.Equal(h, want, d.Path(), "D1: Path of Directory(%q) must be normalised", path)
		require.Equal(h, bucketName, d.Bucket().Name(), "D1: Bucket of a directory")
	}
	h.put("a/x", "content")
	_, err := h.directory("a").Bucket().Stat(h.ctx, "a/x", nil)
	require.NoError(h, err, "D1: Bucket of a directory must be usable")
	require.Equal(h, []string{"a/x"}, h.list("", nil), "D1: a handle on a directory creates nothing")
}

func d1ExistsWhileAnObjectLiesBeneath(h *harness) {
	h.putKeys("a/b/c", "a/d")
	info := func(path string) error { _, err := h.directory(path).Info(h.ctx); return err }
	require.NoError(h, info("a/b"), "D1: a directory exists while an object lies beneath it")
	h.delete("a/b/c")
	require.ErrorIs(h, info("a/b"), storage.ErrNotExist, "D1: a directory vanishes with its last object")
	require.NoError(h, info("a"), "D1: a directory exists while an object lies beneath it")
	h.put("e", "content")
	if h.has(storage.FeatureMove) {
		h.move("e", "a/d")
	} else {
		h.delete("a/d")
	}
	require.ErrorIs(h, info("a"), storage.ErrNotExist, "D1: a directory vanishes when its last object is moved away")
	require.Equal(h, []string{"e"}, h.list("", children), "D1: a directory that vanished is not listed")
}

func d1Info(h *harness) {
	h.putKeys(h.possible("a/b/c", "a/b")...)
	for _, path := range []string{"a", "a/b"} {
		o := h.info(path)
		require.True(h, o.IsDir, "D1: Info must have IsDir")
		require.Equal(h, path, o.Key, "D1: Info's Key is the path, without a trailing slash")
		require.Equal(h, bucketName, o.Bucket, "D1: Info must name the bucket")
		h.same(h.stat(path+"/"), o, "D1: Info must be as Stat of the directory")
	}
}

func d1Root(h *harness) {
	for range 2 {
		o, err := h.directory("").Info(h.ctx)
		require.NoError(h, err, "D1: the root exists while the bucket does, empty or not")
		require.True(h, o.IsDir, "D1: the root is a directory")
		require.Empty(h, o.Key, "D1: the root's Key is empty")
		h.put("a", "content")
	}
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true}))
	_, err := h.directory("").Info(h.ctx)
	require.ErrorIs(h, err, storage.ErrNotExist, "D1: the root goes with the bucket")
}

func d1Missing(h *harness) {
	h.putKeys("foo/a", "foo/b/c")
	for _, path := range []string{"missing", "fo", "foo/bar", "foo/b/c", "foo/b/d", "oo"} {
		_, err := h.directory(path).Info(h.ctx)
		require.ErrorIs(h, err, storage.ErrNotExist, "D1: Info of %q, which has nothing beneath it", path)
	}
}

func d1ObjectIsNoDirectory(h *harness) {
	h.put("a", "content")
	_, err := h.directory("a").Info(h.ctx)
	require.ErrorIs(h, err, storage.ErrNotExist, "D1: an object is no directory")
}

// info describes a directory that must exist.
func (h *harness) info(path string) *storage.Object {
	o, err := h.directory(path).Info(h.ctx)
	require.NoError(h, err, "D1: Info of %q must succeed", path)
	return o
}

func d1Times(h *harness) {
	h.directory("")
	h.strong(storage.RelaxedD1)
	first := h.put("a/b/c", "content")
	h.tick()
	second := h.put("a/d", "content")
	h.sameTime(first.Created, h.info("a").Created, "D1: Created of a directory must be the time of its first appearance")
	h.sameTime(second.Updated, h.info("a").Updated, "D1: Updated of a directory must be the time of the latest change beneath")
	h.sameTime(first.Updated, h.info("a/b").Updated, "D1: a change elsewhere must not touch a directory's Updated")
	h.tick()
	third := h.put("a/b/c", "overwritten")
	h.sameTime(third.Updated, h.info("a").Updated, "D1: overwriting deep beneath must set a directory's Updated")
	if !h.limits.Relaxes(storage.RelaxedO2) {
		h.sameTime(first.Created, h.info("a").Created, "D1: overwriting must keep a directory's Created")
	}
	h.tick()
	h.same(h.info("a"), h.info("a"), "D1: Info must not change by itself")
	h.sameTime(third.Updated, h.info("a").Updated, "D1: Updated of a directory must not be the time of the call")
}

// d1TimesOfMovedObjects moves an older and a newer object into a directory. They
// keep their times, so those of the directory must enclose them.
func d1TimesOfMovedObjects(h *harness) {
	h.directory("")
	h.strong(storage.RelaxedD1, storage.RelaxedO2)
	h.put("old", "content")
	h.tick()
	first := h.put("dir/first", "content")
	h.tick()
	late := h.put("late", "content")
	for _, key := range []string{"old", "late"} {
		h.move("dir/"+key, key)
	}
	info := h.info("dir")
	require.False(h, info.Created.After(first.Created), "D1: Created of a directory must be that of its first appearance, or earlier")
	require.False(h, info.Updated.Before(late.Updated), "D1: Updated of a directory must be that of the latest change beneath")
}

func d1TimesAreNotInvented(h *harness) {
	o := h.put("a/b/c", "content")
	want := &storage.Object{Created: o.Created, Updated: o.Updated}
	if h.limits.Relaxes(storage.RelaxedD1) {
		want = new(storage.Object)
	}
	dirs := map[string]*storage.Object{
		"Stat": h.stat("a"), "List": h.entries(h.b.List(h.ctx, "", 0, 0, children))[0], "List dirs_only": h.entries(h.b.List(h.ctx, "", 0, 0, dirsOnly))[1],
	}
	if _, ok := h.b.(storage.HasDirectories); ok {
		dirs["Info"] = h.info("a/b")
		dirs["Directory.List"] = h.entries(h.directory("a").List(h.ctx, 0, 0, nil))[0]
	}
	for from, dir := range dirs {
		if h.limits.Relaxes(storage.RelaxedL1) && strings.Contains(from, "List") && dir.Updated.IsZero() {
			continue
		}
		h.sameTime(want.Created, dir.Created, "D1: Created of a directory from "+from+" must be right, or zero if the driver relaxes D1")
		h.sameTime(want.Updated, dir.Updated, "D1: Updated of a directory from "+from+" must be right, or zero if the driver relaxes D1")
	}
}

func d1BadPaths(h *harness) {
	h.normalised()
	h.put("there-too/x", "content")
	require.Equal(h, "../a", h.directory("../a").Path(), "D1: Path of a bad path is the path as given")
	h.rejects("D1: a path that leads out of the bucket", storage.ErrPermission, h.directoryCalls(), "..", "../there", "a/../..")
	h.rejects("D1: a path with a NUL or invalid UTF-8", storage.ErrInvalid, h.directoryCalls(), "\x00", "there\xff")
	h.rejects("D1: a path longer than a key", storage.ErrInvalid, h.directoryCalls(), h.longKey("", storage.MaxKey+1))
}

func d2DirectChildren(h *harness) {
	h.putKeys(forest...)
	for path, want := range map[string][]string{
		"": {"A", "a-b", "a.b", "a/", "ab", "b/"}, "a": {"a/x", "a/y/"}, "a/y": {"a/y/z"}, "b/c": {"b/c/d/", "b/c/f"},
	} {
		require.Equal(h, want, h.names(h.directory(path).List(h.ctx, 0, 0, nil)), "D2: direct children of %q", path)
	}
}

func d2Filters(h *harness) {
	h.putKeys(forest...)
	list := func(opts storage.Options) []string { return h.names(h.directory("b/c").List(h.ctx, 0, 0, opts)) }
	require.Equal(h, []string{"b/c/f"}, list(filesOnly), "D2: files_only")
	require.Equal(h, []string{"b/c/d/"}, list(dirsOnly), "D2: dirs_only gives direct directories")
	require.Equal(h, []string{"b/c/d/", "b/c/f"}, list(with(filesOnly, storage.OptDirsOnly, true)), "D2: both filters are as neither")
}

func d2Pages(h *harness) {
	h.putKeys(forest...)
	for _, path := range []string{"", "a", "b/c"} {
		d := h.directory(path)
		all := h.names(d.List(h.ctx, -1, -1, nil))
		for i := range all {
			require.Equal(h, all[i:i+1], h.names(d.List(h.ctx, 1, i, nil)), "D2: List of %q with limit 1 and offset %d", path, i)
			rest := h.names(d.List(h.ctx, 0, 0, storage.Options{storage.OptStartAfter: all[i]}))
			require.Equal(h, all[i+1:], rest, "D2: List of %q with start_after %q, a whole key", path, all[i])
		}
		require.Empty(h, h.names(d.List(h.ctx, 1, len(all), nil)), "D2: an offset past the end gives nothing")
	}
}

func d2MissingIsEmpty(h *harness) {
	h.putKeys("foo", "foobar/a")
	for _, path := range []string{"missing", "foo", "fo", "foobar/a"} {
		require.Empty(h, h.names(h.directory(path).List(h.ctx, 0, 0, nil)), "D2: %q is no directory and must list empty", path)
	}
}

func d3Recursive(h *harness) {
	h.putKeys(forest...)
	require.NoError(h, h.directory("b").Delete(h.ctx, recursive), "D3: recursive Delete of a directory must succeed")
	require.Equal(h, forest[:6], h.list("", nil), "D3: recursive Delete must remove all beneath")
	_, err := h.directory("b/c").Info(h.ctx)
	require.ErrorIs(h, err, storage.ErrNotExist, "D3: directories beneath must be gone")
}

func d3DirectObjectsOnly(h *harness) {
	h.putKeys("a/b", "a/c", "a/d/e", "a/d/f/g")
	require.NoError(h, h.directory("a").Delete(h.ctx, nil), "D3: Delete of a directory with objects must succeed")
	require.Equal(h, []string{"a/d/e", "a/d/f/g"}, h.list("", nil), "D3: Delete must remove the objects directly in the directory, and only those")
	require.NoError(h, h.directory("a/d").Delete(h.ctx, storage.Options{storage.OptRecursive: false}))
	require.Equal(h, []string{"a/d/f/g"}, h.list("", nil), "D3: Delete with recursive: false must remove direct objects only")
}

func d3Root(h *harness) {
	h.putKeys(forest...)
	require.NoError(h, h.directory("").Delete(h.ctx, nil))
	require.Equal(h, []string{"a/x", "a/y/z", "b/c/d/e", "b/c/f"}, h.list("", nil), "D3: Delete of the root must remove the objects directly in it")
	require.NoError(h, h.directory("").Delete(h.ctx, recursive))
	require.Empty(h, h.list("", nil), "D3: recursive Delete of the root must remove everything")
	h.mustExist(bucketName, true, "D3: Delete of the root must leave the bucket")
}

func d3NothingRemoved(h *harness) {
	h.putKeys("a", "ab/c/d")
	h.unchanged("D3: a Delete that fails must remove nothing", func() {
		require.ErrorIs(h, h.directory("ab").Delete(h.ctx, nil), storage.ErrNotExist, "D3: Delete of a directory with no direct objects removes nothing")
		for _, path := range []string{"a", "missing", "ab/c/d"} {
			require.ErrorIs(h, h.directory(path).Delete(h.ctx, nil), storage.ErrNotExist, "D3: Delete of %q, which is no directory", path)
			require.ErrorIs(h, h.directory(path).Delete(h.ctx, recursive), storage.ErrNotExist, "D3: recursive Delete of %q, which is no directory", path)
		}
	})
	require.NoError(h, h.directory("").Delete(h.ctx, recursive))
	require.ErrorIs(h, h.directory("").Delete(h.ctx, recursive), storage.ErrNotExist, "D3: Delete of the root of an empty bucket removes nothing")
}

func d3LeavesTheNeighbours(h *harness) {
	keys := h.possible("d", "d-/x", "d.x", "d/a", "d/b/c", "d2/x", "e/d/x")
	h.putKeys(keys...)
	require.NoError(h, h.directory("d").Delete(h.ctx, recursive))
	left := slices.DeleteFunc(keys, func(key string) bool { return strings.HasPrefix(key, "d/") })
	require.Equal(h, left, h.list("", nil), "D3: Delete must leave the object of the directory's name, and its neighbours")
}
