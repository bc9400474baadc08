package memdriver_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

// modelHashes are the algorithms of rule O3.
var modelHashes = map[string]func(body string) string{
	storage.HashMD5:    func(body string) string { return fmt.Sprintf("%x", md5.Sum([]byte(body))) },
	storage.HashSHA1:   func(body string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(body))) },
	storage.HashSHA256: func(body string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(body))) },
	storage.HashCRC32C: func(body string) string {
		return fmt.Sprintf("%08x", crc32.Checksum([]byte(body), crc32.MakeTable(crc32.Castagnoli)))
	},
}

func modelETag(body string) string { return fmt.Sprintf("%016x", xxhash.Sum64String(body)) }

// unknownHash returns ErrInvalid if the options name an algorithm there is not.
func unknownHash(opts storage.Options) error {
	names := opts.Strings(storage.OptChecksumAlgorithms)
	want, _ := opts.StringMap(storage.OptChecksum)
	for name := range want {
		names = append(names, name)
	}
	for _, name := range names {
		if modelHashes[name] == nil {
			return storage.ErrInvalid
		}
	}
	return nil
}

// hashes returns the digests that the options ask to keep, or ErrChecksum.
func hashes(body string, opts storage.Options) (map[string]string, error) {
	if err := unknownHash(opts); err != nil {
		return nil, err
	}
	want, _ := opts.StringMap(storage.OptChecksum)
	for name, sum := range want {
		if !strings.EqualFold(modelHashes[name](body), sum) {
			return nil, storage.ErrChecksum
		}
	}
	kept := map[string]string{}
	for _, name := range opts.Strings(storage.OptChecksumAlgorithms) {
		kept[name] = modelHashes[name](body)
	}
	return kept, nil
}

// judge holds the conditions against what exists (O7).
func judge(opts storage.Options, etag string, updated time.Time) error {
	match, ifMatch := opts.String(storage.OptIfMatch)
	none, ifNone := opts.String(storage.OptIfNoneMatch)
	newer, ifNewer := opts.Time(storage.OptIfModifiedSince)
	older, ifOlder := opts.Time(storage.OptIfUnmodifiedSince)
	switch {
	case ifMatch && match != "*" && match != etag,
		ifNone && (none == "*" || none == etag),
		ifNewer && !updated.After(newer),
		ifOlder && updated.After(older):
		return storage.ErrPrecondition
	}
	return nil
}

// permit judges whether the options let an object be put where o is.
func permit(opts storage.Options, o *modelObject) error {
	_, ifMatch := opts.String(storage.OptIfMatch)
	switch {
	case o == nil && ifMatch:
		return storage.ErrPrecondition
	case o == nil:
		return nil
	case !opts.Bool(storage.OptUpsert, true):
		return storage.ErrExist
	}
	return judge(opts, o.etag, o.updated)
}

// receive is what becomes of a body on its way in: the digests asked for, or why
// it is refused.
func (m *model) receive(s source, opts storage.Options) (map[string]string, error) {
	if err := unknownHash(opts); err != nil {
		return nil, err
	}
	if m.maxBytes > 0 && s.size > m.maxBytes {
		return nil, storage.ErrQuota
	}
	if s.err != nil {
		return nil, s.err
	}
	if m.maxBytes > 0 && int64(len(s.body)) > m.maxBytes {
		return nil, storage.ErrQuota
	}
	return hashes(s.body, opts)
}

func (m *model) write(now time.Time, bucket, key string, s source, contentType string, opts storage.Options) (*storage.Object, error) {
	hash, err := m.receive(s, opts)
	if err != nil {
		return nil, err
	}
	metadata, _ := opts.StringMap(storage.OptMetadata)
	return m.put(now, bucket, key, &modelObject{
		body: s.body, etag: modelETag(s.body), contentType: contentType,
		metadata: metadata, hash: hash, created: now, updated: now,
	}, 0, opts)
}

// put stores a new object; freed is how many bytes the same commit frees.
func (m *model) put(now time.Time, bucket, key string, o *modelObject, freed int64, opts storage.Options) (*storage.Object, error) {
	old := m.object(bucket, key)
	if err := permit(opts, old); err != nil {
		return nil, err
	}
	more := int64(len(o.body)) - freed
	if old != nil {
		o.created = old.created // O2
		more -= int64(len(old.body))
	}
	if err := m.admit(more); err != nil {
		return nil, err
	}
	b := m.at(now, bucket)
	b.objects[key] = o
	b.stamp(now, key)
	return o.describe(bucket, key), nil
}

