package engine

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"mime"
	"regexp"
	"strings"

	"open-lake.dev/lib/storage"
)

// extraKey is the key of the metadata that holds extra.
const extraKey = "openlake"

// noType is the content type of a blob whose object's is not fit for a header.
const noType = "application/octet-stream"

// extra holds what a header cannot: base64 of JSON is kept in one entry.
type extra struct {
	MD5         string            `json:"md5,omitempty"` // of the content
	ContentType *string           `json:"type,omitempty"`
	Hash        storage.Hashes    `json:"hash,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

// Encode returns the header in a form for services that take the headers of HTTP: all
// of it is ASCII, and the keys of metadata are in lower case. What such a header
// cannot hold, and ETag and Hash, are in one entry of the metadata, which is missing
// if there is nothing of that.
func (h Header) Encode() (contentType string, metadata map[string]string) {
	contentType, metadata = h.ContentType, make(map[string]string)
	x := extra{MD5: h.ETag, Hash: h.Hash, Metadata: make(map[string]string)}
	if !isPlainType(h.ContentType) {
		contentType, x.ContentType = noType, &h.ContentType
	}
	for key, value := range h.Metadata {
		if isPlainEntry(key, value) {
			metadata[key] = value
		} else {
			x.Metadata[key] = value
		}
	}
	text, _ := json.Marshal(x) // of strings, which cannot fail
	if string(text) != "{}" {
		metadata[extraKey] = base64.RawURLEncoding.EncodeToString(text)
	}
	return contentType, metadata
}

// Decode returns the header that Encode encoded, or that of a foreign blob.
func Decode(contentType string, metadata map[string]string) Header {
	var x extra
	if text, err := base64.RawURLEncoding.DecodeString(metadata[extraKey]); err == nil {
		_ = json.Unmarshal(text, &x)
	}
	h := Header{ContentType: contentType, Metadata: x.Metadata, ETag: x.MD5, Hash: x.Hash}
	if x.ContentType != nil {
		h.ContentType = *x.ContentType
	}
	for key, value := range metadata {
		if key == extraKey {
			continue
		}
		if h.Metadata == nil {
			h.Metadata = make(map[string]string)
		}
		h.Metadata[key] = value
	}
	return h
}

// headerOf returns the header of a blob that stores an object.
func headerOf(o *storage.Object) Header {
	return Header{ContentType: o.ContentType, Metadata: o.Metadata, ETag: o.ETag, Hash: o.Hash}
}

// objectOf returns the object that a blob stores.
func objectOf(bucket, key string, b *Blob) *storage.Object {
	o := &storage.Object{
		Bucket:      bucket,
		Key:         key,
		Size:        b.Size,
		ContentType: b.ContentType,
		ETag:        cmp.Or(b.ETag, b.Version),
		Created:     b.Created.UTC(),
		Updated:     b.Updated.UTC(),
		Hash:        b.Hash,
		Metadata:    b.Metadata,
	}
	if o.Created.After(o.Updated) {
		o.Created = o.Updated
	}
	return o
}

// isPlainType reports whether a content type is kept by services as it is.
func isPlainType(contentType string) bool {
	t, params, err := mime.ParseMediaType(contentType)
	return err == nil && mime.FormatMediaType(t, params) == contentType && isASCII(contentType)
}

var plainKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// isPlainEntry reports whether an entry of metadata is kept by services as it is.
func isPlainEntry(key, value string) bool {
	return key != extraKey && plainKey.MatchString(key) &&
		value != "" && isASCII(value) && strings.TrimSpace(value) == value
}

// isASCII reports whether s has only printable ASCII characters.
func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
