package gocloud

import (
	"context"
	"io"

	"gocloud.dev/blob/driver"

	"open-lake.dev/lib/storage"
)

// Attributes implements [driver.Bucket].
func (b *bucket) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	key = b.keys().stored(key)
	obj, err := b.store.Stat(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	if obj.IsDir {
		return nil, b.notExist("stat", key)
	}
	return attributes(obj), nil
}

// NewRangeReader implements [driver.Bucket].
func (b *bucket) NewRangeReader(ctx context.Context, key string, offset, length int64, opts *driver.ReaderOptions) (driver.Reader, error) {
	openOpts := storage.Options{}
	if err := before(opts.BeforeRead, openOpts); err != nil {
		return nil, err
	}
	key = b.keys().stored(key)
	rc, obj, err := b.store.Open(ctx, key, offset, length, openOpts)
	if err != nil {
		return nil, b.flatten(ctx, "open", key, err)
	}
	r := &reader{src: rc, ReadCloser: rc, obj: obj}
	if length == 0 { // Open would read to the end
		r.src = io.LimitReader(rc, 0)
	}
	return r, nil
}

// reader is a [driver.Reader] and a [driver.Downloader].
type reader struct {
	io.ReadCloser
	src io.Reader // reads from the ReadCloser
	obj *storage.Object
}

func (r *reader) Read(p []byte) (int, error) { return r.src.Read(p) }

// Download implements [driver.Downloader]. It uses src's WriteTo, if it has one.
func (r *reader) Download(w io.Writer) error {
	_, err := io.Copy(w, r.src)
	return err
}

func (r *reader) Attributes() *driver.ReaderAttributes {
	return &driver.ReaderAttributes{
		ContentType: contentType(r.obj),
		ModTime:     r.obj.Updated,
		Size:        r.obj.Size,
	}
}

func (r *reader) As(i any) bool { return as(*r.obj)(i) || as(r.ReadCloser)(i) }
