package memdriver_test

import (
	"cmp"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
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

// etag returns the ETag of new content.
func (m *model) etag(body string) string {
	if m.md5 {
		return modelHashes[storage.HashMD5](body)
	}
	return modelETag(body)
}

// unknownHash returns ErrInvalid if the options name an unknown algorithm.
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
	case ifMatch && !listed(match, etag),
		ifNone && listed(none, etag),
		ifNewer && !updated.After(newer),
		ifOlder && updated.After(older):
		return storage.ErrPrecondition
	}
	return nil
}

// listed reports whether an ETag is in a list of ETags, none of which holds a comma.
func listed(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		if tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`); tag == "*" || tag != "" && tag == etag {
			return true
		}
	}
	return false
}

// permitAt judges whether an object may be put at a key.
func (m *model) permitAt(bucket, key string, opts storage.Options) error {
	return cmp.Or(m.limitKey(bucket, key), permit(opts, m.object(bucket, key)))
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

// receive returns the digests that the options ask for, or the error that refuses the
// body.
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
	metadata, _ := opts.StringMap(storage.OptMetadata)
	if err := cmp.Or(m.limitPut(bucket, key, metadata, s.size), m.limitConditions(storage.RelaxedO7Write, opts)); err != nil {
		return nil, err
	}
	hash, err := m.receive(s, opts)
	if err != nil {
		return nil, err
	}
	if err := m.limitSize(int64(len(s.body))); err != nil {
		return nil, err
	}
	return m.put(now, bucket, key, &modelObject{
		body: s.body, etag: m.etag(s.body), contentType: contentType,
		metadata: metadata, hash: hash, created: now, updated: now,
	}, 0, opts)
}

// put stores a new object. The same commit frees freed bytes.
func (m *model) put(now time.Time, bucket, key string, o *modelObject, freed int64, opts storage.Options) (*storage.Object, error) {
	old := m.object(bucket, key)
	if err := m.permitAt(bucket, key, opts); err != nil {
		return nil, err
	}
	more := int64(len(o.body)) - freed
	if old != nil {
		o.created, o.updated = old.created, later(now, old.updated) // O2
		more -= int64(len(old.body))
	}
	if err := m.admit(more); err != nil {
		return nil, err
	}
	b := m.at(now, bucket)
	b.objects[key] = o
	b.stamp(now, key)
	return m.describe(o, bucket, key), nil
}

// open returns the object and a section of its body (O4).
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
	return m.describe(o, bucket, key), body, nil
}

// mustHave returns the object, or the error of rules O5 and O6.
func (m *model) mustHave(bucket, key string) (*modelObject, error) {
	if o := m.object(bucket, key); o != nil {
		return o, nil
	}
	if m.describeDir(bucket, slashed(key)) != nil {
		return nil, storage.ErrPermission
	}
	return nil, m.noDir(bucket)
}

// stat describes an object or directory; given is the key as it is spelt (O5).
func (m *model) stat(bucket, key, given string, opts storage.Options) (*storage.Object, error) {
	var object *storage.Object
	if o := m.object(bucket, key); o != nil {
		object = m.describe(o, bucket, key)
	}
	found := []*storage.Object{object, m.describeDir(bucket, slashed(key))}
	if asDir := strings.HasSuffix(given, "/") || strings.HasSuffix(given, `\`); asDir && !m.exact {
		slices.Reverse(found)
	}
	for _, o := range found {
		if o != nil {
			return o, judge(opts, o.ETag, o.Updated)
		}
	}
	return nil, m.noDir(bucket)
}

func (m *model) delete(now time.Time, bucket, key string, opts storage.Options) error {
	if err := m.limitConditions(storage.RelaxedO7Delete, opts); err != nil {
		return err
	}
	recursive := opts.Bool(storage.OptRecursive, false)
	o, err := m.mustHave(bucket, key)
	switch {
	case err == nil:
		err = judge(opts, o.etag, o.updated)
	case errors.Is(err, storage.ErrPermission) && recursive:
		err = judge(opts, "", m.buckets[bucket].dirs[slashed(key)].changed)
	}
	if err != nil {
		return err
	}
	b, keys := m.buckets[bucket], []string{key}
	if recursive {
		keys = append(keys, b.beneath(slashed(key))...)
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
	o.created, o.updated = now, now
	if old := m.object(bucket, key); old != nil {
		o.updated = later(now, old.updated)
		more -= int64(len(old.body))
	}
	if err := m.admit(more); err != nil {
		return nil, err
	}
	b := m.at(now, bucket)
	b.objects[key] = o
	b.stamp(now, key)
	return m.describe(o, bucket, key), nil
}

func (m *model) move(now time.Time, bucket, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	o, err := m.transferred(bucket, key, srcBucket, srcKey, opts)
	if err != nil {
		return nil, err
	}
	metadata, _ := opts.StringMap(storage.OptMetadata)
	if bucket == srcBucket && key == srcKey && metadata == nil {
		return m.describe(o, bucket, key), nil
	}
	from, to := m.buckets[srcBucket], m.at(now, bucket)
	delete(from.objects, srcKey)
	to.objects[key] = o
	from.stamp(now, srcKey)
	to.stamp(now, key)
	return m.describe(o, bucket, key), nil
}

// transferred returns a copy of the source as the options want it, if it may be
// put at key.
func (m *model) transferred(bucket, key, srcBucket, srcKey string, opts storage.Options) (*modelObject, error) {
	metadata, _ := opts.StringMap(storage.OptMetadata)
	if err := cmp.Or(m.limitMetadata(metadata), m.limitConditions(storage.RelaxedO7Copy, opts)); err != nil {
		return nil, err
	}
	src, err := m.mustHave(srcBucket, srcKey)
	if err != nil {
		return nil, err
	}
	if err := m.permitAt(bucket, key, opts); err != nil {
		return nil, err
	}
	o := *src
	if metadata != nil {
		o.metadata = metadata
	}
	return &o, nil
}

// source is a body as TestModel passes it, with the bytes that it holds or the error
// that reading it must end with.
type source struct {
	io.Reader
	size int64
	body string
	err  error
}
