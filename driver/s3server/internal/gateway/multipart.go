package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

// multipart returns the operations on a bucket's uploads.
func (s state) multipart(bucket string) storage.HasMultipart {
	return s.st.Bucket(bucket).(storage.HasMultipart)
}

// upload returns an upload in progress.
func (s state) upload(bucket, key, id string) (*storage.UploadInfo, error) {
	if err := s.bucket(bucket); err != nil {
		return nil, err
	}
	it, err := s.st.Bucket(bucket).(storage.HasUploads).Uploads(s.ctx, key, 0, 0, nil)
	if err != nil {
		return nil, apiError(err)
	}
	for up, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if up.Key == key && up.UploadID == id {
			return up, nil
		}
		if up.Key != key {
			break
		}
	}
	return nil, s3err.GetNoSuchUploadErr(id)
}

// checksumOfUpload returns the algorithm and the kind of checksum that an upload was
// begun with.
func checksumOfUpload(up *storage.UploadInfo) checksum {
	return parseChecksum(up.Metadata[metaChecksum])
}

func (g *gateway) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (res s3response.InitiateMultipartUploadResult, err error) {
	bucket, key := *in.Bucket, *in.Key
	h, err := headersOf(&in, in.Tagging)
	if err != nil {
		return res, err
	}
	metadata := h.metadata()
	if err := g.read(ctx).withHeaders(bucket, metadata); err != nil {
		return res, err
	}
	if in.ChecksumAlgorithm != "" {
		metadata[metaChecksum] = checksum{in.ChecksumAlgorithm, in.ChecksumType, ""}.String()
	}
	var mu *storage.MultipartUpload
	err = g.update(ctx, func(s state) error {
		if err := s.bucket(bucket); err != nil {
			return err
		}
		if h.locks() {
			if err := s.lockEnabled(bucket); err != nil {
				return s3err.GetAPIError(s3err.ErrMissingObjectLockConfigurationNoSpaces)
			}
		}
		mu, err = s.multipart(bucket).InitMultipart(s.ctx, key, backend.GetStringFromPtr(in.ContentType), storage.Options{storage.OptMetadata: metadata})
		return err
	})
	if err != nil {
		return res, err
	}
	answerEncryption(ctx, metadata)
	return s3response.InitiateMultipartUploadResult{Bucket: bucket, Key: key, UploadId: mu.UploadID}, nil
}

func (g *gateway) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	return g.update(ctx, func(s state) error {
		up, err := s.upload(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.UploadId))
		if err != nil {
			return err
		}
		if in.IfMatchInitiatedTime != nil && in.IfMatchInitiatedTime.Unix() != up.Created.Unix() {
			return s3err.GetPreconditionFailedErr(s3err.ConditionIfMatchInitiatedTime)
		}
		if err := s.multipart(*in.Bucket).AbortMultipart(s.ctx, &up.MultipartUpload, nil); err != nil {
			return err
		}
		return s.dropPartSums(up)
	})
}

func (g *gateway) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	up, err := g.read(ctx).upload(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.UploadId))
	if err != nil {
		return nil, err
	}
	given := givenSum(in)
	shown, err := partAlgorithm(up, in.Body, given.algorithm)
	if err != nil {
		return nil, err
	}
	p, err := g.putPart(ctx, up, int(*in.PartNumber), in.Body, *in.ContentLength, given)
	if err != nil {
		return nil, err
	}
	out := &s3.UploadPartOutput{ETag: quoted(p.info.ETag)}
	p.sums[shown].setIn(out)
	answerEncryption(ctx, up.Metadata)
	return out, nil
}

// partSumAlgorithm returns the algorithm of the checksum that every part of an upload
// has.
func partSumAlgorithm(up *storage.UploadInfo) types.ChecksumAlgorithm {
	return cmp.Or(checksumOfUpload(up).algorithm, types.ChecksumAlgorithmCrc64nvme)
}

// partAlgorithm returns the algorithm of the checksum that is shown to the uploader
// of a part: that of the upload or else the one that came with the part.
func partAlgorithm(up *storage.UploadInfo, body io.Reader, given types.ChecksumAlgorithm) (types.ChecksumAlgorithm, error) {
	if algorithm, ok := trailing(body); ok {
		given = algorithm
	}
	of := checksumOfUpload(up)
	switch {
	case of.algorithm == "":
		return given, nil
	case given == "" && of.kind == types.ChecksumTypeComposite:
		return "", s3err.GetChecksumTypeMismatchErr(of.algorithm, "null")
	case given != "" && given != of.algorithm:
		return "", s3err.GetChecksumTypeMismatchErr(of.algorithm, given)
	}
	return of.algorithm, nil
}

// partSums are the checksums of a part, by algorithm: that of its upload, and
// CRC64NVME where the upload has none.
type partSums map[types.ChecksumAlgorithm]checksum

// receivedPart is a part that was stored.
type receivedPart struct {
	info *storage.PartInfo
	sums partSums
}

