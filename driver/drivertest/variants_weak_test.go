package drivertest

import (
	"errors"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// relaxing returns limits that relax a rule.
func relaxing(rules ...string) storage.Limits { return storage.Limits{Relaxed: rules} }

// weakVariants relax a rule and say so, but break what is left of it.
var weakVariants = []variant{{
	name: "a missing bucket is only ErrNotExist", fails: "B2_missing_bucket",
	phrase: "in a bucket never created",
	fault:  insteadOf("write list stat", storage.ErrNoBucket, storage.ErrNotExist), limits: relaxing(storage.RelaxedB2),
}, {
	name: "InitMultipart makes a bucket", fails: "B2_missing_bucket",
	phrase: "initmultipart in a bucket never created",
	fault:  before("initmultipart", func(c *request) { c.st.CreateBucket(background, c.bucket, nil) }), limits: relaxing(storage.RelaxedB2),
}, {
	name: "a directory has the time of the call", fails: "D1_times_are_not_invented",
	phrase: "or zero if the driver relaxes D1",
	fault: objects(func(_ *request, o *storage.Object) {
		if o.IsDir {
			o.Updated = time.Now().UTC()
		}
	}),
	limits: relaxing(storage.RelaxedD1),
}, {
	name: "an interrupted Delete of a directory cannot be repeated", fails: "D3_interrupted_delete_can_be_repeated",
	phrase: "an operation whose context ends half way",
	fault:  onceOnly("directory.delete", storage.ErrNotExist), limits: relaxing(storage.RelaxedD3),
}, {
	name: "an interrupted Delete of a directory takes its neighbours", fails: "D3_interrupted_delete_can_be_repeated",
	phrase: "a repeated recursive Delete must remove all beneath, and nothing else",
	fault:  cancelled("directory.delete", func(c *request) { c.b.Delete(background, "other", nil) }), limits: relaxing(storage.RelaxedD3),
}, {
	name: "an interrupted recursive Delete cannot be repeated", fails: "O6_interrupted_recursive_delete_can_be_repeated",
	phrase: "an operation whose context ends half way",
	fault:  onceOnly("delete", storage.ErrNotExist), limits: relaxing(storage.RelaxedO6),
}, {
	name: "an interrupted recursive Delete empties objects", fails: "O6_interrupted_recursive_delete_can_be_repeated",
	phrase: "an interrupted Delete must leave objects whole",
	fault:  cancelled("delete", func(c *request) { c.b.Write(background, "other", nil, 0, "", nil) }), limits: relaxing(storage.RelaxedO6),
}, {
	name: "the objects of a directory are away for a moment", fails: "D4_every_object_is_somewhere",
	phrase: "must be at one of its places or at both",
	fault:  throughLimbo, limits: relaxing(storage.RelaxedD4),
}, {
	name: "an interrupted Move of a directory loses what it had in hand", fails: "D4_interrupted_move_can_be_repeated",
	phrase: "an object that is being moved must be at",
	fault:  cancelled("directory.move", func(c *request) { c.b.Delete(background, "left/e", nil); c.b.Delete(background, "right/e", nil) }),
	limits: relaxing(storage.RelaxedD4),
}, {
	name: "an interrupted Move of a directory cannot be repeated", fails: "D4_interrupted_move_can_be_repeated",
	phrase: "an operation whose context ends half way",
	fault:  onceOnly("directory.move", storage.ErrExist), limits: relaxing(storage.RelaxedD4),
}, {
	name: "a moved object is away for a moment", fails: "O2_moved_object_is_somewhere",
	phrase: "while an object is moved it must be at one of its places or at both",
	fault: on("move", func(c *request, do func()) {
		if !c.live() || c.other == c.key || c.otherBucket != "" {
			do()
			return
		}
		if _, c.err = c.b.Move(c.ctx, "limbo", "", c.other, nil); c.err == nil {
			time.Sleep(time.Millisecond)
			c.obj, c.err = c.b.Move(background, c.key, "", "limbo", nil)
		}
	}),
	limits: relaxing(storage.RelaxedMove),
}, {
	name: "a moved object grows as it is copied", fails: "O2_moved_object_is_somewhere",
	phrase: "a moved object must be whole when it appears",
	fault: before("move", func(c *request) {
		if c.live() && c.otherBucket == "" && c.other != c.key {
			c.b.Write(background, c.key, nil, 0, "", nil)
			time.Sleep(time.Millisecond)
		}
	}),
	limits: relaxing(storage.RelaxedMove),
}, {
	name: "a listing invents the content type", fails: "L1_nothing_is_invented",
	phrase: "ContentType in a listing must be right or absent",
	fault:  entries(func(o *storage.Object) { o.ContentType = "application/octet-stream" }), limits: relaxing(storage.RelaxedL1),
}, {
	name: "a listing has no ETags", fails: "L1_nothing_is_invented",
	phrase: "ETag in a listing must be right",
	fault:  entries(func(o *storage.Object) { o.ETag = "" }), limits: relaxing(storage.RelaxedL1),
}, {
	name: "a listing has the time of the call", fails: "L1_nothing_is_invented",
	phrase: "Updated in a listing must be right",
	fault:  entries(func(o *storage.Object) { o.Updated = time.Now() }), limits: relaxing(storage.RelaxedL1),
}, {
	name: "pages go by offset", fails: "L3_what_stays_is_listed_once",
	phrase: "what was there all along must be listed",
	fault: onSuccess("list", func(c *request) {
		c.objects.Close()
		c.objects = pagesOf(c, func(it *pageIter) (skip int, opts storage.Options) { return it.given, c.opts })
	}),
	limits: relaxing(storage.RelaxedL3),
}, {
	name: "pages overlap", fails: "L3_what_stays_is_listed_once",
	phrase: "a listing must be in order",
	fault: onSuccess("list", func(c *request) {
		c.objects.Close()
		c.objects = pagesOf(c, func(it *pageIter) (skip int, opts storage.Options) {
			if it.given > 1500 {
				return it.given, c.opts // there is an end, after all
			}
			return 0, with(c.opts, storage.OptStartAfter, it.last[:len(it.last)-2])
		})
	}),
	limits: relaxing(storage.RelaxedL3),
}, {
	name: "an object is created after it was updated", fails: "O2_updated_never_goes_back",
	phrase: "must not be after Updated",
	fault:  objects(func(_ *request, o *storage.Object) { o.Created = o.Updated.Add(time.Nanosecond) }), limits: relaxing(storage.RelaxedO2),
}, {
	name: "Updated is unknown", fails: "O2_updated_is_the_last_change",
	phrase: "must set Updated",
	fault:  objects(func(_ *request, o *storage.Object) { o.Updated = time.Time{} }), limits: relaxing(storage.RelaxedO2),
}, {
	name: "the ETag is the key's", fails: "O3_etag_changes_with_content",
	phrase: "different content must have different ETags",
	fault: both(objects(func(_ *request, o *storage.Object) { o.ETag = keyMark(o.Key) }), before("stat", func(c *request) {
		if tags, ok := c.opts.String(storage.OptIfMatch); ok {
			c.set(storage.OptIfMatch, strings.ReplaceAll(tags, keyMark(c.key), "*"))
		}
	})),
	limits: relaxing(storage.RelaxedO3),
}, {
	name: "the ETag does not work in if_match", fails: "O3_etag_changes_with_content",
	phrase: "an ETag must be usable in if_match",
	fault:  objects(func(_ *request, o *storage.Object) { o.ETag += "-now" }), limits: relaxing(storage.RelaxedO3),
}, {
	name: "Write ignores the conditions that it cannot judge", fails: "O7_write_judges_conditions_or_refuses_them",
	phrase: "write must not ignore",
	fault:  before("write", ignoreConditions), limits: relaxing(storage.RelaxedO7Write),
}, {
	name: "Copy ignores the conditions that it cannot judge", fails: "O7_copy_judges_conditions_or_refuses_them",
	phrase: "copy must not ignore",
	fault:  before("copy", ignoreConditions), limits: relaxing(storage.RelaxedO7Copy),
}, {
	name: "Move ignores the conditions that it cannot judge", fails: "O7_move_judges_conditions_or_refuses_them",
	phrase: "move must not ignore",
	fault:  before("move", ignoreConditions), limits: relaxing(storage.RelaxedO7Copy),
}, {
	name: "Delete ignores the conditions that it cannot judge", fails: "O7_delete_judges_conditions_or_refuses_them",
	phrase: "delete must not ignore",
	fault:  before("delete", ignoreConditions), limits: relaxing(storage.RelaxedO7Delete),
}, {
	name: "CompleteMultipart ignores the conditions that it cannot judge", fails: "O7_complete_multipart_judges_conditions_or_refuses_them",
	phrase: "complete_multipart must not ignore",
	fault:  before("completemultipart", ignoreConditions), limits: relaxing(storage.RelaxedO7Complete),
}, {
	name: "CompleteMultipart ignores the digests that it cannot judge", fails: "O3_digests_of_a_completed_upload_or_refused",
	phrase: "must not ignore",
	fault:  before("completemultipart", ignoreDigests), limits: relaxing(storage.RelaxedO3Complete),
}, {
	name: "an object beside a directory is ErrInvalid", fails: "K1_object_beside_directory_is_kept_or_refused",
	phrase: "K1: Write of an object beside a directory",
	fault:  insteadOf("write", storage.ErrExist, storage.ErrInvalid), limits: relaxing(storage.RelaxedTwins),
}, {
	name: "an object removes the directory of its name", fails: "K1_object_beside_directory_is_kept_or_refused",
	phrase: "an object refused because of a directory must change nothing",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrExist) {
			c.b.Delete(background, c.key, recursive)
		}
	}),
	limits: relaxing(storage.RelaxedTwins),
}}

