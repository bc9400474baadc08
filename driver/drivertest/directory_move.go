package drivertest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var directoryMoveCases = []testCase{
	{"D4_moves_all_beneath", d4MovesAllBeneath},
	{"D4_objects_keep_everything", d4ObjectsKeepEverything},
	{"D4_returns_the_destination", d4ReturnsTheDestination},
	{"D4_leaves_the_neighbours", d4LeavesTheNeighbours},
	{"D4_missing_source", d4MissingSource},
	{"D4_merges", d4Merges},
	{"D4_merges_objects_and_directories_of_one_name", d4MergesTwins},
	{"D4_onto_itself", d4OntoItself},
	{"D4_into_its_own_child", d4IntoItsOwnChild},
	{"D4_onto_its_parent", d4OntoItsParent},
	{"D4_from_and_to_the_root", d4FromAndToTheRoot},
	{"D4_bad_destination", d4BadDestination},
	{"D4_key_that_gets_too_long", d4KeyThatGetsTooLong},
	{"D4_there_and_back", d4ThereAndBack},
}

// moveDirectory moves a directory that must be there.
func (h *harness) moveDirectory(src, dst string) storage.Directory {
	d, err := h.directory(src).Move(h.ctx, dst, nil)
	require.NoError(h, err, "D4: Move of directory %q to %q must succeed", src, dst)
	return d
}

// wantMove moves a directory in a bucket of the given keys, each of which holds
// itself, and checks what is where: want is new key, old key, new key, ….
func (h *harness) wantMove(src, dst, message string, keys []string, want ...string) {
	possible := h.possible(keys...)
	h.putKeys(possible...)
	h.moveDirectory(src, dst)
	got, expected := []string{}, []string{}
	for _, key := range h.list("", nil) {
		got = append(got, key, h.get(key))
	}
	for pair := range slices.Chunk(want, 2) {
		if slices.Contains(possible, pair[1]) {
			expected = append(expected, pair...)
		}
	}
	require.Equal(h, expected, got, "D4: %s (new key, old key, …)", message)
}

func d4MovesAllBeneath(h *harness) {
	h.wantMove("a/b", "x/y", "Move must re-key everything beneath, at any depth, and nothing else",
		[]string{"a/b/c", "a/b/d/e/f", "a/g"},
		"a/g", "a/g", "x/y/c", "a/b/c", "x/y/d/e/f", "a/b/d/e/f")
	_, err := h.directory("a/b").Info(h.ctx)
	require.ErrorIs(h, err, storage.ErrNotExist, "D4: a moved directory must be gone from where it was")
	_, err = h.directory("x/y/d").Info(h.ctx)
	require.NoError(h, err, "D4: directories beneath must be moved too")
}

func d4ObjectsKeepEverything(h *harness) {
	h.put("a/key", "first")
	h.tick()
	rich := h.putRich("a/key")
	h.tick()
	h.moveDirectory("a", "b")
	h.wantMoved(rich, h.stat("b/key"), "b/key", "D4: objects must keep their times and all else but their keys")
	require.Equal(h, "rich content", h.get("b/key"), "D4: objects must keep their content")
}

func d4ReturnsTheDestination(h *harness) {
	h.put("a/x", "content")
	dst := "b/c"
	if !h.exact {
		dst = "/b//c/"
	}
	d := h.moveDirectory("a", dst)
	require.Equal(h, "b/c", d.Path(), "D4: Move must return a handle on the destination, normalised")
	require.Equal(h, bucketName, d.Bucket().Name(), "D4: Move must return a handle in the same bucket")
	require.Equal(h, []string{"b/c/x"}, h.names(d.List(h.ctx, 0, 0, nil)), "D4: the handle that Move returns must be usable")
}

func d4LeavesTheNeighbours(h *harness) {
	h.wantMove("d", "m", "Move must leave the object of the directory's name, and its neighbours",
		[]string{"d", "d-/x", "d.x", "d/a", "d2/x", "e/d/x"},
		"d", "d", "d-/x", "d-/x", "d.x", "d.x", "d2/x", "d2/x", "e/d/x", "e/d/x", "m/a", "d/a")
}

func d4MissingSource(h *harness) {
	h.putKeys("a", "ab/c", "to/x")
	h.unchanged("D4: Move of a missing directory must change nothing", func() {
		for _, path := range []string{"missing", "a", "ab/c", "b"} {
			for _, dst := range []string{"to", "new", path, path + "/child", ""} {
				_, err := h.directory(path).Move(h.ctx, dst, nil)
				require.ErrorIs(h, err, storage.ErrNotExist, "D4: Move of %q, which is no directory, to %q", path, dst)
			}
		}
	})
}

