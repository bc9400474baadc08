package gateway

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

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
	out = s3response.GetObjectAttributesResponse{
		ETag:         &o.ETag,
		ObjectSize:   &o.Size,
		StorageClass: types.StorageClassStandard,
		LastModified: &o.Updated,
		VersionId:    s.versionID(*in.Bucket, o),
		Checksum:     new(types.Checksum),
	}
	checksumOf(o).setIn(out.Checksum)
	if parts := partsOf(o); parts != nil {
		out.ObjectParts = objectParts(parts, in)
		tell(ctx, PartsCount, len(parts))
	}
	return out, nil
}

// objectParts returns a page of parts.
func objectParts(parts []objectPart, in *s3.GetObjectAttributesInput) *s3response.ObjectParts {
	after, _ := strconv.Atoi(backend.GetStringFromPtr(in.PartNumberMarker))
	p := &s3response.ObjectParts{PartNumberMarker: after, MaxParts: limit(in.MaxParts)}
	next := max(after, 0)
	for ; next < len(parts) && len(p.Parts) < p.MaxParts; next++ {
		p.Parts = append(p.Parts, parts[next].part(next+1))
		p.NextPartNumberMarker = next + 1
	}
	p.IsTruncated = next < len(parts)
	return p
}
