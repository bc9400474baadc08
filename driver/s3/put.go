package s3driver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// tokenKey is the key of the metadata that tells writes under a guard apart.
//
// If the answer to such a write is lost, the SDK sends it again, and the service
// refuses it since the object is there. Then the token of the object says whether the
// first attempt stored it.
const tokenKey = "openlake-write"

// Put implements [engine.Engine]. A large body is uploaded in parts.
func (s *service) Put(ctx context.Context, key string, body *engine.Body, h engine.Header, guard engine.Guard) (*engine.Blob, error) {
	if body.Size() > maxPut {
		return s.putParts(ctx, key, body, h, guard)
	}
	if guard != (engine.Guard{}) && !s.can.guardPut {
		return nil, errGuard
	}
	at := s.locate(key)
	token := tokenOf(guard)
	contentType, metadata := forService(h).Encode()
	start := time.Now()
	attempts := new(counter)
	out, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:        at.bucket,
		Key:           at.key,
		Body:          body.Reader(),
		ContentLength: aws.Int64(body.Size()),
		ContentType:   aws.String(contentType),
		Metadata:      withToken(metadata, token),
		IfMatch:       quote(guard.Version),
		IfNoneMatch:   ifAbsent(guard),
	}, attempts.count)
	if err != nil {
		return s.wasStored(ctx, key, token, attempts, refusal(guard, err))
	}
	blob := &engine.Blob{
		Header:  forService(h),
		Key:     key,
		Size:    body.Size(),
		Version: unquote(out.ETag),
		Updated: answered(out.ResultMetadata),
	}
	if time.Since(start) > promptly {
		return s.timed(ctx, blob), nil
	}
	return blob, nil
}

// timed returns the description of a blob that has just been stored with the time that
// Head tells, which may be long before the answer. If there is another blob by now, or
// Head fails, the time stays that of the answer.
func (s *service) timed(ctx context.Context, blob *engine.Blob) *engine.Blob {
	if now, err := s.Head(ctx, blob.Key); err == nil && now.Version == blob.Version {
		return now
	}
	return blob
}

// refusal returns the error of a write under a guard. A missing object is the refusal
// of a guard that names a version.
func refusal(guard engine.Guard, err error) error {
	if guard.Version != "" && code(err) == "NoSuchKey" {
		return fmt.Errorf("%w: %w", storage.ErrPrecondition, err)
	}
	return translate(err)
}

// tokenOf returns the token of a write under a guard, "" if there is no guard.
func tokenOf(guard engine.Guard) string {
	if guard == (engine.Guard{}) {
		return ""
	}
	return newToken()
}

func newToken() string { return rand.Text() }

// withToken returns metadata with the token, if there is one.
func withToken(meta map[string]string, token string) map[string]string {
	if token == "" {
		return meta
	}
	meta = maps.Clone(meta)
	if meta == nil {
		meta = make(map[string]string)
	}
	meta[tokenKey] = token
	return meta
}

// wasStored describes the object of a write if it failed at a second attempt, but has
// stored the object at the first. Otherwise it returns the error of the write.
func (s *service) wasStored(ctx context.Context, key, token string, attempts *counter, err error) (*engine.Blob, error) {
	if token == "" || *attempts < 2 || !isLost(err) {
		return nil, err
	}
	out, failed := s.head(ctx, key)
	if failed != nil || out.Metadata[tokenKey] != token {
		return nil, err
	}
	return describe(key, out), nil
}

// isLost reports whether an error can be that of a request that has succeeded before.
func isLost(err error) bool {
	return errors.Is(err, storage.ErrPrecondition) || errors.Is(err, storage.ErrNotExist)
}

// counter counts the attempts of a request.
type counter int

// count is an option of a request.
func (c *counter) count(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("CountAttempts",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				*c++
				return next.HandleFinalize(ctx, in)
			}), "Retry", middleware.After)
	})
}
