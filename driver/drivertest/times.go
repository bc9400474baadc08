package drivertest

import (
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var timeCases = []testCase{
	{"O2_write_sets_times", o2WriteSetsTimes},
	{"O2_times_are_UTC", o2TimesAreUTC},
	{"O2_overwrite_keeps_created_and_sets_updated", o2Overwrite},
	{"O2_write_after_delete_is_new", o2WriteAfterDelete},
	{"O2_copy_sets_both", o2CopySetsBoth},
	{"O2_copy_over_an_object_sets_both", o2CopyOverAnObject},
	{"O2_move_keeps_both", o2MoveKeepsBoth},
	{"O2_complete_keeps_created_and_sets_updated", o2Complete},
	{"O2_reading_changes_no_time", o2ReadingChangesNoTime},
}

// sameTime checks that a time is as expected.
func (h *harness) sameTime(want, got time.Time, message string) {
	require.True(h, want.Equal(got), "%s: want %v, got %v", message, want, got)
}

func o2WriteSetsTimes(h *harness) {
	before := h.now()
	o := h.put("key", "content")
	after := h.now()
	h.between(before, o.Created, after, "O2: Created of a new object must be the store's time of the Write")
	h.between(before, o.Updated, after, "O2: Updated of a new object must be the store's time of the Write")
	h.same(o, h.stat("key"), "O2: Stat must tell the same times as Write")
}

func o2TimesAreUTC(h *harness) {
	h.put("dir/key", "content")
	for _, o := range []*storage.Object{h.stat("dir/key"), h.stat("dir")} {
		require.Equal(h, time.UTC, o.Created.Location(), "O2: Created of %q must be in UTC", name(o))
		require.Equal(h, time.UTC, o.Updated.Location(), "O2: Updated of %q must be in UTC", name(o))
	}
}

func o2Overwrite(h *harness) {
	old := h.put("key", "old")
	h.tick()
	before := h.now()
	o := h.put("key", "new")
	h.sameTime(old.Created, o.Created, "O2: overwriting must keep Created")
	h.between(before, o.Updated, h.now(), "O2: overwriting must set Updated to now")
	h.same(o, h.stat("key"), "O2: Stat must tell the same times as the overwriting Write")
}

func o2WriteAfterDelete(h *harness) {
	h.put("key", "old")
	require.NoError(h, h.b.Delete(h.ctx, "key", nil))
	h.tick()
	before := h.now()
	h.between(before, h.put("key", "new").Created, h.now(), "O2: an object written after a Delete is new, Created too")
}

// wantNow checks that a Copy made while the clock went from before to now has
// both times set.
func wantNow(h *harness, before time.Time, o *storage.Object) {
	after := h.now()
	h.between(before, o.Created, after, "O2: Copy must set Created to now")
	h.between(before, o.Updated, after, "O2: Copy must set Updated to now")
	h.same(o, h.stat(o.Key), "O2: Stat must tell the same times as Copy")
}

func o2CopySetsBoth(h *harness) {
	source := h.put("source", "content")
	h.tick()
	before := h.now()
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	wantNow(h, before, o)
	h.same(source, h.stat("source"), "O2: Copy must leave the source alone")
}

func o2CopyOverAnObject(h *harness) {
	h.put("source", "content")
	h.put("copy", "old")
	h.tick()
	before := h.now()
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	wantNow(h, before, o)
}

func o2MoveKeepsBoth(h *harness) {
	h.put("key", "first")
	h.tick()
	old := h.put("key", "second")
	h.put("taken", "other")
	h.tick()
	for _, to := range []struct{ bucket, key string }{{bucketName, "moved"}, {bucketName, "taken"}, {"other", "moved"}} {
		from := h.put("key", "second")
		h.tick()
		o, err := h.st.Bucket(to.bucket).Move(h.ctx, to.key, bucketName, "key", nil)
		require.NoError(h, err)
		h.sameTime(from.Created, o.Created, "O2: Move must keep Created")
		h.sameTime(from.Updated, o.Updated, "O2: Move must keep Updated")
		got, err := h.st.Bucket(to.bucket).Stat(h.ctx, to.key, nil)
		require.NoError(h, err)
		h.same(o, got, "O2: Stat must tell the same times as Move")
		require.Equal(h, old.ETag, got.ETag, "O3: Move must keep the ETag")
	}
}

func o2Complete(h *harness) {
	mu, parts := h.upload("key", "part")
	old := h.put("key", "old")
	h.tick()
	before := h.now()
	o := h.complete(mu, parts...)
	h.sameTime(old.Created, o.Created, "O2: completing an upload over an object must keep Created")
	h.between(before, o.Updated, h.now(), "O2: completing an upload must set Updated to now")
}

func o2ReadingChangesNoTime(h *harness) {
	o := h.put("key", "content")
	h.tick()
	_ = h.get("key")
	_ = h.list("", nil)
	h.same(o, h.stat("key"), "O2: reading must change no time")
}
