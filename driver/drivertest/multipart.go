package drivertest

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var multipartCases = []testCase{
	{"M1_upload_is_described", m1UploadIsDescribed},
	{"M1_part_is_described", m1PartIsDescribed},
	{"M1_part_numbers", m1PartNumbers},
	{"M1_part_again_replaces_it", m1PartAgain},
	{"M1_list_parts_by_number", m1ListParts},
	{"M1_short_or_failing_part", m1ShortOrFailingPart},
	{"M1_part_sizes", m1PartSizes},
	{"M1_part_while_another_is_read", m1PartDuringAnother},
	{"M1_uploads_are_apart", m1UploadsAreApart},
	{"M1_upload_by_another_handle", m1UploadByAnotherHandle},
	{"M1_unknown_upload", m1UnknownUpload},
	{"M1_completed_upload", m1CompletedUpload},
	{"M1_aborted_upload", m1AbortedUpload},
	{"M1_upload_of_another_bucket", m1UploadOfAnotherBucket},
	{"M1_nil_upload", m1NilUpload},
	{"M3_copy_part_is_unsupported", m3CopyPart},
	{"M3_signed_url_is_unsupported", m3SignedURL},
}

// listParts lists the parts of an upload that must be in progress.
func (h *harness) listParts(mu *storage.MultipartUpload, limit, offset int) []*storage.PartInfo {
	parts, err := h.multipart().ListParts(h.ctx, mu, limit, offset, nil)
	require.NoError(h, err, "M1: ListParts of an upload in progress must succeed")
	return parts
}

// uploadCall is one way to pass an upload to the store.
type uploadCall struct {
	name string
	do   func(mu *storage.MultipartUpload) error
}

// uploadCalls are all ways to pass an upload. part is one of its parts.
func uploadCalls(h *harness, part *storage.PartInfo) []uploadCall {
	m := h.multipart()
	return []uploadCall{
		{"UploadPart", func(mu *storage.MultipartUpload) error {
			_, err := m.UploadPart(h.ctx, mu, 1, strings.NewReader("x"), 1, nil)
			return err
		}},
		{"ListParts", func(mu *storage.MultipartUpload) error { _, err := m.ListParts(h.ctx, mu, 0, 0, nil); return err }},
		{"CompleteMultipart", func(mu *storage.MultipartUpload) error {
			_, err := m.CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, nil)
			return err
		}},
		{"AbortMultipart", func(mu *storage.MultipartUpload) error { return m.AbortMultipart(h.ctx, mu, nil) }},
	}
}

// refused checks that every method refuses an upload and changes nothing.
func (h *harness) refused(mu *storage.MultipartUpload, part *storage.PartInfo, want error, what string) {
	h.unchanged("M1: a refused upload must change nothing", func() {
		for _, c := range uploadCalls(h, part) {
			require.ErrorIs(h, c.do(mu), want, "M1: %s of %s", c.name, what)
		}
	})
}

