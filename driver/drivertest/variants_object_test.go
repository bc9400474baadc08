package drivertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// objectVariants break the rules of objects.
var objectVariants = []variant{{
	name: "a short read is stored", fails: "O1_short_source_at_a_new_key",
	phrase: "a short source must store nothing",
	fault:  storesDespite(io.ErrUnexpectedEOF),
}, {
	name: "what a failing source gave is stored", fails: "O1_failing_source",
	phrase: "must leave the old content untouched",
	fault:  storesDespite(errSource),
}, {
	name: "a cancelled write is stored", fails: "O1_cancelled_in_mid_body",
	phrase: "a cancelled context must leave the old object untouched",
	fault:  storesDespite(context.Canceled),
}, {
	name: "a failing source removes the old object", fails: "O1_failing_source",
	phrase: "Stat of \"key\" must succeed",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, errSource) {
			c.b.Delete(background, c.key, nil)
		}
	}),
}, {
	name: "size is ignored", fails: "O1_reads_exactly_size_bytes",
	phrase: "exactly size bytes must be stored",
	fault:  before("write", func(c *request) { c.size = -1 }),
}, {
	name: "a negative size is refused", fails: "O1_negative_size_reads_to_the_end",
	phrase: "size -1 reads to the end",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return c.size < 0 }),
}, {
	name: "the claimed size is allocated", fails: "O1_claimed_size_is_not_allocated",
	phrase: "must not be allocated",
	fault: before("write", func(c *request) {
		if c.size > 1<<20 {
			claimed := make([]byte, 0, min(c.size, 32<<20))
			c.src = io.MultiReader(bytes.NewReader(claimed), c.src)
		}
	}),
}, {
	name: "a lock is held while the caller's reader is read", fails: "O1_object_appears_when_whole", hangs: true,
	phrase: "waits for a lock that is never released",
	fault: func(c *request, do func()) {
		if c.lock() {
			defer c.unlock()
			do()
		}
	},
}, {
	name: "overwriting renews Created", fails: "O2_overwrite_keeps_created",
	phrase: "overwriting must keep Created",
	fault: on("write", func(c *request, do func()) {
		content := c.buffer()
		if do(); c.err == nil {
			c.b.Delete(background, c.key, nil)
			c.drop(append(conditionKeys, storage.OptUpsert)...)
			c.obj, c.err = c.b.Write(background, c.key, content, -1, c.contentType, c.opts)
		}
	}),
}, {
	name: "Copy keeps times", fails: "O2_copy_sets_both",
	phrase: "Copy must set Created to now",
	fault: both(objects(func(c *request, o *storage.Object) {
		if src, ok := c.memo.Load(o.Key); ok {
			o.Created, o.Updated = src.(*storage.Object).Created, src.(*storage.Object).Updated
		}
	}), onSuccess("copy", func(c *request) {
		if o, err := c.source().Stat(background, c.other, nil); err == nil {
			c.memo.Store(c.obj.Key, o)
		}
	})),
}, {
	name: "Copy drops the digests", fails: "O2_copy_takes_content_type_and_metadata",
	phrase: "Copy must take content, type, metadata and digests",
	fault:  onSuccess("copy", func(c *request) { c.obj.Hash = nil }),
}, {
	name: "Move is Copy and Delete", fails: "O2_move_keeps_both",
	phrase: "Move must keep Created",
	fault: on("move", func(c *request, do func()) {
		if c.other == c.key {
			do()
			return
		}
		if c.obj, c.err = c.b.Copy(c.ctx, c.key, c.otherBucket, c.other, c.opts); c.err == nil {
			c.err = c.source().Delete(c.ctx, c.other, nil)
		}
	}),
}, {
	name: "times are in the local zone", fails: "O2_times_are_UTC",
	phrase: "must be in UTC",
	fault: objects(func(c *request, o *storage.Object) {
		zone := time.FixedZone("local", 3600)
		o.Created, o.Updated = o.Created.In(zone), o.Updated.In(zone)
	}),
}, {
	name: "the ETag is the time", fails: "O3_etag_names_content",
	phrase: "equal content must have equal ETags",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag = fmt.Sprintf("%x", o.Updated.UnixNano()) }),
}, {
	name: "the ETag covers the key", fails: "O3_etag_names_nothing_else",
	phrase: "an ETag must not depend on bucket, key",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag += o.Key }),
}, {
	name: "a multipart ETag lacks the number of parts", fails: "O3_multipart_etag",
	phrase: "the ETag of two parts must end in -2",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag, _, _ = strings.Cut(o.ETag, "-") }),
}, {
	name: "checksums are not verified", fails: "O3_checksum_that_differs",
	phrase: "of other content",
	fault:  before("write", func(c *request) { c.drop(storage.OptChecksum) }),
}, {
	name: "stored in spite of a wrong checksum", fails: "O3_checksum_that_differs",
	phrase: "a checksum that differs must store nothing",
	fault:  storesDespite(storage.ErrChecksum),
}, {
	name: "digests are in upper case", fails: "O3_hash_holds_what_was_asked_for",
	phrase: "lower-case hexadecimal",
	fault: objects(func(c *request, o *storage.Object) {
		for name, sum := range o.Hash {
			o.Hash[name] = strings.ToUpper(sum)
		}
	}),
}, {
	name: "an unknown algorithm is ignored", fails: "O3_unknown_algorithm",
	phrase: "an unknown algorithm",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrInvalid) && c.opts[storage.OptChecksumAlgorithms] != nil {
			c.drop(storage.OptChecksumAlgorithms)
			do()
		}
	}),
}, {
	name: "a negative offset fails", fails: "O4_ranges",
	phrase: "Open with offset -1",
	fault:  refuses("open", storage.ErrInvalid, func(c *request) bool { return c.offset < 0 }),
}, {
	name: "an offset past the end fails", fails: "O4_ranges",
	phrase: "Open with offset 11",
	fault: onSuccess("open", func(c *request) {
		if c.offset > c.obj.Size {
			c.fail(storage.ErrInvalid)
		}
	}),
}, {
	name: "length 0 is nothing", fails: "O4_ranges",
	phrase: "Open with offset 0 and length 0",
	fault: onSuccess("open", func(c *request) {
		if c.length == 0 {
			c.rc = io.NopCloser(strings.NewReader(""))
		}
	}),
}, {
	name: "a reader follows later writes", fails: "O4_reader_outlives_a_moved_directory",
	phrase: "reading an object must succeed",
	fault: onSuccess("open", func(c *request) {
		c.rc = &lateReader{open: func() (io.ReadCloser, error) {
			rc, _, err := c.b.Open(background, c.key, c.offset, c.length, nil)
			return rc, err
		}}
	}),
}, {
	name: "Open of a directory is ErrNotExist", fails: "O5_open_of_a_directory",
	phrase: "which is only a directory",
	fault:  insteadOf("open", storage.ErrPermission, storage.ErrNotExist),
}, {
	name: "Stat of a directory has a trailing slash", fails: "O5_stat_of_a_directory",
	phrase: "the Key of a directory has no trailing slash",
	fault: onSuccess("stat", func(c *request) {
		if c.obj.IsDir {
			c.obj.Key += "/"
		}
	}),
}, {
	name: "Stat with a trailing slash finds the object", fails: "O5_stat_with_a_slash_looks_for_the_directory_first",
	phrase: "must look for the directory first",
	fault:  before("stat", func(c *request) { c.key = strings.TrimRight(c.key, "/") }),
}, {
	name: "Delete of a missing key succeeds", fails: "O6_delete_of_a_missing_key",
	phrase: "Delete of a missing key",
	fault:  insteadOf("delete", storage.ErrNotExist, nil),
}, {
	name: "Delete removes a directory unasked", fails: "O6_delete_of_a_directory",
	phrase: "which is only a directory",
	fault: on("delete", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrPermission) && c.key != "" && !strings.Contains(c.key, "..") {
			c.set(storage.OptRecursive, true)
			do()
		}
	}),
}, {
	name: "a recursive Delete takes the neighbour", fails: "O6_recursive_delete",
	phrase: "and nothing else",
	fault: onSuccess("delete", func(c *request) {
		if c.opts.Bool(storage.OptRecursive, false) {
			for _, o := range beneath(c, c.key) {
				c.b.Delete(background, o.Key, nil)
			}
		}
	}),
}, {
	name: "a recursive Delete deletes one by one", fails: "O6_recursive_delete_is_seen_whole",
	phrase: "no reader may see half a recursive Delete",
	fault: before("delete", func(c *request) {
		if _, err := c.b.Stat(c.ctx, c.key, nil); err == nil && c.opts.Bool(storage.OptRecursive, false) {
			all := beneath(c, c.key+"/")
			for _, o := range all[min(len(all), 1):] {
				c.b.Delete(c.ctx, o.Key, nil)
			}
		}
	}),
}, {
	name: "a recursive Delete leaves the object", fails: "O6_recursive_delete",
	phrase: "must remove the object and all beneath",
	fault: on("delete", func(c *request, do func()) {
		dir := c.b.Directory(c.key)
		if _, err := dir.Info(c.ctx); err == nil && c.opts.Bool(storage.OptRecursive, false) {
			c.err = dir.Delete(c.ctx, c.opts)
		} else {
			do()
		}
	}),
}, {
	name: "racing writers create after they update", fails: "O2_created_is_not_after_updated",
	phrase: "must not be after Updated",
	fault: objects(func(c *request, o *storage.Object) {
		if c.op == "list" {
			o.Created = o.Updated.Add(1)
		}
	}),
}, {
	name: "a moved object is at both places for a moment", fails: "O2_move_is_one_commit",
	phrase: "no reader may see a moved object at both places",
	fault: on("move", func(c *request, do func()) {
		if c.live() && c.other != c.key {
			c.b.Copy(background, c.key, c.otherBucket, c.other, nil)
			time.Sleep(time.Millisecond)
		}
		do()
	}),
}, {
	name: "Stat with a slash looks for a directory only", fails: "O5_stat_with_a_slash_looks_for_the_directory_first",
	phrase: "must succeed",
	fault: onSuccess("stat", func(c *request) {
		if strings.HasSuffix(c.key, "/") && !c.obj.IsDir {
			c.fail(storage.ErrNotExist)
		}
	}),
}, {
	name: "a time is read before the body", fails: "O2_updated_never_goes_back",
	phrase: "Updated must not go back",
	fault: func(c *request, do func()) {
		began := time.Now().UTC()
		do()
		if c.op == "write" && c.err == nil {
			c.memo.Store(c.bucket+c.obj.Key, began)
		}
		if c.obj != nil {
			if began, ok := c.memo.Load(c.bucket + c.obj.Key); ok {
				c.obj.Updated = began.(time.Time)
			}
		}
	},
}}

// storesDespite stores what it got from the source although the write fails with
// want.
func storesDespite(want error) fault {
	return on("write", func(c *request, do func()) {
		if c.src == nil {
			do()
			return
		}
		got := c.buffer()
		if do(); errors.Is(c.err, want) {
			c.drop(append(conditionKeys, storage.OptChecksum)...)
			c.b.Write(background, c.key, got, -1, c.contentType, c.opts)
		}
	})
}

// lateReader opens what it reads when it is first read.
type lateReader struct {
	open func() (io.ReadCloser, error)
	rc   io.ReadCloser
}

func (r *lateReader) Read(p []byte) (int, error) {
	if r.rc == nil {
		rc, err := r.open()
		if err != nil {
			return 0, err
		}
		r.rc = rc
	}
	return r.rc.Read(p)
}

func (r *lateReader) Close() error { return nil }
