package drivertest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// lacking is a fault that takes away from a sound driver what limits say, and
// keeps the weak half of every rule that they relax. Those that make calls of their
// own come last in limits.Relaxed, so that the others change what they give.
func lacking(limits storage.Limits) fault {
	f := fault(func(_ *request, do func()) { do() })
	for _, rule := range slices.Backward(limits.Relaxed) {
		if relax := relaxations(limits)[rule]; relax != nil {
			f = both(relax, f)
		}
	}
	if limits.TimeResolution > 0 {
		f = both(coarseTimes(limits.TimeResolution), f)
	}
	return both(sizeLimits(limits), f)
}

// relaxations are faults that relax one rule each.
func relaxations(limits storage.Limits) map[string]fault {
	return map[string]fault{
		storage.RelaxedB2:         noBucketIsMade,
		storage.RelaxedD1:         objects(func(_ *request, o *storage.Object) { forgetTimes(o, o.IsDir, o.IsDir) }),
		storage.RelaxedD3:         on("directory.delete", deleteOneByOne),
		storage.RelaxedO6:         on("delete", deleteOneByOne),
		storage.RelaxedD4:         on("directory.move", moveOneByOne(limits)),
		storage.RelaxedMove:       on("move", copyAndDelete),
		storage.RelaxedL1:         entries(bareEntry),
		storage.RelaxedL3:         onSuccess("list directory.list", pageByPage),
		storage.RelaxedO2:         objects(func(_ *request, o *storage.Object) { forgetTimes(o, !o.IsDir, false) }),
		storage.RelaxedO3:         etagsWithKeys,
		storage.RelaxedO3Complete: refuses("completemultipart", storage.ErrUnsupported, hasDigests),
		storage.RelaxedO7Write:    refuses("write", storage.ErrUnsupported, hasConditions),
		storage.RelaxedO7Copy:     refuses("copy move", storage.ErrUnsupported, hasConditions),
		storage.RelaxedO7Delete:   refuses("delete", storage.ErrUnsupported, hasConditions),
		storage.RelaxedO7Complete: refuses("completemultipart", storage.ErrUnsupported, hasConditions),
		storage.RelaxedTwins:      refuses("write copy move completemultipart directory.move", storage.ErrExist, makesTwin),
	}
}

// valid reports whether the call has good options and a context that is not done.
func (c *request) valid() bool {
	return c.ctx != nil && c.ctx.Err() == nil && c.opts.Validate(c.op) == nil
}

// cleanKey returns the normalised key of the call, which may be that of an upload.
func (c *request) cleanKey() string {
	key := c.key
	if c.mu != nil {
		key = c.mu.Key
	}
	clean, _ := storage.CleanKey(key)
	return clean
}

var noBucketIsMade = refuses("write copy move initmultipart list directory.list uploads", storage.ErrNoBucket, func(c *request) bool {
	_, err := c.b.Info(background)
	return c.valid() && errors.Is(err, storage.ErrNoBucket)
})

func forgetTimes(o *storage.Object, created, updated bool) {
	if created {
		o.Created = time.Time{}
	}
	if updated {
		o.Updated = time.Time{}
	}
}

func bareEntry(o *storage.Object) {
	if !o.IsDir {
		*o = storage.Object{Bucket: o.Bucket, Key: o.Key, Size: o.Size, ETag: o.ETag, Updated: o.Updated}
	}
}

func hasConditions(c *request) bool {
	return c.valid() && (!c.opts.Bool(storage.OptUpsert, true) ||
		slices.ContainsFunc(conditionKeys, func(key string) bool { return c.opts[key] != nil }))
}

func hasDigests(c *request) bool {
	return c.valid() && slices.ContainsFunc(digestKeys, func(key string) bool { return c.opts[key] != nil })
}

// deleteOneByOne deletes all but one of the objects, each in a commit of its own,
// before it makes the call.
func deleteOneByOne(c *request, do func()) {
	if c.valid() && c.opts.Bool(storage.OptRecursive, false) && !hasConditions(c) {
		prefix := c.key
		if c.op == "delete" || prefix != "" {
			prefix = c.cleanKey() + "/"
		}
		if prefix != "/" {
			all := beneath(c, prefix)
			for _, o := range all[min(len(all), 1):] {
				c.b.Delete(c.ctx, o.Key, nil)
			}
		}
	}
	do()
}

func copyAndDelete(c *request, do func()) {
	if !c.valid() || c.other == c.key {
		do()
		return
	}
	if c.obj, c.err = c.b.Copy(c.ctx, c.key, c.otherBucket, c.other, c.opts); c.err == nil {
		c.err = c.source().Delete(c.ctx, c.other, nil)
	}
	var e *storage.Error
	if errors.As(c.err, &e) {
		c.fail(e.Err)
	}
}

