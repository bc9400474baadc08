package gateway

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"

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
	metaParts           = ":parts"         // the upload's parts, see formatParts
	metaACL             = ":acl"           // XML, of an object that was given one
	metaEncryption      = ":server-side-encryption"
	metaKMSKey          = ":server-side-encryption-aws-kms-key-id"
	metaBucketKey       = ":server-side-encryption-bucket-key-enabled"
)

// IsSystem reports whether a key of an object's metadata is one that S3 clients do
// not see.
func IsSystem(key string) bool { return strings.HasPrefix(key, ":") }

// headers are what a request says of an object beside its content. The names are
// those of the requests' fields.
type headers struct {
	CacheControl, ContentDisposition, ContentEncoding *string
	ContentLanguage, Expires, WebsiteRedirectLocation *string
	ObjectLockLegalHoldStatus                         types.ObjectLockLegalHoldStatus
	ObjectLockMode                                    types.ObjectLockMode
	ObjectLockRetainUntilDate                         *time.Time
	Metadata                                          map[string]string
	tags                                              map[string]string
}

// headersOf returns the headers of a request.
func headersOf(in any, tagging *string) (h headers, err error) {
	copyFields(&h, in)
	h.tags, err = backend.ParseObjectTags(backend.GetStringFromPtr(tagging))
	return h, err
}

// locks reports whether the object is to be locked.
func (h *headers) locks() bool { return h.ObjectLockLegalHoldStatus != "" || h.ObjectLockMode != "" }

// metadata returns the object's metadata, user's and system's.
func (h *headers) metadata() map[string]string {
	m := make(map[string]string, len(h.Metadata)+4)
	for key, value := range h.Metadata {
		if !IsSystem(key) {
			m[strings.ToLower(key)] = value
		}
	}
	set := func(key string, value *string) {
		if value != nil && *value != "" {
			m[key] = *value
		}
	}
	set(metaCacheControl, h.CacheControl)
	set(metaDisposition, h.ContentDisposition)
	set(metaEncoding, withoutChunked(h.ContentEncoding))
	set(metaLanguage, h.ContentLanguage)
	set(metaExpires, h.Expires)
	set(metaWebsiteRedirect, h.WebsiteRedirectLocation)
	set(metaLegalHold, (*string)(&h.ObjectLockLegalHoldStatus))
	set(metaRetention, retention(h.ObjectLockMode, h.ObjectLockRetainUntilDate))
	setTags(m, h.tags)
	return m
}

// retention returns the document of a retention, nil if there is none.
func retention(mode types.ObjectLockMode, until *time.Time) *string {
	if mode == "" {
		return nil
	}
	doc, _ := json.Marshal(types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(mode), RetainUntilDate: until})
	return new(string(doc))
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

// cloneMetadata returns a copy of an object's metadata to be changed.
func cloneMetadata(o *storage.Object) map[string]string {
	if o.Metadata == nil {
		return make(map[string]string)
	}
	return maps.Clone(o.Metadata)
}
