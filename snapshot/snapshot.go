// Package snapshot is the value of a whole object store.
//
// A [Snapshot] is buckets, objects, metadata and uploads in progress as one
// immutable value. It can be read as a [storage.Storage] or an [fs.FS],
// compared with another ([Diff]), and made current again in any memory store
// ([Store]). A store is no more than a [Head], the one mutable cell that says
// which value is current: [Over] makes the whole of storage.Storage from it. A
// read loads the value once and works on what it got; a write derives the next
// value and commits it, whole or not at all.
//
// Inside, every bucket is a [tree.Tree], so a version costs what the change
// touches. Content is shared by all versions that hold it and is freed with the
// last of them.
package snapshot

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/benbjohnson/immutable"
	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Snapshot is an immutable store. It is safe to share, never changes, and lives
// while it is referenced. The zero Snapshot is an empty store.
type Snapshot struct {
	buckets *immutable.SortedMap[string, *bucket] // nil is none
	objects int
	bytes   int64
	uploads uint64 // how many uploads were begun, so the number of the last
}

// bucket is a bucket in a Snapshot. It never changes once it is there.
type bucket struct {
	created  time.Time
	public   bool
	metadata map[string]string
	objects  tree.Tree[*object]
	uploads  *immutable.SortedMap[string, *upload] // by id; nil is none
	parts    int64                                 // bytes of the uploads' parts
}

// Len returns the number of objects. It costs O(1).
func (s *Snapshot) Len() int { return s.objects }

// Bytes returns how much content the objects and the parts of uploads in
// progress hold, in bytes; content that objects share counts for each. It costs
// O(1).
func (s *Snapshot) Bytes() int64 { return s.bytes }

// Succeed returns s as what follows cur in a store's history: the same, except
// that numbers of uploads begun in cur are not given out again, so that a handle
// on an upload that s does not hold stays unknown.
func (s *Snapshot) Succeed(cur *Snapshot) *Snapshot {
	if s.uploads >= cur.uploads {
		return s
	}
	next := *s
	next.uploads = cur.uploads
	return &next
}

// table returns the buckets by name.
func (s *Snapshot) table() *immutable.SortedMap[string, *bucket] {
	if s.buckets == nil {
		return immutable.NewSortedMap[string, *bucket](byName{})
	}
	return s.buckets
}

// bucket returns the named bucket, nil if there is none.
func (s *Snapshot) bucket(name string) *bucket {
	if s.buckets == nil {
		return nil
	}
	b, _ := s.buckets.Get(name)
	return b
}

// objectsOf returns the objects of a bucket, none if it does not exist.
func (s *Snapshot) objectsOf(bucket string) tree.Tree[*object] {
	if b := s.bucket(bucket); b != nil {
		return b.objects
	}
	return tree.Tree[*object]{}
}

// object returns the object, nil if there is none.
func (s *Snapshot) object(bucket, key string) *object {
	o, _ := s.objectsOf(bucket).Get(key)
	return o
}

// missing returns why there is no object at key: ErrNotExist, or ErrPermission
// if the name is only a directory (O5).
func (s *Snapshot) missing(bucket, key string) error {
	if s.directory(bucket, key) != nil {
		return fmt.Errorf("%w: it is a directory", storage.ErrPermission)
	}
	return storage.ErrNotExist
}

// with returns s with the named bucket replaced, or removed if b is nil.
func (s *Snapshot) with(name string, b *bucket) *Snapshot {
	next := *s
	next.buckets = s.table()
	if old := s.bucket(name); old != nil {
		next.objects -= old.objects.Len()
		next.bytes -= old.bytes()
	}
	if b == nil {
		next.buckets = next.buckets.Delete(name)
		return &next
	}
	next.objects += b.objects.Len()
	next.bytes += b.bytes()
	next.buckets = next.buckets.Set(name, b)
	return &next
}

// edit returns s with the named bucket, created if need be (B2), changed by f.
func (s *Snapshot) edit(name string, now time.Time, f func(*bucket)) *Snapshot {
	b := &bucket{created: now, objects: tree.New(weight)}
	if old := s.bucket(name); old != nil {
		*b = *old
	}
	f(b)
	return s.with(name, b)
}

func (b *bucket) bytes() int64 { return b.objects.Weight() + b.parts }

// info describes the bucket to a caller.
func (b *bucket) info(name string) *storage.BucketInfo {
	return &storage.BucketInfo{Name: name, CreatedAt: b.created, Public: b.public, Metadata: maps.Clone(b.metadata)}
}

// directory describes the directory at path, the root if it is empty, by rule
// D1; nil if there is none.
func (s *Snapshot) directory(bucketName, path string) *storage.Object {
	b := s.bucket(bucketName)
	if b == nil {
		return nil
	}
	if path == "" {
		root := describeDir(bucketName, path, b.objects)
		root.Created = b.created
		if root.Updated.Before(b.created) {
			root.Updated = b.created
		}
		return root
	}
	dir, ok := b.objects.Dir(path + "/")
	if !ok {
		return nil
	}
	return describeDir(bucketName, path, dir)
}

func describeDir(bucket, path string, dir tree.Tree[*object]) *storage.Object {
	return &storage.Object{Bucket: bucket, Key: path, IsDir: true, Created: dir.Born(), Updated: dir.Changed()}
}

// byName orders buckets and uploads.
type byName struct{}

func (byName) Compare(a, b string) int { return strings.Compare(a, b) }
