package drivertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var multipartCases = []testCase{
	{"M1_upload_is_described", m1UploadIsDescribed},
	{"M1_key_is_normalised", m1KeyIsNormalised},
	{"M1_handle_as_it_was_given", m1HandleAsGiven},
	{"M1_handle_with_another_spelling_of_the_bucket", m1HandleWithAnotherBucket},
	{"M1_handle_in_the_default_bucket", m1HandleInTheDefaultBucket},
	{"M1_part_is_described", m1PartIsDescribed},
	{"M1_part_numbers", m1PartNumbers},
	{"M1_part_again_replaces_it", m1PartAgain},
	{"M1_list_parts_by_number", m1ListParts},
	{"M1_part_sizes", m1PartSizes},
	{"M1_part_while_another_is_read", m1PartDuringAnother},
	{"M1_uploads_are_apart", m1UploadsAreApart},
	{"M1_upload_by_another_handle", m1UploadByAnotherHandle},
	{"M1_unknown_upload", m1UnknownUpload},
	{"M1_completed_upload", m1CompletedUpload},
	{"M1_aborted_upload", m1AbortedUpload},
	{"M1_upload_of_another_bucket", m1UploadOfAnotherBucket},
}

func m1UploadIsDescribed(h *harness) {
	mu, err := h.multipart().InitMultipart(h.ctx, "dir/key", "", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	require.Equal(h, bucketName, mu.Bucket, "M1: an upload must name its bucket")
	require.Equal(h, "dir/key", mu.Key, "M1: an upload must name its key")
	require.NotEmpty(h, mu.UploadID, "M1: an upload must have an ID")
	wantA(h, mu.Metadata, "M1: an upload must have the object's metadata")
	h.gone("dir/key", "M1: the object must not appear before the upload is completed")
	require.Empty(h, h.listParts(mu, 0, 0), "M1: a new upload has no parts")
	require.Empty(h, h.list("", nil), "M1: an upload in progress must not be listed")
}

func m1KeyIsNormalised(h *harness) {
	h.normalised()
	mu, parts := h.upload(`\big//file/`, "content")
	require.Equal(h, "big/file", mu.Key, "M1: InitMultipart must normalise its key")
	require.Equal(h, "big/file", h.complete(mu, parts...).Key, "M1: CompleteMultipart must return the normalised key")
	h.holds(h.joined("content"), "big/file", "M1: the object must be at the normalised key")
}

// m1HandleAsGiven passes handles on with the bucket and key that the caller had.
func m1HandleAsGiven(h *harness) {
	h.normalised()
	for spelling, key := range map[string]string{"/a/b": "a/b", `c\d/`: "c/d", "./e": "e", "f": "f"} {
		mu, _ := h.upload(spelling)
		useHandle(h, h.b, &storage.MultipartUpload{Bucket: bucketName, Key: spelling, UploadID: mu.UploadID})
		require.Equal(h, "part", h.get(key), "M1: the object must be at the normalised key of %q", spelling)
		mu, _ = h.upload(spelling)
		useHandle(h, h.b, &storage.MultipartUpload{Bucket: " " + bucketName + "\t", Key: spelling, UploadID: mu.UploadID})
		mu, _ = h.upload(spelling)
		err := h.multipart().AbortMultipart(h.ctx, &storage.MultipartUpload{Bucket: bucketName, Key: spelling, UploadID: mu.UploadID}, nil)
		require.NoError(h, err, "M1: AbortMultipart of an upload of %q", spelling)
	}
}

func m1HandleWithAnotherBucket(h *harness) {
	h.multipart()
	h.allowed("my_bucket")
	h.bucket("my_bucket")
	b := h.st.Bucket("my/bucket")
	mu, err := b.(storage.HasMultipart).InitMultipart(h.ctx, "key", "", nil)
	require.NoError(h, err)
	useHandle(h, b, &storage.MultipartUpload{Bucket: "my/bucket", Key: "key", UploadID: mu.UploadID})
}

func m1HandleInTheDefaultBucket(h *harness) {
	h.multipart()
	b := h.st.Bucket("")
	h.bucket(b.Name())
	mu, err := b.(storage.HasMultipart).InitMultipart(h.ctx, "key", "", nil)
	require.NoError(h, err)
	require.Equal(h, b.Name(), mu.Bucket, "M1: an upload must name its bucket")
	useHandle(h, b, &storage.MultipartUpload{Bucket: "", Key: "key", UploadID: mu.UploadID})
	require.Equal(h, "part", getFrom(h, b, "key"), "M1: a handle without a bucket is one of the default bucket")
}

func m1PartIsDescribed(h *harness) {
	mu, _ := h.upload("key")
	before := h.now()
	part := h.partAsItIs(mu, 7, "content")
	after := h.now()
	for from, p := range map[string]*storage.PartInfo{"UploadPart": part, "ListParts": h.listParts(mu, 0, 0)[0]} {
		require.Equal(h, 7, p.Number, "M1: number of a part from %s", from)
		require.EqualValues(h, 7, p.Size, "M1: size of a part from %s", from)
		require.NotEmpty(h, p.ETag, "M1: a part from %s must have an ETag", from)
		require.Equal(h, part.ETag, p.ETag, "M1: ETag of a part from %s", from)
		require.NotNil(h, p.LastModified, "M1: a part from %s must have a time", from)
		h.between(before, *p.LastModified, after, "M1: LastModified of a part must be the store's time of UploadPart")
		require.Equal(h, time.UTC, p.LastModified.Location(), "O2: LastModified of a part must be in UTC")
	}
}

func m1PartNumbers(h *harness) {
	mu, _ := h.upload("key")
	for _, number := range []int{0, -1, storage.MaxParts + 1, 1 << 30, -1 << 30} {
		_, err := h.multipart().UploadPart(h.ctx, mu, number, strings.NewReader("x"), 1, nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "M1: part number %d", number)
	}
	require.Empty(h, h.listParts(mu, 0, 0), "M1: a part with a bad number must not be stored")
	h.complete(mu, h.part(mu, 1, "first"), h.part(mu, storage.MaxParts, "last"))
	h.holds(h.joined("first", "last"), "key", "M1: part numbers 1 and %d are good", storage.MaxParts)
}

func m1PartAgain(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	again := h.part(mu, 1, "another")
	require.NotEqual(h, parts[0].ETag, again.ETag, "O3: other content must have another ETag")
	list := h.listParts(mu, 0, 0)
	require.Len(h, list, 2, "M1: uploading a number again must replace the part")
	require.Equal(h, again.ETag, list[0].ETag, "M1: uploading a number again must replace the part")
	require.Equal(h, again.Size, list[0].Size, "M1: uploading a number again must replace the part")
	h.complete(mu, again, parts[1])
	h.holds(h.joined("another", "two"), "key", "M1: the replaced part must not be in the object")
}

func m1ListParts(h *harness) {
	mu, _ := h.upload("key")
	for _, number := range []int{10, 2, 300, 1, 25} {
		h.partAsItIs(mu, number, "x")
	}
	all := []int{1, 2, 10, 25, 300}
	for _, c := range []struct {
		limit, offset int
		want          []int
	}{{0, 0, all}, {-1, -1, all}, {5, 0, all}, {9, 0, all}, {2, 0, all[:2]}, {2, 2, all[2:4]}, {2, 4, all[4:]}, {0, 3, all[3:]}, {0, 5, nil}, {1, 99, nil}} {
		var got []int
		for _, p := range h.listParts(mu, c.limit, c.offset) {
			got = append(got, p.Number)
		}
		require.Equal(h, c.want, got, "M1: ListParts with limit %d and offset %d must be by number", c.limit, c.offset)
	}
}

func m1PartSizes(h *harness) {
	mu, _ := h.upload("key")
	one, three := h.padded("one"), h.padded("three")
	src := strings.NewReader(one + three)
	var parts []*storage.PartInfo
	for i, size := range []int64{int64(len(one)), -1, 0} {
		p, err := h.multipart().UploadPart(h.ctx, mu, i+1, src, size, nil)
		require.NoError(h, err, "O1: UploadPart with size %d", size)
		parts = append(parts, p)
	}
	require.Equal(h, []int{len(one), len(three), 0}, []int{int(parts[0].Size), int(parts[1].Size), int(parts[2].Size)},
		"O1: UploadPart must read exactly size bytes, or to the end if size is negative")
	require.EqualValues(h, len(one+three), h.complete(mu, parts...).Size, "M2: the object has the size of its parts")
	h.holds(one+three, "key", "O1: UploadPart must read exactly size bytes, or to the end if size is negative")
}

func m1PartDuringAnother(h *harness) {
	mu, _ := h.upload("key")
	content := h.padded("one")
	var two *storage.PartInfo
	one, err := h.multipart().UploadPart(h.ctx, mu, 1, interrupted(content, func() { two = h.part(mu, 2, "two") }), int64(len(content)), nil)
	require.NoError(h, err)
	h.complete(mu, one, two)
	h.holds(h.joined("one", "two"), "key", "M1: a part may be uploaded while another is read")
}

func m1UploadsAreApart(h *harness) {
	a, aParts := h.upload("key", "a")
	b, bParts := h.upload("key", "b")
	require.NotEqual(h, a.UploadID, b.UploadID, "M1: two uploads to one key must have IDs of their own")
	h.complete(b, bParts...)
	h.holds(h.joined("b"), "key", "M1: uploads to one key must not share parts")
	h.complete(a, aParts...)
	h.holds(h.joined("a"), "key", "M1: an upload must outlive another's end")
}

func m1UploadByAnotherHandle(h *harness) {
	mu, parts := h.upload("key", "one")
	m := h.st.Bucket(bucketName).(storage.HasMultipart)
	copied := &storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key, UploadID: mu.UploadID}
	two, err := m.UploadPart(h.ctx, copied, 2, strings.NewReader("two"), 3, nil)
	require.NoError(h, err, "M1: an upload's handle is a plain value that may be copied and used by another bucket handle")
	_, err = m.CompleteMultipart(h.ctx, copied, append(parts, two), nil)
	require.NoError(h, err, "M1: an upload's handle is a plain value that may be copied and used by another bucket handle")
	h.holds(h.padded("one")+"two", "key", "M1: an upload by two handles")
}

