package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"

	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

// maxShortBody is the length of the longest body that is written within an Update,
// in bytes. A longer one is received into the stage before, so that the update
// takes as little time as that of a short one.
const maxShortBody = 64 << 10

// content is a body that was received.
type content struct {
	contentType string
	size        int64
	short       []byte
	stage       string            // the key of a long body in the stage
	long        io.ReadSeekCloser // of a long body; it keeps the content
}

// receive reads a body of size bytes, or to its end if size is negative. The caller
// discards the content.
func (g *gateway) receive(ctx context.Context, body io.Reader, size int64, contentType string) (*content, error) {
	if size < 0 || size > maxShortBody {
		return g.receiveLong(ctx, body, size, contentType)
	}
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := buf.ReadFrom(body); err != nil {
		return nil, apiError(err)
	}
	if int64(buf.Len()) != size {
		return nil, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return &content{contentType: contentType, short: buf.Bytes(), size: size}, nil
}

func (g *gateway) receiveLong(ctx context.Context, body io.Reader, size int64, contentType string) (*content, error) {
	c := &content{contentType: contentType, stage: rand.Text()}
	b := g.store.Bucket(stageBucket)
	o, err := b.Write(ctx, c.stage, &exactly{body, size}, -1, contentType, nil)
	if err != nil {
		return nil, apiError(err)
	}
	r, _, err := b.Open(ctx, c.stage, 0, 0, nil)
	if err != nil {
		return nil, apiError(err)
	}
	c.size, c.long = o.Size, r.(io.ReadSeekCloser)
	return c, nil
}

// exactly is a reader of a body of size bytes. It is read to its end, where its
// checksum is compared, and one that ends early is an error. A negative size is any.
type exactly struct {
	io.Reader
	left int64
}

func (r *exactly) Read(p []byte) (n int, err error) {
	n, err = r.Reader.Read(p)
	if r.left < 0 {
		return n, err
	}
	if r.left = max(r.left-int64(n), 0); r.left > 0 && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// write stores the content under a key, with the current time, and leaves the stage.
func (s state) write(c *content, bucket, key string, metadata map[string]string) (*storage.Object, error) {
	opts := storage.Options{storage.OptMetadata: metadata}
	b := s.st.Bucket(bucket)
	if c.long == nil {
		return b.Write(s.ctx, key, bytes.NewReader(c.short), c.size, c.contentType, opts)
	}
	o, err := b.Copy(s.ctx, key, stageBucket, c.stage, opts)
	if errors.Is(err, storage.ErrNotExist) { // a Restore has removed it
		if _, err := c.long.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return b.Write(s.ctx, key, c.long, c.size, c.contentType, opts)
	}
	if err != nil {
		return nil, err
	}
	return o, s.unstage(c)
}

// unstage removes a body from the stage, and the stage if it was the last.
func (s state) unstage(c *content) error {
	if err := s.st.Bucket(stageBucket).Delete(s.ctx, c.stage, nil); err != nil && !errors.Is(err, storage.ErrNotExist) {
		return err
	}
	err := s.st.DeleteBucket(s.ctx, stageBucket, nil)
	if errors.Is(err, storage.ErrPermission) || errors.Is(err, storage.ErrNoBucket) {
		return nil
	}
	return err
}

// discard lets go of a body, and removes it from the stage if no update did.
func (g *gateway) discard(c *content) {
	if c.long == nil {
		return
	}
	c.long.Close()
	ctx := context.Background()
	if o, err := g.read(ctx).stat(stageBucket, c.stage); o != nil && err == nil {
		g.update(ctx, func(s state) error { return s.unstage(c) })
	}
}
