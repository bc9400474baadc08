package snaptest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// Attr is a set of attributes of objects and buckets, such as Size | ETag.
type Attr uint

// The attributes.
const (
	Size Attr = 1 << iota // in golden files of buckets, too
	ContentType
	ETag
	Hash     // the digests in Object.Hash
	Metadata // of buckets, too, and whether they are public
	Created  // of buckets, too
	Updated
	Content
)

// Default is the set that golden files show: all attributes but the times.
const Default = Size | ContentType | ETag | Hash | Metadata | Content

var attrNames = []string{"Size", "ContentType", "ETag", "Hash", "Metadata", "Created", "Updated", "Content"}

// String returns the set in Go syntax.
func (a Attr) String() string {
	var names []string
	for i, name := range attrNames {
		if a&(1<<i) != 0 {
			names = append(names, "snaptest."+name)
		}
	}
	return strings.Join(names, " | ")
}

// union returns the union of the sets.
func union(sets []Attr) (all Attr) {
	for _, a := range sets {
		all |= a
	}
	return all
}

// property is one line about an object or a bucket.
type property struct {
	attr Attr
	text string
}

// objectProperties returns the properties of an object. It formats times with
// formatTime.
func objectProperties(o *storage.Object, formatTime func(time.Time) string) []property {
	properties := []property{{Size, fmt.Sprint("size: ", o.Size)}}
	if o.ContentType != "" {
		properties = append(properties, property{ContentType, "type: " + quoteUnclear(o.ContentType)})
	}
	if o.ETag != "" {
		properties = append(properties, property{ETag, "etag: " + quoteUnclear(o.ETag)})
	}
	properties = appendPairs(properties, Hash, "hash", o.Hash)
	properties = appendPairs(properties, Metadata, "meta", o.Metadata)
	return append(properties,
		property{Created, "created: " + quoteUnclear(formatTime(o.Created.UTC()))},
		property{Updated, "updated: " + quoteUnclear(formatTime(o.Updated.UTC()))})
}

// bucketProperties returns the properties of a bucket.
func bucketProperties(b *storage.BucketInfo, formatTime func(time.Time) string) (properties []property) {
	if b.Public {
		properties = append(properties, property{Metadata, "public"})
	}
	properties = appendPairs(properties, Metadata, "meta", b.Metadata)
	return append(properties, property{Created, "created: " + quoteUnclear(formatTime(b.CreatedAt.UTC()))})
}

// appendPairs appends a property for each pair, in order of the keys.
func appendPairs(properties []property, attr Attr, label string, pairs map[string]string) []property {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		properties = append(properties, property{attr, fmt.Sprintf("%s %s: %s", label, quoteName(key), quoteUnclear(pairs[key]))})
	}
	return properties
}

// rfc3339 formats a time without rounding it.
func rfc3339(t time.Time) string { return t.Format(time.RFC3339Nano) }
