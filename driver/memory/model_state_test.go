package memdriver_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// model is a store as plain maps, the oracle of TestModel. Its methods apply the
// contract to the maps. They take the time as an argument, keys and names normalised,
// and options that are valid.
type model struct {
	buckets map[string]*modelBucket
	exact   bool // K4
	md5     bool // the ETags of new content (O3)
	setting
}

// setting is what a store is opened with and keeps, whatever is restored.
type setting struct {
	maxBytes int64 // 0 is no limit
	within   bool  // in an Update, which leaves the quota to its commit
	limits   storage.Limits
}

type modelBucket struct {
	created  time.Time
	public   bool
	metadata map[string]string
	objects  map[string]*modelObject // the objects never change
	dirs     map[string]modelTimes   // by path with a slash at the end; "" is the root
	uploads  map[string]*modelUpload
}

type modelObject struct {
	body, etag, contentType string
	metadata, hash          map[string]string
	created, updated        time.Time
}

type modelTimes struct{ born, changed time.Time }

func newModel() *model { return &model{buckets: map[string]*modelBucket{}} }

// clone returns a copy that shares nothing that changes.
func (m *model) clone() *model {
	c := newModel()
	c.exact, c.md5, c.setting = m.exact, m.md5, m.setting
	for name, b := range m.buckets {
		d := *b
		d.objects = maps.Clone(b.objects)
		d.dirs = maps.Clone(b.dirs)
		d.uploads = map[string]*modelUpload{}
		for id, up := range b.uploads {
			d.uploads[id] = up.clone()
		}
		c.buckets[name] = &d
	}
	return c
}

// bytes returns the bytes of all objects and parts.
func (m *model) bytes() (n int64) {
	for _, b := range m.buckets {
		for _, o := range b.objects {
			n += int64(len(o.body))
		}
		for _, up := range b.uploads {
			n += up.bytes()
		}
	}
	return n
}

func (m *model) len() (n int) {
	for _, b := range m.buckets {
		n += len(b.objects)
	}
	return n
}

// admit returns ErrQuota if that many more bytes are too many; fewer never are.
func (m *model) admit(more int64) error {
	if m.maxBytes > 0 && !m.within && more > 0 && m.bytes()+more > m.maxBytes {
		return storage.ErrQuota
	}
	return nil
}

// at returns the named bucket and creates it if it is missing (B2).
func (m *model) at(now time.Time, name string) *modelBucket {
	b := m.buckets[name]
	if b == nil {
		b = &modelBucket{
			created: now,
			objects: map[string]*modelObject{},
			dirs:    map[string]modelTimes{},
			uploads: map[string]*modelUpload{},
		}
		m.buckets[name] = b
	}
	return b
}

// object returns the object, nil if there is none.
func (m *model) object(bucket, key string) *modelObject {
	if b := m.buckets[bucket]; b != nil {
		return b.objects[key]
	}
	return nil
}

// hasDir reports whether an object lies beneath the path, which ends in a slash.
func (b *modelBucket) hasDir(path string) bool {
	for key := range b.objects {
		if strings.HasPrefix(key, path) {
			return true
		}
	}
	return false
}

// beneath returns the keys beneath the path, which is "" or ends in a slash.
func (b *modelBucket) beneath(path string) (keys []string) {
	for key := range b.objects {
		if strings.HasPrefix(key, path) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// stamp records a change in the directories of the keys (D1).
func (b *modelBucket) stamp(now time.Time, keys ...string) {
	for _, key := range keys {
		for i := len(key); i >= 0; {
			i = strings.LastIndexByte(key[:i], '/')
			dir := key[:i+1]
			switch t, known := b.dirs[dir]; {
			case dir != "" && !b.hasDir(dir):
				delete(b.dirs, dir)
			case known:
				b.dirs[dir] = t.including(now)
			default:
				b.dirs[dir] = modelTimes{now, now}
			}
		}
	}
}

// including returns the times with those of one more change.
func (t modelTimes) including(now time.Time) modelTimes {
	if now.Before(t.born) {
		t.born = now
	}
	return modelTimes{t.born, later(t.changed, now)}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// describeDir describes a directory, whose path is empty or ends in a slash; nil
// if there is none.
func (m *model) describeDir(bucket, path string) *storage.Object {
	b := m.buckets[bucket]
	if b == nil {
		return nil
	}
	t, ok := b.dirs[path]
	switch {
	case path == "":
		t = modelTimes{b.created, later(b.created, t.changed)}
	case !ok:
		return nil
	}
	return m.relax(&storage.Object{Bucket: bucket, Key: m.dirKey(path), IsDir: true, Created: t.born, Updated: t.changed})
}

// dirKey returns the key of a directory, from its path with the slash. An exact one
// whose last name is empty keeps the slash (K4).
func (m *model) dirKey(path string) string {
	if m.exact && (path == "/" || strings.HasSuffix(path, "//")) {
		return path
	}
	return strings.TrimSuffix(path, "/")
}

// noDir returns the error of an operation on a directory that is missing.
func (m *model) noDir(bucket string) error {
	if m.buckets[bucket] == nil {
		return storage.ErrNoBucket
	}
	return storage.ErrNotExist
}

// describe describes an object as the store does that holds it.
func (m *model) describe(o *modelObject, bucket, key string) *storage.Object {
	return m.relax(o.describe(bucket, key))
}

func (o *modelObject) describe(bucket, key string) *storage.Object {
	return &storage.Object{
		Bucket: bucket, Key: key, Size: int64(len(o.body)), ContentType: o.contentType, ETag: o.etag,
		Created: o.created, Updated: o.updated, Hash: maps.Clone(o.hash), Metadata: maps.Clone(o.metadata),
	}
}

func (b *modelBucket) describe(name string) *storage.BucketInfo {
	return &storage.BucketInfo{Name: name, CreatedAt: b.created, Public: b.public, Metadata: maps.Clone(b.metadata)}
}
