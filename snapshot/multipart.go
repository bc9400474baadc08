package snapshot

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/benbjohnson/immutable"
	"github.com/cespare/xxhash/v2"
	"open-lake.dev/lib/storage"
)

// upload is an upload in progress. It never changes once it is in a bucket.
type upload struct {
	key         string
	contentType string
	metadata    map[string]string
	parts       *immutable.SortedMap[int, *part]
}

// part is a part of an upload.
type part struct {
	content
	etag    etag
	hash    storage.Hashes
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

// upload returns the upload mu names; ErrNotExist if it is unknown, finished or
// in another bucket (M1).
func (s *Snapshot) upload(bucketName string, mu *storage.MultipartUpload) (*upload, error) {
	if b := s.bucket(bucketName); b != nil && b.uploads != nil && mu.Bucket == bucketName {
		if up, ok := b.uploads.Get(mu.UploadID); ok && up.key == mu.Key {
			return up, nil
		}
	}
	return nil, fmt.Errorf("%w: no upload %q in progress", storage.ErrNotExist, mu.UploadID)
}

// beginUpload begins an operation on an upload in progress.
func (h *bucketHandle) beginUpload(ctx context.Context, mu *storage.MultipartUpload, key *string, opts storage.Options) (*upload, error) {
	cur, err := h.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	if mu == nil {
		return nil, fmt.Errorf("%w: the upload is nil", storage.ErrInvalid)
	}
	*key = mu.Key
	return cur.upload(h.name, mu)
}

// endUpload forgets an upload.
func (b *bucket) endUpload(id string, up *upload) {
	b.uploads = b.uploads.Delete(id)
	for it := up.parts.Iterator(); !it.Done(); {
		_, p, _ := it.Next()
		b.parts -= p.size()
	}
}

func (h *bucketHandle) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (mu *storage.MultipartUpload, err error) {
	defer wrap("initmultipart", h.name, &key, &err)
	if _, err := h.beginAt(ctx, &key, opts); err != nil {
		return nil, err
	}
	metadata, _ := opts.StringMap(storage.OptMetadata)
	up := &upload{key: key, contentType: contentType, metadata: metadata, parts: immutable.NewSortedMap[int, *part](nil)}
	now := h.store.head.Now()
	mu = &storage.MultipartUpload{Bucket: h.name, Key: key, Metadata: maps.Clone(metadata)}
	err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		mu.UploadID = fmt.Sprintf("upload-%d", cur.uploads+1)
		next := cur.edit(h.name, now, func(b *bucket) {
			if b.uploads == nil {
				b.uploads = immutable.NewSortedMap[string, *upload](byName{})
			}
			b.uploads = b.uploads.Set(mu.UploadID, up)
		})
		next.uploads++
		return next, nil
	})
	if err != nil {
		return nil, err
	}
	return mu, nil
}

func (h *bucketHandle) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (_ *storage.PartInfo, err error) {
	var key string
	defer wrap("uploadpart", h.name, &key, &err)
	if _, err := h.beginUpload(ctx, mu, &key, opts); err != nil {
		return nil, err
	}
	if err := checkNumber(number); err != nil {
		return nil, err
	}
	c, e, hash, err := receive(ctx, src, size, h.store.head, opts)
	if err != nil {
		return nil, err
	}
	p := &part{content: c, etag: e, hash: hash, updated: h.store.head.Now()}
	err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		up, err := cur.upload(h.name, mu)
		if err != nil {
			return nil, err
		}
		next := *up
		next.parts = up.parts.Set(number, p)
		return cur.edit(h.name, p.updated, func(b *bucket) {
			if old, ok := up.parts.Get(number); ok {
				b.parts -= old.size()
			}
			b.parts += p.size()
			b.uploads = b.uploads.Set(mu.UploadID, &next)
		}), nil
	})
	if err != nil {
		return nil, err
	}
	return p.info(number), nil
}

func checkNumber(number int) error {
	if number < 1 || number > storage.MaxParts {
		return fmt.Errorf("%w: part number %d is not from 1 to %d", storage.ErrInvalid, number, storage.MaxParts)
	}
	return nil
}

func (h *bucketHandle) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (_ *storage.PartInfo, err error) {
	var key string
	defer wrap("copypart", h.name, &key, &err)
	if _, err := h.beginUpload(ctx, mu, &key, opts); err != nil {
		return nil, err
	}
	return nil, storage.ErrUnsupported
}

