package storage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Options are the optional arguments of an operation, by the keys Opt…. They are
// read while the operation runs and not kept. A nil value counts as not given.
// Drivers check them with [Options.Validate] and read them with the accessors.
//
// Values may also have the types that encoding/json decodes to: a map[string]any
// of strings, a []any of strings, a time as RFC 3339 text, an integer as a float64.
type Options map[string]any

// The option keys, and the type of each one's value. optionTypes and optionsOf
// below say the same to the code.
const (
	OptPublic             = "public"              // bool: the bucket is public
	OptMetadata           = "metadata"            // map[string]string: of the bucket or object
	OptForce              = "force"               // bool: delete a bucket that holds objects
	OptUpsert             = "upsert"              // bool: false forbids to replace an object
	OptChecksumAlgorithms = "checksum_algorithms" // []string of Hash… names: digests to keep in Object.Hash
	OptChecksum           = "checksum"            // Hashes or map[string]string: digests that the content must have
	OptIfMatch            = "if_match"            // string: the object has one of these ETags; see MatchETag
	OptIfNoneMatch        = "if_none_match"       // string: the object has none of these ETags
	OptIfModifiedSince    = "if_modified_since"   // time.Time: the object is newer
	OptIfUnmodifiedSince  = "if_unmodified_since" // time.Time: the object is not newer
	OptRecursive          = "recursive"           // bool: everything beneath, too
	OptFilesOnly          = "files_only"          // bool: list objects only
	OptDirsOnly           = "dirs_only"           // bool: list directories only
	OptStartAfter         = "start_after"         // string: list only what sorts after; see Object.PageKey
	OptSourceBucket       = "source_bucket"       // string: the bucket of CopyPart's source, else the upload's
	OptSourceKey          = "source_key"          // string: the key of CopyPart's source
	OptSourceOffset       = "source_offset"       // int64: the first byte to copy
	OptSourceLength       = "source_length"       // int64: how many bytes to copy; ≤ 0 is to the end
)

// The algorithms that OptChecksumAlgorithms and OptChecksum know.
const (
	HashMD5    = "md5"
	HashSHA1   = "sha1"
	HashSHA256 = "sha256"
	HashCRC32C = "crc32c"
)

// optionType is the type of an option's value.
type optionType struct {
	name string // in Go
	is   func(any) bool
}

var (
	boolOption    = optionType{"bool", is[bool]}
	textOption    = optionType{"string", is[string]}
	intOption     = optionType{"int64", func(v any) bool { _, ok := asInt(v); return ok }}
	timeOption    = optionType{"time.Time", func(v any) bool { _, ok := asTime(v); return ok }}
	stringsOption = optionType{"[]string", func(v any) bool { _, ok := asStrings(v); return ok }}
	mapOption     = optionType{"map[string]string", func(v any) bool { return isMap(v) && !is[Hashes](v) }}
	hashesOption  = optionType{"storage.Hashes", isMap}
)

// optionTypes holds the type of every known option.
var optionTypes = map[string]optionType{
	OptPublic:             boolOption,
	OptMetadata:           mapOption,
	OptForce:              boolOption,
	OptUpsert:             boolOption,
	OptChecksumAlgorithms: stringsOption,
	OptChecksum:           hashesOption,
	OptIfMatch:            textOption,
	OptIfNoneMatch:        textOption,
	OptIfModifiedSince:    timeOption,
	OptIfUnmodifiedSince:  timeOption,
	OptRecursive:          boolOption,
	OptFilesOnly:          boolOption,
	OptDirsOnly:           boolOption,
	OptStartAfter:         textOption,
	OptSourceBucket:       textOption,
	OptSourceKey:          textOption,
	OptSourceOffset:       intOption,
	OptSourceLength:       intOption,
}

var (
	conditions = []string{OptIfMatch, OptIfNoneMatch, OptIfModifiedSince, OptIfUnmodifiedSince}
	digests    = []string{OptChecksumAlgorithms, OptChecksum}
	transfers  = slices.Concat([]string{OptMetadata, OptUpsert}, conditions)
)

