package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

// section is the part of an object that a request asks for.
type section struct {
	start, length int64
	whole         bool
	contentRange  *string
	parts         *int32 // of an object that was uploaded in parts, if the request names one
}

// section returns what a range or the number of a part asks for.
func sectionOf(o *storage.Object, byteRange string, part *int32) (section, error) {
	if part != nil {
		return partSection(o, *part)
	}
	start, length, ok, err := backend.ParseObjectRange(o.Size, byteRange)
	if err != nil {
		return section{}, err
	}
	sec := section{start: start, length: length, whole: length == o.Size}
	if ok {
		sec.contentRange = contentRange(sec, o.Size)
	}
	return sec, nil
}

func partSection(o *storage.Object, number int32) (section, error) {
	sizes := partSizes(o)
	count := int32(max(len(sizes), 1))
	if number > count {
		return section{}, s3err.GetInvalidPartNumberRangeErr(count, number)
	}
	if len(sizes) == 0 {
		sec := section{length: o.Size, whole: true}
		if o.Size > 0 {
			sec.contentRange = contentRange(sec, o.Size)
		}
		return sec, nil
	}
	sec := section{length: sizes[number-1], parts: &count}
	for _, size := range sizes[:number-1] {
		sec.start += size
	}
	sec.whole = sec.length == o.Size
	sec.contentRange = contentRange(sec, o.Size)
	return sec, nil
}

func contentRange(sec section, size int64) *string {
	text := fmt.Sprintf("bytes %d-%d/%d", sec.start, sec.start+sec.length-1, size)
	return &text
}

// partSizes returns the sizes of the parts that an object was uploaded in, nil if it
// was not.
func partSizes(o *storage.Object) (sizes []int64) {
	text := o.Metadata[metaParts]
	if text == "" {
		return nil
	}
	for field := range strings.SplitSeq(text, ",") {
		size, _ := strconv.ParseInt(field, 10, 64)
		sizes = append(sizes, size)
	}
	return sizes
}

// lookup returns the version that a request asks for, and whether it may have it. A
// delete marker comes with the error.
func (s state) lookup(bucket, key string, version *string, conditions backend.PreConditions) (*storage.Object, error) {
	o, err := s.require(bucket, key, backend.GetStringFromPtr(version))
	if err != nil {
		return o, err
	}
	err = backend.EvaluatePreconditions(o.ETag, seconds(o.Updated), conditions)
	if r, ok := s.ctx.(*fasthttp.RequestCtx); ok && err != nil {
		r.Response.Header.Set("ETag", quote(o.ETag)) // the protocol layer leaves it out of a 304
	}
	return o, err
}

// seconds returns a time as a header has it.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second) }

func (g *gateway) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	s := g.read(ctx)
	o, err := s.lookup(*in.Bucket, *in.Key, in.VersionId, backend.PreConditions{
		IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch, IfModSince: in.IfModifiedSince, IfUnmodeSince: in.IfUnmodifiedSince,
	})
	if err != nil {
		if o != nil && isDeleteMarker(o) {
			return &s3.GetObjectOutput{DeleteMarker: new(true), LastModified: &o.Updated}, apiError(err)
		}
		return nil, apiError(err)
	}
	sec, err := sectionOf(o, backend.GetStringFromPtr(in.Range), in.PartNumber)
	if err != nil {
		return nil, err
	}
	var body io.ReadCloser
	if sec.length > 0 {
		if body, _, err = s.st.Bucket(o.Bucket).Open(ctx, o.Key, sec.start, sec.length, nil); err != nil {
			return nil, apiError(err)
		}
	}
	out := &s3.GetObjectOutput{
		AcceptRanges:            new("bytes"),
		Body:                    body,
		ContentLength:           &sec.length,
		ContentRange:            sec.contentRange,
		PartsCount:              sec.parts,
		ContentType:             contentType(o),
		CacheControl:            system(o, metaCacheControl),
		ContentDisposition:      system(o, metaDisposition),
		ContentEncoding:         system(o, metaEncoding),
		ContentLanguage:         system(o, metaLanguage),
		ExpiresString:           system(o, metaExpires),
		WebsiteRedirectLocation: system(o, metaWebsiteRedirect),
		ETag:                    quoted(o.ETag),
		LastModified:            &o.Updated,
		Metadata:                userMetadata(o),
		StorageClass:            types.StorageClassStandard,
		TagCount:                tagCount(o),
		VersionId:               s.versionID(*in.Bucket, o),
	}
	out.ObjectLockLegalHoldStatus, out.ObjectLockMode, out.ObjectLockRetainUntilDate = lockOf(o)
	if in.ChecksumMode == types.ChecksumModeEnabled && sec.whole {
		sum := checksumOf(o)
		f := sum.sums()
		out.ChecksumType = sum.kind
		out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME = f.CRC32, f.CRC32C, f.CRC64NVME
		out.ChecksumSHA1, out.ChecksumSHA256, out.ChecksumSHA512 = f.SHA1, f.SHA256, f.SHA512
		out.ChecksumMD5, out.ChecksumXXHASH64, out.ChecksumXXHASH3, out.ChecksumXXHASH128 = f.MD5, f.XXHASH64, f.XXHASH3, f.XXHASH128
	}
	return out, nil
}