// open returns the object and the section of its body that O4 says.
func (m *model) open(bucket, key string, offset, length int64, opts storage.Options) (*storage.Object, string, error) {
	o, err := m.mustHave(bucket, key)
	if err != nil {
		return nil, "", err
	}
	if err := judge(opts, o.etag, o.updated); err != nil {
		return nil, "", err
	}
	body := o.body[min(max(offset, 0), int64(len(o.body))):]
	if length > 0 {
		body = body[:min(length, int64(len(body)))]
	}
	return o.describe(bucket, key), body, nil
}

// mustHave returns the object, or the error of rules O5 and O6.
func (m *model) mustHave(bucket, key string) (*modelObject, error) {
	if o := m.object(bucket, key); o != nil {
		return o, nil
	}
	if m.describeDir(bucket, key) != nil {
		return nil, storage.ErrPermission
	}
	return nil, storage.ErrNotExist
}

func (m *model) stat(bucket, key string, onlyDir bool, opts storage.Options) (*storage.Object, error) {
	found := m.describeDir(bucket, key)
	if o := m.object(bucket, key); o != nil && !onlyDir {
		found = o.describe(bucket, key)
	}
	if found == nil {
		return nil, storage.ErrNotExist
	}
	return found, judge(opts, found.ETag, found.Updated)
}

func (m *model) delete(now time.Time, bucket, key string, opts storage.Options) error {
	recursive := opts.Bool(storage.OptRecursive, false)
	found, err := m.stat(bucket, key, false, nil)
	switch {
	case err != nil:
		return err
	case found.IsDir && !recursive:
		return storage.ErrPermission
	}
	if err := judge(opts, found.ETag, found.Updated); err != nil {
		return err
	}
	b, keys := m.buckets[bucket], []string{key}
	if recursive {
		keys = append(keys, b.beneath(key+"/")...)
	}
	b.remove(now, keys)
	return nil
}

// remove removes those of the keys that exist.
func (b *modelBucket) remove(now time.Time, keys []string) {
	for _, key := range keys {
		delete(b.objects, key)
	}
	b.stamp(now, keys...)
}

func (m *model) copy(now time.Time, bucket, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	o, err := m.transferred(bucket, key, srcBucket, srcKey, opts)
	if err != nil {
		return nil, err
	}
	more := int64(len(o.body))
	if old := m.object(bucket, key); old != nil {
		more -= int64(len(old.body))
	}
	if err := m.admit(more); err != nil {
		return nil, err
	}
	o.created, o.updated = now, now
	b := m.at(now, bucket)
	b.objects[key] = o
	b.stamp(now, key)
	return o.describe(bucket, key), nil
}

func (m *model) move(now time.Time, bucket, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	o, err := m.transferred(bucket, key, srcBucket, srcKey, opts)
	if err != nil {
		return nil, err
	}
	_, replace := opts.StringMap(storage.OptMetadata)
	if bucket == srcBucket && key == srcKey && !replace {
		return o.describe(bucket, key), nil
	}
	from, to := m.buckets[srcBucket], m.at(now, bucket)
	delete(from.objects, srcKey)
	to.objects[key] = o
	from.stamp(now, srcKey)
	to.stamp(now, key)
	return o.describe(bucket, key), nil
}

// transferred returns a copy of the source as the options want it, if it may be
// put at key.
func (m *model) transferred(bucket, key, srcBucket, srcKey string, opts storage.Options) (*modelObject, error) {
	src, err := m.mustHave(srcBucket, srcKey)
	if err != nil {
		return nil, err
	}
	if err := permit(opts, m.object(bucket, key)); err != nil {
		return nil, err
	}
	o := *src
	if metadata, replace := opts.StringMap(storage.OptMetadata); replace {
		o.metadata = metadata
	}
	return &o, nil
}

// source is a body as TestModel hands it over, and what is to come of it: its
// bytes, or the error of reading them.
type source struct {
	io.Reader
	size int64
	body string
	err  error
}
