package wrap

import (
	"context"
	"io"
	"time"

	"open-lake.dev/lib/storage"
)

// bucket is a bucket with the methods of every optional interface. bucketForms hide
// those that the bucket within lacks.
type bucket struct {
	in     storage.Bucket
	around Around
	name   string
}

func newBucket(in storage.Bucket, around Around) storage.Bucket {
	b := &bucket{in, around, in.Name()}
	_, d := in.(storage.HasDirectories)
	_, m := in.(storage.HasMultipart)
	_, u := in.(storage.HasUploads)
	_, e := in.(storage.HasExactKeys)
	return bucketForms[mask(d, m, u, e)](b)
}

func (b *bucket) Name() string               { return b.name }
func (b *bucket) Features() storage.Features { return b.in.Features() }
func (b *bucket) ExactKeys() bool            { return b.in.(storage.HasExactKeys).ExactKeys() }

func (b *bucket) Info(ctx context.Context) (*storage.BucketInfo, error) {
	c := &Call{Op: "info", Bucket: b.name}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Info, err = b.in.Info(ctx)
		return err
	})
	return result(c, c.Info, err)
}

func (b *bucket) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	c := &Call{Op: "write", Bucket: b.name, Key: key, Src: src, Size: size, ContentType: contentType, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = b.in.Write(ctx, c.Key, c.Src, c.Size, c.ContentType, c.Options)
		return err
	})
	return result(c, c.Object, err)
}

func (b *bucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	c := &Call{Op: "open", Bucket: b.name, Key: key, Offset: offset, Length: length, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Reader, c.Object, err = b.in.Open(ctx, c.Key, c.Offset, c.Length, c.Options)
		return err
	})
	r, err := result(c, c.Reader, err)
	if err != nil {
		return nil, nil, err
	}
	return newReader(ctx, r, b.around, b.name, key), c.Object, nil
}

func (b *bucket) Stat(ctx context.Context, key string, opts storage.Options) (*storage.Object, error) {
	c := &Call{Op: "stat", Bucket: b.name, Key: key, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = b.in.Stat(ctx, c.Key, c.Options)
		return err
	})
	return result(c, c.Object, err)
}

func (b *bucket) Delete(ctx context.Context, key string, opts storage.Options) error {
	c := &Call{Op: "delete", Bucket: b.name, Key: key, Options: opts}
	return b.around.run(ctx, c, func(ctx context.Context) error { return b.in.Delete(ctx, c.Key, c.Options) })
}

func (b *bucket) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	c := &Call{Op: "copy", Bucket: b.name, Key: dstKey, SrcBucket: srcBucket, SrcKey: srcKey, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = b.in.Copy(ctx, c.Key, c.SrcBucket, c.SrcKey, c.Options)
		return err
	})
	return result(c, c.Object, err)
}

func (b *bucket) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	c := &Call{Op: "move", Bucket: b.name, Key: dstKey, SrcBucket: srcBucket, SrcKey: srcKey, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Object, err = b.in.Move(ctx, c.Key, c.SrcBucket, c.SrcKey, c.Options)
		return err
	})
	return result(c, c.Object, err)
}

func (b *bucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	c := &Call{Op: "list", Bucket: b.name, Key: prefix, Limit: limit, Skip: offset, Options: opts}
	return listObjects(ctx, b.around, c, func(ctx context.Context) (storage.ObjectIter, error) {
		return b.in.List(ctx, c.Key, c.Limit, c.Skip, c.Options)
	})
}

func (b *bucket) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	c := &Call{Op: "signedurl", Bucket: b.name, Key: key, Method: method, Expires: expires, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.URL, err = b.in.SignedURL(ctx, c.Key, c.Method, c.Expires, c.Options)
		return err
	})
	return result(c, c.URL, err)
}

// Uploads implements storage.HasUploads.
func (b *bucket) Uploads(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.UploadIter, error) {
	c := &Call{Op: "uploads", Bucket: b.name, Key: prefix, Limit: limit, Skip: offset, Options: opts}
	err := b.around.run(ctx, c, func(ctx context.Context) (err error) {
		c.Uploads, err = b.in.(storage.HasUploads).Uploads(ctx, c.Key, c.Limit, c.Skip, c.Options)
		return err
	})
	it, err := result(c, c.Uploads, err)
	if err != nil {
		return nil, err
	}
	return &iterator[storage.UploadInfo]{it, ctx, b.around, c, func(c *Call) **storage.UploadInfo { return &c.UpInfo }}, nil
}

// Directory implements storage.HasDirectories.
func (b *bucket) Directory(path string) storage.Directory {
	return &directory{b.in.(storage.HasDirectories).Directory(path), b}
}
