package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

// partBucket is a handle on a bucket that takes objects in parts.
type partBucket struct {
	*bucket
	engine Multipart
}

func (b *partBucket) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (*storage.MultipartUpload, error) {
	return run(ctx, b.bucket, "initmultipart", key, storage.CleanKey, opts, func(key string) (*storage.MultipartUpload, error) {
		o := &storage.Object{Key: key, ContentType: strings.Clone(contentType)}
		o.Metadata, _ = opts.StringMap(storage.OptMetadata)
		if err := b.checkPut(o); err != nil {
			return nil, err
		}
		id, err := b.engine.Init(ctx, b.blobKey(key), headerOf(o))
		if err == nil {
			err = b.mark(ctx)
		}
		if err != nil {
			return nil, err
		}
		return &storage.MultipartUpload{Bucket: b.name, Key: key, UploadID: id, Metadata: maps.Clone(o.Metadata)}, nil
	})
}

// runUpload runs an operation on an upload in progress.
func runUpload[T any](ctx context.Context, b *partBucket, op string, mu *storage.MultipartUpload, opts storage.Options, do func(key string, up Upload) (T, error)) (T, error) {
	var handle storage.MultipartUpload
	if mu != nil {
		handle = *mu
	}
	return run(ctx, b.bucket, op, handle.Key, cleanUploadKey, opts, func(key string) (result T, err error) {
		if mu == nil {
			return result, fmt.Errorf("%w: the upload is nil", storage.ErrInvalid)
		}
		if of := b.store.bucket(handle.Bucket); of.name != b.name {
			return result, fmt.Errorf("%w: the upload is in bucket %q", storage.ErrNotExist, of.name)
		}
		result, err = do(key, Upload{Key: b.blobKey(key), ID: strings.Clone(handle.UploadID)})
		return result, b.noUpload(ctx, handle.UploadID, err)
	})
}

// noUpload returns the error of an operation on an upload that is unknown.
func (b *partBucket) noUpload(ctx context.Context, id string, err error) error {
	if !errors.Is(err, errNoUpload) {
		return err
	}
	if err := b.notExist(ctx); errors.Is(err, storage.ErrNoBucket) {
		return err
	}
	return fmt.Errorf("%w: no upload %q in progress", storage.ErrNotExist, id)
}

// errNoUpload marks an ErrNotExist of the upload, not of a source.
var errNoUpload = errors.New("no such upload")

// ofUpload marks err if it says that the upload is missing.
func ofUpload(err error) error {
	if errors.Is(err, storage.ErrNotExist) {
		return fmt.Errorf("%w: %w", errNoUpload, err)
	}
	return err
}

// cleanUploadKey normalises the key of a handle. A bad key stays as it is, and
// names no upload.
func cleanUploadKey(key string) (string, error) {
	if clean, err := storage.CleanKey(key); err == nil {
		return clean, nil
	}
	return key, nil
}

// checkUpload returns an error if there is no such upload, or no such part number.
func (b *partBucket) checkUpload(ctx context.Context, up Upload, number int) error {
	if number >= 1 && number <= storage.MaxParts {
		return nil
	}
	if _, err := b.engine.Parts(ctx, up); err != nil {
		return ofUpload(err)
	}
	return fmt.Errorf("%w: part number %d is not from 1 to %d", storage.ErrInvalid, number, storage.MaxParts)
}

func (b *partBucket) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (*storage.PartInfo, error) {
	return runUpload(ctx, b, "uploadpart", mu, opts, func(_ string, up Upload) (*storage.PartInfo, error) {
		if err := b.checkUpload(ctx, up, number); err != nil {
			return nil, err
		}
		body, err := b.store.receive(ctx, src, size, opts)
		if err != nil {
			return nil, err
		}
		defer body.Close()
		p, err := b.engine.PutPart(ctx, up, number, body, body.hashes)
		if err != nil {
			return nil, ofUpload(err)
		}
		return partInfo(p), nil
	})
}

func partInfo(p *Part) *storage.PartInfo {
	updated := p.Updated.UTC()
	return &storage.PartInfo{Number: p.Number, Size: p.Size, ETag: p.ETag, Hash: p.Hash, LastModified: &updated}
}

func (b *partBucket) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (*storage.PartInfo, error) {
	if err := b.check(ctx, "copypart", opts); err != nil {
		return nil, fail("copypart", b.name, "", err)
	}
	srcKey, ok := opts.String(storage.OptSourceKey)
	if !ok {
		return nil, fail("copypart", b.name, "", fmt.Errorf("%w: a part is copied from %s", storage.ErrUnsupported, storage.OptSourceKey))
	}
	return runUpload(ctx, b, "copypart", mu, opts, func(_ string, up Upload) (*storage.PartInfo, error) {
		if err := b.checkUpload(ctx, up, number); err != nil {
			return nil, err
		}
		srcBucket, _ := opts.String(storage.OptSourceBucket)
		src, err := b.source(srcBucket, srcKey)
		if err != nil {
			return nil, err
		}
		offset, _ := opts.Int(storage.OptSourceOffset)
		length, _ := opts.Int(storage.OptSourceLength)
		var p *Part
		err = b.guarded(ctx, func() error {
			p, err = b.copyPart(ctx, up, number, src, max(offset, 0), length)
			return err
		})
		if err != nil {
			return nil, err
		}
		return partInfo(p), nil
	})
}

