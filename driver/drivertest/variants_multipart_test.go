package drivertest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"time"

	"open-lake.dev/lib/storage"
)

// multipartVariants break the rules of multipart uploads.
var multipartVariants = []variant{{
	name: "part 0 is accepted", fails: "M1_part_numbers",
	phrase: "part number 0",
	fault:  before("uploadpart", func(c *request) { c.number = max(c.number, 1) }),
}, {
	name: "part 10001 is accepted", fails: "M1_part_numbers",
	phrase: "part number 10001",
	fault:  before("uploadpart", func(c *request) { c.number = min(c.number, storage.MaxParts) }),
}, {
	name: "a finished upload takes parts", fails: "M1_completed_upload",
	phrase: "UploadPart of an upload that was completed",
	fault: on("uploadpart", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrNotExist) {
			now := time.Now()
			c.part, c.err = &storage.PartInfo{Number: c.number, LastModified: &now}, nil
		}
	}),
}, {
	name: "aborting twice succeeds", fails: "M1_aborted_upload",
	phrase: "AbortMultipart of an upload that was aborted",
	fault:  insteadOf("abortmultipart", storage.ErrNotExist, nil),
}, {
	name: "a part uploaded again is ignored", fails: "M1_part_again_replaces_it",
	phrase: "other content must have another ETag",
	fault: on("uploadpart", func(c *request, do func()) {
		if p := uploaded(c)[c.number]; p != nil && c.src != nil {
			io.Copy(io.Discard, c.src)
			c.part = p
			return
		}
		do()
	}),
}, {
	name: "a short part is kept", fails: "O1_short_source",
	phrase: "UploadPart from a short source",
	fault: on("uploadpart", func(c *request, do func()) {
		if c.src == nil {
			do()
			return
		}
		got := c.buffer()
		if do(); errors.Is(c.err, io.ErrUnexpectedEOF) {
			c.b.UploadPart(background, c.mu, c.number, got, -1, nil)
		}
	}),
}, {
	name: "parts are joined in the order given", fails: "M2_order_given_does_not_matter",
	phrase: "whatever order they are given in",
	fault: on("uploadpart completemultipart", func(c *request, do func()) {
		if c.op == "uploadpart" {
			var got *bytes.Buffer
			if c.src != nil {
				got = c.buffer()
			}
			if do(); c.err == nil {
				c.memo.Store(c.number, got.Bytes())
			}
			return
		}
		if do(); c.err != nil {
			return
		}
		var joined []byte
		for _, p := range c.named {
			content, _ := c.memo.Load(p.Number)
			joined = append(joined, content.([]byte)...)
		}
		o := c.obj
		c.b.Write(background, o.Key, bytes.NewReader(joined), -1, o.ContentType, storage.Options{storage.OptMetadata: o.Metadata})
	}),
}, {
	name: "a part named twice counts once", fails: "M2_duplicate_part",
	phrase: "CompleteMultipart with a duplicate",
	fault: before("completemultipart", func(c *request) {
		seen := make(map[int]bool)
		c.named = slices.DeleteFunc(slices.Clone(c.named), func(p *storage.PartInfo) bool {
			again := p != nil && seen[p.Number]
			if p != nil {
				seen[p.Number] = true
			}
			return again
		})
	}),
}, {
	name: "a wrong ETag is accepted", fails: "M2_part_of_another_etag",
	phrase: "a part whose ETag differs",
	fault: before("completemultipart", func(c *request) {
		parts := uploaded(c)
		c.named = slices.Clone(c.named)
		for i, p := range c.named {
			if p != nil && parts[p.Number] != nil {
				c.named[i] = parts[p.Number]
			}
		}
	}),
}, {
	name: "a part that was never uploaded is left out", fails: "M2_part_never_uploaded",
	phrase: "a part never uploaded",
	fault: before("completemultipart", func(c *request) {
		parts := uploaded(c)
		c.named = slices.DeleteFunc(slices.Clone(c.named), func(p *storage.PartInfo) bool {
			return p != nil && len(c.named) > 1 && parts[p.Number] == nil
		})
	}),
}, {
	name: "a failed CompleteMultipart ends the upload", fails: "M2_no_parts",
	phrase: "ListParts of an upload in progress must succeed",
	fault: on("completemultipart", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrInvalid) && c.mu != nil {
			c.b.AbortMultipart(background, c.mu, nil)
		}
	}),
}, {
	name: "parts that are not named are joined too", fails: "M2_leaves_out_parts_not_named",
	phrase: "the parts that are named and no other",
	fault: before("completemultipart", func(c *request) {
		parts := uploaded(c)
		for _, p := range c.named {
			if p != nil && parts[p.Number] != nil && parts[p.Number].ETag == p.ETag {
				delete(parts, p.Number)
			}
		}
		for _, p := range parts {
			c.named = append(slices.Clone(c.named), p)
		}
	}),
}, {
	name: "no parts make an empty object", fails: "M2_no_parts",
	phrase: "CompleteMultipart with no parts",
	fault: on("completemultipart", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrInvalid) && len(c.named) == 0 && c.mu != nil {
			c.obj, c.err = c.b.Write(c.ctx, c.mu.Key, bytes.NewReader(nil), 0, "", nil)
		}
	}),
}, {
	name: "the object loses its metadata", fails: "M2_object_is_described",
	phrase: "the metadata given to InitMultipart",
	fault:  before("initmultipart", func(c *request) { c.drop(storage.OptMetadata) }),
}, {
	name: "a completed upload goes on", fails: "M1_completed_upload",
	phrase: "CompleteMultipart of an upload that was completed",
	fault: on("completemultipart", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrNotExist) {
			if o, ok := c.memo.Load(c.mu.UploadID); ok {
				c.obj, c.err = o.(*storage.Object), nil
			}
		} else if c.err == nil {
			c.memo.Store(c.mu.UploadID, c.obj)
		}
	}),
}, {
	name: "CopyPart succeeds and does nothing", fails: "M3_copy_part_without_a_source",
	phrase: "M3: CopyPart",
	fault:  insteadOf("copypart", storage.ErrUnsupported, nil),
}, {
	name: "SignedURL gives a URL that does not work", fails: "M3_what_features_deny",
	phrase: "M3: SignedURL",
	fault:  insteadOf("signedurl", storage.ErrUnsupported, nil),
}}

// uploaded returns the parts of the call's upload by number.
func uploaded(c *request) map[int]*storage.PartInfo {
	parts := make(map[int]*storage.PartInfo)
	infos, _ := c.b.ListParts(background, c.mu, 0, 0, nil)
	for _, p := range infos {
		parts[p.Number] = p
	}
	return parts
}
