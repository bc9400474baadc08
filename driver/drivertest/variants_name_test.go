package drivertest

import (
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

const keyOps = "write open stat delete copy move initmultipart"

// nameVariants break the rules of keys and buckets.
var nameVariants = []variant{{
	name: "a backslash is no slash", fails: "K1_every_method_normalises",
	phrase: "spellings of a key must be one object",
	fault:  before(keyOps, func(c *request) { c.key = strings.ReplaceAll(c.key, `\`, "_") }),
}, {
	name: "dot-dot is dropped", fails: "K1_dotdot_is_not_permitted",
	phrase: "a key that leads out of the bucket",
	fault:  before(keyOps, func(c *request) { c.key = strings.TrimPrefix(c.key, "../") }),
}, {
	name: "Object.Key is as the caller spelt it", fails: "K1_keeps_blanks",
	phrase: "must be normalised",
	fault:  onSuccess("write", func(c *request) { c.obj.Key = c.key }),
}, {
	name: "a prefix matches only at a slash", fails: "K2_is_a_byte_prefix",
	phrase: "a prefix is a byte prefix of keys",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		return slices.DeleteFunc(all, func(o *storage.Object) bool {
			dir := strings.TrimSuffix(c.key, "/")
			return c.op == "list" && dir != "" && o.Key != dir && !strings.HasPrefix(o.Key, dir+"/")
		})
	}),
}, {
	name: "a trailing slash of a prefix does not count", fails: "K2_trailing_slash_counts",
	phrase: "foo/ must match only what is beneath foo",
	fault:  before("list", func(c *request) { c.key = strings.TrimSuffix(c.key, "/") }),
}, {
	name: "a slash in a bucket name is refused", fails: "K3_slashes_become_underscores",
	phrase: "CreateBucket of",
	fault:  refuses("createbucket", storage.ErrInvalid, func(c *request) bool { return strings.Contains(c.bucket, "/") }),
}, {
	name: "a bucket without a name is created", fails: "K3_empty_cannot_be_created_or_deleted",
	phrase: "CreateBucket of \"\"",
	fault: before("createbucket", func(c *request) {
		if c.bucket == "" {
			c.bucket = "default"
		}
	}),
}, {
	name: "a handle creates its bucket", fails: "B1_handle_creates_nothing",
	phrase: "Info of a bucket never created",
	fault:  before("bucket", func(c *request) { c.st.CreateBucket(background, c.bucket, nil) }),
}, {
	name: "a Write wants the bucket to be there", fails: "B2_write_creates_bucket",
	phrase: "Write into a missing bucket must create it",
	fault:  refuses("write", storage.ErrNotExist, missingBucket),
}, {
	name: "a Copy wants the bucket to be there", fails: "B2_copy_and_move_create_bucket",
	phrase: "Copy into a missing bucket must create it",
	fault:  refuses("copy", storage.ErrNotExist, missingBucket),
}, {
	name: "a failed Write leaves a new bucket", fails: "B2_failed_write_creates_no_bucket",
	phrase: "must not create the bucket",
	fault: on("write", func(c *request, do func()) {
		if do(); c.err != nil && c.ctx.Err() == nil {
			c.st.CreateBucket(c.ctx, c.bucket, nil)
		}
	}),
}, {
	name: "a listing of a missing bucket fails", fails: "B2_missing_bucket",
	phrase: "list in a bucket never created is empty",
	fault:  refuses("list", storage.ErrNotExist, missingBucket),
}, {
	name: "CreateBucket twice succeeds", fails: "B3_create_twice",
	phrase: "CreateBucket twice",
	fault: on("createbucket", func(c *request, do func()) {
		if do(); c.err != nil && c.bucket != "" {
			c.info, c.err = c.st.Bucket(c.bucket).Info(c.ctx)
		}
	}),
}, {
	name: "DeleteBucket removes a full bucket", fails: "B3_delete_with_objects",
	phrase: "DeleteBucket of a bucket with objects",
	fault:  before("deletebucket", func(c *request) { c.set(storage.OptForce, true) }),
}, {
	name: "bucket metadata is forgotten", fails: "B3_keeps_public_and_metadata",
	phrase: "option metadata must be in the BucketInfo",
	fault:  before("createbucket", func(c *request) { c.drop(storage.OptMetadata) }),
}, {
	name: "buckets come by age, the newest first", fails: "B3_listed_by_name",
	phrase: "byte order of their names",
	fault: onSuccess("buckets", func(c *request) {
		all := collect(c.buckets)
		slices.SortStableFunc(all, func(a, b *storage.BucketInfo) int { return b.CreatedAt.Compare(a.CreatedAt) })
		c.buckets = &iterOf[storage.BucketInfo]{items: all}
	}),
}, {
	name: "a name of only white space is something else", fails: "K1_name_of_white_space_is_invalid",
	phrase: "K1: a name of only white space: Stat of",
	fault: before("stat", func(c *request) {
		if c.key != "" && strings.TrimSpace(c.key) == "" {
			c.key = "there"
		}
	}),
}, {
	name: "a blank at the end of a key is lost", fails: "K1_listed_names_what_was_listed",
	phrase: "a recursive Delete of \"b \" must leave b",
	fault:  before("delete", func(c *request) { c.key = strings.TrimRight(c.key, " ") }),
}, {
	name: "a .. in the middle is refused", fails: "K1_result_is_its_own_normal_form",
	phrase: "must succeed",
	fault:  refuses("write", storage.ErrPermission, func(c *request) bool { return strings.Contains(c.key, "/../") }),
}, {
	name: "the length of a spelling counts", fails: "K1_very_long_spellings",
	phrase: "a long spelling of a short key",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return len(c.key) > storage.MaxKey }),
}, {
	name: "the dots at the end of a prefix are dropped", fails: "K2_last_name_is_taken_as_it_is",
	phrase: "must begin with it",
	fault:  before("list", func(c *request) { c.key = strings.TrimRight(c.key, ". ") }),
}, {
	name: "a prefix must be normal", fails: "K2_whole_names_are_normalised",
	phrase: "listing must succeed",
	fault:  refuses("list", storage.ErrInvalid, func(c *request) bool { return strings.Contains(c.key, "//") }),
}, {
	name: "Info of a missing bucket is ErrNotExist", fails: "B1_handle_creates_nothing",
	phrase: "Info of a bucket never created",
	fault:  insteadOf("info", storage.ErrNoBucket, storage.ErrNotExist),
}, {
	name: "Stat in a missing bucket is ErrNotExist", fails: "B2_missing_bucket",
	phrase: "stat in a bucket never created",
	fault:  insteadOf("stat", storage.ErrNoBucket, storage.ErrNotExist),
}, {
	name: "Delete in a deleted bucket is ErrNotExist", fails: "B2_deleted_bucket",
	phrase: "delete in a bucket that was deleted",
	fault:  insteadOf("delete", storage.ErrNoBucket, storage.ErrNotExist),
}, {
	name: "Copy from a missing bucket is ErrNotExist", fails: "B2_missing_bucket",
	phrase: "Copy from a bucket never created",
	fault:  insteadOf("copy", storage.ErrNoBucket, storage.ErrNotExist),
}, {
	name: "DeleteBucket of a missing bucket is ErrNotExist", fails: "B3_delete_missing",
	phrase: "DeleteBucket of a missing bucket",
	fault:  insteadOf("deletebucket", storage.ErrNoBucket, storage.ErrNotExist),
}}

func missingBucket(c *request) bool {
	_, err := c.b.Info(background)
	return err != nil
}
