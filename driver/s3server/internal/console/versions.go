package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// versions shows all versions in a directory, delete markers too.
func (c *console) versions(r *http.Request) (*page, error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	body := directoryPage{place: placeOf(r, v, b.Name()), Listing: "versions"}
	after := q.Get("after")
	if after != "" {
		body.First = body.VersionsHref()
		after = body.Prefix() + after
	}
	res, err := v.listVersions(b.Name(), body.Prefix(), "/", after, q.Get("version"))
	if err != nil {
		return nil, err
	}
	body.Rows = body.versionRows(res)
	if *res.IsTruncated {
		body.Next = body.href("versions", "after", strings.TrimPrefix(text(res.NextKeyMarker), body.Prefix()), "version", text(res.NextVersionIdMarker))
	}
	return &page{Title: "Versions in " + b.Name() + "/" + body.Prefix(), Section: "buckets", View: v, Template: "directory", Body: body}, nil
}

// versionsOf returns a page of the versions of one object, after one of them, and
// the version after which the next page begins.
func (v *view) versionsOf(bucket, key, after string) (rows []row, next string, err error) {
	marker := ""
	if after != "" {
		marker = key
	}
	res, err := v.listVersions(bucket, key, "", marker, after)
	if err != nil {
		return nil, "", err
	}
	p := place{At: v.at(), Bucket: bucket}
	rows = slices.DeleteFunc(p.versionRows(res), func(row row) bool { return row.key != key })
	if *res.IsTruncated && text(res.NextKeyMarker) == key {
		next = text(res.NextVersionIdMarker)
	}
	return rows, next, nil
}

func (v *view) listVersions(bucket, prefix, delimiter, key, version string) (s3response.ListVersionsResult, error) {
	return v.api.ListObjectVersions(background, &s3.ListObjectVersionsInput{
		Bucket: &bucket, Prefix: &prefix, Delimiter: &delimiter, KeyMarker: &key, VersionIdMarker: &version, MaxKeys: new(int32(pageSize)),
	})
}

// versionRows returns the rows of a listing in order: by key, and the newest version
// first.
func (p place) versionRows(res s3response.ListVersionsResult) []row {
	var rows []row
	add := func(key *string, row row) {
		row.key, row.Name = *key, (*key)[len(p.Dir):]
		row.Href = href("object", "at", p.At, "bucket", p.Bucket, "key", *key, "version", row.Version)
		rows = append(rows, row)
	}
	for _, o := range res.Versions {
		add(o.Key, row{Version: text(o.VersionId), Latest: *o.IsLatest, Size: *o.Size, Updated: *o.LastModified})
	}
	for _, o := range res.DeleteMarkers {
		add(o.Key, row{Version: text(o.VersionId), Latest: *o.IsLatest, Updated: *o.LastModified, Deleted: true})
	}
	for _, common := range res.CommonPrefixes {
		rows = append(rows, p.dirRow(*common.Prefix))
	}
	slices.SortFunc(rows, func(a, b row) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		if a.Latest != b.Latest {
			return map[bool]int{true: -1, false: 1}[a.Latest]
		}
		return cmp.Or(b.Updated.Compare(a.Updated), strings.Compare(a.Version, b.Version)) // ids sort by age
	})
	return rows
}

// text returns the string at p, empty for nil.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
