package gateway

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) PutObject(ctx context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	bucket, key := *in.Bucket, *in.Key
	if err := g.read(ctx).bucket(bucket); err != nil {
		return out, err
	}
	h := headers{
		cacheControl: in.CacheControl,
		disposition:  in.ContentDisposition,
		encoding:     in.ContentEncoding,
		language:     in.ContentLanguage,
		expires:      in.Expires,
		redirect:     in.WebsiteRedirectLocation,
		legalHold:    string(in.ObjectLockLegalHoldStatus),
		retention:    retention(in.ObjectLockMode, in.ObjectLockRetainUntilDate),
		user:         in.Metadata,
	}
	if h.tags, err = backend.ParseObjectTags(backend.GetStringFromPtr(in.Tagging)); err != nil {
		return out, err
	}
	if err := g.checkPut(ctx, bucket, key, in.IfMatch, in.IfNoneMatch); err != nil {
		return out, err // before the body is read
	}
	given := sums{in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumSHA1, in.ChecksumSHA256, in.ChecksumCRC64NVME,
		in.ChecksumSHA512, in.ChecksumMD5, in.ChecksumXXHASH64, in.ChecksumXXHASH3, in.ChecksumXXHASH128}.given()
	algorithm := in.ChecksumAlgorithm
	if algorithm == "" {
		algorithm = types.ChecksumAlgorithmCrc64nvme
	}
	body, err := checkBody(in.Body, given, algorithm)
	if err != nil {
		return out, err
	}
	c, err := g.receive(ctx, body, sizeOf(ctx, in.ContentLength), backend.GetStringFromPtr(in.ContentType))
	if err != nil {
		return out, err
	}
	defer g.discard(c)
	sum := body.checksum(types.ChecksumTypeFullObject)
	metadata := h.metadata()
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
	f := sum.sums()
	return s3response.PutObjectOutput{
		ETag:              quote(o.ETag),
		VersionID:         o.Metadata[metaVersion],
		Size:              &o.Size,
		ChecksumType:      sum.kind,
		ChecksumCRC32:     f.CRC32,
		ChecksumCRC32C:    f.CRC32C,
		ChecksumSHA1:      f.SHA1,
		ChecksumSHA256:    f.SHA256,
		ChecksumCRC64NVME: f.CRC64NVME,
		ChecksumSHA512:    f.SHA512,
		ChecksumMD5:       f.MD5,
		ChecksumXXHASH64:  f.XXHASH64,
		ChecksumXXHASH3:   f.XXHASH3,
		ChecksumXXHASH128: f.XXHASH128,
	}, nil
}

// sizeOf returns the length of a request's body, negative if it is not known. A
// form's length is not that of the file in it.
func sizeOf(ctx context.Context, length *int64) int64 {
	if r, ok := ctx.(*fasthttp.RequestCtx); length == nil || ok && r.IsPost() {
		return -1
	}
	return *length
}

// checkPut judges the conditions of a request that writes an object.
func (g *gateway) checkPut(ctx context.Context, bucket, key string, ifMatch, ifNoneMatch *string) error {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	cur, err := g.read(ctx).stat(bucket, key)
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

// retention returns the document of a retention, nil if there is none.
func retention(mode types.ObjectLockMode, until *time.Time) []byte {
	if mode == "" {
		return nil
	}
	doc, _ := json.Marshal(types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(mode), RetainUntilDate: until})
	return doc
}

func quote(etag string) string { return `"` + etag + `"` }

func quoted(etag string) *string {
	q := quote(etag)
	return &q
}