func (g *gateway) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	s := g.read(ctx)
	o, err := s.lookup(*in.Bucket, *in.Key, in.VersionId, backend.PreConditions{
		IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch, IfModSince: in.IfModifiedSince, IfUnmodeSince: in.IfUnmodifiedSince,
	})
	if err != nil {
		if o != nil && isDeleteMarker(o) {
			return &s3.HeadObjectOutput{DeleteMarker: new(true), LastModified: &o.Updated}, apiError(err)
		}
		return nil, apiError(err)
	}
	sec, err := sectionOf(o, backend.GetStringFromPtr(in.Range), in.PartNumber)
	if err != nil {
		return nil, err
	}
	out := &s3.HeadObjectOutput{
		AcceptRanges:            new("bytes"),
		ContentLength:           &sec.length,
		ContentRange:            sec.contentRange,
		PartsCount:              sec.parts,
		ContentType:             contentType(o),
		CacheControl:            system(o, metaCacheControl),
		ContentDisposition:      system(o, metaDisposition),
		ContentEncoding:         system(o, metaEncoding),
		ContentLanguage:         system(o, metaLanguage),
		ExpiresString:           system(o, metaExpires),
		WebsiteRedirectLocation: system(o, metaWebsiteRedirect),
		ETag:                    quoted(o.ETag),
		LastModified:            &o.Updated,
		Metadata:                userMetadata(o),
		StorageClass:            types.StorageClassStandard,
		TagCount:                tagCount(o),
		VersionId:               s.versionID(*in.Bucket, o),
	}
	out.ObjectLockLegalHoldStatus, out.ObjectLockMode, out.ObjectLockRetainUntilDate = lockOf(o)
	if in.ChecksumMode == types.ChecksumModeEnabled && sec.whole {
		sum := checksumOf(o)
		f := sum.sums()
		out.ChecksumType = sum.kind
		out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME = f.CRC32, f.CRC32C, f.CRC64NVME
		out.ChecksumSHA1, out.ChecksumSHA256, out.ChecksumSHA512 = f.SHA1, f.SHA256, f.SHA512
		out.ChecksumMD5, out.ChecksumXXHASH64, out.ChecksumXXHASH3, out.ChecksumXXHASH128 = f.MD5, f.XXHASH64, f.XXHASH3, f.XXHASH128
	}
	return out, nil
}

// contentType returns the content type of an object, S3's default if it has none.
func contentType(o *storage.Object) *string {
	if o.ContentType == "" {
		return new("binary/octet-stream")
	}
	return &o.ContentType
}

// tagCount returns the number of an object's tags, nil if it has none.
func tagCount(o *storage.Object) *int32 {
	if o.Metadata[metaTags] == "" {
		return nil
	}
	return new(int32(len(tagsOf(o))))
}

// versionID returns the id of an object's version, nil if its bucket never had
// versions.
func (s state) versionID(bucket string, o *storage.Object) *string {
	if id := o.Metadata[metaVersion]; id != "" {
		return &id
	}
	if s.versioning(bucket) == "" {
		return nil
	}
	return new(nullVersion)
}

// lockOf returns the legal hold and the retention of an object.
func lockOf(o *storage.Object) (hold types.ObjectLockLegalHoldStatus, mode types.ObjectLockMode, until *time.Time) {
	hold = types.ObjectLockLegalHoldStatus(o.Metadata[metaLegalHold])
	var r types.ObjectLockRetention
	if json.Unmarshal([]byte(o.Metadata[metaRetention]), &r) == nil {
		mode, until = types.ObjectLockMode(r.Mode), r.RetainUntilDate
	}
	return hold, mode, until
}

func (g *gateway) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (out s3response.GetObjectAttributesResponse, err error) {
	s := g.read(ctx)
	o, err := s.require(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.VersionId))
	if err != nil {
		if errors.Is(err, s3err.GetAPIError(s3err.ErrMethodNotAllowed)) {
			out.DeleteMarker, out.VersionId = new(true), in.VersionId
			err = noSuchKey()
		}
		return out, apiError(err)
	}
	sum := checksumOf(o)
	f := sum.sums()
	return s3response.GetObjectAttributesResponse{
		ETag:         &o.ETag,
		ObjectSize:   &o.Size,
		StorageClass: types.StorageClassStandard,
		LastModified: &o.Updated,
		VersionId:    s.versionID(*in.Bucket, o),
		ObjectParts:  objectParts(o, in),
		Checksum: &types.Checksum{
			ChecksumType:  sum.kind,
			ChecksumCRC32: f.CRC32, ChecksumCRC32C: f.CRC32C, ChecksumCRC64NVME: f.CRC64NVME,
			ChecksumSHA1: f.SHA1, ChecksumSHA256: f.SHA256, ChecksumSHA512: f.SHA512, ChecksumMD5: f.MD5,
			ChecksumXXHASH64: f.XXHASH64, ChecksumXXHASH3: f.XXHASH3, ChecksumXXHASH128: f.XXHASH128,
		},
	}, nil
}

// objectParts returns a page of the parts that an object was uploaded in, nil if it
// was not.
func objectParts(o *storage.Object, in *s3.GetObjectAttributesInput) *s3response.ObjectParts {
	sizes := partSizes(o)
	if sizes == nil {
		return nil
	}
	after, _ := strconv.Atoi(backend.GetStringFromPtr(in.PartNumberMarker))
	p := &s3response.ObjectParts{PartNumberMarker: after, MaxParts: 1000}
	if in.MaxParts != nil {
		p.MaxParts = int(*in.MaxParts)
	}
	for i := max(after, 0); i < len(sizes) && len(p.Parts) < p.MaxParts; i++ {
		p.Parts = append(p.Parts, types.ObjectPart{PartNumber: new(int32(i + 1)), Size: &sizes[i]})
		p.NextPartNumberMarker = i + 1
	}
	p.IsTruncated = p.NextPartNumberMarker < len(sizes)
	return p
}
