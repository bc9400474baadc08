package drivertest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

var snapshotCases = []testCase{
	{"S1_restores_objects", s1RestoresObjects},
	{"S1_restores_buckets", s1RestoresBuckets},
	{"S1_restores_uploads", s1RestoresUploads},
	{"S1_forgets_later_uploads", s1ForgetsLaterUploads},
	{"S1_any_number_of_times", s1AnyNumberOfTimes},
	{"S1_into_another_store", s1IntoAnotherStore},
	{"S1_backward_and_forward", s1BackwardAndForward},
	{"S1_snapshot_never_changes", s1SnapshotNeverChanges},
	{"S1_snapshot_is_read_only", s1SnapshotIsReadOnly},
	{"S1_snapshot_tells_its_size", s1SnapshotTellsItsSize},
	{"M1_upload_ids_are_unique_across_forks", m1IDsAcrossForks},
	{"M1_upload_ids_are_unique_after_restore", m1IDsAfterRestore},
	{"S1_readers_and_iterators_outlive_restore", s1ReadersOutliveRestore},
	{"S2_write_across_a_restore", s2WriteAcrossARestore},
	{"S2_overwrite_across_a_restore_is_new", s2OverwriteAcrossARestore},
	{"S2_condition_across_a_restore", s2ConditionAcrossARestore},
	{"S2_bucket_across_a_restore", s2BucketAcrossARestore},
	{"S2_part_across_a_restore", s2PartAcrossARestore},
}

// rewindable returns the store as one that takes snapshots.
func (h *harness) rewindable() snapshot.Store {
	st, ok := h.st.(snapshot.Store)
	if !ok {
		h.skip("the driver takes no snapshots (snapshot.Store)")
	}
	return st
}

// restore restores a snapshot that must be accepted.
func (h *harness) restore(snap *snapshot.Snapshot) {
	require.NoError(h, h.rewindable().Restore(snap), "S1: Restore must succeed")
}

func s1RestoresObjects(h *harness) {
	h.putKeys("a", "b/c", "b/d")
	h.putRich("rich")
	snap, before := h.rewindable().Snapshot(), h.dump(h.st)
	h.tick()
	h.put("a", "overwritten")
	h.put("new/object", "content")
	h.delete("rich")
	h.moveDirectory("b", "moved")
	h.restore(snap)
	// the bucket of tick's probes is newer than the snapshot, so it goes too
	require.Equal(h, before, h.dump(h.st), "S1: Restore must bring back every object as it was, and remove what is newer")
	_, err := h.directory("moved").Info(h.ctx)
	require.ErrorIs(h, err, storage.ErrNotExist, "S1: Restore must remove newer directories")
}

