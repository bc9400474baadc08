package memdriver_test

import (
	"cmp"
	"strings"
	"time"

	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// What the model refuses because of its limits (F2).

// limits returns none, or some that the few names and bodies of TestModel meet.
func limits(t *rapid.T) (l storage.Limits) {
	if !chance(t, 3) {
		return l
	}
	l.MaxKey = draw(t, "MaxKey", 0, 8)
	l.MaxName = draw(t, "MaxName", 0, 3)
	l.MaxMetadata = draw(t, "MaxMetadata", 0, 2)
	l.MinPart = draw[int64](t, "MinPart", 0, 2)
	l.MaxObject = draw[int64](t, "MaxObject", 0, 11)
	l.TimeResolution = draw(t, "TimeResolution", 0, 2*time.Second)
	if chance(t, 2) {
		l.BucketName = func(name string) error {
			if name == "c" {
				return storage.ErrInvalid
			}
			return nil
		}
	}
	for _, rule := range []string{
		storage.RelaxedB2, storage.RelaxedD1, storage.RelaxedL1, storage.RelaxedO2, storage.RelaxedTwins,
		storage.RelaxedO7Write, storage.RelaxedO7Copy, storage.RelaxedO7Delete, storage.RelaxedO7Complete, storage.RelaxedO3Complete,
	} {
		if chance(t, 4) {
			l.Relaxed = append(l.Relaxed, rule)
		}
	}
	return l
}

// limitBucket returns ErrInvalid for a name that the limits forbid.
func (m *model) limitBucket(bucket name) name {
	if bucket.err == nil && m.limits.BucketName != nil {
		bucket.err = m.limits.BucketName(bucket.clean)
	}
	return bucket
}

// limitPut judges a write before its body is read.
func (m *model) limitPut(bucket, key string, metadata map[string]string, size int64) error {
	return cmp.Or(m.limitKey(bucket, key), m.limitMetadata(metadata), m.limitSize(size))
}

func (m *model) limitSize(size int64) error {
	if m.limits.MaxObject > 0 && size > m.limits.MaxObject {
		return storage.ErrInvalid
	}
	return nil
}

func (m *model) limitMetadata(metadata map[string]string) error {
	n := 0
	for key, value := range metadata {
		n += len(key + value)
	}
	if m.limits.MaxMetadata > 0 && n > m.limits.MaxMetadata {
		return storage.ErrInvalid
	}
	return nil
}

// limitKey judges where an object is put: a relaxed B2 makes no bucket, and relaxed
// twins no object and directory of one name.
func (m *model) limitKey(bucket, key string) error {
	if m.limits.Relaxes(storage.RelaxedB2) && m.buckets[bucket] == nil {
		return storage.ErrNoBucket
	}
	if b := m.buckets[bucket]; b != nil && m.limits.Relaxes(storage.RelaxedTwins) {
		for other := range b.objects {
			if strings.HasPrefix(other, key+"/") || strings.HasPrefix(key, other+"/") {
				return storage.ErrExist
			}
		}
	}
	return m.limitLength(key)
}

func (m *model) limitLength(key string) error {
	if m.limits.MaxKey > 0 && len(key) > m.limits.MaxKey {
		return storage.ErrInvalid
	}
	return m.limitNames(key)
}

func (m *model) limitNames(path string) error {
	for name := range strings.SplitSeq(path, "/") {
		if m.limits.MaxName > 0 && len(name) > m.limits.MaxName {
			return storage.ErrInvalid
		}
	}
	return nil
}

// limitConditions refuses conditions where a relaxed O7 has none.
func (m *model) limitConditions(rule string, opts storage.Options) error {
	if !m.limits.Relaxes(rule) {
		return nil
	}
	for _, key := range []string{storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince} {
		if opts[key] != nil {
			return storage.ErrUnsupported
		}
	}
	if opts[storage.OptUpsert] == false {
		return storage.ErrUnsupported
	}
	return nil
}

// limitMissing refuses to list a missing bucket if B2 is relaxed.
func (m *model) limitMissing(bucket string) error {
	if m.limits.Relaxes(storage.RelaxedB2) && m.buckets[bucket] == nil {
		return storage.ErrNoBucket
	}
	return nil
}

// relax takes from a description the times that relaxed rules leave out.
func (m *model) relax(o *storage.Object) *storage.Object {
	if o.IsDir && m.limits.Relaxes(storage.RelaxedD1) {
		o.Created, o.Updated = time.Time{}, time.Time{}
	}
	if !o.IsDir && m.limits.Relaxes(storage.RelaxedO2) {
		o.Created = time.Time{}
	}
	return o
}

// relaxListed takes from a listed description what a relaxed L1 leaves out, too.
func (m *model) relaxListed(o *storage.Object) *storage.Object {
	if !o.IsDir && m.limits.Relaxes(storage.RelaxedL1) {
		o.ContentType, o.Metadata, o.Hash, o.Created = "", nil, nil, time.Time{}
	}
	return m.relax(o)
}
