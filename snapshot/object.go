package snapshot

import (
	"maps"
	"time"

	"open-lake.dev/lib/storage"
)

// object is an object in the tree, which knows its key. It never changes once
// it is there. It is kept small, since a store holds millions: times are
// numbers, what few objects have is behind one pointer.
type object struct {
	content
	contentType string
	etag        string
	extra       *extra
	createdSec  int64 // Unix time
	updatedSec  int64
	createdNsec int32
	updatedNsec int32
}

// extra is what most objects lack.
type extra struct {
	metadata map[string]string
	hash     storage.Hashes
}

// newObject returns an object to which the times are yet to be set. It keeps
// the maps.
func newObject(c content, e etag, contentType string, metadata map[string]string, hash storage.Hashes) *object {
	o := &object{content: c, etag: e.String(), contentType: contentType}
	o.setExtra(metadata, hash)
	return o
}

// setExtra keeps the maps. An empty one is kept as none, so that two objects
// without metadata do not differ.
func (o *object) setExtra(metadata map[string]string, hash storage.Hashes) {
	if len(metadata) == 0 {
		metadata = nil
	}
	if len(hash) == 0 {
		hash = nil
	}
	o.extra = nil
	if metadata != nil || hash != nil {
		o.extra = &extra{metadata, hash}
	}
}

func (o *object) hash() storage.Hashes {
	if o.extra == nil {
		return nil
	}
	return o.extra.hash
}

func (o *object) created() time.Time { return unix(o.createdSec, o.createdNsec) }
func (o *object) updated() time.Time { return unix(o.updatedSec, o.updatedNsec) }

func (o *object) setCreated(t time.Time) {
	o.createdSec, o.createdNsec = t.Unix(), int32(t.Nanosecond())
}

func (o *object) setUpdated(t time.Time) {
	o.updatedSec, o.updatedNsec = t.Unix(), int32(t.Nanosecond())
}

func unix(sec int64, nsec int32) time.Time { return time.Unix(sec, int64(nsec)).UTC() }

// weight is what an object counts in a tree's Weight: its bytes.
func weight(o *object) int64 { return o.size() }

// describe fills in a caller's own description of the object, which is empty.
func (o *object) describe(to *storage.Object, bucket, key string) *storage.Object {
	to.Bucket, to.Key = bucket, key
	to.Size = o.size()
	to.ContentType, to.ETag = o.contentType, o.etag
	to.Created, to.Updated = o.created(), o.updated()
	if o.extra != nil {
		to.Hash = maps.Clone(o.extra.hash)
		to.Metadata = maps.Clone(o.extra.metadata)
	}
	return to
}
