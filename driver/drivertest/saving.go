package drivertest

import (
	"bytes"
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// savingCases save and load a driver's snapshots.
var savingCases = []testCase{
	{"S3_carries_everything", s3CarriesEverything},
	{"S3_carries_uploads", s3CarriesUploads},
	{"S3_same_snapshot_is_the_same_file", s3SameFile},
	{"S3_damaged_file_loads_nothing", s3DamagedFile},
}

// saved returns the file of a snapshot.
func (h *harness) saved(snap *snapshot.Snapshot) []byte {
	var file bytes.Buffer
	require.NoError(h, snap.Save(&file), "S3: Save must succeed")
	return file.Bytes()
}

// reloaded returns a snapshot after Save and Load.
func (h *harness) reloaded(snap *snapshot.Snapshot) *snapshot.Snapshot {
	loaded, err := snapshot.Load(bytes.NewReader(h.saved(snap)))
	require.NoError(h, err, "S3: Load must succeed")
	return loaded
}

func s3CarriesEverything(h *harness) {
	st := h.rewindable()
	h.putKeys("a", "b/c", "b/d/e")
	h.putRich("rich")
	h.put("empty", "")
	h.put("large", h.sized(300_000))
	_, err := h.st.CreateBucket(h.ctx, "other", storage.Options{storage.OptPublic: true, storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	h.tick()
	h.moveDirectory("b", "moved")
	before, dir := h.dump(st), h.stat("moved/")
	loaded := h.reloaded(st.Snapshot())
	require.Equal(h, before, h.dump(loaded.Storage()), "S3: a loaded snapshot must read as the saved one")
	require.NoError(h, h.b.Delete(h.ctx, "moved", recursive))
	h.restore(loaded)
	require.Equal(h, before, h.dump(st), "S3: a loaded snapshot may be restored")
	h.same(dir, h.stat("moved/"), "S3: directories must keep their times")
	require.Equal(h, before, h.dump(h.fork(loaded)), "S3: a loaded snapshot may be restored into another store")
}

func s3CarriesUploads(h *harness) {
	st := h.rewindable()
	mu, parts := h.upload("key", "one", "two")
	loaded := h.reloaded(st.Snapshot())
	require.NoError(h, h.multipart().AbortMultipart(h.ctx, mu, nil))
	h.restore(loaded)
	h.complete(mu, parts...)
	h.holds(h.joined("one", "two"), "key", "S3: an upload in progress must be saved with its parts")
}

func s3SameFile(h *harness) {
	st := h.rewindable()
	h.putKeys(forest...)
	h.putRich("rich")
	snap := st.Snapshot()
	file := h.saved(snap)
	require.True(h, bytes.Equal(file, h.saved(snap)), "S3: the same snapshot must be the same bytes")
	require.True(h, bytes.Equal(file, h.saved(h.reloaded(snap))), "S3: a loaded snapshot must be saved as the same bytes")
}

func s3DamagedFile(h *harness) {
	st := h.rewindable()
	h.putKeys("a", "b/c")
	h.putRich("rich")
	file := h.saved(st.Snapshot())
	damaged := map[string][]byte{"no file": nil, "a file with something behind": append(slices.Clone(file), 0)}
	for i := 0; i < len(file); i += max(len(file)/50, 1) {
		altered := slices.Clone(file)
		altered[i] ^= 0x20
		damaged["an altered file"], damaged["a truncated file"] = altered, file[:i]
		for what, damaged := range damaged {
			loaded, err := snapshot.Load(bytes.NewReader(damaged))
			require.ErrorIs(h, err, storage.ErrInvalid, "S3: %s, at byte %d of %d", what, i, len(file))
			require.Nil(h, loaded, "S3: %s must load nothing", what)
		}
	}
}
