package drivertest

import (
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

const keyOps = "write open stat delete copy move initmultipart"

// nameVariants break the rules of keys and buckets.
var nameVariants = []variant{{
	name: "a backslash is no slash", rule: "K1",
	phrase: "spellings of a key must be one object",
	fault:  before(keyOps, func(c *request) { c.key = strings.ReplaceAll(c.key, `\`, "_") }),
}, {
	name: "dot-dot is dropped", rule: "K1",
	phrase: "a key that leads out of the bucket",
	fault:  before(keyOps, func(c *request) { c.key = strings.TrimPrefix(c.key, "../") }),
}, {
	name: "Object.Key is as the caller spelt it", rule: "K1",
	phrase: "must be normalised",
	fault:  onSuccess("write", func(c *request) { c.obj.Key = c.key }),
}, {
	name: "a prefix matches only at a slash", rule: "K2",
	phrase: "a prefix is a byte prefix of keys",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		return slices.DeleteFunc(all, func(o *storage.Object) bool {
			dir := strings.TrimSuffix(c.key, "/")
			return c.op == "list" && dir != "" && o.Key != dir && !strings.HasPrefix(o.Key, dir+"/")
		})
	}),
}, {
	name: "a trailing slash of a prefix does not count", rule: "K2",
	phrase: "foo/ must match only what is beneath foo",
	fault:  before("list", func(c *request) { c.key = strings.TrimSuffix(c.key, "/") }),
}, {
	name: "a slash in a bucket name is refused", rule: "K3",
	phrase: "CreateBucket of",
	fault:  refuses("createbucket", storage.ErrInvalid, func(c *request) bool { return strings.Contains(c.bucket, "/") }),
}, {
	name: "a bucket without a name is created", rule: "K3",
	phrase: "CreateBucket of \"\"",
	fault: before("createbucket", func(c *request) {
		if c.bucket == "" {
			c.bucket = "default"
		}
	}),
}, {
	name: "a handle creates its bucket", rule: "B1",
	phrase: "Info of a bucket never created",
	fault:  before("bucket", func(c *request) { c.st.CreateBucket(background, c.bucket, nil) }),
}, {
	name: "a Write wants the bucket to be there", rule: "B2",
	phrase: "Write into a missing bucket must create it",
	fault:  refuses("write", storage.ErrNotExist, missingBucket),
}, {
	name: "a Copy wants the bucket to be there", rule: "B2",
	phrase: "Copy into a missing bucket must create it",
	fault:  refuses("copy", storage.ErrNotExist, missingBucket),
}, {
	name: "a failed Write leaves a new bucket", rule: "B2",
	phrase: "must not create the bucket",
	fault: on("write", func(c *request, do func()) {
		if do(); c.err != nil && c.ctx.Err() == nil {
			c.st.CreateBucket(c.ctx, c.bucket, nil)
		}
	}),
}, {
	name: "a listing of a missing bucket fails", rule: "B2",
	phrase: "list in a bucket never created is empty",
	fault:  refuses("list", storage.ErrNotExist, missingBucket),
}, {
	name: "CreateBucket twice succeeds", rule: "B3",
	phrase: "CreateBucket twice",
	fault: on("createbucket", func(c *request, do func()) {
		if do(); c.err != nil && c.bucket != "" {
			c.info, c.err = c.st.Bucket(c.bucket).Info(c.ctx)
		}
	}),
}, {
	name: "DeleteBucket removes a full bucket", rule: "B3",
	phrase: "DeleteBucket of a bucket with objects",
	fault:  before("deletebucket", func(c *request) { c.set(storage.OptForce, true) }),
}, {
	name: "bucket metadata is forgotten", rule: "B3",
	phrase: "option metadata must be in the BucketInfo",
	fault:  before("createbucket", func(c *request) { c.drop(storage.OptMetadata) }),
}, {
	name: "buckets come by age, the newest first", rule: "B3",
	phrase: "byte order of their names",
	fault: onSuccess("buckets", func(c *request) {
		all := collect(c.buckets)
		slices.SortStableFunc(all, func(a, b *storage.BucketInfo) int { return b.CreatedAt.Compare(a.CreatedAt) })
		c.buckets = &iterOf[storage.BucketInfo]{items: all}
	}),
}}

func missingBucket(c *request) bool {
	_, err := c.b.Info(background)
	return err != nil
}
