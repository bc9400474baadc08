package mapstore

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

type upload struct {
	key         string
	contentType string
	metadata    map[string]string
	created     time.Time
	parts       map[int]*part
}

// part never changes once it is in the map.
type part struct {
	info storage.PartInfo
	data []byte
}

func (p *part) clone() *storage.PartInfo {
	info := p.info
	info.Hash = maps.Clone(info.Hash)
	modified := *info.LastModified
	info.LastModified = &modified
	return &info
}

func (b *bucket) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (mu *storage.MultipartUpload, err error) {
	err = b.run(ctx, "initmultipart", key, opts, func(key string) error {
		meta := metadata(opts)
		up := &upload{key: strings.Clone(key), contentType: strings.Clone(contentType), metadata: meta, parts: make(map[int]*part)}
		return b.commit(ctx, b, func() error {
			id := rand.Text()
			up.created = now()
			b.uploads[id] = up
			mu = &storage.MultipartUpload{Bucket: b.name, Key: key, UploadID: id, Metadata: maps.Clone(meta)}
			return nil
		})
	})
	return mu, err
}

func (b *bucket) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (info *storage.PartInfo, err error) {
	err = b.runUpload(ctx, "uploadpart", mu, opts, func(mu *storage.MultipartUpload) error {
		if number < 1 || number > storage.MaxParts {
			return fmt.Errorf("%w: part number %d is not in 1..%d", storage.ErrInvalid, number, storage.MaxParts)
		}
		data, sums, err := readContent(ctx, src, size, opts)
		if err != nil {
			return err
		}
		modified := now()
		p := &part{data: data, info: storage.PartInfo{
			Number: number, Size: int64(len(data)), ETag: etag(data), Hash: sums, LastModified: &modified}}
		return b.commitUpload(ctx, mu, func(up *upload) error {
			up.parts[number] = p
			info = p.clone()
			return nil
		})
	})
	return info, err
}

func (b *bucket) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (*storage.PartInfo, error) {
	return nil, b.deny(ctx, "copypart", "")
}

func (b *bucket) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) (infos []*storage.PartInfo, err error) {
	err = b.runUpload(ctx, "listparts", mu, opts, func(mu *storage.MultipartUpload) error {
		b.mu.RLock()
		defer b.mu.RUnlock()
		up, err := b.upload(mu)
		if err != nil {
			return err
		}
		for _, number := range page(slices.Sorted(maps.Keys(up.parts)), limit, offset) {
			infos = append(infos, up.parts[number].clone())
		}
		return nil
	})
	return infos, err
}

func (b *bucket) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (obj *storage.Object, err error) {
	err = b.runUpload(ctx, "completemultipart", mu, opts, func(mu *storage.MultipartUpload) error {
		if err := checkAlgorithms(opts); err != nil {
			return err
		}
		return b.commitUpload(ctx, mu, func(up *upload) error {
			e, err := up.join(parts)
			if err != nil {
				return err
			}
			if e.obj.Hash, err = checksums(e.data, opts); err != nil {
				return err
			}
			if obj, err = b.replace(up.key, e, opts); err == nil {
				delete(b.uploads, mu.UploadID)
			}
			return err
		})
	})
	return obj, err
}

func (b *bucket) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) error {
	return b.runUpload(ctx, "abortmultipart", mu, opts, func(mu *storage.MultipartUpload) error {
		return b.commitUpload(ctx, mu, func(*upload) error {
			delete(b.uploads, mu.UploadID)
			return nil
		})
	})
}

