package drivertest

import (
	"errors"
	"maps"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// conditionVariants break the rules of conditions.
var conditionVariants = []variant{{
	name: "a condition is judged after the update", fails: "O7_write_if_a_condition_fails",
	phrase: "a failed condition of write must leave everything untouched",
	fault:  storesDespite(storage.ErrPrecondition),
}, {
	name: "conditions are judged before the body is read", fails: "O7_conditions_are_judged_in_the_commit",
	phrase: "must be judged in the commit",
	fault: on("write", func(c *request, do func()) {
		probe := maps.Clone(c.opts)
		_, err := c.b.Stat(c.ctx, c.key, probe)
		if errors.Is(err, storage.ErrPrecondition) {
			c.fail(storage.ErrPrecondition)
			return
		}
		if err == nil {
			c.drop(conditionKeys...)
		}
		do()
	}),
}, {
	name: "a failed condition updates metadata", fails: "O7_write_if_a_condition_fails",
	phrase: "a failed condition of write must leave everything untouched",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrPrecondition) {
			c.drop(append(conditionKeys, storage.OptUpsert)...)
			c.b.Copy(background, c.key, "", c.key, c.opts)
		}
	}),
}, {
	name: "if_match is ignored by Write", fails: "O7_write_if_a_condition_fails",
	phrase: "O7: write must fail if map[if_match:",
	fault:  before("write", func(c *request) { c.drop(storage.OptIfMatch) }),
}, {
	name: "if_match holds where there is no object", fails: "O7_write_of_a_missing_key",
	phrase: "write of a missing key with map[if_match:*]",
	fault: before("write", func(c *request) {
		if _, err := c.b.Stat(background, c.key, nil); err != nil {
			c.drop(storage.OptIfMatch)
		}
	}),
}, {
	name: "if_none_match knows no star", fails: "O7_write_if_a_condition_fails",
	phrase: "must fail if map[if_none_match:*] does not hold",
	fault: before("write copy move completemultipart", func(c *request) {
		if tag, _ := c.opts.String(storage.OptIfNoneMatch); tag == "*" {
			c.drop(storage.OptIfNoneMatch)
		}
	}),
}, {
	name: "if_modified_since holds at the very moment", fails: "O7_write_if_a_condition_fails",
	phrase: "write must fail if map[if_modified_since:",
	fault: before("write open stat delete copy move", func(c *request) {
		if t, ok := c.opts.Time(storage.OptIfModifiedSince); ok {
			c.set(storage.OptIfModifiedSince, t.Add(-time.Nanosecond))
		}
	}),
}, {
	name: "Open takes no conditions", fails: "O7_open_if_a_condition_fails",
	phrase: "open must fail if",
	fault:  before("open", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "Delete takes no conditions", fails: "O7_delete_if_a_condition_fails",
	phrase: "delete must fail if",
	fault:  before("delete", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "CompleteMultipart takes no conditions", fails: "O7_complete_multipart_if_a_condition_fails",
	phrase: "complete_multipart must fail if",
	fault:  before("completemultipart", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "Copy judges the source", fails: "O7_copy_and_move_judge_the_destination",
	phrase: "must judge the destination, not the source",
	fault: on("copy", func(c *request, do func()) {
		if _, err := c.b.Stat(c.ctx, c.other, c.opts); errors.Is(err, storage.ErrPrecondition) {
			c.fail(storage.ErrPrecondition)
			return
		}
		c.drop(conditionKeys...)
		do()
	}),
}, {
	name: "upsert is ignored by Write", fails: "O7_write_with_upsert_false_keeps_the_object",
	phrase: "write with upsert: false",
	fault:  before("write", func(c *request) { c.drop(storage.OptUpsert) }),
}, {
	name: "upsert is ignored by Copy", fails: "O7_copy_with_upsert_false_keeps_the_object",
	phrase: "copy with upsert: false",
	fault:  before("copy", func(c *request) { c.drop(storage.OptUpsert) }),
}, {
	name: "only bare ETags match", fails: "O7_write_if_conditions_hold",
	phrase: "O7: write must succeed if map[if_match:\"",
	fault:  before("write open stat delete copy move completemultipart", onlyBareETags),
}, {
	name: "a recursive Delete of a directory takes no conditions", fails: "O7_recursive_delete_removes_nothing_if_a_condition_fails",
	phrase: "recursive Delete of \"dir\"",
	fault: before("delete", func(c *request) {
		if o, err := c.b.Stat(background, c.key, nil); err == nil && o.IsDir {
			c.drop(conditionKeys...)
		}
	}),
}, {
	name: "Delete ignores a condition that it cannot judge", fails: "O7_delete_judges_conditions_or_refuses_them",
	phrase: "delete must not ignore",
	fault:  before("delete", func(c *request) { c.drop(conditionKeys...) }),
}}

// onlyBareETags makes what is not one bare ETag match nothing.
func onlyBareETags(c *request) {
	for _, key := range []string{storage.OptIfMatch, storage.OptIfNoneMatch} {
		if tags, ok := c.opts.String(key); ok && strings.ContainsAny(tags, `",`) {
			c.set(key, "never")
		}
	}
}
