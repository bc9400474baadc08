package s3driver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// Get implements [engine.Engine]. The reader is an [io.Seeker], too, within what was
// asked for.
func (s *service) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, *engine.Blob, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	r, blob, err := s.get(own, key, offset, length)
	if !stop() { // own is done, too, but cancelled, whatever ended ctx
		if err == nil {
			r.body.Close()
		}
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	r.cancel = cancel
	return r, blob, nil
}

func (s *service) get(ctx context.Context, key string, offset, length int64) (*reader, *engine.Blob, error) {
	at := s.locate(key)
	last := int64(math.MaxInt64)
	if length > 0 && length <= last-offset {
		last = offset + length - 1
	}
	in := &s3.GetObjectInput{Bucket: at.bucket, Key: at.key}
	if offset > 0 || last < math.MaxInt64 {
		in.Range = byteRange(offset, last)
	}
	out, err := s.client.GetObject(ctx, in)
	if code(err) == "InvalidRange" {
		return s.getNothing(ctx, key, offset, length)
	}
	if err != nil {
		return nil, nil, translate(err)
	}
	blob := &engine.Blob{
		Header:  header(out.ContentType, out.Metadata),
		Key:     key,
		Size:    size(out),
		Version: unquote(out.ETag),
		Updated: aws.ToTime(out.LastModified),
	}
	offset = min(offset, blob.Size)
	end := min(blob.Size-1, last) + 1
	return &reader{service: s, ctx: ctx, in: in, etag: out.ETag, start: offset, pos: offset, end: end, body: out.Body}, blob, nil
}

// getNothing opens an object that ends before offset.
func (s *service) getNothing(ctx context.Context, key string, offset, length int64) (*reader, *engine.Blob, error) {
	blob, err := s.Head(ctx, key)
	switch {
	case err != nil:
		return nil, nil, err
	case blob.Size > offset: // it has grown since
		return s.get(ctx, key, offset, length)
	}
	return &reader{service: s, ctx: ctx, body: io.NopCloser(strings.NewReader(""))}, blob, nil
}

// byteRange returns the range of bytes from first to last, the end if last is
// math.MaxInt64.
func byteRange(first, last int64) *string {
	if last == math.MaxInt64 {
		return aws.String(fmt.Sprintf("bytes=%d-", first))
	}
	return aws.String(fmt.Sprintf("bytes=%d-%d", first, last))
}

// size returns the size of the object in an answer that may hold a part of it.
func size(out *s3.GetObjectOutput) int64 {
	if _, total, ok := strings.Cut(aws.ToString(out.ContentRange), "/"); ok {
		if n, err := strconv.ParseInt(total, 10, 64); err == nil {
			return n
		}
	}
	return aws.ToInt64(out.ContentLength)
}

// maxResumes is how often a reader opens a connection again without getting a byte.
const maxResumes = 3

// reader reads a range of one version of an object. It opens a connection when it is
// read after a Seek, and when the connection broke.
type reader struct {
	service *service
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	in      *s3.GetObjectInput
	etag    *string

	start, pos, end int64         // in the object
	body            io.ReadCloser // from pos on; nil if it is to be opened
	closed          bool
}

func (r *reader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, storage.ErrClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	for try := 0; ; try++ {
		n, err := r.read(p)
		if n > 0 || err == nil || err == io.EOF || try == maxResumes || errors.Is(err, storage.ErrPrecondition) {
			return n, translate(err)
		}
	}
}

// read reads from the connection, and closes it if it broke. At the end it waits for
// that of the connection, where the SDK compares checksums.
func (r *reader) read(p []byte) (n int, err error) {
	if r.pos >= r.end {
		return 0, io.EOF
	}
	if r.body == nil {
		if r.body, err = r.open(r.pos, r.end); err != nil {
			return 0, err
		}
	}
	n, err = r.body.Read(p[:min(int64(len(p)), r.end-r.pos)])
	r.pos += int64(n)
	if r.pos == r.end && err == nil {
		_, err = io.Copy(io.Discard, r.body)
	}
	switch {
	case r.pos == r.end && err == io.EOF:
		return n, nil
	case r.pos < r.end && err != nil:
		r.reset()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if n > 0 {
			err = nil
		}
	}
	return n, err
}

// open opens a connection that gives the object's bytes from one position to another.
func (r *reader) open(from, to int64) (io.ReadCloser, error) {
	in := *r.in
	in.Range, in.IfMatch = byteRange(from, to-1), r.etag
	out, err := r.service.client.GetObject(r.ctx, &in)
	if err != nil {
		return nil, fmt.Errorf("reading on at byte %d: %w", from, translate(err))
	}
	return out.Body, nil
}

// reset closes the connection.
func (r *reader) reset() {
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
}

// Seek implements [io.Seeker].
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	if r.closed {
		return 0, storage.ErrClosed
	}
	switch whence {
	case io.SeekStart:
		offset += r.start
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.end
	default:
		return 0, fmt.Errorf("%w: whence %d", storage.ErrInvalid, whence)
	}
	if offset < r.start {
		return 0, fmt.Errorf("%w: a position before the start", storage.ErrInvalid)
	}
	if offset != r.pos {
		r.reset()
		r.pos = offset
	}
	return offset - r.start, nil
}

// Close ends the use of the connection.
func (r *reader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.reset()
	r.cancel()
	return nil
}
