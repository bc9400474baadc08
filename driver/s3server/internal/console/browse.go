package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
)

// pageSize is the number of rows of a page.
const pageSize = 100

// bucketsPage shows the buckets.
type bucketsPage struct {
	Buckets     []bucketRow
	First, Next string
	Objects     int
	Bytes       int64
	Past        bool // it shows a snapshot
}

type bucketRow struct {
	Name, Href string
	Created    time.Time
	Public     bool
	Versioning string // Enabled, Suspended or empty
}

func (c *console) buckets(r *http.Request) (*page, error) {
	v, err := c.view(r)
	if err != nil {
		return nil, err
	}
	body := bucketsPage{Objects: v.Value.Len(), Bytes: v.Value.Bytes(), Past: v.at() != ""}
	after := r.URL.Query().Get("after")
	if after != "" {
		body.First = href("", "at", v.at())
	}
	it, err := v.st.Buckets(background, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for info, err := range storage.All(it) {
		switch {
		case err != nil:
			return nil, err
		case gateway.Hidden(info.Name) || info.Name <= after:
			continue
		case len(body.Buckets) == pageSize:
			body.Next = href("", "at", v.at(), "after", body.Buckets[pageSize-1].Name)
		}
		if body.Next != "" {
			break
		}
		row, err := v.bucketRow(info)
		if err != nil {
			return nil, err
		}
		body.Buckets = append(body.Buckets, row)
	}
	return &page{Title: "Buckets", Section: "buckets", View: v, Template: "buckets", Body: body}, nil
}

func (v *view) bucketRow(info *storage.BucketInfo) (bucketRow, error) {
	versioning, err := v.api.GetBucketVersioning(background, info.Name)
	if err != nil {
		return bucketRow{}, err
	}
	row := bucketRow{Name: info.Name, Href: href("bucket", "at", v.at(), "bucket", info.Name), Created: info.CreatedAt, Public: info.Public}
	if versioning.Status != nil {
		row.Versioning = string(*versioning.Status)
	}
	return row, nil
}

// place is the part of a bucket that a listing shows.
type place struct {
	At, Bucket string
	Dir        string // empty, or ends at a slash
	Find       string // the names in Dir begin with it
}

// placeOf returns the place that a request asks for. A prefix with a slash leads into
// the directory that it names. A form sends the directory in the field "in", escaped,
// since a browser converts line breaks in fields.
func placeOf(r *http.Request, v *view, bucket string) place {
	q := r.URL.Query()
	in, _ := url.PathUnescape(q.Get("in"))
	prefix := q.Get("dir") + in + q.Get("find")
	dir := parent(prefix)
	return place{v.at(), bucket, dir, prefix[len(dir):]}
}

func (p place) Prefix() string { return p.Dir + p.Find }

// Crumbs returns the path to the place. Its last step has no link.
func (p place) Crumbs() []crumb {
	way := crumbs(p.At, p.Bucket, p.Dir)
	way[len(way)-1].Href = ""
	return way
}

// href returns the address of a listing of the place.
func (p place) href(page string, pairs ...string) string {
	return href(page, append([]string{"at", p.At, "bucket", p.Bucket, "dir", p.Dir, "find", p.Find}, pairs...)...)
}

// ObjectsHref, VersionsHref and UploadsHref return the addresses of the listings of
// the place.
func (p place) ObjectsHref() string  { return p.href("bucket") }
func (p place) VersionsHref() string { return p.href("versions") }
func (p place) UploadsHref() string  { return p.href("uploads") }

// directoryPage shows the objects and directories in a directory.
type directoryPage struct {
	place
	Listing     string // the page: bucket, versions or uploads
	Rows        []row
	First, Next string
}

// row is an object, a version of one, or a directory.
type row struct {
	Name, Href string
	Dir        bool
	Type       string
	Size       int64
	Updated    time.Time
	Version    string
	Latest     bool
	Deleted    bool // a delete marker
	key        string
}

func (c *console) directory(r *http.Request) (*page, error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		return nil, err
	}
	body := directoryPage{place: placeOf(r, v, b.Name()), Listing: "bucket"}
	after := r.URL.Query().Get("after")
	opts := storage.Options{storage.OptRecursive: false}
	if after != "" {
		body.First = body.ObjectsHref()
		opts[storage.OptStartAfter] = body.Prefix() + after
	}
	it, err := b.List(background, body.Prefix(), pageSize+1, 0, opts)
	if err != nil {
		return nil, err
	}
	last := ""
	for o, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if len(body.Rows) == pageSize {
			body.Next = body.href("bucket", "after", strings.TrimPrefix(last, body.Prefix()))
			break
		}
		body.Rows = append(body.Rows, body.row(o))
		last = o.PageKey()
	}
	return &page{Title: b.Name() + "/" + body.Prefix(), Section: "buckets", View: v, Template: "directory", Body: body}, nil
}

// row returns the row of an object or a directory of a listing.
func (p place) row(o *storage.Object) row {
	if o.IsDir {
		return p.dirRow(o.PageKey())
	}
	return row{
		Name: o.Key[len(p.Dir):], Href: href("object", "at", p.At, "bucket", p.Bucket, "key", o.Key),
		Type: o.ContentType, Size: o.Size, Updated: o.Updated,
	}
}

// dirRow returns the row of a directory, whose path ends at a slash.
func (p place) dirRow(path string) row {
	name := strings.TrimSuffix(path[len(p.Dir):], "/")
	return row{Name: name, Href: href("bucket", "at", p.At, "bucket", p.Bucket, "dir", path), Dir: true, key: path}
}
