package snaptest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// Attr is a set of attributes of objects and buckets: Size | ETag is both.
type Attr uint

// The attributes.
const (
	Size Attr = 1 << iota // in golden files also of buckets
	ContentType
	ETag
	Hash     // the digests the store keeps, Object.Hash
	Metadata // of buckets, too, and whether these are public
	Created  // of buckets, too
	Updated
	Content
)

// Default is what golden files show: all but the times.
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

// union returns the attributes in any of the sets.
func union(sets []Attr) (all Attr) {
	for _, a := range sets {
		all |= a
	}
	return all
}

// fact is one line about an object or a bucket.
type fact struct {
	attr Attr
	text string
}

// objectFacts returns what there is to say of an object but its content. at
// writes times.
func objectFacts(o *storage.Object, at func(time.Time) string) []fact {
	facts := []fact{{Size, fmt.Sprint("size: ", o.Size)}}
	if o.ContentType != "" {
		facts = append(facts, fact{ContentType, "type: " + quoteUnclear(o.ContentType)})
	}
	if o.ETag != "" {
		facts = append(facts, fact{ETag, "etag: " + quoteUnclear(o.ETag)})
	}
	facts = appendPairs(facts, Hash, "hash", o.Hash)
	facts = appendPairs(facts, Metadata, "meta", o.Metadata)
	return append(facts,
		fact{Created, "created: " + quoteUnclear(at(o.Created.UTC()))},
		fact{Updated, "updated: " + quoteUnclear(at(o.Updated.UTC()))})
}

// bucketFacts returns what there is to say of a bucket but what is in it.
func bucketFacts(b *storage.BucketInfo, at func(time.Time) string) (facts []fact) {
	if b.Public {
		facts = append(facts, fact{Metadata, "public"})
	}
	facts = appendPairs(facts, Metadata, "meta", b.Metadata)
	return append(facts, fact{Created, "created: " + quoteUnclear(at(b.CreatedAt.UTC()))})
}

func appendPairs(facts []fact, attr Attr, label string, pairs map[string]string) []fact {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		facts = append(facts, fact{attr, fmt.Sprintf("%s %s: %s", label, quoteName(key), quoteUnclear(pairs[key]))})
	}
	return facts
}

// rfc3339 writes a time exactly.
func rfc3339(t time.Time) string { return t.Format(time.RFC3339Nano) }
