// Package snapshot is a whole object store as one immutable value. It also holds
// the implementation of [storage.Storage] over such a value: every operation of
// the memory driver is here, and driver/memory only keeps the pointer to the
// current value.
//
// A [Snapshot] is buckets, objects, metadata and uploads in progress. It can be
// read as a [storage.Storage] or an [fs.FS], compared with another ([Diff]), and
// made current again in any memory store ([Store]). A store is a [Head], the one
// mutable cell that holds the current value, and [NewStorage] over it. A read loads
// the value once and works on it; a write derives the next value and commits it,
// whole or not at all.
//
// Inside, the buckets are a [tree.Tree], and so are the objects of each bucket, so
// a version costs what the change touches. Content is shared by all versions that
// hold it and is freed with the last of them.
//
// Where to look: update.go has every change of the value, run.go what surrounds
// every operation, and bucket.go, directory.go, multipart.go and list.go the
// operations. inmemory.go is an optimisation that a first reader can skip.
package snapshot

import (
	"fmt"
	"maps"
	"time"

	"github.com/benbjohnson/immutable"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Snapshot is an immutable store. It is safe to share, never changes, and lives
// while it is referenced. The zero Snapshot is an empty store, and so is nil, the
// snapshot of a closed store.
type Snapshot struct {
	buckets buckets
	objects int
	bytes   int64
	rules
	owner *tree.Owner // of a Draft; nil in a value that anyone has seen
}

// rules are those that a store can be opened with. They are part of its value.
type rules struct {
	exactKeys bool // K4
	md5ETags  bool // O3
}

// bucket is a bucket in a Snapshot. It never changes once it is there, except by its
// owner's updates.
type bucket struct {
	created  time.Time
	public   bool
	metadata map[string]string
	objects  tree.Tree[*object]
	uploads  *immutable.SortedMap[uploadID, *upload] // nil is none
	parts    int64                                   // bytes of the uploads' parts
	owner    *tree.Owner
}

// WithExactKeys returns s as a store with exact keys (contract rule K4).
func (s *Snapshot) WithExactKeys() *Snapshot {
	next := *s.orEmpty()
	next.exactKeys = true
	return &next
}

// WithMD5ETags returns s as a store that gives new objects the ETags of S3: the
// content's MD5, and for an upload the MD5 of its parts' MD5s with their number
// (contract rule O3). Objects that are in s keep the ETags they have.
func (s *Snapshot) WithMD5ETags() *Snapshot {
	next := *s.orEmpty()
	next.md5ETags = true
	return &next
}

// ExactKeys reports whether s is a store with exact keys (contract rule K4).
func (s *Snapshot) ExactKeys() bool { return s.orEmpty().exactKeys }

// orEmpty returns s, or an empty store if s is nil, which is the snapshot of a closed store.
func (s *Snapshot) orEmpty() *Snapshot {
	if s == nil {
		return new(Snapshot)
	}
	return s
}

// Len returns the number of objects. It costs O(1).
func (s *Snapshot) Len() int { return s.orEmpty().objects }

// Bytes returns how much content the objects and the parts of uploads in progress
// hold, in bytes; content that objects share counts for each. It costs O(1).
func (s *Snapshot) Bytes() int64 { return s.orEmpty().bytes }

// String returns how many buckets, objects and bytes s holds, as [Snapshot.Len] and
// [Snapshot.Bytes] count them.
func (s *Snapshot) String() string {
	s = s.orEmpty()
	return fmt.Sprintf("%s, %s, %s", plural(s.buckets.tree(nil).Len(), "bucket"), plural(s.Len(), "object"), formatBytes(s.Bytes()))
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// formatBytes returns a number of bytes in the largest unit of which there is one.
func formatBytes(n int64) string {
	if n < 1<<10 {
		return plural(int(n), "byte")
	}
	size, unit := float64(n)/(1<<10), 0
	for ; size >= 1023.95; unit++ { // which would be printed as 1024.0
		size /= 1 << 10
	}
	return fmt.Sprintf("%.1f %ciB", size, "KMGTPE"[unit])
}

// MarshalJSON returns ErrUnsupported, since JSON that left out the content would be
// mistaken for the snapshot. [Snapshot.Save] writes all of it.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return nil, fmt.Errorf("%w: a snapshot is not JSON; write it with Save and read it with Load", storage.ErrUnsupported)
}

// bucket returns the named bucket, nil if there is none.
func (s *Snapshot) bucket(name string) *bucket { return s.buckets.get(name) }

// objectsOf returns the objects of a bucket, none if it does not exist.
func (s *Snapshot) objectsOf(bucket string) tree.Tree[*object] {
	if b := s.bucket(bucket); b != nil {
		return b.objects
	}
	return tree.Tree[*object]{}
}

// object returns the object, nil if there is none.
func (s *Snapshot) object(at address) *object {
	o, _ := s.objectsOf(at.bucket).Get(at.key)
	return o
}

// address is where an object is: a normalised bucket name and key.
type address struct{ bucket, key string }

// notFound returns why there is no object: ErrNoBucket, ErrNotExist, or
// ErrPermission if the name is only a directory (O5).
func (s *Snapshot) notFound(at address) error {
	switch {
	case s.bucket(at.bucket) == nil:
		return storage.ErrNoBucket
	case s.directory(at.bucket, at.key) != nil:
		return fmt.Errorf("%w: it is a directory", storage.ErrPermission)
	}
	return storage.ErrNotExist
}

func (b *bucket) bytes() int64 { return b.objects.Weight() + b.parts }

// info describes the bucket to a caller.
func (b *bucket) info(name string) *storage.BucketInfo {
	return &storage.BucketInfo{Name: name, CreatedAt: b.created, Public: b.public, Metadata: maps.Clone(b.metadata)}
}

// directory describes the directory at path, the root if it is empty (D1); nil if
// there is none.
func (s *Snapshot) directory(bucketName, path string) *storage.Object {
	b := s.bucket(bucketName)
	if b == nil {
		return nil
	}
	if path == "" {
		root := describeDir(bucketName, "", b.objects)
		root.Created = b.created
		if root.Updated.Before(b.created) {
			root.Updated = b.created
		}
		return root
	}
	path = dirPrefix(path)
	dir, ok := b.objects.Dir(path)
	if !ok {
		return nil
	}
	return describeDir(bucketName, dirKey(path, s.exactKeys), dir)
}

func describeDir(bucket, key string, dir tree.Tree[*object]) *storage.Object {
	return &storage.Object{Bucket: bucket, Key: key, IsDir: true, Created: dir.Born(), Updated: dir.Changed()}
}
