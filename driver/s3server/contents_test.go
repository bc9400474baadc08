package s3server

import (
	"context"
	"encoding/xml"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3response"
)

// TestContents writes random rows as encoding/xml does.
func TestContents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() *string {
		letters := []string{"a", "<", ">", "&", `"`, "'", "é", "\n", "\x01", "\xff", "\U0010FFFF", " ", "/", "]]>"}
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return new(b.String())
	}
	for range 1000 {
		o := s3response.Object{
			Key: text(), ETag: new(`"0123"`), Size: new(r.Int64N(1 << 40)), LastModified: new(time.Unix(r.Int64N(1<<32), 5)),
			StorageClass: types.ObjectStorageClassStandard,
		}
		if r.IntN(2) == 0 {
			o.Owner = &types.Owner{ID: text()}
			o.ChecksumAlgorithm, o.ChecksumType = []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32}, types.ChecksumTypeComposite
		}
		requireRow(t, "Contents", o, appendObject(nil, &o))
		v := s3response.ObjectVersion{
			Key: o.Key, ETag: o.ETag, Size: o.Size, LastModified: o.LastModified, StorageClass: types.ObjectVersionStorageClassStandard,
			Owner: o.Owner, ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType,
			IsLatest: new(r.IntN(2) == 0), VersionId: text(),
		}
		requireRow(t, "Version", v, appendRow(nil, "Version", &v))
		m := types.DeleteMarkerEntry{Key: v.Key, LastModified: v.LastModified, Owner: v.Owner, IsLatest: v.IsLatest, VersionId: v.VersionId}
		asVersion := s3response.ObjectVersion{Key: v.Key, LastModified: v.LastModified, Owner: v.Owner, IsLatest: v.IsLatest, VersionId: v.VersionId}
		requireRow(t, "DeleteMarker", asVersion, appendDeleteMarker(nil, &m)) // encoding/xml has another format for its time
	}
}

var emptyElement = regexp.MustCompile(`<(\w+)></\w+>`)

// requireRow compares a row with v as encoding/xml writes it, but for quotes and for
// elements without text.
func requireRow(t *testing.T, name string, v any, got []byte) {
	t.Helper()
	var want strings.Builder
	require.NoError(t, xml.NewEncoder(&want).EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}))
	quotes := strings.NewReplacer("&#34;", `"`, "&#39;", "'")
	require.Equal(t, quotes.Replace(emptyElement.ReplaceAllString(want.String(), "")), quotes.Replace(string(got)))
}

// TestListVersions lists versions and a delete marker, whose times are of the same
// form.
func TestListVersions(t *testing.T) {
	client := newTestClient(t, newTestServer(t))
	ctx, bucket, key := context.Background(), createBucket(t, client, ""), aws.String("a<b>&c")
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	put, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("1")})
	require.NoError(t, err)
	deleted, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	list, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	require.NoError(t, err)
	require.Len(t, list.Versions, 1)
	require.Len(t, list.DeleteMarkers, 1)
	v, m := list.Versions[0], list.DeleteMarkers[0]
	require.Equal(t, []string{*key, *put.VersionId, *put.ETag}, []string{*v.Key, *v.VersionId, *v.ETag})
	require.Equal(t, []string{*key, *deleted.VersionId}, []string{*m.Key, *m.VersionId})
	require.Equal(t, []bool{false, true}, []bool{*v.IsLatest, *m.IsLatest})
	require.EqualValues(t, 1, *v.Size)
	require.Equal(t, types.ChecksumTypeFullObject, v.ChecksumType)
	require.Zero(t, v.LastModified.Nanosecond()+m.LastModified.Nanosecond())
}
