package memdriver_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

type modelUpload struct {
	key, contentType string
	metadata         map[string]string
	created          time.Time
	parts            map[int]modelPart
}

type modelPart struct {
	body, etag string
	hash       map[string]string
	updated    time.Time
}

func (up *modelUpload) clone() *modelUpload {
	c := *up
	c.parts = maps.Clone(up.parts)
	return &c
}

func (up *modelUpload) bytes() (n int64) {
	for _, p := range up.parts {
		n += int64(len(p.body))
	}
	return n
}

func (p modelPart) describe(number int) *storage.PartInfo {
	return &storage.PartInfo{Number: number, Size: int64(len(p.body)), ETag: p.etag, Hash: maps.Clone(p.hash), LastModified: &p.updated}
}

// begin begins an upload under the id that the store gave it.
func (m *model) begin(now time.Time, bucket, key, id, contentType string, opts storage.Options) (*storage.MultipartUpload, error) {
	metadata, _ := opts.StringMap(storage.OptMetadata)
	if err := cmp.Or(m.limitMetadata(metadata), m.limitKey(bucket, key)); err != nil {
		return nil, err
	}
	up := &modelUpload{key: key, contentType: contentType, metadata: metadata, created: now, parts: map[int]modelPart{}}
	m.at(now, bucket).uploads[id] = up
	return up.handle(bucket, id), nil
}

func (up *modelUpload) handle(bucket, id string) *storage.MultipartUpload {
	return &storage.MultipartUpload{Bucket: bucket, Key: up.key, UploadID: id, Metadata: maps.Clone(up.metadata)}
}

// upload returns the upload that the handle names in the bucket (M1).
func (m *model) upload(bucket string, mu *storage.MultipartUpload) (*modelUpload, error) {
	if mu == nil {
		return nil, storage.ErrInvalid
	}
	b := m.buckets[bucket]
	switch {
	case cleanBucket(mu.Bucket) != bucket:
		return nil, storage.ErrNotExist
	case b == nil:
		return nil, storage.ErrNoBucket
	}
	if up := b.uploads[mu.UploadID]; up != nil && up.key == m.cleanKey(mu.Key) {
		return up, nil
	}
	return nil, storage.ErrNotExist
}

// cleanBucket normalises the bucket of a handle.
func cleanBucket(bucket string) string {
	clean, err := storage.CleanBucket(bucket)
	switch {
	case strings.TrimSpace(bucket) == "":
		return storage.DefaultBucket
	case err != nil:
		return bucket
	}
	return clean
}

// cleanKey normalises the key of a handle. A bad one stays as it is.
func (m *model) cleanKey(key string) string {
	if clean, err := storage.CleanKey(key); err == nil && !m.exact {
		return clean
	}
	return key
}

// listUploads returns what Uploads gives in order, by key and ID.
func (m *model) listUploads(bucket, prefix string, limit, offset int) ([]*storage.UploadInfo, error) {
	if err := m.limitMissing(bucket); err != nil {
		return nil, err
	}
	var infos []*storage.UploadInfo
	if b := m.buckets[bucket]; b != nil {
		for id, up := range b.uploads {
			if strings.HasPrefix(up.key, prefix) {
				infos = append(infos, &storage.UploadInfo{MultipartUpload: *up.handle(bucket, id), ContentType: up.contentType, Created: up.created})
			}
		}
	}
	slices.SortFunc(infos, func(a, b *storage.UploadInfo) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.UploadID, b.UploadID))
	})
	return page(infos, limit, offset), nil
}

func (m *model) uploadPart(now time.Time, bucket string, mu *storage.MultipartUpload, number int, s source, opts storage.Options) (*storage.PartInfo, error) {
	up, err := m.upload(bucket, mu)
	if err != nil {
		return nil, err
	}
	if number < 1 || number > storage.MaxParts {
		return nil, storage.ErrInvalid
	}
	hash, err := m.receive(s, opts)
	if err != nil {
		return nil, err
	}
	if err := m.admit(int64(len(s.body) - len(up.parts[number].body))); err != nil {
		return nil, err
	}
	up.parts[number] = modelPart{s.body, m.etag(s.body), hash, now}
	return up.parts[number].describe(number), nil
}

func (m *model) listParts(bucket string, mu *storage.MultipartUpload, limit, offset int) ([]*storage.PartInfo, error) {
	up, err := m.upload(bucket, mu)
	if err != nil {
		return nil, err
	}
	var infos []*storage.PartInfo
	for _, number := range slices.Sorted(maps.Keys(up.parts)) {
		infos = append(infos, up.parts[number].describe(number))
	}
	return page(infos, limit, offset), nil
}

// complete completes an upload (M2).
func (m *model) complete(now time.Time, bucket string, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	up, err := m.upload(bucket, mu)
	if err != nil {
		return nil, err
	}
	if err := m.limitConditions(storage.RelaxedO7Complete, opts); err != nil {
		return nil, err
	}
	if m.limits.Relaxes(storage.RelaxedO3Complete) && (opts[storage.OptChecksum] != nil || opts[storage.OptChecksumAlgorithms] != nil) {
		return nil, storage.ErrUnsupported
	}
	named, err := m.named(up, parts)
	if err != nil {
		return nil, err
	}
	var body, etags string
	for _, number := range named {
		body += up.parts[number].body
		etags += up.parts[number].etag
	}
	hash, err := hashes(body, opts)
	if err != nil {
		return nil, err
	}
	if err := m.limitSize(int64(len(body))); err != nil {
		return nil, err
	}
	o, err := m.put(now, bucket, up.key, &modelObject{
		body: body, etag: m.partsETag(etags, len(named)), contentType: up.contentType,
		metadata: up.metadata, hash: hash, created: now, updated: now,
	}, up.bytes(), opts)
	if err == nil {
		delete(m.buckets[bucket].uploads, mu.UploadID)
	}
	return o, err
}

// named returns the numbers of the named parts in order (M2).
func (m *model) named(up *modelUpload, parts []*storage.PartInfo) (numbers []int, err error) {
	if len(parts) == 0 {
		return nil, storage.ErrInvalid
	}
	for _, p := range parts {
		if p == nil {
			return nil, storage.ErrInvalid
		}
		have, ok := up.parts[p.Number]
		if !ok || slices.Contains(numbers, p.Number) || p.ETag != "" && !listed(p.ETag, have.etag) {
			return nil, storage.ErrInvalid
		}
		numbers = append(numbers, p.Number)
	}
	slices.Sort(numbers)
	for _, number := range numbers[:len(numbers)-1] {
		if int64(len(up.parts[number].body)) < m.limits.MinPart {
			return nil, storage.ErrInvalid
		}
	}
	return numbers, nil
}

// partsETag derives the ETag of an object made of n parts from theirs (O3).
func (m *model) partsETag(etags string, n int) string {
	if m.md5 {
		return fmt.Sprintf("%s-%d", modelHashes[storage.HashMD5](sums(etags)), n)
	}
	return modelPartsETag(etags, n)
}

func modelPartsETag(etags string, n int) string {
	return fmt.Sprintf("%016x-%d", xxhash.Sum64String(sums(etags)), n)
}

// sums returns the bytes that ETags stand for.
func sums(etags string) string {
	sums, err := hex.DecodeString(etags)
	if err != nil {
		panic(err)
	}
	return string(sums)
}

func (m *model) abort(bucket string, mu *storage.MultipartUpload) error {
	if _, err := m.upload(bucket, mu); err != nil {
		return err
	}
	delete(m.buckets[bucket].uploads, mu.UploadID)
	return nil
}
