package drivertest

import (
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// writeAcross writes, and restores the snapshot in the middle of the body.
func (h *harness) writeAcross(snap *snapshot.Snapshot, b storage.Bucket, key string, opts storage.Options) (*storage.Object, error) {
	return b.Write(h.ctx, key, interrupted("0123456789", func() { h.restore(snap) }), 10, "", opts)
}

func s2WriteAcrossARestore(h *harness) {
	h.put("kept", "content")
	snap := h.rewindable().Snapshot()
	h.delete("kept")
	h.put("removed", "content")
	_, err := h.writeAcross(snap, h.b, "written", nil)
	require.NoError(h, err, "S2: a Write that began before Restore applies to the restored state")
	require.Equal(h, []string{"kept", "written"}, h.list("", nil), "S2: a Write must not resurrect what Restore removed, nor undo what it brought back")
	require.Equal(h, "0123456789", h.get("written"), "S2: a Write that began before Restore applies to the restored state")
	require.Equal(h, 1, snap.Len(), "S2: a Write after Restore must not change the snapshot")
}

func s2OverwriteAcrossARestore(h *harness) {
	h.now() // the clock's bucket is in the snapshot
	snap := h.rewindable().Snapshot()
	h.put("key", "removed by Restore")
	h.tick()
	before := h.now()
	o, err := h.writeAcross(snap, h.b, "key", nil)
	require.NoError(h, err)
	h.between(before, o.Created, h.now(), "S2: an object that Restore removed must not lend its Created to a Write under way")
}

func s2ConditionAcrossARestore(h *harness) {
	snap := h.rewindable().Snapshot()
	old := h.put("key", "removed by Restore")
	_, err := h.writeAcross(snap, h.b, "key", storage.Options{storage.OptIfMatch: old.ETag})
	require.ErrorIs(h, err, storage.ErrPrecondition, "S2: conditions of a Write under way must judge the restored state")
	h.gone("key", "S2: a Write whose condition fails must not resurrect what Restore removed")
	h.put("key", "removed by Restore")
	_, err = h.writeAcross(snap, h.b, "key", storage.Options{storage.OptIfNoneMatch: "*"})
	require.NoError(h, err, "S2: conditions of a Write under way must judge the restored state")
}

func s2BucketAcrossARestore(h *harness) {
	snap := h.rewindable().Snapshot()
	fresh := h.bucket("fresh")
	putIn(h, fresh, "removed", "x")
	_, err := h.writeAcross(snap, fresh, "written", nil)
	if h.limits.Relaxes(storage.RelaxedB2) {
		require.ErrorIs(h, err, storage.ErrNoBucket, "S2: a Write under way into a bucket that Restore removed fails (B2)")
		h.mustExist("fresh", false, "S2: a Write must not bring back a bucket that Restore removed")
		return
	}
	require.NoError(h, err, "S2: a Write under way into a bucket that Restore removed creates it again (B2)")
	require.Equal(h, []string{"written"}, h.names(fresh.List(h.ctx, "", 0, 0, nil)), "S2: a Write must not resurrect the objects of a bucket that Restore removed")
}

func s2PartAcrossARestore(h *harness) {
	snap := h.rewindable().Snapshot()
	mu, parts := h.upload("key", "one")
	_, err := h.multipart().UploadPart(h.ctx, mu, 2, interrupted("0123456789", func() { h.restore(snap) }), 10, nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "S2: UploadPart under way to an upload that Restore removed")
	h.refused(mu, parts[0], storage.ErrNotExist, "an upload that Restore removed (S2)")
}

// fork returns another store that holds what snap does.
func (h *harness) fork(snap *snapshot.Snapshot) snapshot.Store {
	st := h.another().(snapshot.Store)
	require.NoError(h, st.Restore(snap), "S1: a snapshot may be restored into another store")
	return st
}

// m1IDsAcrossForks begins uploads of one key in stores that share a past.
func m1IDsAcrossForks(h *harness) {
	snap := h.rewindable().Snapshot()
	begin := func(st snapshot.Store) *storage.MultipartUpload {
		mu, err := st.Bucket(bucketName).(storage.HasMultipart).InitMultipart(h.ctx, "key", "", nil)
		require.NoError(h, err)
		return mu
	}
	one, two := h.fork(snap), h.fork(snap)
	mine, theirs := begin(one), begin(two)
	require.NotEqual(h, mine.UploadID, theirs.UploadID, "M1: two forks must not give out the same ID")
	m := two.Bucket(bucketName).(storage.HasMultipart)
	part, err := m.UploadPart(h.ctx, theirs, 1, strings.NewReader("theirs"), 6, nil)
	require.NoError(h, err)
	require.NoError(h, one.Restore(two.Snapshot()))
	_, err = one.Bucket(bucketName).(storage.HasMultipart).CompleteMultipart(h.ctx, mine, []*storage.PartInfo{part}, nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "M1: a handle must not complete an upload that was begun in another fork")
}

func m1IDsAfterRestore(h *harness) {
	st := h.rewindable()
	h.multipart()
	snap := st.Snapshot()
	seen := make(map[string]bool)
	for range 5 {
		for range 3 {
			mu, _ := h.upload("key")
			require.False(h, seen[mu.UploadID], "M1: an ID must not be given out again after Restore")
			seen[mu.UploadID] = true
		}
		h.restore(snap)
	}
}
