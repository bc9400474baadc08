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
	name: "a short read is stored", rule: "O1",
	phrase: "a short source must store nothing",
	fault:  storesDespite(io.ErrUnexpectedEOF),
}, {
	name: "what a failing source gave is stored", rule: "O1",
	phrase: "must leave the old content untouched",
	fault:  storesDespite(errSource),
}, {
	name: "a cancelled write is stored", rule: "O1",
	phrase: "a cancelled context must leave the old object untouched",
	fault:  storesDespite(context.Canceled),
}, {
	name: "a failing source removes the old object", rule: "O1",
	phrase: "Stat of \"key\" must succeed",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, errSource) {
			c.b.Delete(background, c.key, nil)
		}
	}),
}, {
	name: "size is ignored", rule: "O1",
	phrase: "exactly size bytes must be stored",
	fault:  before("write", func(c *request) { c.size = -1 }),
}, {
	name: "a negative size is refused", rule: "O1",
	phrase: "size -1 reads to the end",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return c.size < 0 }),
}, {
	name: "the claimed size is allocated", rule: "O1",
	phrase: "must not be allocated",
	fault: before("write", func(c *request) {
		if c.size > 1<<20 {
			claimed := make([]byte, 0, min(c.size, 32<<20))
			c.src = io.MultiReader(bytes.NewReader(claimed), c.src)
		}
	}),
}, {
	name: "a lock is held while the caller's reader is read", rule: "O1", hangs: true,
	phrase: "waits for a lock that is never released",
	fault: func(c *request, do func()) {
		if c.lock() {
			defer c.unlock()
			do()
		}
	},
}, {
	name: "overwriting renews Created", rule: "O2",
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
	name: "Copy keeps times", rule: "O2",
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
	name: "Copy drops the digests", rule: "O2",
	phrase: "Copy must take content, type, metadata and digests",
	fault:  onSuccess("copy", func(c *request) { c.obj.Hash = nil }),
}, {
	name: "Move is Copy and Delete", rule: "O2",
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
	name: "times are in the local zone", rule: "O2",
	phrase: "must be in UTC",
	fault: objects(func(c *request, o *storage.Object) {
		zone := time.FixedZone("local", 3600)
		o.Created, o.Updated = o.Created.In(zone), o.Updated.In(zone)
	}),
}, {
	name: "the ETag is the time", rule: "O3",
	phrase: "equal content must have equal ETags",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag = fmt.Sprintf("%x", o.Updated.UnixNano()) }),
}, {
	name: "the ETag covers the key", rule: "O3",
	phrase: "an ETag must not depend on bucket, key",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag += o.Key }),
}, {
	name: "a multipart ETag lacks the number of parts", rule: "O3",
	phrase: "the ETag of two parts must end in -2",
	fault:  objects(func(c *request, o *storage.Object) { o.ETag, _, _ = strings.Cut(o.ETag, "-") }),
}, {
	name: "checksums are not verified", rule: "O3",
	phrase: "of other content",
	fault:  before("write", func(c *request) { c.drop(storage.OptChecksum) }),
}, {
	name: "stored in spite of a wrong checksum", rule: "O3",
	phrase: "a checksum that differs must store nothing",
	fault:  storesDespite(storage.ErrChecksum),
}, {
	name: "digests are in upper case", rule: "O3",
	phrase: "lower-case hexadecimal",
	fault: objects(func(c *request, o *storage.Object) {
		for name, sum := range o.Hash {
			o.Hash[name] = strings.ToUpper(sum)
		}
	}),
}, {
	name: "an unknown algorithm is ignored", rule: "O3",
	phrase: "an unknown algorithm",
	fault: on("write", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrInvalid) && c.opts[storage.OptChecksumAlgorithms] != nil {
			c.drop(storage.OptChecksumAlgorithms)
			do()
		}
	}),
}, {
	name: "a negative offset fails", rule: "O4",
	phrase: "Open with offset -1",
	fault:  refuses("open", storage.ErrInvalid, func(c *request) bool { return c.offset < 0 }),
}, {
	name: "an offset past the end fails", rule: "O4",
	phrase: "Open with offset 11",
	fault: onSuccess("open", func(c *request) {
		if c.offset > c.obj.Size {
			c.fail(storage.ErrInvalid)
		}
	}),
}, {
	name: "length 0 is nothing", rule: "O4",
	phrase: "Open with offset 0 and length 0",
	fault: onSuccess("open", func(c *request) {
		if c.length == 0 {
			c.rc = io.NopCloser(strings.NewReader(""))
		}
	}),
}, {
	name: "a reader follows later writes", rule: "O4",
	phrase: "reading an object must succeed",
	fault: onSuccess("open", func(c *request) {
		c.rc = &lateReader{open: func() (io.ReadCloser, error) {
			rc, _, err := c.b.Open(background, c.key, c.offset, c.length, nil)
			return rc, err
		}}
	}),
}, {
	name: "Open of a directory is ErrNotExist", rule: "O5",
	phrase: "which is only a directory",
	fault:  insteadOf("open", storage.ErrPermission, storage.ErrNotExist),
}, {
	name: "Stat of a directory has a trailing slash", rule: "O5",
	phrase: "the Key of a directory has no trailing slash",
	fault: onSuccess("stat", func(c *request) {
		if c.obj.IsDir {
			c.obj.Key += "/"
		}
	}),
}, {
	name: "Stat with a trailing slash finds the object", rule: "O5",
	phrase: "must look for the directory first",
	fault:  before("stat", func(c *request) { c.key = strings.TrimRight(c.key, "/") }),
}, {
	name: "Delete of a missing key succeeds", rule: "O6",
	phrase: "Delete of a missing key",
	fault:  insteadOf("delete", storage.ErrNotExist, nil),
}, {
	name: "Delete removes a directory unasked", rule: "O6",
	phrase: "which is only a directory",
	fault: on("delete", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrPermission) && c.key != "" && !strings.Contains(c.key, "..") {
			c.set(storage.OptRecursive, true)
			do()
		}
	}),
}, {
	name: "a recursive Delete takes the neighbour", rule: "O6",
	phrase: "and nothing else",
	fault: onSuccess("delete", func(c *request) {
		if c.opts.Bool(storage.OptRecursive, false) {
			for _, o := range beneath(c, c.key) {
				c.b.Delete(background, o.Key, nil)
			}
		}
	}),
}, {
	name: "a recursive Delete deletes one by one", rule: "O6",
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
	name: "a recursive Delete leaves the object", rule: "O6",
	phrase: "must remove the object and all beneath",
	fault: on("delete", func(c *request, do func()) {
		dir := c.b.Directory(c.key)
		if _, err := dir.Info(c.ctx); err == nil && c.opts.Bool(storage.OptRecursive, false) {
			c.err = dir.Delete(c.ctx, c.opts)
		} else {
			do()
		}
	}),
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
