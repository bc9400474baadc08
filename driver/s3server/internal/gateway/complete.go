package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (res s3response.CompleteMultipartUploadResult, version string, err error) {
	if in.MultipartUpload == nil {
		return res, "", s3err.GetAPIError(s3err.ErrMalformedXML)
	}
	var o *storage.Object
	err = g.update(ctx, func(s state) error {
		o, err = s.complete(in)
		return err
	})
	if err != nil {
		return res, "", err
	}
	sum := checksumOf(o)
	res = s3response.CompleteMultipartUploadResult{Bucket: in.Bucket, Key: in.Key, ETag: quoted(o.ETag), ChecksumType: &sum.kind}
	sum.setIn(&res)
	answerEncryption(ctx, o.Metadata)
	return res, o.Metadata[metaVersion], nil
}

// complete makes the object of an upload. An upload that was completed already has
// the same answer as the first time, as long as its object is the current one.
func (s state) complete(in *s3.CompleteMultipartUploadInput) (*storage.Object, error) {
	bucket, key, id := *in.Bucket, *in.Key, backend.GetStringFromPtr(in.UploadId)
	up, err := s.upload(bucket, key, id)
	if err != nil {
		if o, _ := s.stat(bucket, key); o != nil && o.Metadata[metaUpload] == id {
			return o, nil
		}
		return nil, err
	}
	c := completion{s: s, up: up, in: in, of: checksumOfUpload(up)}
	if err := c.check(); err != nil {
		return nil, err
	}
	metadata := cloneMetadata(&storage.Object{Metadata: up.Metadata})
	metadata[metaUpload] = id
	metadata[metaParts] = formatParts(c.objectParts())
	metadata[metaChecksum] = c.sum.String()
	o, err := s.put(bucket, key, metadata, in.IfMatch, in.IfNoneMatch, func(metadata map[string]string) (*storage.Object, error) {
		if _, err := s.multipart(bucket).CompleteMultipart(s.ctx, &up.MultipartUpload, c.parts, nil); err != nil {
			return nil, err
		}
		return s.st.Bucket(bucket).Move(s.ctx, key, "", key, storage.Options{storage.OptMetadata: metadata})
	})
	if err != nil {
		return nil, err
	}
	return o, s.dropPartSums(up)
}

// completion is an upload that is about to be completed.
type completion struct {
	s     state
	up    *storage.UploadInfo
	in    *s3.CompleteMultipartUploadInput
	of    checksum // the upload's
	parts []*storage.PartInfo
	sums  []checksum // of the parts
	sum   checksum   // of the whole
	total int64
}

// check finds the parts that a request names and computes the checksum of the
// whole.
func (c *completion) check() error {
	if c.in.ChecksumType != "" && c.in.ChecksumType != c.of.kind {
		kind := c.of.kind
		if kind == "" {
			kind = "null"
		}
		return s3err.GetChecksumTypeMismatchOnMpErr(kind)
	}
	infos, err := c.s.multipart(c.up.Bucket).ListParts(c.s.ctx, &c.up.MultipartUpload, 0, 0, nil)
	if err != nil {
		return err
	}
	uploaded := make(map[int32]*storage.PartInfo, len(infos))
	for _, p := range infos {
		uploaded[int32(p.Number)] = p
	}
	for i, named := range c.in.MultipartUpload.Parts {
		if err := c.add(i, named, uploaded); err != nil {
			return err
		}
	}
	if c.in.MpuObjectSize != nil && *c.in.MpuObjectSize != c.total {
		return s3err.GetIncorrectMpObjectSizeErr(c.total, *c.in.MpuObjectSize)
	}
	return c.checkSum()
}

