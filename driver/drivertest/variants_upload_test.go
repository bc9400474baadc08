package drivertest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

const uploadOps = "uploadpart listparts completemultipart abortmultipart"

// uploadVariants break the rules of handles on uploads, of their listing, and of
// completing them.
var uploadVariants = []variant{{
	name: "a handle's key is compared as it is spelt", fails: "M1_handle_as_it_was_given",
	phrase: "UploadPart to an upload of",
	fault: refuses(uploadOps, storage.ErrNotExist, func(c *request) bool {
		return c.mu != nil && c.mu.Key != c.cleanKey()
	}),
}, {
	name: "a handle's bucket is compared as it is spelt", fails: "M1_handle_with_another_spelling_of_the_bucket",
	phrase: "in bucket \"my/bucket\"",
	fault: refuses(uploadOps, storage.ErrNotExist, func(c *request) bool {
		return c.mu != nil && strings.Contains(c.mu.Bucket, "/")
	}),
}, {
	name: "a handle needs a bucket", fails: "M1_handle_in_the_default_bucket",
	phrase: "in bucket \"\"",
	fault:  refuses(uploadOps, storage.ErrNotExist, func(c *request) bool { return c.mu != nil && c.mu.Bucket == "" }),
}, {
	name: "InitMultipart returns the key as it is spelt", fails: "M1_key_is_normalised",
	phrase: "InitMultipart must normalise its key",
	fault:  onSuccess("initmultipart", func(c *request) { c.mu.Key = c.key }),
}, {
	name: "a nil upload is a panic", fails: "C3_nil_upload",
	phrase: "panic:",
	fault:  before("listparts", func(c *request) { c.number = len(c.mu.Key) }),
}, {
	name: "a nil part is a panic", fails: "C3_nil_part",
	phrase: "panic:",
	fault: before("completemultipart", func(c *request) {
		for _, p := range c.named {
			c.number = p.Number
		}
	}),
}, {
	name: "an empty ETag is compared", fails: "M2_empty_etag_is_not_compared",
	phrase: "CompleteMultipart must succeed",
	fault: refuses("completemultipart", storage.ErrInvalid, func(c *request) bool {
		return slices.ContainsFunc(c.named, func(p *storage.PartInfo) bool { return p != nil && p.ETag == "" })
	}),
}, {
	name: "completing begins again when the upload changes", fails: "M2_parts_not_named_do_not_hold_it_up", hangs: true,
	phrase: "no end within",
	fault: on("completemultipart", func(c *request, do func()) {
		for c.opts[storage.OptChecksumAlgorithms] != nil && c.ctx.Err() == nil {
			before := uploaded(c)
			time.Sleep(100 * time.Millisecond)
			if now := uploaded(c)[2]; now == nil || now.LastModified.Equal(*before[2].LastModified) {
				break
			}
		}
		do()
	}),
}, {
	name: "uploads are listed by age", fails: "M1_uploads_by_key_and_id",
	phrase: "uploads must be listed by key",
	fault: inUploads(func(_ *request, all []*storage.UploadInfo) []*storage.UploadInfo {
		slices.SortFunc(all, func(a, b *storage.UploadInfo) int { return a.Created.Compare(b.Created) })
		return all
	}),
}, {
	name: "uploads of one key are listed by age", fails: "M1_uploads_by_key_and_id",
	phrase: "uploads of one key must be listed by ID",
	fault: inUploads(func(_ *request, all []*storage.UploadInfo) []*storage.UploadInfo {
		slices.SortFunc(all, func(a, b *storage.UploadInfo) int {
			return 2*strings.Compare(a.Key, b.Key) + a.Created.Compare(b.Created)
		})
		return all
	}),
}, {
	name: "the prefix of uploads is ignored", fails: "M1_uploads_by_prefix",
	phrase: "uploads by the prefix",
	fault:  before("uploads", func(c *request) { c.key = "" }),
}, {
	name: "the limit of uploads is ignored", fails: "M1_uploads_in_pages",
	phrase: "Uploads with limit 2 and offset 0",
	fault:  before("uploads", func(c *request) { c.limit = 0 }),
}, {
	name: "listed uploads have no ID", fails: "M1_uploads_are_listed",
	phrase: "a listed upload must be the one that InitMultipart returned",
	fault: inUploads(func(_ *request, all []*storage.UploadInfo) []*storage.UploadInfo {
		for _, u := range all {
			u.UploadID = ""
		}
		return all
	}),
}, {
	name: "uploads stay listed when they are finished", fails: "M1_finished_uploads_are_not_listed",
	phrase: "a finished upload must not be listed",
	fault: both(onSuccess("abortmultipart", func(c *request) { c.memo.Store("finished", c.mu) }),
		inUploads(func(c *request, all []*storage.UploadInfo) []*storage.UploadInfo {
			if mu, ok := c.memo.Load("finished"); ok {
				all = append(all, &storage.UploadInfo{MultipartUpload: *mu.(*storage.MultipartUpload)})
			}
			return all
		})),
}, {
	name: "uploads of all buckets are listed", fails: "M1_uploads_of_other_buckets_are_not_listed",
	phrase: "a bucket must list its own uploads",
	fault: inUploads(func(c *request, all []*storage.UploadInfo) []*storage.UploadInfo {
		it, err := c.st.Bucket("other").(storage.HasUploads).Uploads(background, c.key, 0, 0, nil)
		if err != nil {
			return all
		}
		return append(all, collect(it)...)
	}),
}, {
	name: "an iterator of uploads does not end", fails: "M1_iterator_of_uploads_ends",
	phrase: "Next at the end is nil",
	fault: onSuccess("uploads", func(c *request) {
		c.uploads = &endlessIter{&iterOf[storage.UploadInfo]{ctx: c.ctx, items: collect(c.uploads)}, nil}
	}),
}, {
	name: "an iterator of uploads ignores its context", fails: "C1_iterator_of_uploads",
	phrase: "Next of the iterator of Uploads",
	fault: onSuccess("uploads", func(c *request) {
		c.uploads = &iterOf[storage.UploadInfo]{items: collect(c.uploads)}
	}),
}, {
	name: "an iterator of uploads sees later ones", fails: "L3_listing_of_uploads",
	phrase: "must give the uploads that were in progress",
	fault: onSuccess("uploads", func(c *request) {
		call := *c
		c.uploads = &oneByOne{next: func(n int) *storage.UploadInfo {
			it, err := call.b.Uploads(call.ctx, call.key, 1, n, nil)
			if err != nil {
				return nil
			}
			u, _ := it.Next()
			return u
		}}
	}),
}, {
	name: "a listed upload is no handle", fails: "M1_listed_upload_is_a_handle",
	phrase: "UploadPart to an upload of",
	fault: inUploads(func(_ *request, all []*storage.UploadInfo) []*storage.UploadInfo {
		for _, u := range all {
			u.UploadID += "x"
		}
		return all
	}),
}, {
	name: "an empty upload is invalid", fails: "C3_zero_upload",
	phrase: "of an empty upload",
	fault:  refuses(uploadOps, storage.ErrInvalid, func(c *request) bool { return c.mu != nil && c.mu.UploadID == "" }),
}}

