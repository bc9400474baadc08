package gateway

import (
	"context"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

// maxCopy is the size of the largest object that one request copies, in bytes.
const maxCopy = 5 << 30

func (g *gateway) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (res s3response.CopyPartResult, err error) {
	s := g.read(ctx)
	up, err := s.upload(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.UploadId))
	if err != nil {
		return res, err
	}
	src, err := parseSource(in.CopySource)
	if err != nil {
		return res, err
	}
	from, err := s.source(src, in.ExpectedSourceBucketOwner, backend.PreConditions{
		IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
		IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return res, apiError(err)
	}
	start, length, err := backend.ParseCopySourceRange(from.Size, backend.GetStringFromPtr(in.CopySourceRange))
	if err != nil {
		return res, err
	}
	if length = min(length, from.Size-start); length > maxCopy {
		return res, s3err.GetCopySourceObjectTooLargeErr(maxCopy)
	}
	p, err := s.copyPart(up, int(*in.PartNumber), from, start, length)
	if err != nil {
		return res, err
	}
	res = s3response.CopyPartResult{
		ETag: quoted(p.info.ETag), LastModified: *p.info.LastModified,
		CopySourceVersionId: backend.GetStringFromPtr(s.versionID(src.bucket, from)),
	}
	p.sums[checksumOfUpload(up).algorithm].setIn(&res)
	answerEncryption(ctx, up.Metadata)
	return res, nil
}

// copyPart stores a section of an object as a part. They share the content, since the
// store recognises its own reader.
func (s state) copyPart(up *storage.UploadInfo, number int, from *storage.Object, start, length int64) (p receivedPart, err error) {
	var body io.ReadSeeker // none for an empty part
	if length > 0 {
		r, _, err := s.st.Bucket(from.Bucket).Open(s.ctx, from.Key, start, length, nil)
		if err != nil {
			return p, apiError(err)
		}
		defer r.Close()
		body = r.(io.ReadSeeker)
	}
	sum, err := checksumOfSection(from, body, length, partSumAlgorithm(up))
	if err != nil {
		return p, err
	}
	p.sums = partSums{sum.algorithm: sum}
	if p.info, err = s.g.storePart(s.ctx, up, number, body); err != nil {
		return p, err
	}
	return p, s.g.putPartSums(s.ctx, up, p)
}

// checksumOfSection returns the checksum of a section of an object, nil if it is empty:
// the object's if it is the whole, or else the one that reading it gives.
func checksumOfSection(from *storage.Object, section io.ReadSeeker, length int64, algorithm types.ChecksumAlgorithm) (checksum, error) {
	if sum := checksumOf(from); length == from.Size && sum.algorithm == algorithm && sum.kind == types.ChecksumTypeFullObject {
		return checksum{algorithm, "", sum.value}, nil
	}
	if section == nil {
		section = strings.NewReader("")
	}
	body, err := checkBody(onlyReader{section}, checksum{}, algorithm)
	if err != nil {
		return checksum{}, err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return checksum{}, err
	}
	_, err = section.Seek(0, io.SeekStart)
	return body.checksum(""), err
}
