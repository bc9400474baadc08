package gateway

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) PutObject(ctx context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	bucket, key := *in.Bucket, *in.Key
	now := g.read(ctx)
	if err := now.bucket(bucket); err != nil {
		return out, err
	}
	h, err := headersOf(&in, in.Tagging)
	if err != nil {
		return out, err
	}
	metadata := h.metadata()
	if err := now.withHeaders(bucket, metadata); err != nil {
		return out, err
	}
	if err := now.checkPut(bucket, key, in.IfMatch, in.IfNoneMatch); err != nil {
		return out, err // before the body is read
	}
	body, err := checkBody(in.Body, givenSum(&in), cmp.Or(in.ChecksumAlgorithm, types.ChecksumAlgorithmCrc64nvme))
	if err != nil {
		return out, err
	}
	c, err := g.receive(ctx, body, sizeOf(ctx, in.ContentLength), backend.GetStringFromPtr(in.ContentType))
	if err != nil {
		return out, err
	}
	defer g.discard(c)
	sum := body.checksum(types.ChecksumTypeFullObject)
	metadata[metaChecksum] = sum.String()
	var o *storage.Object
	err = g.update(ctx, func(s state) error {
		o, err = s.put(bucket, key, metadata, in.IfMatch, in.IfNoneMatch, func(metadata map[string]string) (*storage.Object, error) {
			return s.write(c, bucket, key, metadata)
		})
		return err
	})
	if err != nil {
		return out, err
	}
	out = s3response.PutObjectOutput{ETag: quote(o.ETag), VersionID: o.Metadata[metaVersion], Size: &o.Size}
	sum.setIn(&out)
	answerEncryption(ctx, o.Metadata)
	return out, nil
}

// sizeOf returns the length of a request's body, negative if it is not known. A
// form's length is not that of the file in it.
func sizeOf(ctx context.Context, length *int64) int64 {
	if length == nil || isForm(ctx) {
		return -1
	}
	return *length
}

// checkPut judges the conditions of a request that writes an object.
func (s state) checkPut(bucket, key string, ifMatch, ifNoneMatch *string) error {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	cur, err := s.stat(bucket, key)
	if err != nil {
		return err
	}
	return checkPut(cur, ifMatch, ifNoneMatch)
}

func checkPut(cur *storage.Object, ifMatch, ifNoneMatch *string) error {
	if cur == nil {
		return backend.EvaluateObjectPutPreconditions("", ifMatch, ifNoneMatch, false)
	}
	return backend.EvaluateObjectPutPreconditions(cur.ETag, ifMatch, ifNoneMatch, true)
}

// put makes what write writes the current object, which gets the metadata and the
// id of a version. write may be called with a key that has no object any more.
func (s state) put(bucket, key string, metadata map[string]string, ifMatch, ifNoneMatch *string, write func(metadata map[string]string) (*storage.Object, error)) (*storage.Object, error) {
	if err := s.bucket(bucket); err != nil {
		return nil, err
	}
	cur, err := s.stat(bucket, key)
	if err != nil {
		return nil, err
	}
	if err := checkPut(cur, ifMatch, ifNoneMatch); err != nil {
		return nil, err
	}
	if metadata[metaLegalHold] != "" || metadata[metaRetention] != "" {
		if err := s.lockEnabled(bucket); err != nil {
			return nil, s3err.GetAPIError(s3err.ErrMissingObjectLockConfigurationNoSpaces)
		}
	}
	id, err := s.supersede(bucket, key, cur)
	if err != nil {
		return nil, err
	}
	delete(metadata, metaVersion)
	if id != "" {
		metadata[metaVersion] = id
	}
	return write(metadata)
}

func quote(etag string) string { return `"` + etag + `"` }

func quoted(etag string) *string {
	q := quote(etag)
	return &q
}