func d4Merges(h *harness) {
	h.wantMove("src", "dst", "Move onto a directory must merge, and the moved objects win",
		[]string{"dst/deep/kept", "dst/deep/taken", "dst/kept", "dst/taken", "src/deep/new", "src/deep/taken", "src/taken"},
		"dst/deep/kept", "dst/deep/kept", "dst/deep/new", "src/deep/new", "dst/deep/taken", "src/deep/taken",
		"dst/kept", "dst/kept", "dst/taken", "src/taken")
}

func d4MergesTwins(h *harness) {
	h.directory("")
	h.strong(storage.RelaxedTwins)
	h.wantMove("src", "dst", "Move onto a directory must merge, objects beside directories of their name too",
		[]string{"dst", "dst/kept", "dst/other/y", "src/kept/x", "src/other"},
		"dst", "dst", "dst/kept", "dst/kept", "dst/kept/x", "src/kept/x", "dst/other", "src/other", "dst/other/y", "dst/other/y")
}

func d4OntoItself(h *harness) {
	h.putKeys("a/b", "a/c/d")
	h.tick()
	h.unchanged("D4: Move onto itself must change nothing", func() {
		h.moveDirectory("a", "a")
		h.moveDirectory("a/c", "a/c")
		h.moveDirectory("", "")
	})
}

func d4IntoItsOwnChild(h *harness) {
	h.wantMove("d", "d/e", "Move into its own child must cut, then graft",
		[]string{"d", "d/a", "d/e/a", "d/e/b"},
		"d", "d", "d/e/a", "d/a", "d/e/e/a", "d/e/a", "d/e/e/b", "d/e/b")
}

func d4OntoItsParent(h *harness) {
	h.wantMove("d/e", "d", "Move onto its parent must merge, and the moved objects win",
		[]string{"d/a", "d/b", "d/e/b", "d/e/e/c", "d/f"},
		"d/a", "d/a", "d/b", "d/e/b", "d/e/c", "d/e/e/c", "d/f", "d/f")
}

func d4FromAndToTheRoot(h *harness) {
	h.wantMove("", "new/root", "Move of the root must re-key the whole bucket",
		[]string{"a", "b/c", "new/root/a"},
		"new/root/a", "a", "new/root/b/c", "b/c", "new/root/new/root/a", "new/root/a")
	h.moveDirectory("new/root/new", "")
	require.Equal(h, []string{"new/root/a", "new/root/b/c", "root/a"}, h.list("", nil), "D4: Move onto the root must merge")
}

func d4BadDestination(h *harness) {
	h.normalised()
	h.put("a/x", "content")
	d := h.directory("a")
	to := []call{{"Move to", func(path string) error { _, err := d.Move(h.ctx, path, nil); return err }}}
	h.rejects("D4: a destination that climbs out of the bucket", storage.ErrPermission, to, "..", "../a", "a/../..")
	h.rejects("D4: a destination with a NUL or invalid UTF-8", storage.ErrInvalid, to, "\x00", "x\xff")
}

// d4KeyThatGetsTooLong moves a directory so far down that one of its keys would
// get too long. The others come before and after it.
func d4KeyThatGetsTooLong(h *harness) {
	longest := h.longKey("dir/k/", h.maxKey()-len("down/"))
	h.putKeys("dir/a", longest, "dir/z", "other")
	h.unchanged("D4: a Move that would make a key too long must move nothing", func() {
		for _, dst := range []string{"downwards/dir", "dir/further/down"} {
			_, err := h.directory("dir").Move(h.ctx, dst, nil)
			require.ErrorIs(h, err, storage.ErrInvalid, "D4: Move of a directory that would make a key too long")
		}
	})
	h.moveDirectory("dir", "down/dir")
	require.Equal(h, longest, h.get("down/"+longest), "D4: a Move may make a key as long as a key may be")
	require.Len(h, h.list("down/dir/", nil), 3, "D4: Move must take all")
}

func d4ThereAndBack(h *harness) {
	h.directory("")
	h.strong(storage.RelaxedO2)
	h.putKeys(forest...)
	h.unchanged("D4: moving a directory there and back must leave everything as it was", func() {
		h.moveDirectory("a", "z/a")
		h.moveDirectory("b", "a")
		h.moveDirectory("a/c", "b/c")
		h.moveDirectory("z/a", "a")
	})
}
