package gateway

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage"
)

func (g *gateway) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (res s3response.ListObjectsResult, err error) {
	s := g.read(ctx)
	bucket := *in.Bucket
	if err := s.bucket(bucket); err != nil {
		return res, err
	}
	q := query{backend.GetStringFromPtr(in.Prefix), backend.GetStringFromPtr(in.Delimiter), backend.GetStringFromPtr(in.Marker), limit(in.MaxKeys)}
	p, err := s.page(bucket, q)
	if err != nil {
		return res, apiError(err)
	}
	res = s3response.ListObjectsResult{
		Name:           &bucket,
		Prefix:         &q.prefix,
		Marker:         &q.after,
		MaxKeys:        new(int32(q.max)),
		Delimiter:      backend.GetPtrFromString(q.delimiter),
		IsTruncated:    &p.truncated,
		Contents:       contents(p.objects, &types.Owner{ID: new(s.ownerOf(bucket))}),
		CommonPrefixes: commonPrefixes(p.prefixes),
	}
	if p.truncated {
		res.NextMarker = &p.last
	}
	e := encoderOf(ctx)
	res.EncodingType = e.kind()
	e.objects(res.Contents)
	e.prefixes(res.CommonPrefixes)
	e.encode(res.Prefix, res.Marker, res.NextMarker, res.Delimiter)
	return res, nil
}

func (g *gateway) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (res s3response.ListObjectsV2Result, err error) {
	s := g.read(ctx)
	bucket := *in.Bucket
	if err := s.bucket(bucket); err != nil {
		return res, err
	}
	after, err := startOf(in)
	if err != nil {
		return res, err
	}
	q := query{backend.GetStringFromPtr(in.Prefix), backend.GetStringFromPtr(in.Delimiter), after, limit(in.MaxKeys)}
	p, err := s.page(bucket, q)
	if err != nil {
		return res, apiError(err)
	}
	var owner *types.Owner
	if in.FetchOwner != nil && *in.FetchOwner {
		owner = &types.Owner{ID: new(s.ownerOf(bucket))}
	}
	res = s3response.ListObjectsV2Result{
		Name:              &bucket,
		Prefix:            &q.prefix,
		StartAfter:        backend.GetPtrFromString(backend.GetStringFromPtr(in.StartAfter)),
		ContinuationToken: backend.GetPtrFromString(backend.GetStringFromPtr(in.ContinuationToken)),
		KeyCount:          new(int32(len(p.objects) + len(p.prefixes))),
		MaxKeys:           new(int32(q.max)),
		Delimiter:         backend.GetPtrFromString(q.delimiter),
		IsTruncated:       &p.truncated,
		Contents:          contents(p.objects, owner),
		CommonPrefixes:    commonPrefixes(p.prefixes),
	}
	if p.truncated {
		res.NextContinuationToken = new(token(p.last))
	}
	e := encoderOf(ctx)
	res.EncodingType = e.kind()
	e.objects(res.Contents)
	e.prefixes(res.CommonPrefixes)
	e.encode(res.Prefix, res.StartAfter, res.Delimiter)
	return res, nil
}

// startOf returns the key after which a listing begins.
func startOf(in *s3.ListObjectsV2Input) (string, error) {
	after, token := backend.GetStringFromPtr(in.StartAfter), backend.GetStringFromPtr(in.ContinuationToken)
	key, err := parseToken(token)
	if err != nil {
		return "", s3err.GetInvalidArgMaxLimiter("continuation-token", token)
	}
	return max(after, key), nil
}

// token returns the token that continues a listing after a key: the key, or its
// encoding if it has characters that XML changes.
func token(after string) string {
	plain := func(r rune) bool { return ' ' < r && r < 0x7f }
	if !strings.HasPrefix(after, encodedToken) && strings.IndexFunc(after, func(r rune) bool { return !plain(r) }) < 0 {
		return after
	}
	return encodedToken + base64.RawURLEncoding.EncodeToString([]byte(after))
}

// parseToken returns the key that a token was made of.
func parseToken(token string) (string, error) {
	encoded, ok := strings.CutPrefix(token, encodedToken)
	if !ok {
		return token, nil
	}
	after, err := base64.RawURLEncoding.DecodeString(encoded)
	return string(after), err
}

const encodedToken = "=" // begins a token that is not the key

// maxPage is the most entries of a page.
const maxPage = 1000

func limit(given *int32) int {
	if given == nil {
		return maxPage
	}
	return min(int(*given), maxPage)
}

func contents(objects []*storage.Object, owner *types.Owner) []s3response.Object {
	rows := make([]s3response.Object, len(objects))
	for i, o := range objects {
		sum := checksumOf(o)
		rows[i] = s3response.Object{
			Key:          &o.Key,
			ETag:         quoted(o.ETag),
			Size:         &o.Size,
			LastModified: &o.Updated,
			Owner:        owner,
			StorageClass: types.ObjectStorageClassStandard,
		}
		if sum.algorithm != "" {
			rows[i].ChecksumAlgorithm, rows[i].ChecksumType = []types.ChecksumAlgorithm{sum.algorithm}, sum.kind
		}
	}
	return rows
}

func commonPrefixes(prefixes []string) []types.CommonPrefix {
	rows := make([]types.CommonPrefix, len(prefixes))
	for i := range prefixes {
		rows[i].Prefix = &prefixes[i]
	}
	return rows
}
