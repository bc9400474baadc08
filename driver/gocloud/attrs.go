package gocloud

import (
	"encoding/hex"
	"maps"
	"strings"

	"gocloud.dev/blob/driver"

	"open-lake.dev/lib/storage"
)

// The metadata keys that hold attributes. Keys of users are in lower case.
const (
	cacheControl       = "Cache-Control"
	contentDisposition = "Content-Disposition"
	contentEncoding    = "Content-Encoding"
	contentLanguage    = "Content-Language"
)

// metadata returns the metadata of an object written with opts.
func metadata(opts *driver.WriterOptions) map[string]string {
	md := map[string]string{
		cacheControl:       opts.CacheControl,
		contentDisposition: opts.ContentDisposition,
		contentEncoding:    opts.ContentEncoding,
		contentLanguage:    opts.ContentLanguage,
	}
	maps.DeleteFunc(md, func(_, v string) bool { return v == "" })
	maps.Copy(md, opts.Metadata)
	return md
}

// attributes returns the attributes of the blob that is stored as obj.
func attributes(obj *storage.Object) *driver.Attributes {
	md := maps.Clone(obj.Metadata)
	take := func(key string) string {
		defer delete(md, key)
		return md[key]
	}
	return &driver.Attributes{
		CacheControl:       take(cacheControl),
		ContentDisposition: take(contentDisposition),
		ContentEncoding:    take(contentEncoding),
		ContentLanguage:    take(contentLanguage),
		ContentType:        contentType(obj),
		Metadata:           md,
		CreateTime:         obj.Created,
		ModTime:            obj.Updated,
		Size:               obj.Size,
		MD5:                md5Of(obj),
		ETag:               quote(obj.ETag),
		AsFunc:             as(*obj),
	}
}

// quote returns an ETag in quotes, as gocloud.dev has it.
func quote(etag string) string {
	if etag == "" || strings.HasSuffix(etag, `"`) {
		return etag
	}
	return `"` + etag + `"`
}

// contentType returns the content type of obj. That of a blob is not empty.
func contentType(obj *storage.Object) string {
	if obj.ContentType == "" {
		return "application/octet-stream"
	}
	return obj.ContentType
}

// md5Of returns the MD5 of obj, nil if it has none.
func md5Of(obj *storage.Object) []byte {
	sum, err := hex.DecodeString(obj.Hash[storage.HashMD5])
	if err != nil || len(sum) == 0 {
		return nil
	}
	return sum
}
