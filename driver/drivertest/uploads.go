package drivertest

import (
	"cmp"
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// uploadCases check the listing of uploads in progress.
var uploadCases = []testCase{
	{"M1_uploads_are_listed", m1UploadsAreListed},
	{"M1_uploads_by_key_and_id", m1UploadsByKeyAndID},
	{"M1_uploads_by_prefix", m1UploadsByPrefix},
	{"M1_uploads_in_pages", m1UploadsInPages},
	{"M1_listed_upload_is_a_handle", m1ListedUploadIsAHandle},
	{"M1_finished_uploads_are_not_listed", m1FinishedUploads},
	{"M1_uploads_of_other_buckets_are_not_listed", m1UploadsOfOtherBuckets},
	{"M1_iterator_of_uploads_ends", m1UploadsEnd},
	{"L3_listing_of_uploads", l3Uploads},
	{"O8_listed_uploads", o8ListedUploads},
	{"C1_iterator_of_uploads", c1Uploads},
	{"S1_listed_uploads_are_restored", s1Uploads},
}

// uploads lists the uploads in progress. It skips the case if the driver cannot.
func (h *harness) uploads(prefix string, limit, offset int) []*storage.UploadInfo {
	it, err := h.hasUploads().Uploads(h.ctx, prefix, limit, offset, nil)
	return drain(h, it, err)
}

func (h *harness) hasUploads() storage.HasUploads {
	u, ok := h.b.(storage.HasUploads)
	if !ok {
		h.skip("the driver's buckets do not list uploads (storage.HasUploads)")
	}
	return u
}

// uploadKeys returns the keys of uploads.
func uploadKeys(uploads []*storage.UploadInfo) []string {
	keys := []string{}
	for _, u := range uploads {
		keys = append(keys, u.Key)
	}
	return keys
}

// beginUploads begins an upload of each key.
func (h *harness) beginUploads(keys ...string) {
	h.hasUploads()
	for _, key := range keys {
		h.upload(key)
	}
}

func m1UploadsAreListed(h *harness) {
	require.Empty(h, h.uploads("", 0, 0), "M1: a bucket without uploads lists none")
	before := h.now()
	mu, err := h.multipart().InitMultipart(h.ctx, "dir/key", "text/x", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	after := h.now()
	list := h.uploads("", 0, 0)
	require.Len(h, list, 1, "M1: an upload in progress must be listed")
	if h.limits.Relaxes(storage.RelaxedL1) && list[0].Metadata == nil && list[0].ContentType == "" {
		list[0].Metadata, list[0].ContentType = mu.Metadata, "text/x" // right or absent
	}
	require.Equal(h, *mu, list[0].MultipartUpload, "M1: a listed upload must be the one that InitMultipart returned")
	require.Equal(h, "text/x", list[0].ContentType, "M1: a listed upload must have its content type")
	h.between(before, list[0].Created, after, "M1: Created of a listed upload must be the store's time of InitMultipart")
}

func m1UploadsByKeyAndID(h *harness) {
	h.beginUploads("b", "a/c", "b", "a-", "b", "a/b", "b", "a", "b", "b", "b", "b", "b", "b", "b", "b")
	list := h.uploads("", 0, 0)
	require.Equal(h, []string{"a", "a-", "a/b", "a/c", "b"}, slices.Compact(uploadKeys(list)), "M1: uploads must be listed by key")
	sorted := slices.IsSortedFunc(list, func(a, b *storage.UploadInfo) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.UploadID, b.UploadID))
	})
	require.True(h, sorted, "M1: uploads of one key must be listed by ID")
	require.Len(h, list, 16, "M1: every upload in progress must be listed")
}

func m1UploadsByPrefix(h *harness) {
	h.beginUploads("foo", "foo/a", "foo/b/c", "foobar", "g/foo")
	for prefix, want := range map[string][]string{
		"foo": {"foo", "foo/a", "foo/b/c", "foobar"}, "foo/": {"foo/a", "foo/b/c"}, "foo/b": {"foo/b/c"}, "x": {}, "": {"foo", "foo/a", "foo/b/c", "foobar", "g/foo"},
	} {
		require.Equal(h, want, uploadKeys(h.uploads(prefix, 0, 0)), "K2: uploads by the prefix %q", prefix)
	}
}

func m1UploadsInPages(h *harness) {
	h.beginUploads("a", "b", "b", "c", "d")
	all := h.uploads("", 0, 0)
	require.Len(h, all, 5)
	for _, c := range []struct{ limit, offset, from, to int }{
		{-1, -1, 0, 5}, {5, 0, 0, 5}, {9, 0, 0, 5}, {2, 0, 0, 2}, {2, 1, 1, 3}, {2, 4, 4, 5}, {0, 2, 2, 5}, {0, 5, 5, 5}, {1, 99, 5, 5},
	} {
		got := h.uploads("", c.limit, c.offset)
		require.Equal(h, len(all[c.from:c.to]), len(got), "M1: Uploads with limit %d and offset %d", c.limit, c.offset)
		for i, u := range got {
			require.Equal(h, all[c.from+i].UploadID, u.UploadID, "M1: Uploads with limit %d and offset %d", c.limit, c.offset)
		}
	}
}

