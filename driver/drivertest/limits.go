package drivertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var limitCases = []testCase{
	{"F2_relaxed_rules_are_known", f2RelaxedRulesAreKnown},
	{"F2_limits_are_a_fresh_copy", f2LimitsAreACopy},
	{"F2_length_of_a_name", f2LengthOfAName},
	{"F2_size_of_metadata", f2SizeOfMetadata},
	{"F2_size_of_an_object", f2SizeOfAnObject},
	{"F2_size_of_a_part", f2SizeOfAPart},
	{"F2_bucket_names", f2BucketNames},
}

// losses says, for each rule that a driver may relax, what its users lose.
var losses = map[string]string{
	storage.RelaxedB2:         "a write does not create a missing bucket",
	storage.RelaxedD1:         "directories have no times",
	storage.RelaxedD3:         "a recursive delete of a directory is not one commit",
	storage.RelaxedD4:         "a move of a directory is not one commit",
	storage.RelaxedL1:         "a listing does not describe objects in full",
	storage.RelaxedL3:         "a listing is not one state",
	storage.RelaxedMove:       "Move is not one commit",
	storage.RelaxedO2:         "the time of creation is not kept",
	storage.RelaxedO3:         "the ETag is not derived from the content alone",
	storage.RelaxedO3Complete: "CompleteMultipart takes no digests",
	storage.RelaxedO6:         "a recursive Delete is not one commit",
	storage.RelaxedO7Write:    "Write does not judge all conditions",
	storage.RelaxedO7Copy:     "Copy and Move take no conditions",
	storage.RelaxedO7Delete:   "Delete takes no conditions",
	storage.RelaxedO7Complete: "CompleteMultipart takes no conditions",
	storage.RelaxedTwins:      "an object cannot lie beside a directory of its name",
}

// strong skips a case that needs the strong half of a rule if the driver relaxes
// it.
func (h *harness) strong(rules ...string) {
	for _, rule := range rules {
		if h.limits.Relaxes(rule) {
			h.skip(fmt.Sprintf("the driver relaxes %s (storage.Limits): %s", rule, losses[rule]))
		}
	}
}

// normalised skips a case that spells a key or a path in several ways if the store
// takes keys as they are.
func (h *harness) normalised() {
	if h.exact {
		h.skip("the store takes keys as they are (K4)")
	}
}

// possible returns the keys without those that the driver refuses because a
// directory has their name.
func (h *harness) possible(keys ...string) []string {
	if !h.limits.Relaxes(storage.RelaxedTwins) {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return isTwin(key, keys) })
}

// isTwin reports whether a directory that the keys make has the name of key.
func isTwin(key string, keys []string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, key+"/") })
}

// allowed returns the names that a bucket of the driver may have.
func (h *harness) allowed(names ...string) []string {
	if h.limits.BucketName == nil {
		return names
	}
	allowed := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return h.limits.BucketName(name) != nil })
	if len(allowed) == 0 {
		h.skip(fmt.Sprintf("no bucket may have one of the names %q (storage.Limits.BucketName)", names))
	}
	return allowed
}

// maxKey is the length of the longest key.
func (h *harness) maxKey() int {
	if h.limits.MaxKey > 0 {
		return min(h.limits.MaxKey, storage.MaxKey)
	}
	return storage.MaxKey
}

// longKey returns a key of n bytes that begins with prefix, whose names are no
// longer than the driver permits.
func (h *harness) longKey(prefix string, n int) string {
	longest := 200
	if h.limits.MaxName > 0 {
		longest = min(h.limits.MaxName, longest)
	}
	key := prefix
	for len(key) < n {
		name := min(longest, n-len(key))
		if n-len(key)-name == 1 { // a key does not end in a slash
			name--
		}
		if key += strings.Repeat("k", name); len(key) < n {
			key += "/"
		}
	}
	return key
}

// sized returns n bytes of content, of which no two blocks agree.
func (h *harness) sized(n int) string {
	if h.limits.MaxObject > 0 {
		n = int(min(h.limits.MaxObject, int64(n)))
	}
	return large()[:n]
}

func f2RelaxedRulesAreKnown(h *harness) {
	for _, rule := range h.limits.Relaxed {
		require.Contains(h, losses, rule, "F2: Limits.Relaxed must hold constants storage.Relaxed… only")
	}
	for what, n := range map[string]int64{
		"MaxKey": int64(h.limits.MaxKey), "MaxName": int64(h.limits.MaxName), "MaxMetadata": int64(h.limits.MaxMetadata),
		"MinPart": h.limits.MinPart, "MaxObject": h.limits.MaxObject, "TimeResolution": int64(h.limits.TimeResolution),
	} {
		require.GreaterOrEqual(h, n, int64(0), "F2: Limits.%s must not be negative; zero is no limit", what)
	}
}

