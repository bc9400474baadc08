package snapshot

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/benbjohnson/immutable"

	"open-lake.dev/lib/storage"
)

// upload is an upload in progress. It never changes once it is in a bucket.
type upload struct {
	contentType string
	metadata    map[string]string
	created     time.Time
	parts       *immutable.SortedMap[int, *part]
}

// part is a part of an upload.
type part struct {
	received
	updated time.Time
}

func (p *part) info(number int) *storage.PartInfo {
	updated := p.updated
	return &storage.PartInfo{
		Number:       number,
		Size:         p.size(),
		ETag:         p.etag.String(),
		Hash:         maps.Clone(p.hash),
		LastModified: &updated,
	}
}

// uploadID is the key of an upload in its bucket. The id alone is unique; the object
// key in front of it makes the order of a listing.
type uploadID struct{ key, id string }

type byKeyAndID struct{}

func (byKeyAndID) Compare(a, b uploadID) int {
	return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.id, b.id))
}

// upload returns the upload; ErrNotExist if it is unknown or finished (M1).
func (s *Snapshot) upload(bucketName string, id uploadID) (*upload, error) {
	b := s.bucket(bucketName)
	if b == nil {
		return nil, storage.ErrNoBucket
	}
	if b.uploads != nil {
		if up, ok := b.uploads.Get(id); ok {
			return up, nil
		}
	}
	return nil, fmt.Errorf("%w: no upload %q in progress", storage.ErrNotExist, id.id)
}

// runUpload runs an operation on an upload in progress, as [run] does one on a key.
func runUpload[T any](ctx context.Context, h *bucketHandle, op string, mu *storage.MultipartUpload, opts storage.Options, do func(cur *Snapshot, up *upload, id uploadID) (T, error)) (T, error) {
	var handle storage.MultipartUpload
	if mu != nil {
		handle = *mu
	}
	return run(ctx, h, op, handle.Key, rules.cleanUploadKey, opts, func(cur *Snapshot, key string) (result T, err error) {
		if mu == nil {
			return result, fmt.Errorf("%w: the upload is nil", storage.ErrInvalid)
		}
		if of := h.store.bucket(handle.Bucket); of.name != h.name {
			return result, fmt.Errorf("%w: the upload is in bucket %q", storage.ErrNotExist, of.name)
		}
		id := uploadID{strings.Clone(key), strings.Clone(handle.UploadID)} // putPart keeps it (O8)
		up, err := cur.upload(h.name, id)
		if err != nil {
			return result, err
		}
		return do(cur, up, id)
	})
}

// cleanUploadKey normalises the key of a handle. A bad key stays as it is, and
// names no upload.
func (r rules) cleanUploadKey(key string) (string, error) {
	if clean, err := r.cleanKey(key); err == nil {
		return clean, nil
	}
	return key, nil
}

func (h *bucketHandle) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (*storage.MultipartUpload, error) {
	return runUpdate(ctx, h, "initmultipart", key, rules.cleanKey, opts, func(by rules, key string) (*storage.MultipartUpload, error) {
		c := h.store.change(by, opts)
		up := &upload{
			contentType: strings.Clone(contentType),
			metadata:    orNone(metadataOf(opts)),
			created:     c.now,
			parts:       immutable.NewSortedMap[int, *part](nil),
		}
		if err := h.store.limits.CheckMetadata(up.metadata); err != nil {
			return nil, err
		}
		id := uploadID{strings.Clone(key), rand.Text()}
		err := h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.beginUpload(h.name, id, up, c) })
		if err != nil {
			return nil, err
		}
		return &storage.MultipartUpload{Bucket: h.name, Key: id.key, UploadID: id.id, Metadata: maps.Clone(up.metadata)}, nil
	})
}

func (h *bucketHandle) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (*storage.PartInfo, error) {
	var in received
	return runUpload(ctx, h, "uploadpart", mu, opts, func(cur *Snapshot, _ *upload, id uploadID) (*storage.PartInfo, error) {
		if number < 1 || number > storage.MaxParts {
			return nil, fmt.Errorf("%w: part number %d is not from 1 to %d", storage.ErrInvalid, number, storage.MaxParts)
		}
		if err := h.receive(ctx, &in, src, size, cur.md5ETags, opts); err != nil {
			return nil, err
		}
		c := h.store.change(cur.rules, opts)
		p := &part{in, c.now}
		err := h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.putPart(h.name, id, number, p, c) })
		if err != nil {
			return nil, err
		}
		return p.info(number), nil
	})
}

func (h *bucketHandle) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (*storage.PartInfo, error) {
	_, err := h.store.begin(ctx, "copypart", nil, Head.Peek)
	return nil, fail("copypart", h.name, "", cmp.Or(err, storage.ErrUnsupported)) // M3
}

func (h *bucketHandle) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) ([]*storage.PartInfo, error) {
	return runUpload(ctx, h, "listparts", mu, opts, func(_ *Snapshot, up *upload, _ uploadID) ([]*storage.PartInfo, error) {
		var infos []*storage.PartInfo
		for it := up.parts.Iterator(); !it.Done() && (limit <= 0 || len(infos) < limit); offset-- {
			number, p, _ := it.Next()
			if offset <= 0 {
				infos = append(infos, p.info(number))
			}
		}
		return infos, nil
	})
}

func (h *bucketHandle) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) error {
	_, err := runUpload(ctx, h, "abortmultipart", mu, opts, func(cur *Snapshot, _ *upload, id uploadID) (any, error) {
		c := h.store.change(cur.rules, opts)
		return nil, h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.endUpload(h.name, id, c) })
	})
	return err
}