// copyPart stores a part of src as a part of the upload.
func (b *partBucket) copyPart(ctx context.Context, up Upload, number int, src source, offset, length int64) (*Part, error) {
	var err error
	if src.blob, err = b.store.engine.Head(ctx, src.blobKey(src.key)); err != nil {
		return nil, src.wrap(src.missing(ctx, src.key, err))
	}
	if offset >= src.blob.Size && src.blob.Size > 0 {
		return nil, src.wrap(fmt.Errorf("%w: it has %d bytes, none from %d on", storage.ErrInvalid, src.blob.Size, offset))
	}
	if left := src.blob.Size - offset; length <= 0 || length > left {
		length = left
	}
	p, err := b.engine.CopyPart(ctx, up, number, src.blob, offset, length)
	if errors.Is(err, storage.ErrUnsupported) {
		return b.rewritePart(ctx, up, number, src, offset, length)
	}
	if errors.Is(err, storage.ErrNotExist) {
		if _, err := b.engine.Parts(ctx, up); err != nil {
			return nil, ofUpload(err)
		}
	}
	return p, src.changed(err)
}

// rewritePart reads a part of src and stores it.
func (b *partBucket) rewritePart(ctx context.Context, up Upload, number int, src source, offset, length int64) (*Part, error) {
	rc, blob, err := b.store.engine.Get(ctx, src.blobKey(src.key), offset, length)
	if err != nil {
		return nil, src.changed(err)
	}
	defer rc.Close()
	body, err := b.store.receive(ctx, rc, min(length, max(blob.Size-offset, 0)), nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	p, err := b.engine.PutPart(ctx, up, number, body, nil)
	return p, ofUpload(err)
}

func (b *partBucket) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) ([]*storage.PartInfo, error) {
	return runUpload(ctx, b, "listparts", mu, opts, func(_ string, up Upload) ([]*storage.PartInfo, error) {
		parts, err := b.engine.Parts(ctx, up)
		if err != nil {
			return nil, ofUpload(err)
		}
		var infos []*storage.PartInfo
		for _, p := range page(parts, limit, offset) {
			infos = append(infos, partInfo(p))
		}
		return infos, nil
	})
}

// page returns a page of a list.
func page[T any](list []T, limit, offset int) []T {
	list = list[min(max(offset, 0), len(list)):]
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	return list
}

func (b *partBucket) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) error {
	_, err := runUpload(ctx, b, "abortmultipart", mu, opts, func(_ string, up Upload) (any, error) {
		return nil, ofUpload(b.engine.Abort(ctx, up))
	})
	return err
}

func (b *partBucket) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	return runUpload(ctx, b, "completemultipart", mu, opts, func(key string, up Upload) (*storage.Object, error) {
		have, err := b.engine.Parts(ctx, up)
		if err != nil {
			return nil, ofUpload(err)
		}
		named, err := b.named(parts, have)
		if err != nil {
			return nil, err
		}
		check, err := wholeCheck(ctx, opts)
		if err = cmp.Or(err, b.store.limits.CheckConditional(storage.RelaxedO7Complete, opts)); err != nil {
			return nil, err
		}
		blob, err := b.put(ctx, key, opts, func(guard Guard) (*Blob, error) {
			blob, err := b.engine.Complete(ctx, up, named, check, guard)
			return blob, ofUpload(err)
		})
		if err != nil {
			return nil, err
		}
		return b.completed(ctx, key, blob)
	})
}

// completed describes an object that has just been completed.
func (b *partBucket) completed(ctx context.Context, key string, blob *Blob) (*storage.Object, error) {
	if err := b.mark(ctx); err != nil {
		return nil, err
	}
	if blob == nil {
		return b.object(ctx, key)
	}
	return objectOf(b.name, key, blob), nil
}

// named returns the parts that are named by ascending number (contract rule M2).
func (b *partBucket) named(parts []*storage.PartInfo, have []*Part) ([]*Part, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: no parts", storage.ErrInvalid)
	}
	byNumber := make(map[int]*Part, len(have))
	for _, p := range have {
		byNumber[p.Number] = p
	}
	var named []*Part
	for _, info := range parts {
		if info == nil {
			return nil, fmt.Errorf("%w: a part is nil", storage.ErrInvalid)
		}
		p := byNumber[info.Number]
		if p == nil {
			return nil, fmt.Errorf("%w: part %d was never uploaded, or is named twice", storage.ErrInvalid, info.Number)
		}
		if info.ETag != "" && !storage.MatchETag(info.ETag, p.ETag) {
			return nil, fmt.Errorf("%w: part %d has the ETag %s, not %s", storage.ErrInvalid, info.Number, p.ETag, info.ETag)
		}
		delete(byNumber, info.Number)
		named = append(named, p)
	}
	slices.SortFunc(named, func(a, b *Part) int { return cmp.Compare(a.Number, b.Number) })
	return named, b.checkParts(named)
}

// checkParts returns ErrInvalid if the limits forbid the parts.
func (b *partBucket) checkParts(parts []*Part) error {
	var size int64
	for i, p := range parts {
		if size += p.Size; p.Size < b.store.limits.MinPart && i < len(parts)-1 {
			return fmt.Errorf("%w: part %d has %d bytes; each but the last must have %d", storage.ErrInvalid, p.Number, p.Size, b.store.limits.MinPart)
		}
	}
	return b.store.limits.CheckSize(size)
}

// wholeCheck returns the check of the whole content that opts ask for, nil for none.
func wholeCheck(ctx context.Context, opts storage.Options) (Check, error) {
	if _, err := newDigests(opts); err != nil {
		return nil, err
	}
	sums, _ := opts.StringMap(storage.OptChecksum)
	if len(sums) == 0 && len(opts.Strings(storage.OptChecksumAlgorithms)) == 0 {
		return nil, nil
	}
	return func(content io.Reader) (storage.Hashes, error) {
		d, err := newDigests(opts)
		if err == nil {
			err = copyBody(ctx, d, content, -1)
		}
		if err != nil {
			return nil, err
		}
		return d.hashes(opts)
	}, nil
}
