package s3driver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// copySizes says how large objects are copied.
type copySizes struct {
	most int64 // bytes of the largest object that is copied at once
	part int64 // bytes of a part of a larger one, or more
}

var sizesOfS3 = copySizes{most: 5 << 30, part: 512 << 20}

// partOf returns the bytes of the parts in which an object of the size is copied. Those
// of the largest objects grow, since an upload has a limited number of parts.
func (c copySizes) partOf(size int64) int64 {
	if size <= c.most {
		return size
	}
	return max(c.part, (size+storage.MaxParts-1)/storage.MaxParts)
}

// Copy implements [engine.Engine]. An object that is large, or copied under a guard that
// the service would ignore, is copied as the parts of an upload, which is completed
// under the guard.
func (s *service) Copy(ctx context.Context, dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (*engine.Blob, error) {
	if src.Size > s.copying.most || guard != (engine.Guard{}) && !s.can.guardCopy {
		return s.copyParts(ctx, dst, src, h, guard)
	}
	at := s.locate(dst)
	in := &s3.CopyObjectInput{
		Bucket:            at.bucket,
		Key:               at.key,
		CopySource:        s.source(src.Key),
		CopySourceIfMatch: quote(src.Version),
		IfMatch:           quote(guard.Version),
		IfNoneMatch:       ifAbsent(guard),
	}
	token := tokenOf(guard)
	if h != nil || token != "" || dst == src.Key {
		replaceHeader(in, src, h, token)
	}
	attempts := new(counter)
	out, err := s.client.CopyObject(ctx, in, attempts.count)
	if err != nil {
		return s.wasStored(ctx, dst, token, attempts, s.copyRefusal(ctx, src, guard, err))
	}
	if out.CopyObjectResult == nil {
		return s.Head(ctx, dst)
	}
	return &engine.Blob{
		Header:  copied(src, h),
		Key:     dst,
		Size:    src.Size,
		Version: unquote(out.CopyObjectResult.ETag),
		Updated: aws.ToTime(out.CopyObjectResult.LastModified),
	}, nil
}

// CopiesOnServer implements [engine.ServerCopier].
func (s *service) CopiesOnServer() {}

// source names the source of a copy as S3 wants it.
func (s *service) source(key string) *string {
	at := s.locate(key)
	return copySource(*at.bucket, *at.key)
}

func copySource(bucket, key string) *string {
	return aws.String(sourceEscapes.Replace(url.QueryEscape(bucket + "/" + key)))
}

var sourceEscapes = strings.NewReplacer("+", "%20", "%2F", "/")

// copied returns the header of a copy.
func copied(src *engine.Blob, h *engine.Header) engine.Header {
	if h == nil {
		return src.Header
	}
	return forService(*h)
}

// replaceHeader sets the header of a copy. The rest of what S3 keeps beside the content
// stays as it is.
func replaceHeader(in *s3.CopyObjectInput, src *engine.Blob, h *engine.Header, token string) {
	contentType, metadata := copied(src, h).Encode()
	in.MetadataDirective = types.MetadataDirectiveReplace
	in.ContentType, in.Metadata = aws.String(contentType), withToken(metadata, token)
	if out, ok := src.Native.(*s3.HeadObjectOutput); ok {
		in.CacheControl, in.ContentDisposition = out.CacheControl, out.ContentDisposition
		in.ContentEncoding, in.ContentLanguage = out.ContentEncoding, out.ContentLanguage
	}
}

// copyRefusal returns the error of a copy. The service does not say whether it was the
// source or the destination that was not as it should be.
func (s *service) copyRefusal(ctx context.Context, src *engine.Blob, guard engine.Guard, err error) error {
	err = refusal(guard, err)
	if !errors.Is(err, storage.ErrPrecondition) {
		return err
	}
	now, failed := s.Head(ctx, src.Key)
	if failed == nil && now.Version == src.Version && guard != (engine.Guard{}) {
		return err
	}
	return changed(err)
}

// changed returns the error of a copy whose source is not there any more.
func changed(err error) error {
	return fmt.Errorf("%w: the source has changed: %w", storage.ErrNotExist, err)
}

// copyParts copies an object as the parts of an upload.
func (s *service) copyParts(ctx context.Context, dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (*engine.Blob, error) {
	at := s.locate(dst)
	var head s3.CopyObjectInput
	replaceHeader(&head, src, h, "")
	create := &s3.CreateMultipartUploadInput{
		Bucket:             at.bucket,
		Key:                at.key,
		ContentType:        head.ContentType,
		Metadata:           head.Metadata,
		CacheControl:       head.CacheControl,
		ContentDisposition: head.ContentDisposition,
		ContentEncoding:    head.ContentEncoding,
		ContentLanguage:    head.ContentLanguage,
	}
	size := s.copying.partOf(src.Size)
	offset := int64(0)
	return s.assemble(ctx, dst, &assembly{create, copied(src, h), guard, func(number int32) (storePart, error) {
		from := offset
		if from == src.Size && number > 1 {
			return nil, nil
		}
		length := min(size, src.Size-from)
		offset += length
		return func(ctx context.Context, upload *string) (*engine.Part, error) {
			return s.copyPart(ctx, at, upload, number, src, from, length)
		}, nil
	}})
}

// copyPart stores a range of an object as a part. No range is empty for S3.
func (s *service) copyPart(ctx context.Context, at location, upload *string, number int32, src *engine.Blob, offset, length int64) (*engine.Part, error) {
	if length == 0 {
		return s.putPart(ctx, at, upload, number, strings.NewReader(""), 0)
	}
	if err := checkID(*upload); err != nil {
		return nil, err
	}
	in := &s3.UploadPartCopyInput{
		Bucket:            at.bucket,
		Key:               at.key,
		UploadId:          upload,
		PartNumber:        aws.Int32(number),
		CopySource:        s.source(src.Key),
		CopySourceIfMatch: quote(src.Version),
	}
	if length < src.Size {
		in.CopySourceRange = byteRange(offset, offset+length-1)
	}
	out, err := s.client.UploadPartCopy(ctx, in)
	if err = translate(err); errors.Is(err, storage.ErrPrecondition) {
		err = changed(err)
	}
	if err != nil {
		return nil, err
	}
	part := &engine.Part{Number: int(number), Size: length}
	if out.CopyPartResult != nil {
		part.ETag, part.Updated = unquote(out.CopyPartResult.ETag), aws.ToTime(out.CopyPartResult.LastModified)
	}
	return part, nil
}
