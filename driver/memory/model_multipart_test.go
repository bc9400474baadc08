package memdriver_test

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

type modelUpload struct {
	key, contentType string
	metadata         map[string]string
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
func (m *model) begin(now time.Time, bucket, key, id, contentType string, opts storage.Options) *storage.MultipartUpload {
	metadata, _ := opts.StringMap(storage.OptMetadata)
	m.at(now, bucket).uploads[id] = &modelUpload{key: key, contentType: contentType, metadata: metadata, parts: map[int]modelPart{}}
	return &storage.MultipartUpload{Bucket: bucket, Key: key, UploadID: id, Metadata: metadata}
}

// upload returns the upload that the handle names in the bucket (M1).
func (m *model) upload(bucket string, mu *storage.MultipartUpload) (*modelUpload, error) {
	if mu == nil {
		return nil, storage.ErrInvalid
	}
	if b := m.buckets[bucket]; b != nil && mu.Bucket == bucket {
		if up := b.uploads[mu.UploadID]; up != nil && up.key == mu.Key {
			return up, nil
		}
	}
	return nil, storage.ErrNotExist
}

// inProgress returns a handle on every upload.
func (m *model) inProgress() (mus []*storage.MultipartUpload) {
	for _, bucket := range slices.Sorted(maps.Keys(m.buckets)) {
		uploads := m.buckets[bucket].uploads
		for _, id := range slices.Sorted(maps.Keys(uploads)) {
			mus = append(mus, &storage.MultipartUpload{Bucket: bucket, Key: uploads[id].key, UploadID: id})
		}
	}
	return mus
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
	up.parts[number] = modelPart{s.body, modelETag(s.body), hash, now}
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
	named := map[int]string{}
	for _, p := range parts {
		if p == nil {
			return nil, storage.ErrInvalid
		}
		have, ok := up.parts[p.Number]
		if _, twice := named[p.Number]; twice || !ok || have.etag != p.ETag {
			return nil, storage.ErrInvalid
		}
		named[p.Number] = have.etag
	}
	if len(named) == 0 {
		return nil, storage.ErrInvalid
	}
	var body, etags string
	for _, number := range slices.Sorted(maps.Keys(named)) {
		body += up.parts[number].body
		etags += named[number]
	}
	hash, err := hashes(body, opts)
	if err != nil {
		return nil, err
	}
	o, err := m.put(now, bucket, mu.Key, &modelObject{
		body: body, etag: modelPartsETag(etags, len(named)), contentType: up.contentType,
		metadata: up.metadata, hash: hash, created: now, updated: now,
	}, up.bytes(), opts)
	if err == nil {
		delete(m.buckets[bucket].uploads, mu.UploadID)
	}
	return o, err
}

// modelPartsETag derives the ETag of an object made of n parts from theirs (O3).
func modelPartsETag(etags string, n int) string {
	sums, err := hex.DecodeString(etags)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%016x-%d", xxhash.Sum64(sums), n)
}

func (m *model) abort(bucket string, mu *storage.MultipartUpload) error {
	if _, err := m.upload(bucket, mu); err != nil {
		return err
	}
	delete(m.buckets[bucket].uploads, mu.UploadID)
	return nil
}