func (h *bucketHandle) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) (_ []*storage.PartInfo, err error) {
	var key string
	defer wrap("listparts", h.name, &key, &err)
	up, err := h.beginUpload(ctx, mu, &key, opts)
	if err != nil {
		return nil, err
	}
	var infos []*storage.PartInfo
	for it := up.parts.Iterator(); !it.Done() && (limit <= 0 || len(infos) < limit); offset-- {
		number, p, _ := it.Next()
		if offset <= 0 {
			infos = append(infos, p.info(number))
		}
	}
	return infos, nil
}

func (h *bucketHandle) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) (err error) {
	var key string
	defer wrap("abortmultipart", h.name, &key, &err)
	if _, err := h.beginUpload(ctx, mu, &key, opts); err != nil {
		return err
	}
	now := h.store.head.Now()
	return h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
		up, err := cur.upload(h.name, mu)
		if err != nil {
			return nil, err
		}
		return cur.edit(h.name, now, func(b *bucket) { b.endUpload(mu.UploadID, up) }), nil
	})
}

// errUploadChanged says that parts were replaced while their content was hashed.
var errUploadChanged = errors.New("upload changed")

func (h *bucketHandle) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (_ *storage.Object, err error) {
	var key string
	defer wrap("completemultipart", h.name, &key, &err)
	for {
		up, err := h.beginUpload(ctx, mu, &key, opts)
		if err != nil {
			return nil, err
		}
		o, err := up.assemble(ctx, parts, opts)
		if err != nil {
			return nil, err
		}
		now := h.store.head.Now()
		err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) {
			switch now, err := cur.upload(h.name, mu); {
			case err != nil:
				return nil, err
			case now != up:
				return nil, errUploadChanged
			}
			cur = cur.edit(h.name, now, func(b *bucket) { b.endUpload(mu.UploadID, up) })
			return cur.put(h.name, key, o, now, opts)
		})
		switch {
		case err == nil:
			return o.describe(new(storage.Object), h.name, key), nil
		case err != errUploadChanged:
			return nil, err
		}
	}
}

// assemble returns the object that the named parts make (M2). It costs a step
// per part, unless the options ask for digests, which read the content.
func (up *upload) assemble(ctx context.Context, named []*storage.PartInfo, opts storage.Options) (*object, error) {
	if len(named) == 0 {
		return nil, fmt.Errorf("%w: no parts are named", storage.ErrInvalid)
	}
	if slices.Contains(named, nil) {
		return nil, fmt.Errorf("%w: a part is nil", storage.ErrInvalid)
	}
	named = slices.SortedFunc(slices.Values(named), func(a, b *storage.PartInfo) int { return cmp.Compare(a.Number, b.Number) })
	contents := make([]content, len(named))
	var sums []byte
	for i, want := range named {
		p, ok := up.parts.Get(want.Number)
		switch {
		case i > 0 && named[i-1].Number == want.Number:
			return nil, fmt.Errorf("%w: part %d is named twice", storage.ErrInvalid, want.Number)
		case !ok:
			return nil, fmt.Errorf("%w: part %d was not uploaded", storage.ErrInvalid, want.Number)
		case want.ETag != p.etag.String():
			return nil, fmt.Errorf("%w: part %d has the ETag %q, not %q", storage.ErrInvalid, want.Number, p.etag, want.ETag)
		}
		contents[i] = p.content
		sums = binary.BigEndian.AppendUint64(sums, p.etag.sum)
	}
	c := join(contents)
	hash, err := c.digest(ctx, opts)
	if err != nil {
		return nil, err
	}
	e := etag{xxhash.Sum64(sums), len(named)}
	return newObject(c, e, up.contentType, up.metadata, hash), nil
}

// digest reads the content if the options ask for digests of it.
func (c content) digest(ctx context.Context, opts storage.Options) (storage.Hashes, error) {
	var d digest
	if err := d.start(opts); err != nil || len(d.hashes) == 0 {
		return nil, err
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	var r reader
	for r.section(c, 0, 0); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := r.Read(buf[:])
		d.write(buf[:n])
		if err == io.EOF {
			return d.finish()
		}
	}
}