func m1UploadIsDescribed(h *harness) {
	mu, err := h.multipart().InitMultipart(h.ctx, "dir/key", "", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	require.Equal(h, bucketName, mu.Bucket, "M1: an upload must tell its bucket")
	require.Equal(h, "dir/key", mu.Key, "M1: an upload must tell its key")
	require.NotEmpty(h, mu.UploadID, "M1: an upload must have an ID")
	wantA(h, mu.Metadata, "M1: an upload must tell the object's metadata")
	h.gone("dir/key", "M1: the object must not appear before the upload is completed")
	require.Empty(h, h.listParts(mu, 0, 0), "M1: a new upload has no parts")
	require.Empty(h, h.list("", nil), "M1: an upload in progress must not be listed")
}

func m1PartIsDescribed(h *harness) {
	mu, _ := h.upload("key")
	before := h.now()
	part := h.part(mu, 7, "content")
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
	require.Equal(h, "firstlast", h.get("key"), "M1: part numbers 1 and %d are good", storage.MaxParts)
}

func m1PartAgain(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	again := h.part(mu, 1, "another")
	require.NotEqual(h, parts[0].ETag, again.ETag, "O3: other content must have another ETag")
	list := h.listParts(mu, 0, 0)
	require.Len(h, list, 2, "M1: uploading a number again must replace the part")
	require.Equal(h, again.ETag, list[0].ETag, "M1: uploading a number again must replace the part")
	require.EqualValues(h, 7, list[0].Size, "M1: uploading a number again must replace the part")
	h.complete(mu, again, parts[1])
	require.Equal(h, "anothertwo", h.get("key"), "M1: the replaced part must not be in the object")
}

func m1ListParts(h *harness) {
	mu, _ := h.upload("key")
	for _, number := range []int{10, 2, 300, 1, 25} {
		h.part(mu, number, "x")
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

func m1ShortOrFailingPart(h *harness) {
	mu, parts := h.upload("key", "old part")
	for reason, c := range map[string]struct {
		src  io.Reader
		want error
	}{
		"a short source":   {strings.NewReader("short"), io.ErrUnexpectedEOF},
		"a failing source": {broken("content", errSource), errSource},
		"no source":        {nil, storage.ErrInvalid},
	} {
		_, err := h.multipart().UploadPart(h.ctx, mu, 1, c.src, 8, nil)
		require.ErrorIs(h, err, c.want, "O1: UploadPart with %s", reason)
		list := h.listParts(mu, 0, 0)
		require.Len(h, list, 1, "O1: a part from %s must not be stored", reason)
		require.Equal(h, parts[0].ETag, list[0].ETag, "O1: a part from %s must leave the old part untouched", reason)
	}
	h.complete(mu, parts...)
	require.Equal(h, "old part", h.get("key"), "O1: a failed UploadPart must leave the old part untouched")
}

func m1PartSizes(h *harness) {
	mu, _ := h.upload("key")
	src := strings.NewReader("0123456789")
	var parts []*storage.PartInfo
	for i, size := range []int64{3, 0, -1} {
		p, err := h.multipart().UploadPart(h.ctx, mu, i+1, src, size, nil)
		require.NoError(h, err, "O1: UploadPart with size %d", size)
		parts = append(parts, p)
	}
	require.Equal(h, []int64{3, 0, 7}, []int64{parts[0].Size, parts[1].Size, parts[2].Size},
		"O1: UploadPart must read exactly size bytes, or to the end if size is negative")
	require.EqualValues(h, 10, h.complete(mu, parts...).Size, "M2: the object has the size of its parts")
	require.Equal(h, "0123456789", h.get("key"), "O1: UploadPart must read exactly size bytes, or to the end if size is negative")
}

func m1PartDuringAnother(h *harness) {
	mu, _ := h.upload("key")
	var two *storage.PartInfo
	one, err := h.multipart().UploadPart(h.ctx, mu, 1, interrupted("one.", func() { two = h.part(mu, 2, "two") }), 4, nil)
	require.NoError(h, err)
	h.complete(mu, one, two)
	require.Equal(h, "one.two", h.get("key"), "M1: a part may be uploaded while another is read")
}

func m1UploadsAreApart(h *harness) {
	a, aParts := h.upload("key", "a")
	b, bParts := h.upload("key", "b")
	require.NotEqual(h, a.UploadID, b.UploadID, "M1: two uploads to one key must have IDs of their own")
	h.complete(b, bParts...)
	require.Equal(h, "b", h.get("key"), "M1: uploads to one key must not share parts")
	h.complete(a, aParts...)
	require.Equal(h, "a", h.get("key"), "M1: an upload must outlive another's end")
}

func m1UploadByAnotherHandle(h *harness) {
	mu, parts := h.upload("key", "one")
	m := h.st.Bucket(bucketName).(storage.HasMultipart)
	copied := &storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key, UploadID: mu.UploadID}
	two, err := m.UploadPart(h.ctx, copied, 2, strings.NewReader("two"), 3, nil)
	require.NoError(h, err, "M1: an upload's handle is a plain value that may be copied and used by another bucket handle")
	_, err = m.CompleteMultipart(h.ctx, copied, append(parts, two), nil)
	require.NoError(h, err, "M1: an upload's handle is a plain value that may be copied and used by another bucket handle")
	require.Equal(h, "onetwo", h.get("key"))
}

func m1UnknownUpload(h *harness) {
	mu, parts := h.upload("key", "part")
	for _, id := range []string{"", "unknown", mu.UploadID + "x"} {
		h.refused(&storage.MultipartUpload{Bucket: bucketName, Key: "key", UploadID: id}, parts[0], storage.ErrNotExist,
			fmt.Sprintf("an unknown upload %q", id))
	}
	h.refused(new(storage.MultipartUpload), parts[0], storage.ErrNotExist, "an empty upload")
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
	other := h.st.Bucket("other").(storage.HasMultipart)
	mu, err := other.InitMultipart(h.ctx, "key", "", nil)
	require.NoError(h, err)
	part, err := other.UploadPart(h.ctx, mu, 1, strings.NewReader("part"), 4, nil)
	require.NoError(h, err)
	h.refused(mu, part, storage.ErrNotExist, "an upload of another bucket")
	_, err = other.CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, nil)
	require.NoError(h, err, "M1: an upload must survive being passed to another bucket")
}

func m1NilUpload(h *harness) {
	_, parts := h.upload("key", "part")
	h.refused(nil, parts[0], storage.ErrInvalid, "a nil upload")
}

func m3CopyPart(h *harness) {
	h.put("source", "content")
	mu, _ := h.upload("key")
	_, err := h.multipart().CopyPart(h.ctx, mu, 1, nil)
	require.ErrorIs(h, err, storage.ErrUnsupported, "M3: CopyPart")
	require.Empty(h, h.listParts(mu, 0, 0), "M3: CopyPart must store nothing")
}

func m3SignedURL(h *harness) {
	h.put("key", "content")
	for _, method := range []string{"GET", "PUT"} {
		url, err := h.b.SignedURL(h.ctx, "key", method, time.Minute, nil)
		require.ErrorIs(h, err, storage.ErrUnsupported, "M3: SignedURL")
		require.Empty(h, url, "M3: SignedURL must give no URL with an error")
	}
}
