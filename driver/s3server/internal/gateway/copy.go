package gateway

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

// source is the object that a copy reads.
type source struct{ bucket, key, version string }

func parseSource(header *string) (src source, err error) {
	src.bucket, src.key, src.version, err = backend.ParseCopySource(backend.GetStringFromPtr(header))
	if err == nil {
		err = checkVersion(src.version)
	}
	return src, err
}

// open returns the source of a copy, if its owner and the conditions permit it.
func (s state) source(src source, owner *string, conditions backend.PreConditions) (*storage.Object, error) {
	if err := s.bucket(src.bucket); err != nil {
		return nil, err
	}
	if owner != nil && *owner != "" && *owner != s.ownerOf(src.bucket) {
		return nil, s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	if src.version != "" && s.versioning(src.bucket) == "" {
		return nil, s3err.GetInvalidArgumentErr(s3err.InvalidArgVersionId, src.version)
	}
	o, err := s.require(src.bucket, src.key, src.version)
	if err != nil {
		return nil, err
	}
	return o, backend.EvaluatePreconditions(o.ETag, seconds(o.Updated), conditions)
}

func (g *gateway) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (out s3response.CopyObjectOutput, err error) {
	src, err := parseSource(in.CopySource)
	if err != nil {
		return out, err
	}
	bucket, key := *in.Bucket, *in.Key
	if src == (source{bucket, key, ""}) && in.MetadataDirective != types.MetadataDirectiveReplace && header(ctx, headerEncryption) == "" {
		return out, s3err.GetAPIError(s3err.ErrInvalidCopyDest)
	}
	if _, err := backend.ParseObjectTags(backend.GetStringFromPtr(in.Tagging)); err != nil {
		return out, err
	}
	ifMatch, ifNoneMatch := condition(ctx, "If-Match"), condition(ctx, "If-None-Match") // of the destination
	var o, from *storage.Object
	err = g.update(ctx, func(s state) error {
		if from, err = s.source(src, in.ExpectedSourceBucketOwner, backend.PreConditions{
			IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
			IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
		}); err != nil {
			return err
		}
		c, err := s.copyOf(from, &in)
		if err != nil {
			return err
		}
		o, err = s.put(bucket, key, c.metadata, ifMatch, ifNoneMatch, func(metadata map[string]string) (*storage.Object, error) {
			return s.writeCopy(from, c.contentType, bucket, key, metadata)
		})
		return err
	})
	if err != nil {
		return out, err
	}
	res := &s3response.CopyObjectResult{ETag: quoted(o.ETag), LastModified: &o.Updated}
	checksumOf(o).setIn(res)
	answerEncryption(ctx, o.Metadata)
	return s3response.CopyObjectOutput{
		VersionId:           system(o, metaVersion),
		CopySourceVersionId: g.read(ctx).versionID(src.bucket, from),
		CopyObjectResult:    res,
	}, nil
}

// copyDescription is what a copy has beside the content.
type copyDescription struct {
	contentType string
	metadata    map[string]string
}

// copyOf describes the copy of an object that a request asks for.
func (s state) copyOf(from *storage.Object, in *s3response.CopyObjectInput) (c copyDescription, err error) {
	h := headers{WebsiteRedirectLocation: in.WebsiteRedirectLocation}
	c.contentType = from.ContentType
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		c.contentType = backend.GetStringFromPtr(in.ContentType)
		copyFields(&h, in)
	} else {
		h.CacheControl, h.ContentDisposition, h.ContentEncoding = system(from, metaCacheControl), system(from, metaDisposition), system(from, metaEncoding)
		h.ContentLanguage, h.Expires, h.Metadata = system(from, metaLanguage), system(from, metaExpires), userMetadata(from)
	}
	h.ObjectLockLegalHoldStatus, h.ObjectLockMode, h.ObjectLockRetainUntilDate = in.ObjectLockLegalHoldStatus, in.ObjectLockMode, in.ObjectLockRetainUntilDate
	h.tags = tagsOf(from)
	if in.TaggingDirective == types.TaggingDirectiveReplace {
		if h.tags, err = backend.ParseObjectTags(backend.GetStringFromPtr(in.Tagging)); err != nil {
			return c, err
		}
	}
	c.metadata = h.metadata()
	sum, err := s.checksumOfCopy(from, in.ChecksumAlgorithm)
	if sum.algorithm != "" {
		c.metadata[metaChecksum] = sum.String()
	}
	if err != nil {
		return c, err
	}
	return c, s.withHeaders(*in.Bucket, c.metadata)
}

// checksumOfCopy returns the checksum of an object's whole content. It reads the
// content if the object has no such checksum of the algorithm.
func (s state) checksumOfCopy(o *storage.Object, algorithm types.ChecksumAlgorithm) (checksum, error) {
	sum := checksumOf(o)
	switch {
	case algorithm == "" && sum.algorithm == "":
		algorithm = types.ChecksumAlgorithmCrc64nvme
	case algorithm == "":
		algorithm = sum.algorithm
	}
	if sum.algorithm == algorithm && sum.kind == types.ChecksumTypeFullObject {
		return sum, nil
	}
	r, _, err := s.st.Bucket(o.Bucket).Open(s.ctx, o.Key, 0, 0, nil)
	if err != nil {
		return sum, err
	}
	defer r.Close()
	body, err := checkBody(r, checksum{}, algorithm)
	if err != nil {
		return sum, err
	}
	_, err = io.Copy(io.Discard, body)
	return body.checksum(types.ChecksumTypeFullObject), err
}

// writeCopy stores the content of an object under a key. It shares the content,
// unless the copy has another content type or the object was uploaded in parts,
// which its ETag would tell of. An object that is copied onto itself may have become
// the newest noncurrent version.
func (s state) writeCopy(from *storage.Object, contentType, bucket, key string, metadata map[string]string) (*storage.Object, error) {
	if o, err := s.stat(from.Bucket, from.Key); o == nil {
		if err != nil {
			return nil, err
		}
		if from, err = s.newest(bucket, key); err != nil {
			return nil, err
		}
	}
	if contentType == from.ContentType && from.Metadata[metaParts] == "" {
		return s.st.Bucket(bucket).Copy(s.ctx, key, from.Bucket, from.Key, storage.Options{storage.OptMetadata: metadata})
	}
	r, _, err := s.st.Bucket(from.Bucket).Open(s.ctx, from.Key, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return s.st.Bucket(bucket).Write(s.ctx, key, r, from.Size, contentType, storage.Options{storage.OptMetadata: metadata})
}