// optionsOf holds the options that every operation takes, by the name it has in
// [Error.Op].
var optionsOf = map[string][]string{
	"buckets":           nil,
	"createbucket":      {OptPublic, OptMetadata},
	"deletebucket":      {OptForce},
	"write":             slices.Concat([]string{OptMetadata, OptUpsert}, digests, conditions),
	"open":              conditions,
	"stat":              conditions,
	"delete":            slices.Concat([]string{OptRecursive}, conditions),
	"copy":              transfers,
	"move":              transfers,
	"list":              {OptRecursive, OptFilesOnly, OptDirsOnly, OptStartAfter},
	"signedurl":         nil,
	"directory.list":    {OptFilesOnly, OptDirsOnly, OptStartAfter},
	"directory.delete":  {OptRecursive},
	"directory.move":    nil,
	"initmultipart":     {OptMetadata},
	"uploadpart":        digests,
	"copypart":          {OptSourceBucket, OptSourceKey, OptSourceOffset, OptSourceLength},
	"listparts":         nil,
	"completemultipart": slices.Concat([]string{OptUpsert}, digests, conditions),
	"abortmultipart":    nil,
	"uploads":           nil,
}

// OptionsOf returns the keys of the options that an operation takes, which is
// named as in [Error.Op].
func OptionsOf(op string) []string { return slices.Clone(optionsOf[op]) }

// Validate returns ErrInvalid, with the key and the reason, if the options are not
// for the operation, which is named as in [Error.Op]: a known key that it does not
// take, a value of the wrong type, or a key that differs from a known one by
// letter case, hyphens or underscores only. Other unknown keys are ignored, so
// that drivers may have their own. Of several errors it returns that of the first
// key in order.
func (o Options) Validate(op string) error {
	var bad string
	var found error
	for key, v := range o {
		if v == nil || found != nil && bad < key {
			continue
		}
		if err := validate(op, key, v); err != nil {
			bad, found = key, err
		}
	}
	return found
}

func validate(op, key string, v any) error {
	switch t, known := optionTypes[key]; {
	case known && !slices.Contains(optionsOf[op], key):
		return fmt.Errorf("%w: %s takes no option %q", ErrInvalid, op, key)
	case known && !t.is(v):
		return fmt.Errorf("%w: option %q wants a %s, got %T", ErrInvalid, key, t.name, v)
	case known:
		return nil
	}
	for known := range optionTypes {
		if fold(known) == fold(key) {
			return fmt.Errorf("%w: unknown option %q; did you mean %q?", ErrInvalid, key, known)
		}
	}
	return nil
}

// fold returns a key without the differences that a misspelling makes.
func fold(key string) string { return strings.ToLower(separators.Replace(key)) }

var separators = strings.NewReplacer("-", "", "_", "")

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

// Int returns the value of key, and whether it is given.
func (o Options) Int(key string) (int64, bool) { return asInt(o[key]) }

// Strings returns a copy of the value of key, nil if it is not given.
func (o Options) Strings(key string) []string {
	v, _ := asStrings(o[key])
	return v
}

// Time returns the value of key, and whether it is given.
func (o Options) Time(key string) (time.Time, bool) { return asTime(o[key]) }

// StringMap returns a copy of the value of key, a map[string]string or Hashes, and
// whether it is given. Its strings are copies, too (contract rule O8).
func (o Options) StringMap(key string) (map[string]string, bool) { return asMap(o[key]) }

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

func asTime(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		t, err := time.Parse(time.RFC3339, v)
		return t, err == nil
	}
	return time.Time{}, false
}

func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return 0, false
}

func asStrings(v any) ([]string, bool) {
	switch v := v.(type) {
	case []string:
		return slices.Clone(v), true
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

// isMap reports whether asMap takes v.
func isMap(v any) bool {
	switch v := v.(type) {
	case map[string]string, Hashes:
		return true
	case map[string]any:
		for _, e := range v {
			if !is[string](e) {
				return false
			}
		}
		return true
	}
	return false
}

// asMap returns a copy of v whose strings are not parts of longer ones.
func asMap(v any) (map[string]string, bool) {
	switch v := v.(type) {
	case map[string]string:
		return cloneStrings(v), true
	case Hashes:
		return cloneStrings(v), true
	case map[string]any:
		m := make(map[string]string, len(v))
		for key, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			m[strings.Clone(key)] = strings.Clone(s)
		}
		return m, true
	}
	return nil, false
}

// cloneStrings returns a copy of a map, nil if it is nil.
func cloneStrings(from map[string]string) map[string]string {
	if from == nil {
		return nil
	}
	m := make(map[string]string, len(from))
	for key, value := range from {
		m[strings.Clone(key)] = strings.Clone(value)
	}
	return m
}