// putPart stores a part, and its checksums in a second commit: they are a function
// of the content, which the ETag names.
func (g *gateway) putPart(ctx context.Context, up *storage.UploadInfo, number int, src io.Reader, size int64, given checksum) (p receivedPart, err error) {
	algorithm := partSumAlgorithm(up)
	body, err := checkBody(src, given, algorithm)
	if err != nil {
		return p, err
	}
	bodies := []*checkedBody{body}
	if body.algorithm != algorithm {
		second, err := checkBody(onlyReader{body}, checksum{}, algorithm)
		if err != nil {
			return p, err
		}
		bodies = append(bodies, second)
	}
	if p.info, err = g.storePart(ctx, up, number, &exactly{bodies[len(bodies)-1], size}); err != nil {
		return p, err
	}
	p.sums = make(partSums)
	for _, b := range bodies {
		p.sums[b.algorithm] = b.checksum("")
	}
	return p, g.putPartSums(ctx, up, p)
}

// storePart stores the content of a part.
func (g *gateway) storePart(ctx context.Context, up *storage.UploadInfo, number int, body io.Reader) (*storage.PartInfo, error) {
	b := g.store.Bucket(up.Bucket).(storage.HasMultipart)
	info, err := b.UploadPart(ctx, &up.MultipartUpload, number, body, -1, nil)
	if errors.Is(err, storage.ErrNotExist) {
		return nil, s3err.GetNoSuchUploadErr(up.UploadID)
	}
	return info, apiError(err)
}

// putPartSums stores the checksums of a part.
func (g *gateway) putPartSums(ctx context.Context, up *storage.UploadInfo, p receivedPart) error {
	metadata := make(map[string]string)
	for algorithm, sum := range p.sums {
		metadata[string(algorithm)] = sum.value
	}
	return g.update(ctx, func(s state) error {
		if _, err := s.upload(up.Bucket, up.Key, up.UploadID); err != nil {
			return err
		}
		_, err := s.st.Bucket(hiddenBucket(up.Bucket)).Write(s.ctx, partKey(up.UploadID, p.info.ETag), nil, 0, "", storage.Options{storage.OptMetadata: metadata})
		return err
	})
}

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }

// sumsOfPart returns the checksums of a part.
func (s state) sumsOfPart(up *storage.UploadInfo, etag string) (partSums, error) {
	o, err := s.stat(hiddenBucket(up.Bucket), partKey(up.UploadID, etag))
	if o == nil || err != nil {
		return nil, err
	}
	sums := make(partSums, len(o.Metadata))
	for algorithm, value := range o.Metadata {
		a := types.ChecksumAlgorithm(algorithm)
		sums[a] = checksum{a, "", value}
	}
	return sums, nil
}

// dropPartSums removes the checksums of an upload's parts.
func (s state) dropPartSums(up *storage.UploadInfo) error {
	dirs := s.st.Bucket(hiddenBucket(up.Bucket)).(storage.HasDirectories)
	err := dirs.Directory(partDir(up.UploadID)).Delete(s.ctx, storage.Options{storage.OptRecursive: true})
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	return err
}

func (g *gateway) ListParts(ctx context.Context, in *s3.ListPartsInput) (res s3response.ListPartsResult, err error) {
	s := g.read(ctx)
	up, err := s.upload(*in.Bucket, *in.Key, backend.GetStringFromPtr(in.UploadId))
	if err != nil {
		return res, err
	}
	marker := 0
	if text := backend.GetStringFromPtr(in.PartNumberMarker); text != "" {
		if marker, err = strconv.Atoi(text); err != nil {
			return res, s3err.GetInvalidArgMaxLimiter("part-number-marker", text)
		}
	}
	infos, err := s.multipart(up.Bucket).ListParts(ctx, &up.MultipartUpload, 0, 0, nil)
	if err != nil {
		return res, apiError(err)
	}
	of := checksumOfUpload(up)
	res = s3response.ListPartsResult{
		Bucket: up.Bucket, Key: up.Key, UploadID: up.UploadID, StorageClass: types.StorageClassStandard,
		PartNumberMarker: marker, MaxParts: limit(in.MaxParts),
		ChecksumAlgorithm: "null", ChecksumType: "null",
	}
	if of.algorithm != "" {
		res.ChecksumAlgorithm, res.ChecksumType = of.algorithm, of.kind
	}
	return res, s.fillParts(&res, up, infos)
}

// fillParts adds the parts after the marker to a page.
func (s state) fillParts(res *s3response.ListPartsResult, up *storage.UploadInfo, infos []*storage.PartInfo) error {
	for _, p := range infos {
		if p.Number <= res.PartNumberMarker {
			continue
		}
		if len(res.Parts) == res.MaxParts {
			res.IsTruncated = true
			break
		}
		sums, err := s.sumsOfPart(up, p.ETag)
		if err != nil {
			return err
		}
		part := s3response.Part{PartNumber: p.Number, ETag: quote(p.ETag), Size: p.Size, LastModified: *p.LastModified}
		sums[checksumOfUpload(up).algorithm].setIn(&part)
		res.Parts = append(res.Parts, part)
		res.NextPartNumberMarker = p.Number
	}
	return nil
}