// Uploads implements [storage.HasUploads].
func (b *bucket) Uploads(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (it storage.UploadIter, err error) {
	err = b.runClean(ctx, "uploads", prefix, storage.CleanPrefix, opts, func(prefix string) error {
		infos := page(b.findUploads(prefix), limit, offset)
		it = &iterator[storage.UploadInfo]{ctx: ctx, op: "uploads", bucket: b.name, items: infos, clone: cloneUpload}
		return nil
	})
	return it, err
}

// findUploads returns the uploads of keys that begin with prefix, by key and ID.
func (b *bucket) findUploads(prefix string) []*storage.UploadInfo {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var infos []*storage.UploadInfo
	for id, up := range b.uploads {
		if strings.HasPrefix(up.key, prefix) {
			mu := storage.MultipartUpload{Bucket: b.name, Key: up.key, UploadID: id, Metadata: up.metadata}
			infos = append(infos, &storage.UploadInfo{MultipartUpload: mu, ContentType: up.contentType, Created: up.created})
		}
	}
	slices.SortFunc(infos, func(a, b *storage.UploadInfo) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.UploadID, b.UploadID))
	})
	return infos
}

func cloneUpload(info *storage.UploadInfo) *storage.UploadInfo {
	c := *info
	c.Metadata = maps.Clone(info.Metadata)
	return &c
}

// join returns the object that the named parts make (contract rule M2).
func (up *upload) join(named []*storage.PartInfo) (*entry, error) {
	if len(named) == 0 {
		return nil, fmt.Errorf("%w: no parts", storage.ErrInvalid)
	}
	seen := make(map[int]bool)
	var parts []*part
	for _, info := range named {
		if info == nil {
			return nil, fmt.Errorf("%w: nil part", storage.ErrInvalid)
		}
		p := up.parts[info.Number]
		switch {
		case seen[info.Number]:
			return nil, fmt.Errorf("%w: part %d is named twice", storage.ErrInvalid, info.Number)
		case p == nil:
			return nil, fmt.Errorf("%w: part %d was never uploaded", storage.ErrInvalid, info.Number)
		case info.ETag != "" && !storage.MatchETag(info.ETag, p.info.ETag):
			return nil, fmt.Errorf("%w: part %d has ETag %q, not %q", storage.ErrInvalid, info.Number, p.info.ETag, info.ETag)
		}
		seen[info.Number] = true
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(a.info.Number, b.info.Number) })
	var datas [][]byte
	var tags []byte
	for _, p := range parts {
		datas = append(datas, p.data)
		tags = append(tags, p.info.ETag...)
	}
	return &entry{data: bytes.Join(datas, nil), obj: storage.Object{
		ContentType: up.contentType, Metadata: up.metadata, ETag: fmt.Sprintf("%s-%d", etag(tags), len(parts))}}, nil
}

// runUpload runs an operation on an upload that exists when it begins. fn gets the
// handle on it with bucket and key normalised.
func (b *bucket) runUpload(ctx context.Context, op string, mu *storage.MultipartUpload, opts storage.Options, fn func(*storage.MultipartUpload) error) error {
	err := b.begin(ctx, op, opts)
	if err != nil || mu == nil {
		return fail(op, b.name, "", cmp.Or(err, fmt.Errorf("%w: nil upload", storage.ErrInvalid)))
	}
	clean := *mu
	clean.Bucket = b.store.Bucket(mu.Bucket).Name()
	if key, err := storage.CleanKey(mu.Key); err == nil {
		clean.Key = key
	}
	b.mu.RLock()
	_, err = b.upload(&clean)
	b.mu.RUnlock()
	if err == nil {
		err = fn(&clean)
	}
	return fail(op, b.name, clean.Key, err)
}

func (b *bucket) commitUpload(ctx context.Context, mu *storage.MultipartUpload, fn func(*upload) error) error {
	return b.commit(ctx, b, func() error {
		up, err := b.upload(mu)
		if err != nil {
			return err
		}
		return fn(up)
	})
}

// upload returns the upload that a normalised handle names. The caller holds b.mu.
func (b *bucket) upload(mu *storage.MultipartUpload) (*upload, error) {
	up := b.uploads[mu.UploadID]
	if up == nil || mu.Bucket != b.name || mu.Key != up.key {
		return nil, fmt.Errorf("upload: %w", storage.ErrNotExist)
	}
	return up, nil
}