func m1UnknownUpload(h *harness) {
	mu, parts := h.upload("key", "part")
	for _, id := range []string{"", "unknown", mu.UploadID + "x"} {
		h.refused(&storage.MultipartUpload{Bucket: bucketName, Key: "key", UploadID: id}, parts[0], storage.ErrNotExist,
			fmt.Sprintf("an unknown upload %q", id))
	}
	h.complete(mu, parts...)
}

func m1CompletedUpload(h *harness) {
	mu, parts := h.upload("key", "part")
	h.complete(mu, parts...)
	h.refused(mu, parts[0], storage.ErrNotExist, "an upload that was completed")
}

func m1AbortedUpload(h *harness) {
	h.put("key", "old")
	mu, parts := h.upload("key", "part")
	require.NoError(h, h.multipart().AbortMultipart(h.ctx, mu, nil), "M1: AbortMultipart must succeed")
	require.Equal(h, "old", h.get("key"), "M1: AbortMultipart must leave the object untouched")
	h.refused(mu, parts[0], storage.ErrNotExist, "an upload that was aborted")
}

func m1UploadOfAnotherBucket(h *harness) {
	h.multipart()
	other := h.bucket("other").(storage.HasMultipart)
	mu, err := other.InitMultipart(h.ctx, "key", "", nil)
	require.NoError(h, err)
	part, err := other.UploadPart(h.ctx, mu, 1, strings.NewReader("part"), 4, nil)
	require.NoError(h, err)
	h.refused(mu, part, storage.ErrNotExist, "an upload of another bucket")
	_, err = other.CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, nil)
	require.NoError(h, err, "M1: an upload must survive being passed to another bucket")
}
