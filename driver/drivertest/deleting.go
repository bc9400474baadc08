package drivertest

import (
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var deleteCases = []testCase{
	{"O6_delete", o6Delete},
	{"O6_delete_of_a_missing_key", o6DeleteOfAMissingKey},
	{"O6_delete_of_a_directory", o6DeleteOfADirectory},
	{"O6_delete_leaves_what_is_beneath", o6DeleteLeavesWhatIsBeneath},
	{"O6_recursive_delete", o6RecursiveDelete},
	{"O6_recursive_delete_of_a_directory_alone", o6RecursiveDeleteOfADirectory},
	{"O6_recursive_delete_of_an_object_alone", o6RecursiveDeleteOfAnObject},
	{"O6_recursive_delete_of_nothing", o6RecursiveDeleteOfNothing},
}

var recursive = storage.Options{storage.OptRecursive: true}

func o6Delete(h *harness) {
	h.putKeys("a", "b")
	require.NoError(h, h.b.Delete(h.ctx, "a", nil), "O6: Delete of an object must succeed")
	h.gone("a", "O6: a deleted object must be gone")
	_, _, err := h.b.Open(h.ctx, "a", 0, 0, nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "O6: a deleted object must not open")
	require.Equal(h, []string{"b"}, h.list("", nil), "O6: Delete must remove one object")
}

func o6DeleteOfAMissingKey(h *harness) {
	h.putKeys("foo/a", "foo/b")
	h.delete("foo/b")
	for _, key := range []string{"missing", "fo", "foo/b", "foo/a/b"} {
		require.ErrorIs(h, h.b.Delete(h.ctx, key, nil), storage.ErrNotExist, "O6: Delete of a missing key %q", key)
	}
}

func o6DeleteOfADirectory(h *harness) {
	h.put("a/b/c", "content")
	h.unchanged("O6: Delete of a directory must remove nothing unless it is recursive", func() {
		for _, key := range []string{"a", "a/b"} {
			require.ErrorIs(h, h.b.Delete(h.ctx, key, nil), storage.ErrPermission, "O6: Delete of %q, which is only a directory", key)
		}
		err := h.b.Delete(h.ctx, "a", storage.Options{storage.OptRecursive: false})
		require.ErrorIs(h, err, storage.ErrPermission, "O6: Delete of a directory with recursive: false")
	})
}

func o6DeleteLeavesWhatIsBeneath(h *harness) {
	h.strong(storage.RelaxedTwins)
	h.putKeys("a", "a/b", "a/b/c")
	h.delete("a")
	require.Equal(h, []string{"a/b", "a/b/c"}, h.list("", nil), "O6: Delete must leave what is beneath the directory of that name")
	require.True(h, h.stat("a").IsDir, "O6: the directory beside a deleted object must stay")
}

func o6RecursiveDelete(h *harness) {
	h.putKeys(h.possible("a", "a/b", "a/b/c", "a/d", "a-b", "a.b", "ab", "b/a/c")...)
	require.NoError(h, h.b.Delete(h.ctx, "a", recursive), "O6: recursive Delete must succeed")
	require.Equal(h, []string{"a-b", "a.b", "ab", "b/a/c"}, h.list("", nil),
		"O6: recursive Delete must remove the object and all beneath the directory of that name, and nothing else")
}

func o6RecursiveDeleteOfADirectory(h *harness) {
	h.putKeys("a/b/c", "a/b/d/e", "a/f")
	require.NoError(h, h.b.Delete(h.ctx, "a/b", recursive), "O6: recursive Delete of a directory must succeed")
	require.Equal(h, []string{"a/f"}, h.list("", nil), "O6: recursive Delete must remove all beneath")
	h.gone("a/b", "O6: a directory must be gone with all beneath it")
}

func o6RecursiveDeleteOfAnObject(h *harness) {
	h.putKeys("a", "ab")
	require.NoError(h, h.b.Delete(h.ctx, "a", recursive), "O6: recursive Delete of an object alone must succeed")
	require.Equal(h, []string{"ab"}, h.list("", nil), "O6: recursive Delete of an object must remove that object")
}

func o6RecursiveDeleteOfNothing(h *harness) {
	h.putKeys("ab", "a-b/c")
	h.unchanged("O6: recursive Delete of nothing must remove nothing", func() {
		require.ErrorIs(h, h.b.Delete(h.ctx, "a", recursive), storage.ErrNotExist, "O6: recursive Delete of a missing key")
	})
}
