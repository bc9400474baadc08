package main

import (
	"bytes"
	"fmt"
	"io"

	"open-lake.dev/lib/storage"
)

// contract implements [Store], except Snapshot, on a bucket of any driver with
// directories and multipart uploads. It calls the driver's own operations.
type contract struct {
	bucket storage.Bucket
	dirs   storage.HasDirectories
	parts  storage.HasMultipart
}

func newContract(bucket storage.Bucket) (contract, error) {
	dirs, ok := bucket.(storage.HasDirectories)
	if !ok {
		return contract{}, fmt.Errorf("%T has no directories", bucket)
	}
	parts, ok := bucket.(storage.HasMultipart)
	if !ok {
		return contract{}, fmt.Errorf("%T takes no multipart uploads", bucket)
	}
	return contract{bucket, dirs, parts}, nil
}

func (s contract) Put(key string, content []byte) error {
	_, err := s.bucket.Write(ctx, key, bytes.NewReader(content), int64(len(content)), contentType, nil)
	return err
}

func (s contract) Get(key string, buf []byte) error {
	r, _, err := s.bucket.Open(ctx, key, 0, 0, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadFull(r, buf)
	return err
}

func (s contract) Stat(key string) (int64, error) {
	obj, err := s.bucket.Stat(ctx, key, nil)
	if err != nil {
		return 0, err
	}
	return obj.Size, nil
}

func (s contract) Delete(key string) error { return s.bucket.Delete(ctx, key, nil) }

func (s contract) Copy(dst, src string) error {
	_, err := s.bucket.Copy(ctx, dst, "", src, nil)
	return err
}

func (s contract) MoveDir(src, dst string) error {
	_, err := s.dirs.Directory(src).Move(ctx, dst, nil)
	return err
}

// MergeDir is MoveDir onto a directory that exists.
func (s contract) MergeDir(src, dst string) error { return s.MoveDir(src, dst) }

func (s contract) ListPrefix(prefix string, limit int, yield func(string)) error {
	return each(yield)(s.bucket.List(ctx, prefix, limit, 0, nil))
}

func (s contract) ListAfter(after string, limit int, yield func(string)) error {
	return each(yield)(s.bucket.List(ctx, "", limit, 0, storage.Options{storage.OptStartAfter: after}))
}

func (s contract) ListOffset(offset, limit int, yield func(string)) error {
	return each(yield)(s.bucket.List(ctx, "", limit, offset, nil))
}

func (s contract) ListAll(yield func(string)) error {
	return each(yield)(s.bucket.List(ctx, "", 0, 0, nil))
}

func (s contract) ListDir(dir string, yield func(string)) error {
	return each(yield)(s.dirs.Directory(dir).List(ctx, 0, 0, nil))
}

// each yields the keys of a listing.
func each(yield func(string)) func(storage.ObjectIter, error) error {
	return func(it storage.ObjectIter, err error) error {
		if err != nil {
			return err
		}
		for obj, err := range storage.All(it) {
			if err != nil {
				return err
			}
			yield(obj.Key)
		}
		return nil
	}
}

func (s contract) Upload(key string) (Upload, error) {
	mu, err := s.parts.InitMultipart(ctx, key, contentType, nil)
	return &contractUpload{to: s.parts, mu: mu}, err
}

type contractUpload struct {
	to    storage.HasMultipart
	mu    *storage.MultipartUpload
	parts []*storage.PartInfo
}

func (u *contractUpload) Part(content []byte) error {
	part, err := u.to.UploadPart(ctx, u.mu, len(u.parts)+1, bytes.NewReader(content), int64(len(content)), nil)
	u.parts = append(u.parts, part)
	return err
}

func (u *contractUpload) Complete() error {
	_, err := u.to.CompleteMultipart(ctx, u.mu, u.parts, nil)
	return err
}