// add checks a part that is named and adds it.
func (c *completion) add(i int, named types.CompletedPart, uploaded map[int32]*storage.PartInfo) error {
	if named.PartNumber == nil || named.ETag == nil {
		return s3err.GetAPIError(s3err.ErrMalformedXML)
	}
	number := *named.PartNumber
	switch {
	case number < 1:
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgCompleteMpPartNumber, fmt.Sprint(number))
	case i > 0 && int(number) <= c.parts[i-1].Number:
		return s3err.GetAPIError(s3err.ErrInvalidPartOrder)
	}
	p := uploaded[number]
	if p == nil {
		return s3err.GetInvalidPartErr(c.up.UploadID, number, *named.ETag)
	}
	if i < len(c.in.MultipartUpload.Parts)-1 && p.Size < backend.MinPartSize {
		return s3err.GetEntityTooSmallErr(p.Size, backend.MinPartSize)
	}
	if !backend.AreEtagsSame(p.ETag, *named.ETag) {
		return s3err.GetInvalidPartErr(c.up.UploadID, number, *named.ETag)
	}
	sums, err := c.s.sumsOfPart(c.up, p.ETag)
	if err != nil {
		return err
	}
	sum := sums[c.of.algorithm]
	if err := c.checkPartSum(named, sum); err != nil {
		return err
	}
	if c.of.algorithm == "" {
		sum = sums[types.ChecksumAlgorithmCrc64nvme]
	}
	c.parts, c.sums, c.total = append(c.parts, p), append(c.sums, sum), c.total+p.Size
	return nil
}

// checkPartSum judges the checksum with which a part is named.
func (c *completion) checkPartSum(named types.CompletedPart, sum checksum) error {
	given := givenSums(&named)
	number, name := *named.PartNumber, strings.ToLower(string(c.of.algorithm))
	switch {
	case len(given) > 1:
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgChecksumPart, given[len(given)-1].value)
	case len(given) == 0 && c.of.algorithm == "":
		return nil
	case c.of.algorithm == "":
		return s3err.GetInvalidPartErr(c.up.UploadID, number, *named.ETag)
	case len(given) == 0:
		return s3err.APIError{
			Code:           "InvalidRequest",
			Description:    fmt.Sprintf("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", name, number),
			HTTPStatusCode: http.StatusBadRequest,
		}
	case !utils.IsValidChecksum(given[0].value, given[0].algorithm):
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgChecksumPart, given[0].value)
	case given[0].algorithm != c.of.algorithm:
		return s3err.APIError{
			Code:           "BadDigest",
			Description:    fmt.Sprintf("The %s you specified for part %d did not match what we received.", strings.ToLower(string(given[0].algorithm)), number),
			HTTPStatusCode: http.StatusBadRequest,
		}
	case given[0].value != sum.value:
		return s3err.GetInvalidPartErr(c.up.UploadID, number, *named.ETag)
	}
	return nil
}

// checkSum computes the checksum of the whole from those of the parts, and compares
// it with the one that is given.
func (c *completion) checkSum() error {
	c.sum = c.of
	if c.of.algorithm == "" {
		c.sum = checksum{algorithm: types.ChecksumAlgorithmCrc64nvme, kind: types.ChecksumTypeFullObject}
	}
	var err error
	if c.sum.kind == types.ChecksumTypeComposite {
		c.sum.value, err = c.composite()
	} else {
		c.sum.value, err = c.fullObject()
	}
	if err != nil {
		return err
	}
	given := givenSum(c.in)
	if c.of.algorithm == "" || given.algorithm != c.of.algorithm {
		return nil
	}
	if c.sum.kind == types.ChecksumTypeComposite && !strings.Contains(given.value, "-") {
		given.value += "-" + strconv.Itoa(len(c.parts))
	}
	if given.value != c.sum.value {
		return s3err.GetChecksumBadDigestErr(c.of.algorithm)
	}
	return nil
}

func (c *completion) composite() (string, error) {
	r, err := utils.NewCompositeChecksumReader(hashType(c.sum.algorithm))
	if err != nil {
		return "", err
	}
	for _, sum := range c.sums {
		if err := r.Process(sum.value); err != nil {
			return "", err
		}
	}
	return r.Sum() + "-" + strconv.Itoa(len(c.sums)), nil
}

func (c *completion) fullObject() (value string, err error) {
	for i, sum := range c.sums {
		switch {
		case i == 0:
			value = sum.value
		default:
			if value, err = utils.AddCRCChecksum(c.sum.algorithm, value, sum.value, c.parts[i].Size); err != nil {
				return "", err
			}
		}
	}
	return value, nil
}

// objectParts returns the parts as the object is to have them.
func (c *completion) objectParts() []objectPart {
	parts := make([]objectPart, len(c.parts))
	for i, p := range c.parts {
		parts[i] = objectPart{p.Size, c.sums[i]}
	}
	return parts
}
