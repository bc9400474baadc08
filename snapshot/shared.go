package snapshot

import (
	"cmp"
	"crypto/md5"
	"strings"

	"open-lake.dev/lib/storage"
)

// This file is an optimisation: a body that is read from a store of this package is
// not copied. The new object shares the leaves of the one that is read, as a copy
// does, so a part of it costs memory by the leaf. The digests still read the bytes,
// unless they are those of the whole object.

// receiveShared is [receiver.receive] for a reader of a store.
func (r *receiver) receiveShared(src *reader) (received, error) {
	o := src.object.Load()
	if o == nil {
		return r.finish(readError("read", storage.ErrClosed))
	}
	if etag, ok := r.etagOf(src, o); ok {
		src.off, r.total = src.end, o.size()
		return received{content: o.content, etag: etag}, cmp.Or(r.admit(r.total), r.ctx.Err())
	}
	off := min(src.off, src.end)
	r.shares = true
	in, err := r.finish(r.read(src))
	if err == nil {
		in.content = o.section(off, r.total)
	}
	return in, err
}

// etagOf returns the ETag of a body if that is the object's: the body is the whole of
// it, no other digests are asked for, and the ETag is that of the bytes.
func (r *receiver) etagOf(src *reader, o *object) (etag, bool) {
	size := o.size()
	if src.off != 0 || src.end != size || r.size >= 0 && r.size != size || !r.digest.onlyETag() {
		return etag{}, false
	}
	e, err := parseETag(o.etag)
	return e, err == nil && e.parts == 0 && (e.size == md5.Size) == r.digest.md5
}

// section returns n bytes from off on, which are within the content. It shares the
// leaves that it has the whole of, and copies what it has of the others, so that it
// keeps no bytes alive but its own.
func (c content) section(off, n int64) content {
	if n == c.size() {
		return c
	}
	var parts []content
	for n > 0 {
		leaf, at := c.leafAt(off)
		run := leaf[at:min(int64(len(leaf)), at+n)]
		if len(run) < len(leaf) {
			run = strings.Clone(run)
		}
		parts = append(parts, content{leaf: run})
		off, n = off+int64(len(run)), n-int64(len(run))
	}
	if parts == nil {
		return content{}
	}
	return join(parts)
}
