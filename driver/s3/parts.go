package s3driver

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

const (
	minPart  = 5 << 20 // bytes of a part that is not the last
	maxPut   = 8 << 20 // bytes of the largest body that is stored at once
	parallel = 4       // parts that are stored at a time
)

// partSize returns the bytes of a part of a body. They grow with its number, so that as
// many parts as an upload may have are enough for the largest object, and the same
// content always has the same parts and ETag.
func partSize(number int32) int64 { return maxPut << ((number - 1) / 1000) }

// assembly is an object that is stored in parts.
type assembly struct {
	create *s3.CreateMultipartUploadInput
	header engine.Header
	guard  engine.Guard

	// next returns the function that stores the next part, nil after the last. All calls
	// are of one goroutine.
	next func(number int32) (storePart, error)
}

// storePart stores a part of an upload.
type storePart func(ctx context.Context, upload *string) (*engine.Part, error)

// Stream implements [engine.Streamer]. A large body is stored in parts, which are not
// copied if it lies in memory.
func (s *service) Stream(ctx context.Context, key string, src *engine.Source, h engine.Header) (*engine.Blob, error) {
	whole, err := src.Whole()
	if err != nil {
		return nil, err
	}
	if whole != nil {
		return s.Put(ctx, key, whole, h, engine.Guard{})
	}
	body, more, err := src.Next(maxPut)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if !more {
		return s.Put(ctx, key, body, h, engine.Guard{})
	}
	at := s.locate(key)
	return s.assemble(ctx, key, s.newAssembly(at, h, engine.Guard{}, func(number int32) (storePart, error) {
		part := body
		if number > 1 {
			if !more {
				return nil, nil
			}
			if part, more, err = src.Next(partSize(number)); err != nil {
				return nil, err
			}
		}
		return func(ctx context.Context, upload *string) (*engine.Part, error) {
			stored, err := s.putPart(ctx, at, upload, number, part.Reader(), part.Size())
			if err != nil {
				part.Close()
				return nil, err
			}
			src.Release(part)
			return stored, nil
		}, nil
	}))
}

// putParts stores a body in parts.
func (s *service) putParts(ctx context.Context, key string, body *engine.Body, h engine.Header, guard engine.Guard) (*engine.Blob, error) {
	at := s.locate(key)
	done := int64(0)
	return s.assemble(ctx, key, s.newAssembly(at, h, guard, func(number int32) (storePart, error) {
		if done == body.Size() {
			return nil, nil
		}
		part := io.NewSectionReader(body, done, min(partSize(number), body.Size()-done))
		done += part.Size()
		return func(ctx context.Context, upload *string) (*engine.Part, error) {
			return s.putPart(ctx, at, upload, number, part, part.Size())
		}, nil
	}))
}

func (s *service) newAssembly(at location, h engine.Header, guard engine.Guard, next func(int32) (storePart, error)) *assembly {
	h = forService(h)
	contentType, metadata := h.Encode()
	create := &s3.CreateMultipartUploadInput{Bucket: at.bucket, Key: at.key, ContentType: aws.String(contentType), Metadata: metadata}
	return &assembly{create, h, guard, next}
}

// assemble stores an object in parts, or nothing.
func (s *service) assemble(ctx context.Context, key string, a *assembly) (blob *engine.Blob, err error) {
	if a.guard != (engine.Guard{}) && !s.can.guardComplete {
		return nil, errGuard
	}
	token := newToken()
	a.create.Metadata = withToken(a.create.Metadata, token)
	created, err := s.client.CreateMultipartUpload(ctx, a.create)
	if err != nil {
		return nil, translate(err)
	}
	at := location{a.create.Bucket, a.create.Key}
	defer func() {
		if blob == nil { // also if the source panics
			abort(ctx, s.client, at, created.UploadId)
		}
	}()
	parts, size, err := storeParts(ctx, created.UploadId, a)
	if err != nil {
		return nil, err
	}
	attempts := new(counter)
	out, err := s.complete(ctx, at, created.UploadId, parts, a.guard, attempts)
	if err != nil {
		return s.wasStored(ctx, key, token, attempts, err)
	}
	stored := &engine.Blob{Header: a.header, Key: key, Size: size, Version: unquote(out.ETag), Updated: answered(out.ResultMetadata)}
	return s.timed(ctx, stored), nil
}

// storeParts stores the parts of an upload, several at a time. It returns their size
// together.
func storeParts(ctx context.Context, upload *string, a *assembly) (parts []types.CompletedPart, size int64, err error) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var stored []*engine.Part
	room := make(chan struct{}, parallel)
	for number := int32(1); ; number++ {
		room <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		store, err := a.next(number)
		if err != nil {
			return nil, 0, err
		}
		if store == nil {
			break
		}
		part := new(engine.Part)
		stored = append(stored, part)
		wg.Go(func() {
			defer func() { <-room }()
			p, err := store(ctx, upload)
			if err != nil {
				cancel(err) // of several errors, the first counts
				return
			}
			*part = *p
		})
	}
	wg.Wait()
	for _, p := range stored {
		parts = append(parts, completed(p))
		size += p.Size
	}
	return parts, size, context.Cause(ctx)
}

// completed names a part for the completion of its upload.
func completed(p *engine.Part) types.CompletedPart {
	return types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: quote(p.ETag)}
}

// abort ends an upload that failed, even if ctx is done. Its parts stay if that fails,
// until a lifecycle rule of the bucket removes them.
func abort(ctx context.Context, client *s3.Client, at location, upload *string) {
	ctx, cancel := lasting(ctx)
	defer cancel()
	_, _ = client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: at.bucket, Key: at.key, UploadId: upload})
}

// lasting returns a context for cleaning up, which lasts beyond the end of ctx.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}