func ignoreDigests(c *request) { c.drop(digestKeys...) }

func ignoreConditions(c *request) { c.drop(append(conditionKeys, storage.OptUpsert)...) }

// cancelled is a fault after an operation that its context ended.
func cancelled(op string, change func(c *request)) fault {
	return on(op, func(c *request, do func()) {
		if do(); c.ctx != nil && c.ctx.Err() != nil {
			change(c)
		}
	})
}

// onceOnly is a fault that fails an operation after its context has ended it once.
func onceOnly(op string, err error) fault {
	return both(refuses(op, err, func(c *request) bool {
		_, stopped := c.memo.Load("stopped")
		return stopped
	}), cancelled(op, func(c *request) { c.memo.Store("stopped", true) }))
}

// throughLimbo is a fault that moves a directory by way of another.
func throughLimbo(c *request, do func()) {
	if c.op != "directory.move" || !c.live() || c.key == "" {
		do()
		return
	}
	if _, c.err = c.b.Directory(c.key).Move(c.ctx, "limbo", nil); c.err == nil {
		time.Sleep(time.Millisecond)
		_, c.err = c.b.Directory("limbo").Move(background, c.other, nil)
	}
}

// pagesOf returns an iterator over pages of a listing, of which next says where
// they begin.
func pagesOf(c *request, next func(it *pageIter) (skip int, opts storage.Options)) *pageIter {
	it := &pageIter{ctx: c.ctx, left: c.limit}
	call := *c
	page := func(skip int, opts storage.Options) []*storage.Object {
		objects, err := call.b.List(call.ctx, call.key, 1000, skip, opts)
		if err != nil {
			return nil
		}
		return collect(objects)
	}
	it.page = page(call.skip, call.opts)
	it.next = func(string) []*storage.Object { return page(next(it)) }
	return it
}

