package gateway

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/backend"

	"open-lake.dev/lib/storage"
)

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

// found is a version that a request asks for, and the section of it.
type found struct {
	state
	object  *storage.Object
	section section
	headers *s3.GetObjectOutput // without the body
}

// get finds the version that a request asks for, whose inputs all have the same
// fields. A delete marker comes with headers and the error, all else without.
func (g *gateway) get(ctx context.Context, in *s3.GetObjectInput) (f found, err error) {
	f.state = g.read(ctx)
	f.object, err = f.lookup(*in.Bucket, *in.Key, in.VersionId, backend.PreConditions{
		IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch, IfModSince: in.IfModifiedSince, IfUnmodeSince: in.IfUnmodifiedSince,
	})
	if err != nil {
		if f.object != nil && isDeleteMarker(f.object) {
			f.headers = &s3.GetObjectOutput{DeleteMarker: new(true), LastModified: &f.object.Updated}
		}
		return f, apiError(err)
	}
	if f.section, err = sectionOf(f.object, backend.GetStringFromPtr(in.Range), in.PartNumber); err != nil {
		return f, err
	}
	f.headers = headersOfObject(f.object)
	f.headers.ContentLength, f.headers.ContentRange, f.headers.PartsCount = &f.section.length, f.section.contentRange, f.section.parts
	f.headers.VersionId = f.versionID(*in.Bucket, f.object)
	if in.ChecksumMode == types.ChecksumModeEnabled {
		f.section.sum.setIn(f.headers)
	}
	answerEncryption(ctx, f.object.Metadata)
	return f, nil
}

func (g *gateway) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	f, err := g.get(ctx, in)
	if err != nil {
		return f.headers, err
	}
	if f.section.length > 0 {
		r, _, err := f.st.Bucket(f.object.Bucket).Open(ctx, f.object.Key, f.section.start, f.section.length, nil)
		if err != nil {
			return nil, apiError(err)
		}
		f.headers.Body = r
	}
	return f.headers, nil
}

func (g *gateway) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	var get s3.GetObjectInput
	copyFields(&get, in)
	f, err := g.get(ctx, &get)
	if f.headers == nil {
		return nil, err
	}
	out := new(s3.HeadObjectOutput)
	copyFields(out, f.headers)
	return out, err
}

// headersOfObject returns what is answered of an object whatever section is asked for.
func headersOfObject(o *storage.Object) *s3.GetObjectOutput {
	out := &s3.GetObjectOutput{
		AcceptRanges:            new("bytes"),
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
	}
	out.ObjectLockLegalHoldStatus, out.ObjectLockMode, out.ObjectLockRetainUntilDate = lockOf(o)
	return out
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
