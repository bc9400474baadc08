package storage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// optionKinds holds the kinds of values that every known option takes.
var optionKinds = map[string][]string{
	"public": {"bool"}, "force": {"bool"}, "upsert": {"bool"}, "recursive": {"bool"}, "files_only": {"bool"}, "dirs_only": {"bool"},
	"metadata": {"map", "any map"}, "checksum": {"map", "any map", "hashes"}, "checksum_algorithms": {"strings", "any list"},
	"if_match": {"text", "time text"}, "if_none_match": {"text", "time text"}, "start_after": {"text", "time text"},
	"source_bucket": {"text", "time text"}, "source_key": {"text", "time text"}, "source_offset": {"int"}, "source_length": {"int"},
	"if_modified_since": {"time", "time text"}, "if_unmodified_since": {"time", "time text"},
}

// optionValues holds values of each kind, and of kinds that no option takes.
var optionValues = map[string][]any{
	"bool":      {true, false},
	"int":       {1, int64(1) << 40, -1, 2.0},
	"text":      {"", "*", "2026-01-02", "2026-01-02 03:04:05Z"},
	"time text": {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+01:00"},
	"time":      {time.Now(), time.Time{}},
	"strings":   {[]string{"md5"}, []string{}, []string(nil)},
	"any list":  {[]any{"md5", "sha1"}, []any{}, []any(nil)},
	"map":       {map[string]string{"a": "b"}, map[string]string{}, map[string]string(nil)},
	"any map":   {map[string]any{"a": "b"}, map[string]any{}, map[string]any(nil)},
	"hashes":    {storage.Hashes{"md5": "00"}, storage.Hashes(nil)},
	"none": {1.5, 1e300, uint8(1), []byte("x"), new(bool), struct{}{}, json.Number("1"), json.RawMessage("true"), time.Second, new(time.Time),
		map[string]any{"a": 1}, map[string]any{"a": nil}, []any{"a", 1}, []any{nil}, map[string]int{}, map[string][]string{}, []bool{}},
}

// operations are the operations that take options.
var operations = slices.Sorted(maps.Keys(documentedOptions()))

// TestOptionTypes tries every kind of value for every option of every operation.
func TestOptionTypes(t *testing.T) {
	for _, op := range operations {
		for _, key := range storage.OptionsOf(op) {
			for kind, values := range optionValues {
				for _, v := range values {
					err := storage.Options{key: v}.Validate(op)
					if slices.Contains(optionKinds[key], kind) {
						assert.NoError(t, err, "%s: %s %#v", op, key, v)
						continue
					}
					require.ErrorIs(t, err, storage.ErrInvalid, "%s: %s %#v", op, key, v)
					assert.ErrorContains(t, err, fmt.Sprintf("option %q wants a", key))
					assert.ErrorContains(t, err, fmt.Sprintf("got %T", v))
				}
			}
		}
	}
}

// TestOptionOfAnotherOperation: a known option is not ignored by an operation that
// does not take it.
func TestOptionOfAnotherOperation(t *testing.T) {
	for _, op := range append(operations, "info") {
		for key, kinds := range optionKinds {
			err := storage.Options{key: optionValues[kinds[0]][0]}.Validate(op)
			if slices.Contains(storage.OptionsOf(op), key) {
				assert.NoError(t, err, "%s: %s", op, key)
				continue
			}
			require.ErrorIs(t, err, storage.ErrInvalid, "%s: %s", op, key)
			assert.ErrorContains(t, err, fmt.Sprintf("%s takes no option %q", op, key))
		}
	}
}

// TestMisspeltOption: a key that is a known one but for case, hyphens and
// underscores is refused; any other is the driver's own.
func TestMisspeltOption(t *testing.T) {
	for known := range optionKinds {
		dashed := strings.ReplaceAll(known, "_", "-")
		for _, key := range []string{strings.ToUpper(known), strings.ReplaceAll(known, "_", ""), strings.ToUpper(known[:1]) + known[1:], "_" + known, known + "-", dashed} {
			if key == known {
				continue
			}
			err := storage.Options{key: 1}.Validate("write")
			require.ErrorIs(t, err, storage.ErrInvalid, key)
			assert.ErrorContains(t, err, fmt.Sprintf("unknown option %q; did you mean %q?", key, known))
		}
	}
	for _, key := range []string{"", "-", "x-trace", "if match", "if_matches", "if.match", "meta", "recursive\x00"} {
		assert.NoError(t, storage.Options{key: 1}.Validate("stat"), "%q", key)
	}
}

func TestNilOptions(t *testing.T) {
	for _, op := range operations {
		assert.NoError(t, storage.Options(nil).Validate(op))
		for key := range optionKinds {
			opts := storage.Options{key: nil, strings.ToUpper(key): nil}
			assert.NoError(t, opts.Validate(op), "a nil value counts as not given")
		}
	}
	opts := storage.Options{"key": nil}
	assert.True(t, opts.Bool("key", true))
	_, hasString := opts.String("key")
	_, hasTime := opts.Time("key")
	_, hasMap := opts.StringMap("key")
	assert.False(t, hasString || hasTime || hasMap)
	assert.Nil(t, opts.Strings("key"))
}

// TestFirstError: of several errors it is that of the first key in order.
func TestFirstError(t *testing.T) {
	for range 20 { // a map has no order
		err := storage.Options{storage.OptUpsert: 1, storage.OptForce: true, "IfMatch": 3, "zero": nil, storage.OptIfMatch: 4}.Validate("write")
		assert.ErrorContains(t, err, `did you mean "if_match"`)
		err = storage.Options{storage.OptUpsert: 1, storage.OptForce: true, storage.OptIfMatch: 4}.Validate("write")
		assert.ErrorContains(t, err, `takes no option "force"`)
	}
}

// TestOptionsFromJSON: options read the same when encoding/json has decoded them.
func TestOptionsFromJSON(t *testing.T) {
	given := storage.Options{
		storage.OptMetadata:           map[string]string{"a": "b", "c": ""},
		storage.OptChecksumAlgorithms: []string{storage.HashMD5, storage.HashSHA1},
		storage.OptChecksum:           storage.Hashes{storage.HashMD5: "00"},
		storage.OptUpsert:             false,
		storage.OptIfMatch:            `"e1"`,
		storage.OptIfModifiedSince:    time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("east", 3600)),
		storage.OptIfUnmodifiedSince:  nil,
	}
	text, err := json.Marshal(given)
	require.NoError(t, err)
	var decoded storage.Options
	require.NoError(t, json.Unmarshal(text, &decoded))
	require.NoError(t, decoded.Validate("write"))

	metadata, ok := decoded.StringMap(storage.OptMetadata)
	assert.Equal(t, given[storage.OptMetadata], metadata)
	assert.True(t, ok)
	sums, ok := decoded.StringMap(storage.OptChecksum)
	assert.Equal(t, map[string]string{storage.HashMD5: "00"}, sums)
	assert.True(t, ok)
	assert.Equal(t, given[storage.OptChecksumAlgorithms], decoded.Strings(storage.OptChecksumAlgorithms))
	assert.False(t, decoded.Bool(storage.OptUpsert, true))
	tag, _ := decoded.String(storage.OptIfMatch)
	assert.Equal(t, `"e1"`, tag)
	since, ok := decoded.Time(storage.OptIfModifiedSince)
	assert.True(t, ok && since.Equal(given[storage.OptIfModifiedSince].(time.Time)))
}