// silentVariants relax a rule and do not say so.
func silentVariants() []variant {
	var variants []variant
	faults := relaxations(storage.Limits{})
	for _, v := range []struct{ relaxed, fails, phrase string }{
		{storage.RelaxedB2, "B2_write_creates_bucket", "Write into a missing bucket must create it"},
		{storage.RelaxedD1, "D1_times_are_not_invented", "must be right, or zero if the driver relaxes D1"},
		{storage.RelaxedD3, "D3_delete_is_seen_whole", "no reader may see half a recursive Delete"},
		{storage.RelaxedD4, "D4_no_reader_sees_half_a_move", "no reader may see half a move"},
		{storage.RelaxedL1, "L1_objects_are_described", "an object in a listing must be as Stat describes it"},
		{storage.RelaxedL3, "L3_walks_the_state_it_began_with", "must give what was there when List was called"},
		{storage.RelaxedMove, "O2_interrupted_move_can_be_repeated", "a Move that fails must move nothing"},
		{storage.RelaxedO2, "O2_write_sets_times", "Created of a new object must be the store's time"},
		{storage.RelaxedO3, "O3_etag_names_content", "equal content must have equal ETags"},
		{storage.RelaxedO3Complete, "O3_checksum_of_a_completed_upload", "CompleteMultipart must verify the checksum of the whole"},
		{storage.RelaxedO6, "O6_recursive_delete_is_seen_whole", "no reader may see half a recursive Delete"},
		{storage.RelaxedO7Write, "O7_write_if_conditions_hold", "write must succeed if"},
		{storage.RelaxedO7Copy, "O7_copy_if_conditions_hold", "copy must succeed if"},
		{storage.RelaxedO7Delete, "O7_delete_if_conditions_hold", "delete must succeed if"},
		{storage.RelaxedO7Complete, "O7_complete_multipart_if_conditions_hold", "complete_multipart must succeed if"},
		{storage.RelaxedTwins, "K1_object_beside_directory", "must succeed"},
	} {
		variants = append(variants, variant{name: v.relaxed + " is relaxed in silence", fails: v.fails, phrase: v.phrase, fault: faults[v.relaxed]})
	}
	return variants
}
