package engine

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
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

// headerOf returns the header of a blob that stores an object. The ETag of o is the
// MD5 of its content.
func headerOf(o *storage.Object) Header {
	h := Header{ContentType: o.ContentType, Metadata: make(map[string]string)}
	x := extra{MD5: o.ETag, Hash: o.Hash, Metadata: make(map[string]string)}
	if !isPlainType(o.ContentType) {
		h.ContentType, x.ContentType = noType, &o.ContentType
	}
	for key, value := range o.Metadata {
		if isPlainEntry(key, value) {
			h.Metadata[key] = value
		} else {
			x.Metadata[key] = value
		}
	}
	text, _ := json.Marshal(x) // of strings, which cannot fail
	h.Metadata[extraKey] = base64.RawURLEncoding.EncodeToString(text)
	return h
}

// extraOf returns what headerOf put into the header of a blob, nothing if the blob is
// foreign.
func extraOf(b *Blob) (x extra) {
	if text, err := base64.RawURLEncoding.DecodeString(b.Metadata[extraKey]); err == nil {
		_ = json.Unmarshal(text, &x)
	}
	return x
}

// objectOf returns the object that a blob stores. Its ETag is the MD5 that a listing
// has, too, where the service knows one.
func objectOf(bucket, key string, b *Blob) *storage.Object {
	x := extraOf(b)
	o := &storage.Object{
		Bucket:      bucket,
		Key:         key,
		Size:        b.Size,
		ContentType: b.ContentType,
		ETag:        cmp.Or(hex.EncodeToString(b.MD5), x.MD5, b.Version),
		Created:     b.Created.UTC(),
		Updated:     b.Updated.UTC(),
		Hash:        x.Hash,
		Metadata:    x.Metadata,
	}
	if x.ContentType != nil {
		o.ContentType = *x.ContentType
	}
	for key, value := range b.Metadata {
		if key == extraKey {
			continue
		}
		if o.Metadata == nil {
			o.Metadata = make(map[string]string)
		}
		o.Metadata[key] = value
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
