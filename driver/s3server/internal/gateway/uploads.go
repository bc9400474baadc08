package gateway

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (res s3response.ListMultipartUploadsResult, err error) {
	s := g.read(ctx)
	bucket := *in.Bucket
	if err := s.bucket(bucket); err != nil {
		return res, err
	}
	q := query{backend.GetStringFromPtr(in.Prefix), backend.GetStringFromPtr(in.Delimiter), backend.GetStringFromPtr(in.KeyMarker), limit(in.MaxUploads)}
	res = s3response.ListMultipartUploadsResult{
		Bucket: bucket, Prefix: q.prefix, Delimiter: q.delimiter, KeyMarker: q.after,
		UploadIDMarker: backend.GetStringFromPtr(in.UploadIdMarker), MaxUploads: q.max,
	}
	ups, err := s.uploads(bucket, q.prefix)
	if err != nil {
		return res, apiError(err)
	}
	if err := fillUploads(&res, ups, q); err != nil {
		return res, err
	}
	encoderOf(ctx).uploads(&res)
	return res, nil
}

// fillUploads adds the uploads that q asks for, after the markers, to a page.
func fillUploads(res *s3response.ListMultipartUploadsResult, ups []*storage.UploadInfo, q query) error {
	skip := uploadMarker{key: q.after}
	if common, ok := q.common(q.after); !ok || common != q.after {
		skip.id = res.UploadIDMarker
	}
	last := ""
	for _, up := range ups {
		if skip.skips(up) {
			continue
		}
		common, ok := q.common(up.Key)
		if ok && (common == last || common <= q.after) {
			continue
		}
		if len(res.Uploads)+len(res.CommonPrefixes) == q.max {
			res.IsTruncated = q.max > 0
			break
		}
		res.NextKeyMarker, res.NextUploadIDMarker = up.Key, up.UploadID
		if ok {
			res.CommonPrefixes = append(res.CommonPrefixes, s3response.CommonPrefix{Prefix: common})
			last, res.NextKeyMarker = common, common
			continue
		}
		res.Uploads = append(res.Uploads, listedUpload(up))
	}
	if skip.key != "" && skip.id != "" && !skip.found {
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgUploadIdMarker, res.UploadIDMarker)
	}
	if !res.IsTruncated {
		res.NextKeyMarker, res.NextUploadIDMarker = "", ""
	}
	return nil
}

// listedUpload returns an upload as a listing has it.
func listedUpload(up *storage.UploadInfo) s3response.Upload {
	of := checksumOfUpload(up)
	return s3response.Upload{
		Key: up.Key, UploadID: up.UploadID, Initiated: up.Created,
		StorageClass: types.StorageClassStandard, ChecksumAlgorithm: of.algorithm, ChecksumType: of.kind,
	}
}

// uploads returns the uploads in progress of keys with a prefix, by key and then by
// age.
func (s state) uploads(bucket, prefix string) (ups []*storage.UploadInfo, err error) {
	it, err := s.st.Bucket(bucket).(storage.HasUploads).Uploads(s.ctx, prefix, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for up, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		ups = append(ups, up)
	}
	slices.SortStableFunc(ups, func(a, b *storage.UploadInfo) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), a.Created.Compare(b.Created))
	})
	return ups, nil
}

// uploadMarker is where a page of uploads begins: after all uploads of a key or, if
// an id is given, after that one.
type uploadMarker struct {
	key, id string
	found   bool
}

func (m *uploadMarker) skips(up *storage.UploadInfo) bool {
	switch {
	case m.key == "" || up.Key > m.key:
		return false
	case up.Key < m.key || m.id == "":
		return true
	case !m.found:
		m.found = up.UploadID == m.id
		return true
	}
	return false
}
