package gateway

import (
	"maps"
	"net/url"
	"strings"

	"open-lake.dev/lib/storage"
)

// The keys of system metadata.
const (
	metaCacheControl    = ":cache-control"
	metaDisposition     = ":content-disposition"
	metaEncoding        = ":content-encoding"
	metaLanguage        = ":content-language"
	metaExpires         = ":expires"
	metaWebsiteRedirect = ":website-redirect-location"
	metaChecksum        = ":checksum"      // see checksum
	metaTags            = ":tags"          // as a URL query
	metaRetention       = ":retention"     // JSON
	metaLegalHold       = ":legal-hold"    // ON or OFF
	metaVersion         = ":version"       // of an object written while versioning was enabled
	metaDeleteMarker    = ":delete-marker" // of a version that is one
	metaUpload          = ":upload"        // the upload that made the object
	metaParts           = ":parts"         // the sizes of the upload's parts
)

// IsSystem reports whether a key of an object's metadata is one that S3 clients do
// not see.
func IsSystem(key string) bool { return strings.HasPrefix(key, ":") }

// headers are what a request says of an object beside its content.
type headers struct {
	cacheControl, disposition, encoding *string
	language, expires, redirect         *string
	tags                                map[string]string
	legalHold                           string
	retention                           []byte
	user                                map[string]string
}

// metadata returns the object's metadata, user's and system's.
func (h *headers) metadata() map[string]string {
	m := make(map[string]string, len(h.user)+4)
	for key, value := range h.user {
		if !IsSystem(key) {
			m[strings.ToLower(key)] = value
		}
	}
	set := func(key string, value *string) {
		if value != nil && *value != "" {
			m[key] = *value
		}
	}
	set(metaCacheControl, h.cacheControl)
	set(metaDisposition, h.disposition)
	set(metaEncoding, withoutChunked(h.encoding))
	set(metaLanguage, h.language)
	set(metaExpires, h.expires)
	set(metaWebsiteRedirect, h.redirect)
	setTags(m, h.tags)
	if h.legalHold != "" {
		m[metaLegalHold] = h.legalHold
	}
	if len(h.retention) > 0 {
		m[metaRetention] = string(h.retention)
	}
	return m
}

// withoutChunked drops the encoding aws-chunked, which is the transfer's and not
// the object's.
func withoutChunked(encoding *string) *string {
	if encoding == nil || !strings.Contains(*encoding, "aws-chunked") {
		return encoding
	}
	var kept []string
	for name := range strings.SplitSeq(*encoding, ",") {
		if name = strings.TrimSpace(name); name != "" && name != "aws-chunked" {
			kept = append(kept, name)
		}
	}
	joined := strings.Join(kept, ",")
	return &joined
}

// userMetadata returns the part of an object's metadata that clients see.
func userMetadata(o *storage.Object) map[string]string {
	m := make(map[string]string, len(o.Metadata))
	for key, value := range o.Metadata {
		if !IsSystem(key) {
			m[key] = value
		}
	}
	return m
}

func setTags(m map[string]string, tags map[string]string) {
	delete(m, metaTags)
	if len(tags) == 0 {
		return
	}
	query := make(url.Values, len(tags))
	for key, value := range tags {
		query.Set(key, value)
	}
	m[metaTags] = query.Encode()
}

func tagsOf(o *storage.Object) map[string]string {
	query, _ := url.ParseQuery(o.Metadata[metaTags])
	tags := make(map[string]string, len(query))
	for key := range query {
		tags[key] = query.Get(key)
	}
	return tags
}

// system returns the value of system metadata, nil if there is none.
func system(o *storage.Object, key string) *string {
	value, ok := o.Metadata[key]
	if !ok {
		return nil
	}
	return &value
}

// with returns a copy of an object's metadata to be changed.
func cloneMetadata(o *storage.Object) map[string]string {
	if o.Metadata == nil {
		return make(map[string]string)
	}
	return maps.Clone(o.Metadata)
}
