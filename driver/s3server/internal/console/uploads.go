package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"open-lake.dev/lib/storage"
)

// uploadsPage shows the uploads in progress in a part of a bucket.
type uploadsPage struct {
	directoryPage
	Uploads []uploadRow
}

type uploadRow struct {
	Key, ID, Href string
	Created       time.Time
}

func (c *console) uploads(r *http.Request) (*page, error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		return nil, err
	}
	body := uploadsPage{directoryPage: directoryPage{place: placeOf(r, v, b.Name()), Listing: "uploads"}}
	offset := offsetOf(r)
	if offset > 0 {
		body.First = body.UploadsHref()
	}
	it, err := b.(storage.HasUploads).Uploads(background, body.Prefix(), pageSize+1, offset, nil)
	if err != nil {
		return nil, err
	}
	for up, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if len(body.Uploads) == pageSize {
			body.Next = body.href("uploads", "offset", strconv.Itoa(offset+pageSize))
			break
		}
		body.Uploads = append(body.Uploads, uploadRow{
			Key: up.Key, ID: up.UploadID, Created: up.Created,
			Href: href("upload", "at", v.at(), "bucket", b.Name(), "key", up.Key, "id", up.UploadID),
		})
	}
	return &page{Title: "Uploads in " + b.Name() + "/" + body.Prefix(), Section: "buckets", View: v, Template: "uploads", Body: body}, nil
}

// offsetOf returns the number of rows that a request skips.
func offsetOf(r *http.Request) int {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	return max(offset, 0)
}

// uploadPage shows an upload in progress and its parts.
type uploadPage struct {
	*storage.UploadInfo
	Crumbs      []crumb
	Metadata    []pair
	Parts       []*storage.PartInfo
	First, Next string
}

func (c *console) upload(r *http.Request) (*page, error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		return nil, err
	}
	up, err := findUpload(b, r.URL.Query().Get("key"), r.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	body := uploadPage{UploadInfo: up, Crumbs: crumbs(v.at(), b.Name(), parent(up.Key))}
	body.Metadata = pairs(userMetadata(up.Metadata))
	offset := offsetOf(r)
	body.Parts, err = b.(storage.HasMultipart).ListParts(background, &up.MultipartUpload, pageSize+1, offset, nil)
	if err != nil {
		return nil, err
	}
	self := []string{"at", v.at(), "bucket", b.Name(), "key", up.Key, "id", up.UploadID, "offset"}
	if offset > 0 {
		body.First = href("upload", append(self, "")...)
	}
	if len(body.Parts) > pageSize {
		body.Parts = body.Parts[:pageSize]
		body.Next = href("upload", append(self, strconv.Itoa(offset+pageSize))...)
	}
	return &page{Title: "Upload of " + b.Name() + "/" + up.Key, Section: "buckets", View: v, Template: "upload", Body: body}, nil
}

// findUpload returns the upload of a key with an id.
func findUpload(b storage.Bucket, key, id string) (*storage.UploadInfo, error) {
	it, err := b.(storage.HasUploads).Uploads(background, key, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for up, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if up.Key != key {
			break // longer keys follow
		}
		if up.UploadID == id {
			return up, nil
		}
	}
	return nil, fmt.Errorf("%w: no upload %q of %q", storage.ErrNotExist, id, key)
}
