package drivertest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var digestCases = []testCase{
	{"O3_etag_names_content", o3ETagNamesContent},
	{"O3_etag_changes_with_content", o3ETagChangesWithContent},
	{"O3_etag_names_nothing_else", o3ETagNamesNothingElse},
	{"O3_etag_is_the_same_in_another_store", o3ETagInAnotherStore},
	{"O3_etag_is_kept_by_copy_and_move", o3ETagIsKept},
	{"O3_multipart_etag", o3MultipartETag},
	{"O3_hash_holds_what_was_asked_for", o3HashHoldsWhatWasAskedFor},
	{"O3_hash_is_empty_unless_asked_for", o3HashIsEmptyUnlessAskedFor},
	{"O3_checksum_that_agrees", o3ChecksumThatAgrees},
	{"O3_checksum_that_differs", o3ChecksumThatDiffers},
	{"O3_checksum_is_of_what_is_stored", o3ChecksumOfWhatIsStored},
	{"O3_unknown_algorithm", o3UnknownAlgorithm},
	{"O3_checksum_of_a_part", o3ChecksumOfAPart},
	{"O3_checksum_of_a_completed_upload", o3ChecksumOfACompletedUpload},
	{"O3_digests_of_a_completed_upload_or_refused", o3DigestsOfACompletedUpload},
}

// helloHashes are the digests of "hello".
var helloHashes = storage.Hashes{
	storage.HashMD5:    "5d41402abc4b2a76b9719d911017c592",
	storage.HashSHA1:   "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
	storage.HashSHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
	storage.HashCRC32C: "9a71bb4c",
}

// helloHash returns the Hash of an object "hello" of which some digests were asked
// for.
func (h *harness) helloHash(algorithms ...string) storage.Hashes {
	if h.has(storage.FeatureHashMD5) {
		algorithms = append(algorithms, storage.HashMD5)
	}
	var hashes storage.Hashes
	for _, name := range algorithms {
		if hashes == nil {
			hashes = make(storage.Hashes)
		}
		hashes[name] = helloHashes[name]
	}
	return hashes
}

func o3ETagNamesContent(h *harness) {
	h.strong(storage.RelaxedO3)
	require.Equal(h, h.put("a", "a").ETag, h.put("key", "a").ETag, "O3: equal content must have equal ETags")
	etag := h.put("key", "content").ETag
	h.put("key", "changed")
	h.tick()
	require.Equal(h, etag, h.put("key", "content").ETag, "O3: content that comes back must have its old ETag")
}

// o3ETagChangesWithContent holds whether or not the ETag is derived from the
// content.
func o3ETagChangesWithContent(h *harness) {
	seen := map[string]string{}
	for _, content := range []string{"", "a", "b", "ab", "a\x00", strings.Repeat("a", 1<<19), strings.Repeat("a", 1<<19) + "b"} {
		etag := h.put("key", content).ETag
		require.NotEmpty(h, etag, "O3: every object has an ETag")
		require.NotContains(h, seen, etag, "O3: different content must have different ETags")
		require.Equal(h, etag, h.stat("key").ETag, "O3: Stat must return the ETag that Write did")
		_, err := h.b.Stat(h.ctx, "key", storage.Options{storage.OptIfMatch: etag})
		require.NoError(h, err, "O3: an ETag must be usable in if_match")
		for old := range seen {
			_, err := h.b.Stat(h.ctx, "key", storage.Options{storage.OptIfMatch: old})
			require.ErrorIs(h, err, storage.ErrPrecondition, "O3: the ETag of content that has changed must not match")
		}
		seen[etag] = content
	}
}

