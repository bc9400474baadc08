package gateway

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (out *s3.DeleteObjectOutput, err error) {
	conditions := backend.ObjectDeletePreconditions{
		IfMatch: in.IfMatch, IfMatchLastModTime: in.IfMatchLastModifiedTime, IfMatchSize: in.IfMatchSize,
	}
	err = g.update(ctx, func(s state) error {
		if err := s.bucket(*in.Bucket); err != nil {
			return err
		}
		out, err = s.delete(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.VersionId), conditions)
		return err
	})
	return out, err
}

// maxDeletes is the most keys that one DeleteObjects may name.
const maxDeletes = 1000

// DeleteObjects deletes in one commit what can be deleted.
func (g *gateway) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (res s3response.DeleteResult, err error) {
	if len(in.Delete.Objects) > maxDeletes {
		return res, s3err.GetAPIError(s3err.ErrMalformedXML)
	}
	err = g.update(ctx, func(s state) error {
		res = s3response.DeleteResult{}
		if err := s.bucket(*in.Bucket); err != nil {
			return err
		}
		for _, id := range in.Delete.Objects {
			out, err := s.delete(*in.Bucket, backend.GetStringFromPtr(id.Key), backend.GetStringFromPtr(id.VersionId), backend.ObjectDeletePreconditions{
				IfMatch: backend.TrimEtag(id.ETag), IfMatchLastModTime: id.LastModifiedTime, IfMatchSize: id.Size,
			})
			if err != nil {
				res.Error = append(res.Error, s3err.ObjectDeleteError(id.Key, id.VersionId, apiError(err)))
				continue
			}
			deleted := types.DeletedObject{Key: id.Key, VersionId: id.VersionId, DeleteMarker: out.DeleteMarker}
			if out.DeleteMarker != nil && *out.DeleteMarker {
				deleted.DeleteMarkerVersionId = out.VersionId
			}
			res.Deleted = append(res.Deleted, deleted)
		}
		return nil
	})
	return res, err
}

// delete removes a version of an object or, if no version is named, makes it
// noncurrent where the bucket has versions. To delete what does not exist succeeds.
func (s state) delete(bucket, key, version string, conditions backend.ObjectDeletePreconditions) (*s3.DeleteObjectOutput, error) {
	if err := checkVersion(version); err != nil {
		return nil, err
	}
	status := s.versioning(bucket)
	if status == "" && version != "" && version != nullVersion {
		return nil, s3err.GetInvalidArgumentErr(s3err.InvalidArgVersionId, version)
	}
	o, err := s.find(bucket, key, version)
	if err != nil {
		return nil, err
	}
	if err := checkDelete(o, conditions); err != nil {
		return nil, err
	}
	if version != "" {
		return s.deleteVersion(bucket, key, version, o)
	}
	if status == "" {
		if o == nil {
			return &s3.DeleteObjectOutput{}, nil
		}
		return &s3.DeleteObjectOutput{}, s.st.Bucket(bucket).Delete(s.ctx, key, nil)
	}
	if o != nil && isDeleteMarker(o) {
		o = nil
	}
	id, err := s.mark(bucket, key, o)
	if err != nil {
		return nil, err
	}
	return &s3.DeleteObjectOutput{DeleteMarker: new(true), VersionId: &id}, nil
}

func (s state) deleteVersion(bucket, key, version string, o *storage.Object) (*s3.DeleteObjectOutput, error) {
	out := &s3.DeleteObjectOutput{VersionId: &version}
	if o == nil {
		return out, nil
	}
	out.DeleteMarker = new(isDeleteMarker(o))
	if err := s.st.Bucket(o.Bucket).Delete(s.ctx, o.Key, nil); err != nil {
		return nil, err
	}
	return out, s.promote(bucket, key)
}

// checkDelete judges the conditions of a deletion. They do not apply to what does
// not exist: S3 documents this for a size and a time, and says nothing for an ETag. An
// asterisk is any ETag; the protocol layer would compare it with the object's.
func checkDelete(o *storage.Object, conditions backend.ObjectDeletePreconditions) error {
	if o == nil || isDeleteMarker(o) {
		return nil
	}
	if etag := conditions.IfMatch; etag != nil && *etag == "*" {
		conditions.IfMatch = nil
	}
	return backend.EvaluateObjectDeletePreconditions(o.ETag, o.Updated, o.Size, conditions)
}
