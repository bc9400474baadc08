package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
)

// objectPage shows an object, or a version of it.
type objectPage struct {
	Key, Name, Version   string
	Crumbs               []crumb
	Deleted              bool // there is no current object, only versions
	Size                 int64
	Updated              time.Time
	ETag                 string
	Headers              []pair
	Metadata             []pair
	Tags                 []pair
	Preview              preview
	Download             string
	Versions             []row
	LatestHref           string // if the page shows a version
	FirstHref, OlderHref string // of the versions
}

// ShowVersions reports whether the page lists versions: not if there is one, of an
// object that never had others.
func (p objectPage) ShowVersions() bool {
	return len(p.Versions) > 1 || p.Deleted || len(p.Versions) == 1 && p.Versions[0].Version != "null" || p.FirstHref != ""
}

// pair is a name with its value.
type pair struct{ Name, Value string }

func (c *console) object(r *http.Request) (*page, error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	key, version, after := q.Get("key"), q.Get("version"), q.Get("after")
	body := objectPage{Key: key, Name: base(key), Version: version, Crumbs: crumbs(v.at(), b.Name(), parent(key))}
	self := []string{"at", v.at(), "bucket", b.Name(), "key", key}
	var next string
	if body.Versions, next, err = v.versionsOf(b.Name(), key, after); err != nil {
		return nil, err
	}
	if version != "" {
		body.LatestHref = href("object", self...)
	}
	if after != "" {
		body.FirstHref = href("object", append(self, "version", version)...)
	}
	if next != "" {
		body.OlderHref = href("object", append(self, "version", version, "after", next)...)
	}
	head, err := v.head(b.Name(), key, version)
	switch {
	case head != nil && head.DeleteMarker != nil:
		body.Deleted, body.Updated = true, *head.LastModified
	case err != nil:
		return nil, err
	default:
		body.Download = href("download", append(self, "version", version)...)
		if err := body.describe(v, b.Name(), head); err != nil {
			return nil, err
		}
	}
	return &page{Title: b.Name() + "/" + key, Section: "buckets", View: v, Template: "object", Body: body}, nil
}

// head returns the properties of a version of an object. For a delete marker it also
// returns an error.
func (v *view) head(bucket, key, version string) (*s3.HeadObjectOutput, error) {
	if key == "" {
		return nil, errors.Join(storage.ErrInvalid, errors.New("the key is empty"))
	}
	return v.api.HeadObject(background, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, VersionId: &version, ChecksumMode: types.ChecksumModeEnabled})
}

// describe fills the page in.
func (p *objectPage) describe(v *view, bucket string, head *s3.HeadObjectOutput) error {
	p.Size, p.Updated, p.ETag = *head.ContentLength, *head.LastModified, text(head.ETag)
	p.Headers = headersOf(head)
	p.Metadata = pairs(head.Metadata)
	tags, err := v.api.GetObjectTagging(background, bucket, p.Key, p.Version)
	if err != nil {
		return err
	}
	p.Tags = pairs(tags)
	p.Preview, err = v.preview(bucket, p.Key, p.Version, p.Size)
	return err
}

// headersOf returns the properties of an object that have a header of their own.
func headersOf(head *s3.HeadObjectOutput) []pair {
	until := ""
	if head.ObjectLockRetainUntilDate != nil {
		until = head.ObjectLockRetainUntilDate.UTC().Format(time.RFC3339)
	}
	all := []pair{
		{"Content-Type", text(head.ContentType)},
		{"Content-Encoding", text(head.ContentEncoding)},
		{"Content-Language", text(head.ContentLanguage)},
		{"Content-Disposition", text(head.ContentDisposition)},
		{"Cache-Control", text(head.CacheControl)},
		{"Expires", text(head.ExpiresString)},
		{"Redirect", text(head.WebsiteRedirectLocation)},
		{"Version", text(head.VersionId)},
		{"Legal hold", string(head.ObjectLockLegalHoldStatus)},
		{"Retention", string(head.ObjectLockMode)},
		{"Retained until", until},
		{"CRC32", text(head.ChecksumCRC32)},
		{"CRC32C", text(head.ChecksumCRC32C)},
		{"CRC64NVME", text(head.ChecksumCRC64NVME)},
		{"SHA-1", text(head.ChecksumSHA1)},
		{"SHA-256", text(head.ChecksumSHA256)},
		{"SHA-512", text(head.ChecksumSHA512)},
		{"MD5", text(head.ChecksumMD5)},
		{"XXHASH64", text(head.ChecksumXXHASH64)},
		{"XXHASH3", text(head.ChecksumXXHASH3)},
		{"XXHASH128", text(head.ChecksumXXHASH128)},
		{"Checksum type", string(head.ChecksumType)},
	}
	return slices.DeleteFunc(all, func(p pair) bool { return p.Value == "" })
}

// pairs returns the entries of a map by name.
func pairs(m map[string]string) []pair {
	all := make([]pair, 0, len(m))
	for name, value := range m {
		all = append(all, pair{name, value})
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// userMetadata returns the part of metadata that clients see.
func userMetadata(m map[string]string) map[string]string {
	user := make(map[string]string)
	for key, value := range m {
		if !gateway.IsSystem(key) {
			user[key] = value
		}
	}
	return user
}
