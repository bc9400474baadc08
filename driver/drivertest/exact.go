package drivertest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// exactKeyCases are for stores that take keys as they are.
var exactKeyCases = []testCase{
	{"K4_keys_are_taken_as_they_are", k4KeysAreTakenAsTheyAre},
	{"K4_bad_keys", k4BadKeys},
	{"K4_prefixes_are_taken_as_they_are", k4Prefixes},
	{"K4_directories_end_at_a_slash", k4Directories},
	{"K4_pages", k4Pages},
	{"K4_copy_move_and_multipart", k4Transfers},
	{"K4_snapshots_are_exact", k4Snapshots},
}

// exactKeys are keys that CleanKey would change or refuse, in byte order.
var exactKeys = []string{
	"\x00", " ", ".", "..", "../up", "./a", "/", "//", "/a", "\\", "a", "a ", "a/", "a/ /b", "a/.", "a/../b", "a//", "a//b", "a/b", "a\\b",
}

func k4KeysAreTakenAsTheyAre(h *harness) {
	if e, ok := h.st.(storage.HasExactKeys); ok {
		require.True(h, e.ExactKeys(), "K4: ExactKeys must say that keys are taken as they are")
	}
	for _, key := range exactKeys {
		o, err := h.write(key, key, nil)
		require.NoError(h, err, "K4: %q is a good key", key)
		require.Equal(h, key, o.Key, "K4: a key must be taken as it is")
	}
	require.Equal(h, exactKeys, h.list("", nil), "K4: each key must be its own object")
	for _, key := range exactKeys {
		require.Equal(h, key, h.get(key), "K4: each key must have its own content")
	}
	h.delete("a/")
	h.delete("..")
	left := slices.DeleteFunc(slices.Clone(exactKeys), func(key string) bool { return key == "a/" || key == ".." })
	require.Equal(h, left, h.list("", nil), "K4: Delete must delete the object at the very key")
}

func k4BadKeys(h *harness) {
	h.put("there", "content")
	h.rejects("K4: an empty key, one too long or not UTF-8", storage.ErrInvalid, h.keyCalls(),
		"", "\xff", "a/\xc3\x28", h.longKey("", storage.MaxKey+1))
}

func k4Prefixes(h *harness) {
	h.putKeys(exactKeys...)
	for prefix, want := range map[string][]string{
		"/": {"/", "//", "/a"}, "a//": {"a//", "a//b"}, "..": {"..", "../up"}, "a/.": {"a/.", "a/../b"}, "./": {"./a"}, "\\": {"\\"}, "a/./": {}, "\x00": {"\x00"},
	} {
		require.Equal(h, want, h.list(prefix, nil), "K4: prefix %q must be taken as it is", prefix)
	}
}

func k4Directories(h *harness) {
	h.putKeys("a", "a/", "a//b", "a/b", "/c", "d/e")
	require.Equal(h, []string{"/", "a", "a/", "d/"}, h.list("", children), "K4: directories end at a slash")
	require.Equal(h, []string{"a/", "a//", "a/b"}, h.list("a/", children), "K4: the object a/ and the directory a// lie in the directory a")
	require.Equal(h, []string{"a//b"}, h.list("a//", children), "K4: children of the directory a//")
	for _, o := range h.entries(h.b.List(h.ctx, "", 0, 0, storage.Options{storage.OptDirsOnly: true})) {
		require.Equal(h, h.list(o.PageKey(), children), h.names(h.directory(o.Key).List(h.ctx, 0, 0, nil)), "K4: the listed directory %q must be named by its key", o.Key)
	}
	require.NoError(h, h.directory("/").Delete(h.ctx, recursive), "K4: the directory / is not the root")
	require.Equal(h, []string{"a", "a/", "a//b", "a/b", "d/e"}, h.list("", nil), "K4: the directory / is not the root")
	h.putKeys("/c")
	h.moveDirectory("a", "z")
	require.Equal(h, []string{"/c", "a", "d/e", "z/", "z//b", "z/b"}, h.list("", nil), "K4: Move of the directory a must re-key all that begins with a/")
}

func k4Pages(h *harness) {
	h.putKeys(exactKeys...)
	for _, opts := range listings {
		all := h.list("", opts)
		for _, limit := range []int{1, 3} {
			require.Equal(h, all, h.pages(h.lister(""), limit, opts, (*storage.Object).PageKey), "K4: pages of %d must join to the whole, options %v", limit, opts)
		}
	}
}

func k4Transfers(h *harness) {
	h.put("a//", "content")
	for _, t := range h.transfers() {
		o, err := t.do(h.b, "../"+t.name, "", "a//", nil)
		require.NoError(h, err, "K4: %s must take keys as they are", t.name)
		require.Equal(h, "../"+t.name, o.Key, "K4: %s must take keys as they are", t.name)
		h.put("a//", "content")
	}
	mu, parts := h.upload("/up//", "part")
	require.Equal(h, "/up//", mu.Key, "K4: InitMultipart must take its key as it is")
	require.Equal(h, "/up//", h.complete(mu, parts...).Key, "K4: CompleteMultipart must store at the very key")
}

func k4Snapshots(h *harness) {
	st := h.rewindable()
	h.putKeys(exactKeys...)
	before := h.dump(st)
	snap := st.Snapshot()
	require.Equal(h, before, h.dump(snap.Storage()), "K4: a snapshot of a store with exact keys must read as the store does")
	other := h.another().(snapshot.Store)
	require.NoError(h, other.Restore(snap))
	require.Equal(h, before, h.dump(other), "K4: a store must have exact keys after such a snapshot is restored")
	o, err := other.Bucket(bucketName).Stat(h.ctx, "a//b", nil)
	require.NoError(h, err, "K4: a store must have exact keys after such a snapshot is restored")
	require.Equal(h, "a//b", o.Key, "K4: a store must have exact keys after such a snapshot is restored")
}
