package drivertest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

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
	{"M2_empty_etag_is_not_compared", m2EmptyETag},
	{"M2_parts_not_named_do_not_hold_it_up", m2PartsNotNamed},
	{"M2_cancelled", m2Cancelled},
}

func m2JoinsByNumber(h *harness) {
	mu, _ := h.upload("key")
	var parts []*storage.PartInfo
	for _, number := range []int{2, 10, 1, 300} {
		parts = append(parts, h.part(mu, number, fmt.Sprint("part ", number)))
	}
	h.complete(mu, parts...)
	h.holds(h.joined("part 1", "part 2", "part 10", "part 300"), "key", "M2: parts must be joined by ascending number, not by text or by time")
}

func m2AnyOrder(h *harness) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		mu, parts := h.upload("key", "one", "two", "three")
		named := []*storage.PartInfo{parts[order[0]], parts[order[1]], parts[order[2]]}
		h.complete(mu, named...)
		h.holds(h.joined("one", "two", "three"), "key", "M2: parts must be joined by ascending number, whatever order they are given in")
		require.Same(h, parts[order[0]], named[0], "O8: CompleteMultipart must not reorder the caller's parts")
	}
}

func m2SomeParts(h *harness) {
	mu, parts := h.upload("key", "one", "two", "three")
	o := h.complete(mu, parts[0], parts[2])
	h.holds(h.joined("one", "three"), "key", "M2: the object must hold the parts that are named and no other")
	require.EqualValues(h, parts[0].Size+parts[2].Size, o.Size, "M2: the object has the size of the parts that are named")
	if !h.limits.Relaxes(storage.RelaxedO3) {
		require.True(h, strings.HasSuffix(o.ETag, "-2"), "O3: the ETag must end in the number of parts that are named: %q", o.ETag)
	}
}

func m2LargeAndEmptyParts(h *harness) {
	content := h.sized(len(large()))
	third := len(content) / 3
	parts := []string{content[:third], "", content[third : third+1], content[third+1:]}
	mu, infos := h.upload("key", parts...)
	o := h.complete(mu, infos...)
	want := h.joined(parts...)
	require.EqualValues(h, len(want), o.Size, "M2: the object has the size of its parts")
	h.holds(want, "key", "M2: large and empty parts must be joined without loss")
	for offset := infos[0].Size - 10; offset < infos[0].Size+3; offset++ {
		require.Equal(h, want[offset:offset+20], h.openRange("key", offset, 20), "O4: a range across parts at offset %d", offset)
	}
}

func m2ObjectIsDescribed(h *harness) {
	meta := map[string]string{"a": "b"}
	mu, err := h.multipart().InitMultipart(h.ctx, "dir/key", "text/x", storage.Options{storage.OptMetadata: meta})
	require.NoError(h, err)
	before := h.now()
	o := h.complete(mu, h.part(mu, 1, "content"))
	h.between(before, o.Updated, h.now(), "O2: Updated of a new object must be the store's time of CompleteMultipart")
	require.Equal(h, "dir/key", o.Key, "M2: the object must be at the upload's key")
	require.Equal(h, "text/x", o.ContentType, "M2: the object must have the content type given to InitMultipart")
	wantA(h, o.Metadata, "M2: the object must have the metadata given to InitMultipart")
	h.same(o, h.stat("dir/key"), "M2: Stat must describe the object as CompleteMultipart did")
}

func m2ReplacesAnObject(h *harness) {
	h.putRich("key")
	mu, parts := h.upload("key", "new")
	require.Equal(h, "rich content", h.get("key"), "M2: the old object must stay until the upload is completed")
	h.complete(mu, parts...)
	h.holds(h.joined("new"), "key", "M2: completing must replace the object at the key")
	require.Empty(h, h.stat("key").Metadata, "M2: completing must replace the metadata of the object at the key")
}

func m2AppearsWhenCompleted(h *harness) {
	mu, parts := h.upload("dir/key", "one", "two")
	h.gone("dir/key", "M2: an object must not appear before its upload is completed")
	h.gone("dir", "M2: an upload in progress makes no directory")
	h.complete(mu, parts...)
	require.Equal(h, []string{"dir/key"}, h.list("", nil), "M2: a completed object must be listed")
}