func f2LimitsAreACopy(h *harness) {
	relaxed := storage.LimitsOf(h.st).Relaxed
	want := slices.Clone(relaxed)
	for i := range relaxed {
		relaxed[i] = "scribbled"
	}
	require.Equal(h, want, storage.LimitsOf(h.st).Relaxed, "F2: changing the slice that Limits returned must not change the store's")
}

func f2LengthOfAName(h *harness) {
	longest := h.maxKey()
	if h.limits.MaxName > 0 {
		longest = min(h.limits.MaxName, longest)
	}
	h.put("there", "content")
	name := strings.Repeat("n", longest)
	h.put(name, "content")
	require.Equal(h, "content", h.get(name), "F2: a name of %d bytes is good", longest)
	h.rejects("F2: a name longer than Limits.MaxName", storage.ErrInvalid, h.storingCalls(), name+"n")
}

func f2SizeOfMetadata(h *harness) {
	size := 64 << 10
	if h.limits.MaxMetadata > 0 {
		size = h.limits.MaxMetadata
	}
	meta := func(size int) storage.Options {
		return storage.Options{storage.OptMetadata: map[string]string{"key": strings.Repeat("v", size-len("key"))}}
	}
	h.putWith("key", "content", meta(size))
	require.Len(h, h.stat("key").Metadata["key"], size-len("key"), "F2: metadata of %d bytes must be kept", size)
	if h.limits.MaxMetadata == 0 {
		return
	}
	h.unchanged("F2: too much metadata must store nothing", func() {
		_, err := h.write("key", "new", meta(size+1))
		require.ErrorIs(h, err, storage.ErrInvalid, "F2: Write with more metadata than Limits.MaxMetadata")
		for _, t := range h.transfers() {
			_, err := t.do(h.b, "to", "", "key", meta(size+1))
			require.ErrorIs(h, err, storage.ErrInvalid, "F2: %s with more metadata than Limits.MaxMetadata", t.name)
		}
	})
}

func f2SizeOfAnObject(h *harness) {
	if most := h.limits.MaxObject; most == 0 || most >= int64(len(large())) {
		h.put("key", large())
		return
	}
	content := h.sized(len(large()))
	h.put("key", content)
	h.holds(content, "key", "F2: an object of Limits.MaxObject bytes")
	h.unchanged("F2: an object that is too large must not be stored", func() {
		for _, size := range []int64{-1, h.limits.MaxObject + 1} {
			_, err := h.b.Write(h.ctx, "key", strings.NewReader(large()), size, "", nil)
			require.ErrorIs(h, err, storage.ErrInvalid, "F2: Write of more bytes than Limits.MaxObject (size %d)", size)
		}
	})
}

func f2SizeOfAPart(h *harness) {
	mu, parts := h.upload("key", "first", "last")
	small := h.partAsItIs(mu, 3, "small")
	o := h.complete(mu, parts[0], small)
	require.Equal(h, parts[0].Size+small.Size, o.Size, "F2: the last part may have any size")
	if h.limits.MinPart == 0 {
		return
	}
	mu, parts = h.upload("key", "first", "last")
	small = h.partAsItIs(mu, 1, strings.Repeat("s", int(h.limits.MinPart)-1))
	h.wantInvalid(mu, parts[1:], "a part smaller than Limits.MinPart that is not the last", small, parts[1])
}

func f2BucketNames(h *harness) {
	for _, name := range []string{"abc", "a.b-c", "ab", "A", "UPPER", "a_b", "\u00e9t\u00e9", "-abc", "1.2.3.4", strings.Repeat("b", 64)} {
		_, err := h.st.CreateBucket(h.ctx, name, nil)
		if h.limits.BucketName == nil || h.limits.BucketName(name) == nil {
			require.NoError(h, err, "F2: CreateBucket of %q, a name that Limits.BucketName permits", name)
			require.Contains(h, h.bucketNames(0, 0), name, "F2: a bucket created as %q must be listed", name)
			continue
		}
		require.ErrorIs(h, err, storage.ErrInvalid, "F2: CreateBucket of %q, a name that Limits.BucketName refuses", name)
		require.NotContains(h, h.bucketNames(0, 0), name, "F2: a bucket that was refused must not be listed")
		_, err = h.st.Bucket(name).Write(h.ctx, "key", strings.NewReader("x"), 1, "", nil)
		require.Error(h, err, "F2: Write to bucket %q, a name that Limits.BucketName refuses", name)
	}
}
