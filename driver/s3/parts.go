package s3driver

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

const (
	minPart   = 5 << 20  // bytes of a part that is not the last
	partsFrom = 16 << 20 // bytes of the largest body that is stored at once
	partSize  = 8 << 20  // bytes of a part of a larger one
	parallel  = 4        // parts that are stored at a time

	copyFrom = 5 << 30   // bytes of the largest object that is copied at once
	copySize = 512 << 20 // bytes of a part of a larger one
)

// assembly is an object that is stored in parts.
type assembly struct {
	create *s3.CreateMultipartUploadInput
	header engine.Header
	size   int64
	part   int64 // bytes of a part
	guard  engine.Guard

	// store stores a part, which begins at offset.
	store func(ctx context.Context, upload *string, number int32, offset, length int64) (*engine.Part, error)
}

// putParts stores a large body.
func (s *service) putParts(ctx context.Context, key string, body *engine.Body, h engine.Header, guard engine.Guard) (*engine.Blob, error) {
	at := s.locate(key)
	contentType, metadata := forService(h).Encode()
	return s.assemble(ctx, key, &assembly{
		create: &s3.CreateMultipartUploadInput{Bucket: at.bucket, Key: at.key, ContentType: aws.String(contentType), Metadata: metadata},
		header: forService(h),
		size:   body.Size(),
		part:   max(partSize, (body.Size()+storage.MaxParts-1)/storage.MaxParts),
		guard:  guard,
		store: func(ctx context.Context, upload *string, number int32, offset, length int64) (*engine.Part, error) {
			return s.putPart(ctx, at, upload, number, io.NewSectionReader(body, offset, length), length)
		},
	})
}

// assemble stores an object in parts, or nothing. Its time may be that at which the upload
// began.
func (s *service) assemble(ctx context.Context, key string, a *assembly) (*engine.Blob, error) {
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
	parts, err := storeParts(ctx, created.UploadId, a)
	var out *s3.CompleteMultipartUploadOutput
	attempts := new(counter)
	if err == nil {
		out, err = s.complete(ctx, at, created.UploadId, parts, a.guard, attempts)
	}
	if err != nil {
		s.abort(ctx, at, created.UploadId)
		return s.wasStored(ctx, key, token, attempts, err)
	}
	return s.timed(ctx, &engine.Blob{
		Header:  a.header,
		Key:     key,
		Size:    a.size,
		Version: unquote(out.ETag),
		Updated: answered(out.ResultMetadata),
	})
}

// storeParts stores the parts of an upload, several at a time.
func storeParts(ctx context.Context, upload *string, a *assembly) ([]types.CompletedPart, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	parts := make([]types.CompletedPart, max(1, (a.size+a.part-1)/a.part))
	room := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range parts {
		room <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-room }()
			number, offset := int32(i+1), int64(i)*a.part
			part, err := a.store(ctx, upload, number, offset, min(a.part, a.size-offset))
			if err != nil {
				cancel(err) // of several errors, the first counts
				return
			}
			parts[i] = types.CompletedPart{ETag: quote(part.ETag), PartNumber: &number}
		})
	}
	wg.Wait()
	return parts, context.Cause(ctx)
}

// abort ends an upload that failed, even if ctx is done. Its parts stay if that fails,
// until a lifecycle rule of the bucket removes them.
func (s *service) abort(ctx context.Context, at location, upload *string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, _ = s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: at.bucket, Key: at.key, UploadId: upload})
}
