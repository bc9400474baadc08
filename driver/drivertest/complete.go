package drivertest

import (
	"context"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var completeCases = []testCase{
	{"M2_joins_parts_by_number", m2JoinsByNumber},
	{"M2_order_given_does_not_matter", m2AnyOrder},
	{"M2_leaves_out_parts_not_named", m2SomeParts},
	{"M2_large_and_empty_parts", m2LargeAndEmptyParts},
	{"M2_object_is_described", m2ObjectIsDescribed},
	{"M2_replaces_an_object", m2ReplacesAnObject},
	{"M2_object_appears_when_completed", m2AppearsWhenCompleted},
	{"M2_no_parts", m2NoParts},
	{"M2_duplicate_part", m2DuplicatePart},
	{"M2_part_never_uploaded", m2PartNeverUploaded},
	{"M2_part_of_another_etag", m2PartOfAnotherETag},
	{"M2_replaced_part", m2ReplacedPart},
	{"M2_nil_part", m2NilPart},
	{"M2_cancelled", m2Cancelled},
}

func m2JoinsByNumber(h *harness) {
	mu, _ := h.upload("key")
	var parts []*storage.PartInfo
	for _, number := range []int{2, 10, 1, 300} {
		parts = append(parts, h.part(mu, number, string(rune('a'+number%7))+strings.Repeat(".", number%5)))
	}
	h.complete(mu, parts...)
	require.Equal(h, "b.c..dg", h.get("key"), "M2: parts must be joined by ascending number, not by text or by time")
}

func m2AnyOrder(h *harness) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		mu, parts := h.upload("key", "one", "two", "three")
		named := []*storage.PartInfo{parts[order[0]], parts[order[1]], parts[order[2]]}
		h.complete(mu, named...)
		require.Equal(h, "onetwothree", h.get("key"), "M2: parts must be joined by ascending number, whatever order they are given in")
		require.Same(h, parts[order[0]], named[0], "O8: CompleteMultipart must not reorder the caller's parts")
	}
}

func m2SomeParts(h *harness) {
	mu, parts := h.upload("key", "one", "two", "three")
	o := h.complete(mu, parts[0], parts[2])
	require.Equal(h, "onethree", h.get("key"), "M2: the object must hold the parts that are named and no other")
	require.EqualValues(h, 8, o.Size, "M2: the object has the size of the parts that are named")
	require.True(h, strings.HasSuffix(o.ETag, "-2"), "O3: the ETag must end in the number of parts that are named: %q", o.ETag)
}

func m2LargeAndEmptyParts(h *harness) {
	content := large()
	mu, parts := h.upload("key", content[:1_000_000], "", content[1_000_000:1_000_001], content[1_000_001:])
	o := h.complete(mu, parts...)
	require.EqualValues(h, len(content), o.Size, "M2: the object has the size of its parts")
	require.True(h, content == h.get("key"), "M2: large and empty parts must be joined without loss")
	for _, offset := range []int64{999_990, 1_000_000, 1_000_001} {
		require.Equal(h, content[offset:offset+20], h.openRange("key", offset, 20), "O4: a range across parts at offset %d", offset)
	}
}

func m2ObjectIsDescribed(h *harness) {
	meta := map[string]string{"a": "b"}
	mu, err := h.multipart().InitMultipart(h.ctx, "dir/key", "text/x", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	before := h.now()
	o := h.complete(mu, h.part(mu, 1, "content"))
	h.between(before, o.Created, h.now(), "O2: Created of a new object must be the store's time of CompleteMultipart")
	require.Equal(h, "dir/key", o.Key, "M2: the object must be at the upload's key")
	require.Equal(h, "text/x", o.ContentType, "M2: the object must have the content type given to InitMultipart")
	wantA(h, o.Metadata, "M2: the object must have the metadata given to InitMultipart")
	h.same(o, h.stat("dir/key"), "M2: Stat must tell the object as CompleteMultipart did")
}

func m2ReplacesAnObject(h *harness) {
	h.putRich("key")
	mu, parts := h.upload("key", "new")
	require.Equal(h, "rich content", h.get("key"), "M2: the old object must stay until the upload is completed")
	h.complete(mu, parts...)
	require.Equal(h, "new", h.get("key"), "M2: completing must replace the object at the key")
	require.Empty(h, h.stat("key").Metadata, "M2: completing must replace the metadata of the object at the key")
}

func m2AppearsWhenCompleted(h *harness) {
	mu, parts := h.upload("dir/key", "one", "two")
	h.gone("dir/key", "M2: an object must not appear before its upload is completed")
	h.gone("dir", "M2: an upload in progress makes no directory")
	h.complete(mu, parts...)
	require.Equal(h, []string{"dir/key"}, h.list("", nil), "M2: a completed object must be listed")
}

// wantInvalid checks that an upload cannot be completed with some parts, and
// that it can be afterwards with the parts it has.
func wantInvalid(h *harness, mu *storage.MultipartUpload, good []*storage.PartInfo, what string, bad ...*storage.PartInfo) {
	h.unchanged("M2: a CompleteMultipart that fails must change nothing", func() {
		_, err := h.multipart().CompleteMultipart(h.ctx, mu, bad, nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "M2: CompleteMultipart with %s", what)
	})
	require.Len(h, h.listParts(mu, 0, 0), len(good), "M2: the upload must stay as it was after %s", what)
	h.complete(mu, good...)
}

func m2NoParts(h *harness) {
	mu, parts := h.upload("key", "one")
	wantInvalid(h, mu, parts, "no parts")
	mu, parts = h.upload("key", "one")
	wantInvalid(h, mu, parts, "an empty list of parts", []*storage.PartInfo{}...)
}

func m2DuplicatePart(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	wantInvalid(h, mu, parts, "a duplicate", parts[0], parts[1], parts[0])
}

func m2PartNeverUploaded(h *harness) {
	for _, number := range []int{3, 0, -1, storage.MaxParts + 1} {
		mu, parts := h.upload("key", "one", "two")
		wantInvalid(h, mu, parts, "a part never uploaded", parts[0], &storage.PartInfo{Number: number, ETag: parts[0].ETag})
	}
}

func m2PartOfAnotherETag(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	wantInvalid(h, mu, parts, "a part whose ETag differs", parts[0], &storage.PartInfo{Number: 2, ETag: parts[0].ETag})
}

func m2ReplacedPart(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	again := h.part(mu, 2, "another two")
	wantInvalid(h, mu, []*storage.PartInfo{parts[0], again}, "a part that has been replaced", parts...)
	require.Equal(h, "oneanother two", h.get("key"))
}

func m2NilPart(h *harness) {
	mu, parts := h.upload("key", "one")
	wantInvalid(h, mu, parts, "a nil PartInfo", nil, parts[0])
	mu, parts = h.upload("key", "one")
	wantInvalid(h, mu, parts, "only a nil PartInfo", []*storage.PartInfo{nil}...)
}

func m2Cancelled(h *harness) {
	mu, parts := h.upload("key", "one")
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	_, err := h.multipart().CompleteMultipart(ctx, mu, parts, nil)
	require.ErrorIs(h, err, context.Canceled, "C1: CompleteMultipart with a done context")
	h.complete(mu, parts...)
}
