package snapshot

import (
	"maps"
	"time"
	"unique"

	"open-lake.dev/lib/storage"
)

// object is an object in the tree, which knows its key. It never changes once it is
// there. It is kept small, since a store holds millions: times are numbers, content
// types are interned, and fields that few objects have are in a struct of their own.
type object struct {
	content
	contentType unique.Handle[string]
	etag        string
	extra       *extra
	createdSec  int64 // Unix time
	updatedSec  int64
	createdNsec int32
	updatedNsec int32
}

// extra holds the fields that few objects have.
type extra struct {
	metadata map[string]string
	hash     storage.Hashes
}

// newObject returns an object to which the times are yet to be set. It keeps the
// metadata.
func newObject(in received, contentType string, metadata map[string]string) *object {
	o := &object{content: in.content, etag: in.etag.String(), contentType: internType(contentType)}
	o.setExtra(metadata, in.hash)
	return o
}

// noType saves the look-up for an empty content type, the most frequent one.
var noType = unique.Make("")

func internType(contentType string) unique.Handle[string] {
	if contentType == "" {
		return noType
	}
	return unique.Make(contentType)
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

// notBefore makes o, which replaces old, no older than that (O2).
func (o *object) notBefore(old *object) {
	if o.updated().Before(old.updated()) {
		o.updatedSec, o.updatedNsec = old.updatedSec, old.updatedNsec
	}
}

func unix(sec int64, nsec int32) time.Time { return time.Unix(sec, int64(nsec)).UTC() }

// weight is an object's part of a tree's Weight: its bytes.
func weight(o *object) int64 { return o.size() }

// describe returns a caller's own description of the object.
func (o *object) describe(bucket, key string) *storage.Object {
	to := new(storage.Object)
	o.describeInto(to, bucket, key)
	return to
}

// describeInto describes the object in to, which is zero.
func (o *object) describeInto(to *storage.Object, bucket, key string) {
	to.Bucket, to.Key = bucket, key
	to.Size = o.size()
	to.ContentType, to.ETag = o.contentType.Value(), o.etag
	to.Created, to.Updated = o.created(), o.updated()
	if o.extra != nil {
		to.Hash = maps.Clone(o.extra.hash)
		to.Metadata = maps.Clone(o.extra.metadata)
	}
}

// conditional returns the part of the description that conditions are about.
func (o *object) conditional() *storage.Object {
	return &storage.Object{ETag: o.etag, Updated: o.updated()}
}

// cloneObject returns a description that shares nothing with o.
func cloneObject(o *storage.Object) *storage.Object {
	c := *o
	c.Hash, c.Metadata = maps.Clone(o.Hash), maps.Clone(o.Metadata)
	return &c
}
