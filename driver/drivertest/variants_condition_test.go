package drivertest

import (
	"errors"
	"maps"
	"time"

	"open-lake.dev/lib/storage"
)

// conditionVariants break the rules of conditions and of sharing.
var conditionVariants = []variant{{
	name: "a condition is judged after the update", rule: "O7",
	phrase: "a failed condition of write must leave everything untouched",
	fault:  storesDespite(storage.ErrPrecondition),
}, {
	name: "conditions are judged before the body is read", rule: "O7",
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
	name: "a failed condition updates metadata", rule: "O7",
	phrase: "a failed condition of write must leave everything untouched",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrPrecondition) {
			c.drop(append(conditionKeys, storage.OptUpsert)...)
			c.b.Copy(background, c.key, "", c.key, c.opts)
		}
	}),
}, {
	name: "if_match is ignored by Write", rule: "O7",
	phrase: "O7: write must fail if map[if_match:",
	fault:  before("write", func(c *request) { c.drop(storage.OptIfMatch) }),
}, {
	name: "if_match holds where there is no object", rule: "O7",
	phrase: "write of a missing key with map[if_match:*]",
	fault: before("write", func(c *request) {
		if _, err := c.b.Stat(background, c.key, nil); err != nil {
			c.drop(storage.OptIfMatch)
		}
	}),
}, {
	name: "if_none_match knows no star", rule: "O7",
	phrase: "must fail if map[if_none_match:*] does not hold",
	fault: before("write copy move completemultipart", func(c *request) {
		if tag, _ := c.opts.String(storage.OptIfNoneMatch); tag == "*" {
			c.drop(storage.OptIfNoneMatch)
		}
	}),
}, {
	name: "if_modified_since holds at the very moment", rule: "O7",
	phrase: "write must fail if map[if_modified_since:",
	fault: before("write open stat delete copy move", func(c *request) {
		if t, ok := c.opts.Time(storage.OptIfModifiedSince); ok {
			c.set(storage.OptIfModifiedSince, t.Add(-time.Nanosecond))
		}
	}),
}, {
	name: "Open takes no conditions", rule: "O7",
	phrase: "open must fail if",
	fault:  before("open", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "Delete takes no conditions", rule: "O7",
	phrase: "delete must fail if",
	fault:  before("delete", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "CompleteMultipart takes no conditions", rule: "O7",
	phrase: "complete_multipart must fail if",
	fault:  before("completemultipart", func(c *request) { c.drop(conditionKeys...) }),
}, {
	name: "Copy judges the source", rule: "O7",
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
	name: "upsert is ignored by Write", rule: "O7",
	phrase: "write with upsert: false",
	fault:  before("write", func(c *request) { c.drop(storage.OptUpsert) }),
}, {
	name: "upsert is ignored by Copy", rule: "O7",
	phrase: "copy with upsert: false",
	fault:  before("copy", func(c *request) { c.drop(storage.OptUpsert) }),
}, {
	name: "the caller's metadata map is kept", rule: "O8",
	phrase: "changing the metadata map after it was passed in",
	fault: both(onSuccess("write", func(c *request) {
		if m, ok := c.opts[storage.OptMetadata].(map[string]string); ok {
			c.memo.Store(c.obj.Key, m)
		}
	}), onSuccess("stat", func(c *request) {
		if m, ok := c.memo.Load(c.obj.Key); ok {
			c.obj.Metadata = m.(map[string]string)
		}
	})),
}, {
	name: "Stat gives out its own metadata map", rule: "O8",
	phrase: "changing the object that Stat returned",
	fault: onSuccess("stat", func(c *request) {
		if c.obj.Metadata != nil {
			m, _ := c.memo.LoadOrStore(c.obj.Key+c.obj.Updated.String(), c.obj.Metadata)
			c.obj.Metadata = m.(map[string]string)
		}
	}),
}, {
	name: "Stat gives out its own Object", rule: "O8",
	phrase: "changing the object that Stat returned",
	fault: onSuccess("stat", func(c *request) {
		o, _ := c.memo.LoadOrStore(c.obj.Key+c.obj.Updated.String(), c.obj)
		c.obj = o.(*storage.Object)
	}),
}, {
	name: "listings give out their own Objects", rule: "O8",
	phrase: "changing an object that List gave",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		for i, o := range all {
			kept, _ := c.memo.LoadOrStore(o.Bucket+o.Key+o.ETag+o.Updated.String(), o)
			all[i] = kept.(*storage.Object)
		}
		return all
	}),
}, {
	name: "ListParts gives out its own PartInfos", rule: "O8",
	phrase: "changing a PartInfo that was given out",
	fault: onSuccess("listparts", func(c *request) {
		for i, p := range c.parts {
			kept, _ := c.memo.LoadOrStore(p.ETag, p)
			c.parts[i] = kept.(*storage.PartInfo)
		}
	}),
}, {
	name: "Info gives out its own metadata map", rule: "O8",
	phrase: "changing a BucketInfo that was given out",
	fault: onSuccess("info", func(c *request) {
		if c.info.Metadata != nil {
			m, _ := c.memo.LoadOrStore(c.bucket, c.info.Metadata)
			c.info.Metadata = m.(map[string]string)
		}
	}),
}}