func m1ListedUploadIsAHandle(h *harness) {
	h.beginUploads("key", "other")
	for _, u := range h.uploads("", 0, 0) {
		useHandle(h, h.b, &u.MultipartUpload)
		require.Equal(h, "part", h.get(u.Key), "M1: a listed upload must be usable as a handle")
	}
}

func m1FinishedUploads(h *harness) {
	h.beginUploads("left")
	mu, parts := h.upload("completed", "part")
	h.complete(mu, parts...)
	mu, _ = h.upload("aborted", "part")
	require.NoError(h, h.multipart().AbortMultipart(h.ctx, mu, nil))
	require.Equal(h, []string{"left"}, uploadKeys(h.uploads("", 0, 0)), "M1: a finished upload must not be listed")
}

func m1UploadsOfOtherBuckets(h *harness) {
	h.beginUploads("key")
	other := h.bucket("other")
	_, err := other.(storage.HasMultipart).InitMultipart(h.ctx, "other", "", nil)
	require.NoError(h, err)
	require.Equal(h, []string{"key"}, uploadKeys(h.uploads("", 0, 0)), "M1: a bucket must list its own uploads")
	require.NoError(h, h.st.DeleteBucket(h.ctx, "other", nil))
	h.bucket("other")
	it, err := other.(storage.HasUploads).Uploads(h.ctx, "", 0, 0, nil)
	require.Empty(h, drain(h, it, err), "B3: uploads must go with their bucket")
}

func m1UploadsEnd(h *harness) {
	h.beginUploads("key")
	it, err := h.hasUploads().Uploads(h.ctx, "", 0, 0, nil)
	require.NoError(h, err)
	wantEnd(h, it, "M1", func(u *storage.UploadInfo) { require.Equal(h, "key", u.Key) })
}

func l3Uploads(h *harness) {
	h.strong(storage.RelaxedL3)
	h.beginUploads("a", "b", "c")
	it, err := h.hasUploads().Uploads(h.ctx, "", 0, 0, nil)
	require.NoError(h, err)
	first, err := it.Next()
	require.NoError(h, err)
	for _, u := range h.uploads("", 0, 0) {
		require.NoError(h, h.multipart().AbortMultipart(h.ctx, &u.MultipartUpload, nil))
	}
	h.upload("aa")
	list := append([]*storage.UploadInfo{first}, drain(h, it, nil)...)
	require.Equal(h, []string{"a", "b", "c"}, uploadKeys(list), "L3: an iterator must give the uploads that were in progress when Uploads was called")
}

func o8ListedUploads(h *harness) {
	h.hasUploads()
	mu, err := h.multipart().InitMultipart(h.ctx, "key", "", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	listed := h.uploads("", 0, 0)[0]
	listed.Key, listed.UploadID = "scribbled", "scribbled"
	given := listed.Metadata != nil
	if given || !h.limits.Relaxes(storage.RelaxedL1) {
		listed.Metadata["a"] = "scribbled"
	}
	again := h.uploads("", 0, 0)[0]
	if given {
		wantA(h, again.Metadata, "O8: changing a listed upload must change nothing")
	}
	require.Equal(h, mu.UploadID, again.UploadID, "O8: changing a listed upload must change nothing")
	h.complete(mu, h.part(mu, 1, "part"))
	wantA(h, h.stat("key").Metadata, "O8: changing a listed upload must not change the object")
}

func c1Uploads(h *harness) {
	h.beginUploads("a", "b")
	ctx, cancel := cancellable(h)
	it, err := h.hasUploads().Uploads(ctx, "", 0, 0, nil)
	require.NoError(h, err)
	wantCancelled(h, it, cancel, "Uploads")
}

func s1Uploads(h *harness) {
	st := h.rewindable()
	h.beginUploads("a", "b")
	before := h.uploads("", 0, 0)
	snap := st.Snapshot()
	require.NoError(h, h.multipart().AbortMultipart(h.ctx, &before[0].MultipartUpload, nil))
	h.upload("c")
	view := snap.Storage().Bucket(bucketName).(storage.HasUploads)
	it, err := view.Uploads(h.ctx, "", 0, 0, nil)
	require.Equal(h, before, drain(h, it, err), "S1: a snapshot must hold the uploads in progress")
	h.restore(snap)
	require.Equal(h, before, h.uploads("", 0, 0), "S1: Restore must bring back the uploads in progress, and no other")
}
