package s3driver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// service is an [engine.Engine] in S3. A key of the engine is that of an object in one
// bucket or, if buckets are real, begins with the name of its bucket.
type service struct {
	client  *s3.Client
	config  Config
	can     abilities
	copying copySizes
}

// location is where an object is in S3.
type location struct{ bucket, key *string }

// locate returns where the blob of a key is. The beginning of keys is located, too.
func (s *service) locate(key string) location {
	bucket := s.config.Bucket
	if s.config.RealBuckets {
		bucket, key, _ = strings.Cut(key, "/")
	}
	return location{aws.String(bucket), aws.String(s.config.Prefix + key)}
}

// Head implements [engine.Engine].
func (s *service) Head(ctx context.Context, key string) (*engine.Blob, error) {
	out, err := s.head(ctx, key)
	if err != nil {
		return nil, err
	}
	return describe(key, out), nil
}

func (s *service) head(ctx context.Context, key string) (*s3.HeadObjectOutput, error) {
	at := s.locate(key)
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: at.bucket, Key: at.key})
	return out, translate(err)
}

func describe(key string, out *s3.HeadObjectOutput) *engine.Blob {
	return &engine.Blob{
		Header:  header(out.ContentType, out.Metadata),
		Key:     key,
		Size:    aws.ToInt64(out.ContentLength),
		Version: unquote(out.ETag),
		Updated: aws.ToTime(out.LastModified),
		Native:  out,
	}
}

// header returns the header of a blob, whose ETag is that of the service.
func header(contentType *string, metadata map[string]string) engine.Header {
	delete(metadata, tokenKey)
	return forService(engine.Decode(aws.ToString(contentType), metadata))
}

// forService returns a header without the ETag, which the service makes.
func forService(h engine.Header) engine.Header {
	h.ETag = ""
	return h
}

// unquote returns an ETag without its quotes.
func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// quote returns an ETag as a header of HTTP has it, nil for none.
func quote(version string) *string {
	if version == "" {
		return nil
	}
	return aws.String(`"` + version + `"`)
}

// ifAbsent returns the value of If-None-Match for a guard.
func ifAbsent(guard engine.Guard) *string {
	if !guard.Absent {
		return nil
	}
	return aws.String("*")
}

// timeResolution is that of the times of objects. Those that S3 tells are in whole
// seconds, and so is the time of an answer, which stands for that of what was stored
// within promptly.
const (
	timeResolution = 2 * time.Second
	promptly       = time.Second
)

// answered returns when the service answered a request, by its own clock.
func answered(metadata middleware.Metadata) time.Time {
	t, _ := awsmiddleware.GetServerTime(metadata)
	return t
}

// VersionOf implements [engine.ETagger].
func (s *service) VersionOf(etag string) (string, bool) { return etag, s.can.guardPut }

// errGuard is the error of a guard that the service would ignore.
var errGuard = fmt.Errorf("%w: the S3 service does not judge this condition", storage.ErrUnsupported)

// Delete implements [engine.Engine]. S3 does not say whether there was an object, so it
// is looked at first if there is no guard.
func (s *service) Delete(ctx context.Context, key string, guard engine.Guard) error {
	if guard.Absent || guard.Version != "" && !s.can.guardDelete {
		return errGuard
	}
	if guard.Version != "" {
		return s.delete(ctx, key, guard.Version)
	}
	for {
		out, err := s.head(ctx, key)
		if err != nil {
			return err
		}
		if !s.can.guardDelete {
			return s.delete(ctx, key, "")
		}
		if err = s.delete(ctx, key, unquote(out.ETag)); !errors.Is(err, storage.ErrPrecondition) {
			return err
		}
	}
}

// delete deletes an object, if it has a version. One that was sent again and finds the
// object gone succeeds, since it may be the answer to the first that was lost.
func (s *service) delete(ctx context.Context, key, version string) error {
	at := s.locate(key)
	attempts := new(counter)
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: at.bucket, Key: at.key, IfMatch: quote(version)}, attempts.count)
	if err = translate(err); *attempts > 1 && isLost(err) {
		if _, failed := s.head(ctx, key); errors.Is(failed, storage.ErrNotExist) {
			return nil
		}
	}
	return err
}

// Limits implements [engine.Engine].
func (s *service) Limits() storage.Limits {
	l := storage.Limits{
		MaxKey:         engine.MaxKey - len(s.config.Prefix),
		MaxName:        s.can.maxName,
		MaxMetadata:    1 << 10, // of 2 KiB, since what headers cannot carry is encoded
		MinPart:        minPart,
		MaxObject:      5 << 40,
		TimeResolution: timeResolution,
		BucketName:     engine.BucketName,
		Relaxed: []string{
			storage.RelaxedD1, storage.RelaxedD3, storage.RelaxedD4, storage.RelaxedL1, storage.RelaxedL3,
			storage.RelaxedMove, storage.RelaxedO2, storage.RelaxedO3Complete, storage.RelaxedO6,
		},
	}
	if s.config.RealBuckets {
		l.MaxKey = storage.MaxKey - len(s.config.Prefix)
		l.BucketName = storage.S3Limits().BucketName
		l.Relaxed = append(l.Relaxed, storage.RelaxedB2)
	}
	l.Relaxed = slices.Concat(l.Relaxed, s.can.relaxed())
	return l
}

// Close implements [engine.Engine]. Idle connections end by themselves.
func (s *service) Close() error { return nil }