func s1RestoresBuckets(h *harness) {
	_, err := h.st.CreateBucket(h.ctx, "kept", storage.Options{storage.OptPublic: true, storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	snap, before := h.rewindable().Snapshot(), h.dump(h.st)
	require.NoError(h, h.st.DeleteBucket(h.ctx, "kept", nil))
	_, err = h.st.CreateBucket(h.ctx, "newer", nil)
	require.NoError(h, err)
	h.restore(snap)
	require.Equal(h, before, h.dump(h.st), "S1: Restore must bring back every bucket as it was, and remove what is newer")
}

func s1RestoresUploads(h *harness) {
	st := h.rewindable()
	mu, parts := h.upload("key", "one", "two")
	snap := st.Snapshot()
	for name, change := range map[string]func(){
		"completed": func() { h.complete(mu, parts...) },
		"aborted":   func() { require.NoError(h, h.multipart().AbortMultipart(h.ctx, mu, nil)) },
		"changed":   func() { h.part(mu, 1, "changed"); h.part(mu, 3, "three") },
		"deleted":   func() { require.NoError(h, st.DeleteBucket(h.ctx, bucketName, nil)) },
	} {
		change()
		h.restore(snap)
		list := h.listParts(mu, 0, 0)
		require.Len(h, list, 2, "S1: Restore must bring back an upload that was %s", name)
		require.Equal(h, parts[0].ETag, list[0].ETag, "S1: Restore must bring back the parts of an upload that was %s", name)
	}
	h.complete(mu, parts...)
	h.holds(h.joined("one", "two"), "key", "S1: an upload that was restored can be completed")
}

func s1ForgetsLaterUploads(h *harness) {
	snap := h.rewindable().Snapshot()
	mu, parts := h.upload("key", "one")
	h.restore(snap)
	h.refused(mu, parts[0], storage.ErrNotExist, "an upload that Restore removed (S1)")
	later, _ := h.upload("other")
	h.refused(mu, parts[0], storage.ErrNotExist, "an upload that Restore removed, with another begun since (S1)")
	require.Empty(h, h.listParts(later, 0, 0), "S1: an upload begun after Restore must not inherit parts")
}

func s1AnyNumberOfTimes(h *harness) {
	h.put("key", "content")
	snap, before := h.rewindable().Snapshot(), h.dump(h.st)
	for i := range 4 {
		h.restore(snap)
		require.Equal(h, before, h.dump(h.st), "S1: a snapshot may be restored any number of times")
		h.put("key", fmt.Sprint("changed ", i))
		h.put(fmt.Sprint("new-", i), "content")
	}
}

func s1IntoAnotherStore(h *harness) {
	h.put("key", "content")
	mu, parts := h.upload("big", "one", "two")
	snap, before := h.rewindable().Snapshot(), h.dump(h.st)
	other := h.another().(snapshot.Store)
	require.NoError(h, other.Restore(snap), "S1: a snapshot may be restored into another store")
	require.Equal(h, before, h.dump(other), "S1: another store must hold all that the snapshot does")
	_, err := other.Bucket(bucketName).(storage.HasMultipart).CompleteMultipart(h.ctx, mu, parts, nil)
	require.NoError(h, err, "S1: uploads in progress are restored into another store too")
	require.NoError(h, other.Bucket(bucketName).Delete(h.ctx, "key", nil))
	require.Equal(h, before, h.dump(h.st), "S1: stores that share a snapshot must not share changes")
	h.gone("big", "S1: stores that share a snapshot must not share uploads")
}

func s1BackwardAndForward(h *harness) {
	st := h.rewindable()
	var snaps []*snapshot.Snapshot
	var dumps [][]string
	for i := range 5 {
		h.put(fmt.Sprint("key-", i), "content")
		h.put("same", fmt.Sprint("version ", i))
		snaps, dumps = append(snaps, st.Snapshot()), append(dumps, h.dump(st))
	}
	for _, i := range []int{0, 4, 2, 3, 3, 1, 4, 0} {
		h.restore(snaps[i])
		require.Equal(h, dumps[i], h.dump(st), "S1: any snapshot may be restored, older or newer than the state")
	}
}

func s1SnapshotNeverChanges(h *harness) {
	h.putKeys(forest...)
	h.putRich("rich")
	snap, before := h.rewindable().Snapshot(), h.dump(h.st)
	for _, change := range []func(){
		func() { h.put("a", "overwritten") },
		func() { h.moveDirectory("b", "a") },
		func() { require.NoError(h, h.b.Delete(h.ctx, "a", recursive)) },
		func() { h.restore(new(snapshot.Snapshot)) },
		func() { putIn(h, h.bucket("fresh"), "key", "content") },
	} {
		change()
		require.Equal(h, before, h.dump(snap.Storage()), "S1: a snapshot must never change, whatever the store does")
	}
}

func s1SnapshotIsReadOnly(h *harness) {
	h.put("key", "content")
	snap := h.rewindable().Snapshot()
	view := snap.Storage()
	_, err := view.Bucket(bucketName).Write(h.ctx, "key", strings.NewReader("new"), 3, "", nil)
	require.ErrorIs(h, err, storage.ErrPermission, "S1: Write to a snapshot's view")
	require.ErrorIs(h, view.Bucket(bucketName).Delete(h.ctx, "key", nil), storage.ErrPermission, "S1: Delete in a snapshot's view")
	require.Equal(h, h.dump(h.st), h.dump(view), "S1: a snapshot's view must read as the store did")
	require.NoError(h, view.Close())
	require.Equal(h, "content", h.get("key"), "S1: closing a snapshot's view must leave the store open")
	require.Equal(h, h.dump(h.st), h.dump(snap.Storage()), "S1: closing a snapshot's view must leave the snapshot")
}

func s1SnapshotTellsItsSize(h *harness) {
	st := h.rewindable()
	wantSize := func(objects int, bytes int64) {
		snap := st.Snapshot()
		require.Equal(h, objects, snap.Len(), "S1: Len must be the number of objects")
		require.Equal(h, bytes, snap.Bytes(), "S1: Bytes must be the size of all content")
	}
	wantSize(0, 0)
	h.put("a/1", "1234567")
	h.put("a/2", "123")
	wantSize(2, 10)
	h.moveDirectory("a", "b")
	h.put("b/1", "1")
	wantSize(2, 4)
	require.NoError(h, h.b.Delete(h.ctx, "b", recursive))
	wantSize(0, 0)
}

func s1ReadersOutliveRestore(h *harness) {
	h.strong(storage.RelaxedL3)
	snap := h.rewindable().Snapshot()
	h.putMany(400)
	rc, _, err := h.b.Open(h.ctx, "many/0000", 0, 0, nil)
	require.NoError(h, err)
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 0, 0, nil) }, func() { h.restore(snap) },
		"L3: an iterator must go on when another state is restored")
	require.Equal(h, "original", h.readAll(rc), "O4: a reader must keep its content when another state is restored")
}

// trapPersistence keeps every version of many changes and reads them again.
func trapPersistence(h *harness) {
	st := h.rewindable()
	r := rand.New(rand.NewPCG(7, 7))
	type version struct {
		snap *snapshot.Snapshot
		dump []string
	}
	var versions []version
	for range 150 {
		if err := h.randomChange(r); err != nil {
			require.ErrorIs(h, err, storage.ErrNotExist, "a change may fail only because there is nothing to change")
		}
		versions = append(versions, version{st.Snapshot(), h.dump(st)})
	}
	for i, v := range slices.Backward(versions) {
		require.Equal(h, v.dump, h.dump(v.snap.Storage()), "S1: version %d must read as it did when it was new", i)
	}
}