func o3ETagNamesNothingElse(h *harness) {
	h.strong(storage.RelaxedO3)
	etag := h.put("key", "content").ETag
	h.tick()
	o, err := h.bucket("other").Write(h.ctx, "other", iotest.OneByteReader(strings.NewReader("content")), -1, "other/type",
		storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	require.Equal(h, etag, o.ETag, "O3: an ETag must not depend on bucket, key, time, type, metadata or the pieces the source gave")
}

func o3ETagInAnotherStore(h *harness) {
	h.strong(storage.RelaxedO3)
	want := h.put("key", "content").ETag
	o := putIn(h, bucketIn(h, h.another(), bucketName), "key", "content")
	require.Equal(h, want, o.ETag, "O3: equal content must have the same ETag in every store")
}

func o3ETagIsKept(h *harness) {
	h.strong(storage.RelaxedO3)
	etag := h.put("key", "content").ETag
	for _, t := range h.transfers() {
		o, err := t.do(h.b, "to-"+t.name, "", "key", nil)
		require.NoError(h, err)
		require.Equal(h, etag, o.ETag, "O3: %s must keep the ETag, since it keeps the content", t.name)
	}
}

func o3MultipartETag(h *harness) {
	h.multipart()
	h.strong(storage.RelaxedO3)
	etag := func(key string, parts ...string) string {
		mu, infos := h.upload(key, parts...)
		return h.complete(mu, infos...).ETag
	}
	two := etag("a", "one", "two")
	require.True(h, strings.HasSuffix(two, "-2"), "O3: the ETag of two parts must end in -2: %q", two)
	require.Equal(h, two, etag("b", "one", "two"), "O3: equal parts must make equal ETags")
	require.NotEqual(h, two, etag("c", "two", "one"), "O3: the order of parts must matter to the ETag")
	require.NotEqual(h, two, etag("d", "one", "three"), "O3: other parts must make another ETag")
	one := etag("e", "onetwo")
	require.True(h, strings.HasSuffix(one, "-1"), "O3: the ETag of one part must end in -1: %q", one)
}

func o3HashHoldsWhatWasAskedFor(h *harness) {
	for alg := range helloHashes {
		o := h.putWith("key", "hello", storage.Options{storage.OptChecksumAlgorithms: []string{alg}})
		require.Equal(h, h.helloHash(alg), o.Hash, "O3: Hash must hold %s alone, in lower-case hexadecimal", alg)
		require.Equal(h, o.Hash, h.stat("key").Hash, "O3: the digest must be kept")
	}
	o := h.putWith("key", "hello", storage.Options{storage.OptChecksumAlgorithms: []string{"md5", "sha1", "sha256", "crc32c", "md5"}})
	require.Equal(h, helloHashes, o.Hash, "O3: Hash must hold all that was asked for")
}

func o3HashIsEmptyUnlessAskedFor(h *harness) {
	require.Equal(h, h.helloHash(), h.put("key", "hello").Hash, "O3: Hash must be empty if nothing was asked for")
	o := h.putWith("key", "hello", storage.Options{storage.OptChecksum: helloHashes})
	require.Equal(h, h.helloHash(), o.Hash, "O3: Hash must hold what checksum_algorithms asked for, not what was verified")
}

func o3ChecksumThatAgrees(h *harness) {
	for alg, sum := range helloHashes {
		h.putWith("key", "hello", storage.Options{storage.OptChecksum: storage.Hashes{alg: sum}})
		h.putWith("key", "hello", storage.Options{storage.OptChecksum: map[string]string{alg: strings.ToUpper(sum)}})
	}
	h.putWith("all", "hello", storage.Options{storage.OptChecksum: helloHashes})
	h.putWith("none", "hello", storage.Options{storage.OptChecksum: storage.Hashes{}})
}

func o3ChecksumThatDiffers(h *harness) {
	for alg, sum := range helloHashes {
		h.unchanged("O3: a checksum that differs must store nothing", func() {
			_, err := h.write("key", "hullo", storage.Options{storage.OptChecksum: storage.Hashes{alg: sum}})
			require.ErrorIs(h, err, storage.ErrChecksum, "O3: %s of other content", alg)
			_, err = h.write("key", "hello", storage.Options{storage.OptChecksum: storage.Hashes{alg: sum[1:]}})
			require.ErrorIs(h, err, storage.ErrChecksum, "O3: %s that is too short", alg)
		})
	}
	wrong := storage.Hashes{storage.HashMD5: helloHashes[storage.HashMD5], storage.HashSHA1: helloHashes[storage.HashMD5]}
	_, err := h.write("key", "hello", storage.Options{storage.OptChecksum: wrong})
	require.ErrorIs(h, err, storage.ErrChecksum, "O3: one of two checksums that differs")
}

func o3ChecksumOfWhatIsStored(h *harness) {
	_, err := h.b.Write(h.ctx, "key", strings.NewReader("hello world"), 5, "", storage.Options{storage.OptChecksum: helloHashes})
	require.NoError(h, err, "O3: the checksum is of the size bytes that are stored")
}

func o3UnknownAlgorithm(h *harness) {
	h.unchanged("O3: an unknown algorithm must store nothing", func() {
		for _, opts := range []storage.Options{
			{storage.OptChecksumAlgorithms: []string{"md4"}},
			{storage.OptChecksumAlgorithms: []string{"md5", ""}},
			{storage.OptChecksum: storage.Hashes{"md4": "00"}},
			{storage.OptChecksum: map[string]string{"MD-5": helloHashes[storage.HashMD5]}},
		} {
			_, err := h.write("key", "hello", opts)
			require.ErrorIs(h, err, storage.ErrInvalid, "O3: an unknown algorithm: %v", opts)
		}
	})
}

func o3ChecksumOfAPart(h *harness) {
	m := h.multipart()
	mu, _ := h.upload("key")
	_, err := m.UploadPart(h.ctx, mu, 1, strings.NewReader("hullo"), 5, storage.Options{storage.OptChecksum: helloHashes})
	require.ErrorIs(h, err, storage.ErrChecksum, "O3: UploadPart must verify the checksum")
	parts, err := m.ListParts(h.ctx, mu, 0, 0, nil)
	require.NoError(h, err)
	require.Empty(h, parts, "O3: a part whose checksum differs must not be stored")
	part, err := m.UploadPart(h.ctx, mu, 1, strings.NewReader("hello"), 5,
		storage.Options{storage.OptChecksum: helloHashes, storage.OptChecksumAlgorithms: []string{storage.HashSHA1}})
	require.NoError(h, err, "O3: a part whose checksum agrees must be stored")
	require.Equal(h, helloHashes[storage.HashSHA1], part.Hash[storage.HashSHA1], "O3: PartInfo.Hash must hold what was asked for")
}

func o3ChecksumOfACompletedUpload(h *harness) {
	h.strong(storage.RelaxedO3Complete)
	mu, parts := h.upload("key", "hel")
	parts = append(parts, h.partAsItIs(mu, 2, "lo"))
	sum := sha256.Sum256([]byte(h.padded("hel") + "lo"))
	right := hex.EncodeToString(sum[:])
	wrong := storage.Options{storage.OptChecksum: storage.Hashes{storage.HashSHA256: strings.Repeat("0", 64)}}
	_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, wrong)
	require.ErrorIs(h, err, storage.ErrChecksum, "O3: CompleteMultipart must verify the checksum of the whole")
	h.gone("key", "O3: a checksum that differs must store nothing")
	o, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, storage.Options{
		storage.OptChecksum: storage.Hashes{storage.HashSHA256: right}, storage.OptChecksumAlgorithms: []string{storage.HashSHA256}})
	require.NoError(h, err, "O3: the checksum is of the whole, and the upload stays after one that differs")
	require.Equal(h, right, o.Hash[storage.HashSHA256], "O3: Hash must be of the whole")
}

// digestKeys are the options that name digests.
var digestKeys = []string{storage.OptChecksum, storage.OptChecksumAlgorithms}

// o3DigestsOfACompletedUpload checks that a digest is never ignored.
func o3DigestsOfACompletedUpload(h *harness) {
	mu, parts := h.upload("key", "hello")
	wrong := storage.Options{storage.OptChecksum: storage.Hashes{storage.HashSHA256: strings.Repeat("0", 64)}}
	want := storage.ErrChecksum
	if h.limits.Relaxes(storage.RelaxedO3Complete) {
		want = storage.ErrUnsupported
		_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashSHA256}})
		require.ErrorIs(h, err, want, "O3: CompleteMultipart must not ignore checksum_algorithms")
	}
	_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, wrong)
	require.ErrorIs(h, err, want, "O3: CompleteMultipart must not ignore a checksum")
	h.gone("key", "O3: a digest that is refused must store nothing")
	h.complete(mu, parts...)
}