func TestOptionsAccessors(t *testing.T) {
	now := time.Now()
	metadata, algorithms := map[string]string{"k": "v"}, []string{"md5"}
	o := storage.Options{"b": true, "s": "text", "t": now, "m": metadata, "h": storage.Hashes{"md5": "00"}, "l": algorithms}
	assert.True(t, o.Bool("b", false))
	assert.True(t, o.Bool("none", true))
	assert.False(t, o.Bool("s", false))
	text, ok := o.String("s")
	assert.Equal(t, "text", text)
	assert.True(t, ok)
	_, ok = o.String("b")
	assert.False(t, ok)
	at, ok := o.Time("t")
	assert.Equal(t, now, at)
	assert.True(t, ok)
	_, ok = o.Time("s")
	assert.False(t, ok)
	hashes, ok := o.StringMap("h")
	assert.Equal(t, map[string]string{"md5": "00"}, hashes)
	assert.True(t, ok)
	_, ok = o.StringMap("s")
	assert.False(t, ok)
	assert.Nil(t, o.Strings("none"))

	copied, _ := o.StringMap("m")
	copied["k"] = "changed"
	assert.Equal(t, "v", metadata["k"], "the map is the caller's own")
	list := o.Strings("l")
	list[0] = "changed"
	assert.Equal(t, "md5", algorithms[0], "the slice is the caller's own")
	of := storage.OptionsOf("stat")
	of[0] = "changed"
	assert.NotContains(t, storage.OptionsOf("stat"), "changed", "the slice is the caller's own")
}

func ExampleOptionsOf() {
	fmt.Println(storage.OptionsOf("list"))
	fmt.Println(storage.OptionsOf("directory.delete"))
	// Output:
	// [recursive files_only dirs_only start_after]
	// [recursive]
}

func ExampleOptions_Validate() {
	fmt.Println(storage.Options{storage.OptRecursive: true, "x-trace": 7}.Validate("delete"))
	fmt.Println(storage.Options{storage.OptRecursive: "yes"}.Validate("delete"))
	fmt.Println(storage.Options{storage.OptRecursive: true}.Validate("write"))
	fmt.Println(storage.Options{"If-Match": "9a0364"}.Validate("write"))
	// Output:
	// <nil>
	// invalid argument: option "recursive" wants a bool, got string
	// invalid argument: write takes no option "recursive"
	// invalid argument: unknown option "If-Match"; did you mean "if_match"?
}

func ExampleOptions_Bool() {
	opts := storage.Options{storage.OptUpsert: false}
	fmt.Println(opts.Bool(storage.OptUpsert, true), opts.Bool(storage.OptRecursive, true))
	// Output: false true
}

func ExampleOptions_String() {
	opts := storage.Options{storage.OptIfMatch: "9a0364"}
	fmt.Println(opts.String(storage.OptIfMatch))
	// Output: 9a0364 true
}

func ExampleOptions_Strings() {
	opts := storage.Options{storage.OptChecksumAlgorithms: []any{"md5", "sha256"}}
	fmt.Println(opts.Strings(storage.OptChecksumAlgorithms))
	// Output: [md5 sha256]
}

func ExampleOptions_Time() {
	opts := storage.Options{storage.OptIfModifiedSince: "2026-01-02T03:04:05+01:00"}
	since, ok := opts.Time(storage.OptIfModifiedSince)
	fmt.Println(since.UTC(), ok)
	// Output: 2026-01-02 02:04:05 +0000 UTC true
}

func ExampleOptions_StringMap() {
	opts := storage.Options{storage.OptMetadata: map[string]any{"owner": "Aldus"}}
	fmt.Println(opts.StringMap(storage.OptMetadata))
	// Output: map[owner:Aldus] true
}