// wantInvalid checks that an upload cannot be completed with the bad parts and
// stays as it was, and that it can be completed with the good ones afterwards.
func (h *harness) wantInvalid(mu *storage.MultipartUpload, good []*storage.PartInfo, what string, bad ...*storage.PartInfo) {
	before := h.listParts(mu, 0, 0)
	h.unchanged("M2: a CompleteMultipart that fails must change nothing", func() {
		_, err := h.multipart().CompleteMultipart(h.ctx, mu, bad, nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "M2: CompleteMultipart with %s", what)
	})
	require.Len(h, h.listParts(mu, 0, 0), len(before), "M2: the upload must stay as it was after %s", what)
	h.complete(mu, good...)
}

func m2NoParts(h *harness) {
	mu, parts := h.upload("key", "one")
	h.wantInvalid(mu, parts, "no parts")
	mu, parts = h.upload("key", "one")
	h.wantInvalid(mu, parts, "an empty list of parts", []*storage.PartInfo{}...)
}

func m2DuplicatePart(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	h.wantInvalid(mu, parts, "a duplicate", parts[0], parts[1], parts[0])
}

func m2PartNeverUploaded(h *harness) {
	for _, number := range []int{3, 0, -1, storage.MaxParts + 1} {
		mu, parts := h.upload("key", "one", "two")
		h.wantInvalid(mu, parts, "a part never uploaded", parts[0], &storage.PartInfo{Number: number, ETag: parts[0].ETag})
	}
}

func m2PartOfAnotherETag(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	h.wantInvalid(mu, parts, "a part whose ETag differs", parts[0], &storage.PartInfo{Number: 2, ETag: parts[0].ETag})
}

func m2ReplacedPart(h *harness) {
	mu, parts := h.upload("key", "one", "two")
	again := h.part(mu, 2, "another two")
	h.wantInvalid(mu, []*storage.PartInfo{parts[0], again}, "a part that has been replaced", parts...)
	h.holds(h.joined("one", "another two"), "key", "M2: the new part must be in the object")
}

func m2EmptyETag(h *harness) {
	mu, _ := h.upload("key", "one", "two")
	o := h.complete(mu, &storage.PartInfo{Number: 2}, &storage.PartInfo{Number: 1})
	h.holds(h.joined("one", "two"), "key", "M2: an empty ETag must not be compared")
	require.EqualValues(h, len(h.joined("one", "two")), o.Size, "M2: the sizes that the caller names must not matter")
}

// m2PartsNotNamed replaces a part that is not named while the object's digest is
// computed. A driver that begins again whenever the upload changes never ends.
func m2PartsNotNamed(h *harness) {
	h.strong(storage.RelaxedO3Complete)
	content := h.sized(1 << 20)
	mu, _ := h.upload("key", content, "x")
	var done atomic.Bool
	replaced := make(chan struct{}, 1)
	h.parallel(2, func(i int) {
		if i == 0 {
			defer done.Store(true)
			<-replaced
			o, err := h.multipart().CompleteMultipart(h.ctx, mu, []*storage.PartInfo{{Number: 1}},
				storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashSHA256}})
			require.NoError(h, err, "M2: parts that are not named must not hold up CompleteMultipart")
			require.NotEmpty(h, o.Hash[storage.HashSHA256], "O3: Hash must hold what was asked for")
			return
		}
		for !done.Load() {
			_, err := h.multipart().UploadPart(h.ctx, mu, 2, strings.NewReader("x"), 1, nil)
			select {
			case replaced <- struct{}{}:
			default:
			}
			if err != nil {
				require.ErrorIs(h, err, storage.ErrNotExist, "M1: UploadPart to an upload that is being completed")
				return
			}
		}
	})
	h.holds(h.joined(content), "key", "M2: parts that are not named must not be in the object")
}

func m2Cancelled(h *harness) {
	mu, parts := h.upload("key", "one")
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	_, err := h.multipart().CompleteMultipart(ctx, mu, parts, nil)
	require.ErrorIs(h, err, context.Canceled, "C1: CompleteMultipart with a done context")
	h.complete(mu, parts...)
}
