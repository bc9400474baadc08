package storage

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Options are an operation's optional arguments, by the keys Opt…. They are
// read while the operation runs and not kept. Drivers check them with
// [Options.Validate] and then read them with the accessors.
type Options map[string]any

// The option keys, and the type of each one's value.
const (
	OptPublic   = "public"   // bool: CreateBucket
	OptMetadata = "metadata" // map[string]string: CreateBucket, Write, InitMultipart, Copy, Move
	OptForce    = "force"    // bool: DeleteBucket of a bucket with objects

	OptUpsert             = "upsert"              // bool: false forbids replacing an object
	OptChecksumAlgorithms = "checksum_algorithms" // []string of Hash… names: digests to keep in Object.Hash
	OptChecksum           = "checksum"            // Hashes or map[string]string: digests the content must have
	OptIfMatch            = "if_match"            // string: an ETag, or "*" for any object
	OptIfNoneMatch        = "if_none_match"       // string: an ETag, or "*" for any object
	OptIfModifiedSince    = "if_modified_since"   // time.Time: the object is newer
	OptIfUnmodifiedSince  = "if_unmodified_since" // time.Time: the object is not newer
	OptRecursive          = "recursive"           // bool: List (default true), Delete, Directory.Delete
	OptFilesOnly          = "files_only"          // bool: List
	OptDirsOnly           = "dirs_only"           // bool: List
	OptStartAfter         = "start_after"         // string: List only what sorts after this key
)

// The algorithms OptChecksumAlgorithms and OptChecksum know.
const (
	HashMD5    = "md5"
	HashSHA1   = "sha1"
	HashSHA256 = "sha256"
	HashCRC32C = "crc32c"
)

// kinds says for each known key what type it wants and whether a value has it.
var kinds = map[string]struct {
	want string
	is   func(any) bool
}{
	OptPublic:             {"bool", is[bool]},
	OptMetadata:           {"map[string]string", is[map[string]string]},
	OptForce:              {"bool", is[bool]},
	OptUpsert:             {"bool", is[bool]},
	OptChecksumAlgorithms: {"[]string", is[[]string]},
	OptChecksum:           {"storage.Hashes", func(v any) bool { return is[Hashes](v) || is[map[string]string](v) }},
	OptIfMatch:            {"string", is[string]},
	OptIfNoneMatch:        {"string", is[string]},
	OptIfModifiedSince:    {"time.Time", is[time.Time]},
	OptIfUnmodifiedSince:  {"time.Time", is[time.Time]},
	OptRecursive:          {"bool", is[bool]},
	OptFilesOnly:          {"bool", is[bool]},
	OptDirsOnly:           {"bool", is[bool]},
	OptStartAfter:         {"string", is[string]},
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// Validate returns ErrInvalid, with the key and the types, if a known key has a
// value of the wrong type. Of several it names the first in key order.
func (o Options) Validate() error {
	bad := ""
	for key, v := range o {
		if k, known := kinds[key]; known && !k.is(v) && (bad == "" || key < bad) {
			bad = key
		}
	}
	if bad == "" {
		return nil
	}
	return fmt.Errorf("%w: option %q wants a %s, got %T", ErrInvalid, bad, kinds[bad].want, o[bad])
}

// Bool returns the value of key, or def if it is not given.
func (o Options) Bool(key string, def bool) bool {
	if v, ok := o[key].(bool); ok {
		return v
	}
	return def
}

// String returns the value of key, and whether it is given.
func (o Options) String(key string) (string, bool) {
	v, ok := o[key].(string)
	return v, ok
}

// Strings returns a copy of the value of key, nil if it is not given.
func (o Options) Strings(key string) []string {
	v, _ := o[key].([]string)
	return slices.Clone(v)
}

// Time returns the value of key, and whether it is given.
func (o Options) Time(key string) (time.Time, bool) {
	v, ok := o[key].(time.Time)
	return v, ok
}

// StringMap returns a copy of the value of key, a map[string]string or Hashes,
// and whether it is given.
func (o Options) StringMap(key string) (map[string]string, bool) {
	switch v := o[key].(type) {
	case map[string]string:
		return maps.Clone(v), true
	case Hashes:
		return maps.Clone(map[string]string(v)), true
	}
	return nil, false
}