// moveOneByOne moves the objects of a directory by Copy and Delete, but for a move
// between a directory and its own child.
func moveOneByOne(limits storage.Limits) fault {
	return func(c *request, do func()) {
		dst, err := storage.CleanDir(c.other)
		src, all := c.key+"/", beneath(c, c.key+"/")
		if !c.valid() || err != nil || c.key == "" || len(all) == 0 {
			do()
			return
		}
		for _, o := range all {
			if len(dst)+len(o.Key)-len(c.key) > limits.MaxKey && limits.MaxKey > 0 {
				c.fail(storage.ErrInvalid)
				return
			}
		}
		if dst == "" || strings.HasPrefix(src, dst+"/") || strings.HasPrefix(dst+"/", src) {
			do()
			return
		}
		for _, o := range all {
			if _, err := c.b.Copy(c.ctx, dst+o.Key[len(c.key):], "", o.Key, nil); err != nil && !errors.Is(err, storage.ErrNotExist) {
				c.fail(errors.Unwrap(err))
				return
			}
			if err := c.b.Delete(c.ctx, o.Key, nil); err != nil && !errors.Is(err, storage.ErrNotExist) {
				c.fail(errors.Unwrap(err))
				return
			}
		}
	}
}

// pageByPage makes a listing fetch its pages when they are needed.
func pageByPage(c *request) {
	const most = 1000
	c.objects.Close()
	rest := *c
	list := func(limit, skip int, opts storage.Options) []*storage.Object {
		var it storage.ObjectIter
		var err error
		if rest.op == "list" {
			it, err = rest.b.List(rest.ctx, rest.key, limit, skip, opts)
		} else {
			it, err = rest.b.Directory(rest.key).List(rest.ctx, limit, skip, opts)
		}
		if err != nil {
			return nil
		}
		return collect(it)
	}
	first := most
	if rest.limit > 0 {
		first = min(first, rest.limit)
	}
	c.objects = &pageIter{ctx: rest.ctx, left: rest.limit, page: list(first, rest.skip, rest.opts), next: func(after string) []*storage.Object {
		return list(most, 0, with(rest.opts, storage.OptStartAfter, after))
	}}
}

// pageIter walks pages.
type pageIter struct {
	ctx    interface{ Err() error }
	left   int // of the limit, if there is one
	page   []*storage.Object
	last   string
	next   func(after string) []*storage.Object
	given  int
	closed bool
}

func (it *pageIter) Next() (*storage.Object, error) {
	if it.closed {
		return nil, &storage.Error{Op: "list", Err: storage.ErrClosed}
	}
	if err := it.ctx.Err(); err != nil {
		return nil, &storage.Error{Op: "list", Err: err}
	}
	if it.left > 0 && it.given == it.left {
		return nil, nil
	}
	if len(it.page) == 0 && it.given > 0 {
		it.page = it.next(it.last)
	}
	if len(it.page) == 0 {
		return nil, nil
	}
	o := it.page[0]
	it.page, it.last = it.page[1:], o.PageKey()
	it.given++
	return o, nil
}

func (it *pageIter) Close() error {
	it.closed = true
	return nil
}

// etagsWithKeys makes the ETag depend on the key.
var etagsWithKeys = both(objects(func(_ *request, o *storage.Object) {
	if !o.IsDir {
		o.ETag += keyMark(o.Key)
	}
}), before("write open stat delete copy move completemultipart", func(c *request) {
	for _, key := range []string{storage.OptIfMatch, storage.OptIfNoneMatch} {
		if tags, ok := c.opts[key].(string); ok {
			c.set(key, strings.ReplaceAll(tags, keyMark(c.cleanKey()), ""))
		}
	}
}))

func keyMark(key string) string { return fmt.Sprintf("~%x", crc32.ChecksumIEEE([]byte(key))) }

// makesTwin reports whether the call would put an object beside a directory of its
// name.
func makesTwin(c *request) bool {
	if !c.valid() {
		return false
	}
	keys := []string{c.cleanKey()}
	if c.op == "directory.move" || keys[0] == "" {
		keys = nil
	}
	if c.op == "directory.move" {
		dst, err := storage.CleanDir(c.other)
		for _, o := range beneath(c, c.key+"/") {
			if err == nil && c.key != "" && dst != c.key && !strings.HasPrefix(dst, c.key+"/") {
				keys = append(keys, strings.TrimPrefix(dst+o.Key[len(c.key):], "/"))
			}
		}
	}
	return slices.ContainsFunc(keys, func(key string) bool {
		if len(beneath(c, key+"/")) > 0 {
			return true
		}
		for i := strings.LastIndexByte(key, '/'); i > 0; i = strings.LastIndexByte(key[:i], '/') {
			if o, err := c.b.Stat(background, key[:i], nil); err == nil && !o.IsDir {
				return true
			}
		}
		return false
	})
}
