package drivertest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var optionCases = []testCase{
	{"E_option_of_the_wrong_type", eOptionOfTheWrongType},
	{"E_option_of_another_method", eOptionOfAnotherMethod},
	{"E_misspelt_option", eMisspeltOption},
	{"E_unknown_option_is_ignored", eUnknownOption},
	{"E_options_decoded_from_JSON", eOptionsFromJSON},
	{"E_conditions_decoded_from_JSON", eConditionsFromJSON},
}

// optionValue is a good value of an option, and bad ones.
type optionValue struct {
	good any
	bad  []any
}

// optionValues holds every known option.
var optionValues = map[string]optionValue{
	storage.OptPublic:             {true, []any{"true", 1}},
	storage.OptMetadata:           {map[string]string{"a": "b"}, []any{map[string]any{"a": 1}, "a=b", storage.Hashes{"a": "b"}, []string{"a"}}},
	storage.OptForce:              {true, []any{"true", 1}},
	storage.OptUpsert:             {true, []any{"false", 0}},
	storage.OptChecksumAlgorithms: {[]string{storage.HashMD5}, []any{"md5", []any{"md5", 5}, map[string]string{}}},
	storage.OptChecksum:           {storage.Hashes{}, []any{"5d41402abc4b2a76b9719d911017c592", map[string]any{"md5": 5}, []string{"md5"}}},
	storage.OptIfMatch:            {"*", []any{[]byte("*"), true}},
	storage.OptIfNoneMatch:        {"other", []any{[]string{"*"}, 0}},
	storage.OptIfModifiedSince:    {time.Time{}, []any{"yesterday", int64(0), new(time.Time)}},
	storage.OptIfUnmodifiedSince:  {time.Unix(1<<35, 0), []any{"2020-01-01", int64(0), new(time.Time)}},
	storage.OptRecursive:          {true, []any{"true", 1, new(bool)}},
	storage.OptFilesOnly:          {true, []any{"true", 1}},
	storage.OptDirsOnly:           {true, []any{"true", 1}},
	storage.OptStartAfter:         {"a", []any{[]byte("a"), 'a'}},
	storage.OptSourceBucket:       {"", []any{[]byte("a"), 1}},
	storage.OptSourceKey:          {"a", []any{[]byte("a"), 1}},
	storage.OptSourceOffset:       {int64(0), []any{"0", 1.5}},
	storage.OptSourceLength:       {1, []any{"1", true}},
}

// withOptions returns the operations that have options. Those that are not
// supported do not look at theirs.
func (h *harness) withOptions() []operation {
	return slices.DeleteFunc(h.operations(), func(op operation) bool { return op.noOpts || op.refuses })
}

func eOptionOfTheWrongType(h *harness) {
	ops := h.withOptions()
	h.unchanged("E: an option of the wrong type must change nothing", func() {
		for _, op := range ops {
			for _, key := range storage.OptionsOf(op.op) {
				require.NotEmpty(h, optionValues[key].bad, "option %q is not among those tried", key)
				for _, v := range optionValues[key].bad {
					err := op.do(h.ctx, storage.Options{key: v})
					require.ErrorIs(h, err, storage.ErrInvalid, "E: %s with option %s: %#v", op.op, key, v)
					require.ErrorContains(h, err, key, "E: the error must name the option")
				}
			}
		}
	})
}

func eOptionOfAnotherMethod(h *harness) {
	ops := h.withOptions()
	h.unchanged("E: an option that the method does not take must change nothing", func() {
		for _, op := range ops {
			for key, value := range optionValues {
				if slices.Contains(storage.OptionsOf(op.op), key) {
					continue
				}
				err := op.do(h.ctx, storage.Options{key: value.good})
				require.ErrorIs(h, err, storage.ErrInvalid, "E: %s does not take option %s", op.op, key)
				require.ErrorContains(h, err, key, "E: the error must name the option")
			}
		}
	})
}

// misspellings returns other spellings of an option's key.
func misspellings(key string) []string {
	words := strings.Split(key, "_")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	pascal := strings.Join(words, "")
	all := []string{
		pascal, strings.ToLower(pascal[:1]) + pascal[1:], strings.Join(words, "-"), strings.ToUpper(key),
		strings.ReplaceAll(key, "_", "-"), strings.ReplaceAll(key, "_", ""), "_" + key, key + "-",
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == key })
}

func eMisspeltOption(h *harness) {
	ops := h.withOptions()
	h.unchanged("E: a misspelt option must change nothing", func() {
		for _, op := range ops {
			for key, value := range optionValues {
				for _, spelling := range misspellings(key) {
					err := op.do(h.ctx, storage.Options{spelling: value.good})
					require.ErrorIs(h, err, storage.ErrInvalid, "E: %s with option %q", op.op, spelling)
					require.ErrorContains(h, err, key, "E: the error must say which option may have been meant")
				}
			}
		}
	})
}

func eUnknownOption(h *harness) {
	opts := storage.Options{"x-unknown": 42, "": nil, "if_matches": "other", "metadata2": 1}
	for _, op := range h.operations() {
		h.wantDone(op, op.do(h.ctx, opts), "E: with unknown options")
	}
}

// decoded returns options as encoding/json decodes them.
func (h *harness) decoded(opts storage.Options) storage.Options {
	text, err := json.Marshal(opts)
	require.NoError(h, err)
	var decoded storage.Options
	require.NoError(h, json.Unmarshal(text, &decoded))
	return decoded
}

func eOptionsFromJSON(h *harness) {
	for _, op := range h.withOptions() {
		opts := storage.Options{"x-unknown": nil}
		for _, key := range storage.OptionsOf(op.op) {
			if !slices.Contains(conditionKeys, key) && !h.refusesDigest(op.op, key) {
				opts[key] = optionValues[key].good
			}
		}
		require.NoError(h, op.do(h.ctx, h.decoded(opts)), "E: %s must accept options as JSON decodes them: %v", op.op, opts)
	}
	o := h.putWith("key", "hello", h.decoded(storage.Options{
		storage.OptMetadata: map[string]string{"a": "b"}, storage.OptChecksumAlgorithms: []string{storage.HashSHA1}, storage.OptChecksum: helloHashes}))
	wantA(h, o.Metadata, "E: metadata as JSON decodes it must be kept")
	require.Equal(h, helloHashes[storage.HashSHA1], o.Hash[storage.HashSHA1], "E: checksum_algorithms as JSON decodes them must be computed")
	_, err := h.write("key", "hullo", h.decoded(storage.Options{storage.OptChecksum: helloHashes}))
	require.ErrorIs(h, err, storage.ErrChecksum, "E: a checksum as JSON decodes it must be verified")
}

// refusesDigest reports whether the driver relaxes the digest that an option names.
func (h *harness) refusesDigest(op, key string) bool {
	return op == "completemultipart" && h.limits.Relaxes(storage.RelaxedO3Complete) && slices.Contains(digestKeys, key)
}

// conditionKeys are the options that judge an object.
var conditionKeys = []string{storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince}

func eConditionsFromJSON(h *harness) {
	o := h.asStated(h.put("key", "content"))
	for _, opts := range holding(o) {
		_, err := h.b.Stat(h.ctx, "key", h.decoded(opts))
		require.NoError(h, err, "E: a condition as JSON decodes it must be judged: %v", opts)
	}
	for _, opts := range failing(o) {
		_, err := h.b.Stat(h.ctx, "key", h.decoded(opts))
		require.ErrorIs(h, err, storage.ErrPrecondition, "E: a condition as JSON decodes it must be judged: %v", opts)
	}
}