// inUploads is a fault in what Uploads lists.
func inUploads(change func(c *request, all []*storage.UploadInfo) []*storage.UploadInfo) fault {
	return onSuccess("uploads", func(c *request) {
		c.uploads = &iterOf[storage.UploadInfo]{ctx: c.ctx, items: change(c, collect(c.uploads))}
	})
}

// endlessIter gives its last entry again and again.
type endlessIter struct {
	storage.UploadIter
	last *storage.UploadInfo
}

func (it *endlessIter) Next() (*storage.UploadInfo, error) {
	u, err := it.UploadIter.Next()
	if u != nil {
		it.last = u
	}
	if err == nil {
		u = it.last
	}
	return u, err
}

// oneByOne asks for each entry when it is needed.
type oneByOne struct {
	next   func(n int) *storage.UploadInfo
	n      int
	closed bool
}

func (it *oneByOne) Next() (*storage.UploadInfo, error) {
	if it.closed {
		return nil, storage.ErrClosed
	}
	u := it.next(it.n)
	it.n++
	return u, nil
}

func (it *oneByOne) Close() error {
	it.closed = true
	return nil
}

// numberedUploads gives uploads IDs that count from 1 in each store, and from 1
// again when count says so.
func numberedUploads(restart func(c *request) bool) fault {
	return func(c *request, do func()) {
		ids, _ := c.memo.LoadOrStore("ids", new(idTable))
		table := ids.(*idTable)
		if c.mu != nil {
			mu := *c.mu
			if id, ok := table.sound[mu.UploadID]; ok {
				mu.UploadID = id
			}
			c.mu = &mu
		}
		if do(); c.err == nil && c.op == "initmultipart" {
			c.mu.UploadID = table.add(c.mu.UploadID)
		}
		if restart(c) {
			table.n = 0
		}
	}
}

// idTable holds the IDs that a sound store gave, by those given instead. Its cases
// use one goroutine.
type idTable struct {
	n     int
	sound map[string]string
}

func (t *idTable) add(sound string) string {
	if t.sound == nil {
		t.sound = make(map[string]string)
	}
	t.n++
	id := fmt.Sprintf("upload-%d", t.n)
	t.sound[id] = sound
	return id
}
