package wrap

import (
	"context"
	"io"

	"open-lake.dev/lib/storage"
)

// InitMultipart and the rest of this file implement storage.HasMultipart.
func (b *bucket) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (*storage.MultipartUpload, error) {
	c := &Call{Op: "initmultipart", Bucket: b.name, Key: key, ContentType: contentType, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Upload, err = b.multipart().InitMultipart(ctx, c.Key, c.ContentType, c.Options)
		return err
	})
	return result(c, c.Upload, err)
}

func (b *bucket) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (*storage.PartInfo, error) {
	c := b.uploadCall("uploadpart", mu, opts)
	c.Number, c.Src, c.Size = number, src, size
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Part, err = b.multipart().UploadPart(ctx, c.Upload, c.Number, c.Src, c.Size, c.Options)
		return err
	})
	return result(c, c.Part, err)
}

func (b *bucket) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (*storage.PartInfo, error) {
	c := b.uploadCall("copypart", mu, opts)
	c.Number = number
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Part, err = b.multipart().CopyPart(ctx, c.Upload, c.Number, c.Options)
		return err
	})
	return result(c, c.Part, err)
}

func (b *bucket) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) ([]*storage.PartInfo, error) {
	c := b.uploadCall("listparts", mu, opts)
	c.Limit, c.Skip = limit, offset
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Parts, err = b.multipart().ListParts(ctx, c.Upload, c.Limit, c.Skip, c.Options)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Parts, nil
}

func (b *bucket) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	c := b.uploadCall("completemultipart", mu, opts)
	c.Parts = parts
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = b.multipart().CompleteMultipart(ctx, c.Upload, c.Parts, c.Options)
		return err
	})
	return result(c, c.Object, err)
}

func (b *bucket) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) error {
	c := b.uploadCall("abortmultipart", mu, opts)
	return b.around.run(ctx, c, func(ctx context.Context) error {
		return b.multipart().AbortMultipart(ctx, c.Upload, c.Options)
	})
}

func (b *bucket) multipart() storage.HasMultipart { return b.in.(storage.HasMultipart) }

func (b *bucket) uploadCall(op string, mu *storage.MultipartUpload, opts storage.Options) *Call {
	c := &Call{Op: op, Bucket: b.name, Upload: mu, Options: opts}
	if mu != nil {
		c.Key = mu.Key
	}
	return c
}
