package drivertest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var timeCases = []testCase{
	{"O2_write_sets_times", o2WriteSetsTimes},
	{"O2_times_are_UTC", o2TimesAreUTC},
	{"O2_updated_is_the_last_change", o2UpdatedIsTheLastChange},
	{"O2_overwrite_keeps_created", o2OverwriteKeepsCreated},
	{"O2_write_after_delete_is_new", o2WriteAfterDelete},
	{"O2_copy_sets_both", o2CopySetsBoth},
	{"O2_copy_over_an_object_sets_both", o2CopyOverAnObject},
	{"O2_move_keeps_both", o2MoveKeepsBoth},
	{"O2_complete_keeps_created", o2CompleteKeepsCreated},
	{"O2_updated_never_goes_back", o2UpdatedNeverGoesBack},
	{"O2_created_is_not_after_updated", o2CreatedIsNotAfterUpdated},
	{"O2_reading_changes_no_time", o2ReadingChangesNoTime},
}

func o2WriteSetsTimes(h *harness) {
	h.strong(storage.RelaxedO2)
	before := h.now()
	o := h.put("key", "content")
	after := h.now()
	h.between(before, o.Created, after, "O2: Created of a new object must be the store's time of the Write")
	h.between(before, o.Updated, after, "O2: Updated of a new object must be the store's time of the Write")
	h.same(o, h.stat("key"), "O2: Stat must return the same times as Write")
}

func o2TimesAreUTC(h *harness) {
	h.put("dir/key", "content")
	for _, o := range []*storage.Object{h.stat("dir/key"), h.stat("dir")} {
		require.Equal(h, time.UTC, o.Created.Location(), "O2: Created of %q must be in UTC", name(o))
		require.Equal(h, time.UTC, o.Updated.Location(), "O2: Updated of %q must be in UTC", name(o))
	}
}

// o2UpdatedIsTheLastChange holds whether or not a driver keeps Created.
func o2UpdatedIsTheLastChange(h *harness) {
	change := func(what string, do func() *storage.Object) {
		h.tick()
		before := h.now()
		o := do()
		h.between(before, o.Updated, h.now(), "O2: "+what+" must set Updated to now")
		h.same(o, h.stat("key"), "O2: Stat must return the same times as %s", what)
	}
	h.put("source", "source")
	change("a first Write", func() *storage.Object { return h.put("key", "first") })
	change("an overwriting Write", func() *storage.Object { return h.put("key", "second") })
	change("Copy", func() *storage.Object {
		o, err := h.b.Copy(h.ctx, "key", "", "source", nil)
		require.NoError(h, err)
		return o
	})
	if _, ok := h.b.(storage.HasMultipart); ok && !h.limits.Relaxes(storage.RelaxedO2) {
		mu, parts := h.upload("key", "part")
		change("CompleteMultipart", func() *storage.Object { return h.complete(mu, parts...) })
	}
}

func o2OverwriteKeepsCreated(h *harness) {
	h.strong(storage.RelaxedO2)
	old := h.put("key", "old")
	h.tick()
	o := h.put("key", "new")
	h.sameTime(old.Created, o.Created, "O2: overwriting must keep Created")
	require.True(h, o.Updated.After(old.Updated), "O2: overwriting must set Updated")
	h.same(o, h.stat("key"), "O2: Stat must return the same times as the overwriting Write")
}

func o2WriteAfterDelete(h *harness) {
	h.strong(storage.RelaxedO2)
	h.put("key", "old")
	h.delete("key")
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
	h.same(o, h.stat(o.Key), "O2: Stat must return the same times as Copy")
}

func o2CopySetsBoth(h *harness) {
	h.strong(storage.RelaxedO2)
	source := h.put("source", "content")
	h.tick()
	before := h.now()
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	wantNow(h, before, o)
	h.same(source, h.stat("source"), "O2: Copy must leave the source alone")
}

func o2CopyOverAnObject(h *harness) {
	h.strong(storage.RelaxedO2)
	h.put("source", "content")
	h.put("copy", "old")
	h.tick()
	before := h.now()
	o, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	wantNow(h, before, o)
}

func o2MoveKeepsBoth(h *harness) {
	h.needs(storage.FeatureMove)
	h.strong(storage.RelaxedO2)
	h.put("key", "first")
	h.tick()
	old := h.put("key", "second")
	h.put("taken", "other")
	for _, to := range []struct {
		b   storage.Bucket
		key string
	}{{h.b, "moved"}, {h.b, "taken"}, {h.bucket("other"), "moved"}} {
		from := h.put("key", "second")
		h.tick()
		o, err := to.b.Move(h.ctx, to.key, bucketName, "key", nil)
		require.NoError(h, err)
		h.sameTime(from.Created, o.Created, "O2: Move must keep Created")
		h.sameTime(from.Updated, o.Updated, "O2: Move must keep Updated")
		got, err := to.b.Stat(h.ctx, to.key, nil)
		require.NoError(h, err)
		h.same(o, got, "O2: Stat must return the same times as Move")
		if !h.limits.Relaxes(storage.RelaxedO3) {
			require.Equal(h, old.ETag, got.ETag, "O3: Move must keep the ETag")
		}
	}
}

func o2CompleteKeepsCreated(h *harness) {
	h.strong(storage.RelaxedO2)
	mu, parts := h.upload("key", "part")
	old := h.put("key", "old")
	h.tick()
	before := h.now()
	o := h.complete(mu, parts...)
	h.sameTime(old.Created, o.Created, "O2: completing an upload over an object must keep Created")
	h.between(before, o.Updated, h.now(), "O2: completing an upload must set Updated to now")
}

// o2UpdatedNeverGoesBack lets one writer begin before another and commit after it.
func o2UpdatedNeverGoesBack(h *harness) {
	for range 2 { // at a new key, then at an old one
		var quick *storage.Object
		slow, err := h.b.Write(h.ctx, "key", interrupted("the slow one", func() {
			h.tick()
			quick = h.put("key", "the quick one")
		}), 12, "", nil)
		require.NoError(h, err)
		require.False(h, slow.Updated.Before(quick.Updated), "O2: Updated must not go back: %v, then %v", quick.Updated, slow.Updated)
		require.False(h, slow.Updated.Before(slow.Created), "O2: Created %v must not be after Updated %v", slow.Created, slow.Updated)
	}
}

// o2CreatedIsNotAfterUpdated lets writers race for new keys.
func o2CreatedIsNotAfterUpdated(h *harness) {
	right := func(o *storage.Object, from string) {
		require.False(h, o.Updated.IsZero(), "O2: %s must set Updated", from)
		require.False(h, o.Created.After(o.Updated), "O2: Created %v must not be after Updated %v, from %s", o.Created, o.Updated, from)
	}
	h.put("source", "content")
	for round := range h.rounds {
		key := fmt.Sprint("key-", round)
		h.parallel(8, func(i int) {
			if i == 0 {
				o, err := h.b.Copy(h.ctx, key, "", "source", nil)
				require.NoError(h, err)
				right(o, "Copy")
				return
			}
			right(h.put(key, "content"), "Write")
			right(h.stat(key), "Stat")
		})
		for _, o := range h.entries(h.b.List(h.ctx, key, 0, 0, nil)) {
			right(o, "List")
		}
	}
}

func o2ReadingChangesNoTime(h *harness) {
	o := h.put("key", "content")
	h.tick()
	_ = h.get("key")
	_ = h.list("", nil)
	h.same(o, h.stat("key"), "O2: reading must change no time")
}
