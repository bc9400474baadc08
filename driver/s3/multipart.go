package s3driver

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// Init implements [engine.Multipart].
func (s *service) Init(ctx context.Context, key string, h engine.Header) (string, error) {
	at := s.locate(key)
	contentType, metadata := forService(h).Encode()
	out, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket:      at.bucket,
		Key:         at.key,
		ContentType: aws.String(contentType),
		Metadata:    metadata,
	})
	if err != nil {
		return "", translate(err)
	}
	return aws.ToString(out.UploadId), nil
}

// PutPart implements [engine.Multipart]. S3 does not keep the hashes.
func (s *service) PutPart(ctx context.Context, up engine.Upload, number int, body *engine.Body, hashes storage.Hashes) (*engine.Part, error) {
	part, err := s.putPart(ctx, s.locate(up.Key), &up.ID, int32(number), body.Reader(), body.Size())
	if err != nil {
		return nil, err
	}
	part.Hash = hashes
	return part, nil
}

// checkID returns an error for an upload ID that is empty. With it, a service would take
// a part for a whole object.
func checkID(upload string) error {
	if upload == "" {
		return fmt.Errorf("%w: an upload without an ID", storage.ErrNotExist)
	}
	return nil
}

func (s *service) putPart(ctx context.Context, at location, upload *string, number int32, content io.Reader, size int64) (*engine.Part, error) {
	if err := checkID(*upload); err != nil {
		return nil, err
	}
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket:        at.bucket,
		Key:           at.key,
		UploadId:      upload,
		PartNumber:    aws.Int32(number),
		Body:          content,
		ContentLength: aws.Int64(size),
	})
	if err != nil {
		return nil, translate(err)
	}
	return &engine.Part{
		Number:  int(number),
		Size:    size,
		ETag:    unquote(out.ETag),
		Updated: answered(out.ResultMetadata),
	}, nil
}

// CopyPart implements [engine.Multipart].
func (s *service) CopyPart(ctx context.Context, up engine.Upload, number int, src *engine.Blob, offset, length int64) (*engine.Part, error) {
	if length <= 0 {
		length = src.Size - offset
	}
	return s.copyPart(ctx, s.locate(up.Key), &up.ID, int32(number), src, offset, length)
}

// Parts implements [engine.Multipart].
func (s *service) Parts(ctx context.Context, up engine.Upload) ([]*engine.Part, error) {
	if err := checkID(up.ID); err != nil {
		return nil, err
	}
	at := s.locate(up.Key)
	in := &s3.ListPartsInput{Bucket: at.bucket, Key: at.key, UploadId: &up.ID}
	var parts []*engine.Part
	for {
		out, err := s.client.ListParts(ctx, in)
		if err != nil {
			return nil, translate(err)
		}
		for _, p := range out.Parts {
			parts = append(parts, &engine.Part{
				Number:  int(aws.ToInt32(p.PartNumber)),
				Size:    aws.ToInt64(p.Size),
				ETag:    unquote(p.ETag),
				Updated: aws.ToTime(p.LastModified),
			})
		}
		if !aws.ToBool(out.IsTruncated) || aws.ToString(out.NextPartNumberMarker) == "" {
			return parts, nil
		}
		in.PartNumberMarker = out.NextPartNumberMarker
	}
}

// Complete implements [engine.Multipart]. S3 does not read the parts before.
func (s *service) Complete(ctx context.Context, up engine.Upload, parts []*engine.Part, check engine.Check, guard engine.Guard) (*engine.Blob, error) {
	if check != nil {
		return nil, fmt.Errorf("%w: digests of a whole upload", storage.ErrUnsupported)
	}
	named := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		named[i] = completed(p)
	}
	attempts := new(counter)
	_, err := s.complete(ctx, s.locate(up.Key), &up.ID, named, guard, attempts)
	if *attempts > 1 && isLost(err) {
		err = s.wasCompleted(ctx, up, etagOf(parts), err)
	}
	return nil, err
}

func (s *service) complete(ctx context.Context, at location, upload *string, parts []types.CompletedPart, guard engine.Guard, attempts *counter) (*s3.CompleteMultipartUploadOutput, error) {
	if guard != (engine.Guard{}) && !s.can.guardComplete {
		return nil, errGuard
	}
	out, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket:          at.bucket,
		Key:             at.key,
		UploadId:        upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		IfMatch:         quote(guard.Version),
		IfNoneMatch:     ifAbsent(guard),
	}, attempts.count)
	if err != nil && !s.can.twins && s.holds(ctx, at.bucket, *at.key+"/") {
		return nil, fmt.Errorf("%w: there is a directory of this name: %w", storage.ErrExist, err)
	}
	return out, refusal(guard, err)
}

// holds reports whether a key in a bucket begins with prefix.
func (s *service) holds(ctx context.Context, bucket *string, prefix string) bool {
	out, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &prefix, MaxKeys: aws.Int32(1)})
	return err == nil && len(out.Contents) > 0
}

// wasCompleted returns nil if a completion that failed at a second attempt has stored
// the object at the first: there is one with the ETag of the parts, and the upload is no
// longer in progress. Otherwise it returns the error of the completion.
func (s *service) wasCompleted(ctx context.Context, up engine.Upload, etag string, err error) error {
	out, failed := s.head(ctx, up.Key)
	if failed != nil || unquote(out.ETag) != etag {
		return err
	}
	if _, failed := s.Parts(ctx, up); !errors.Is(failed, storage.ErrNotExist) {
		return err
	}
	return nil
}

// etagOf returns the ETag of an object made of parts.
func etagOf(parts []*engine.Part) string {
	h := md5.New()
	for _, p := range parts {
		sum, _ := hex.DecodeString(p.ETag)
		h.Write(sum)
	}
	return fmt.Sprintf("%x-%d", h.Sum(nil), len(parts))
}

// Abort implements [engine.Multipart].
func (s *service) Abort(ctx context.Context, up engine.Upload) error {
	if err := checkID(up.ID); err != nil {
		return err
	}
	at := s.locate(up.Key)
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: at.bucket, Key: at.key, UploadId: &up.ID})
	return translate(err)
}

// Uploads implements [engine.Multipart].
func (s *service) Uploads(ctx context.Context, prefix string) ([]*engine.Upload, error) {
	at := s.locate(prefix)
	in := &s3.ListMultipartUploadsInput{Bucket: at.bucket, Prefix: at.key, EncodingType: types.EncodingTypeUrl}
	var uploads []*engine.Upload
	for {
		out, err := s.client.ListMultipartUploads(ctx, in)
		if err != nil {
			return nil, translate(err)
		}
		for _, u := range out.Uploads {
			key, err := s.keyOf(at.bucket, u.Key, out.EncodingType)
			if err != nil {
				return nil, err
			}
			uploads = append(uploads, &engine.Upload{Key: key, ID: aws.ToString(u.UploadId), Created: aws.ToTime(u.Initiated)})
		}
		if !aws.ToBool(out.IsTruncated) {
			break
		}
		next, err := decode(out.NextKeyMarker, out.EncodingType)
		if err != nil {
			return nil, err
		}
		in.KeyMarker, in.UploadIdMarker = &next, out.NextUploadIdMarker
	}
	slices.SortFunc(uploads, func(a, b *engine.Upload) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	})
	return uploads, nil
}
