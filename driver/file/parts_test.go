package filedriver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// TestCopyPart joins an object from ranges of others.
func TestCopyPart(t *testing.T) {
	st := openTest(t, t.TempDir(), "fsync=false")
	b, other := st.Bucket("b"), st.Bucket("other")
	put(t, b, "digits", "0123456789")
	put(t, other, "letters", "abcdef")
	put(t, b, "empty", "")
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), "k", "", nil)
	require.NoError(t, err)

	var parts []*storage.PartInfo
	for i, opts := range []storage.Options{
		{storage.OptSourceKey: "digits"},
		{storage.OptSourceKey: "letters", storage.OptSourceBucket: "other", storage.OptSourceOffset: int64(2), storage.OptSourceLength: int64(3)},
		{storage.OptSourceKey: "/digits", storage.OptSourceOffset: 8, storage.OptSourceLength: 100},
		{storage.OptSourceKey: "digits", storage.OptSourceOffset: -1, storage.OptSourceLength: -1.0},
		{storage.OptSourceKey: "empty"},
	} {
		part, err := m.CopyPart(t.Context(), mu, i+1, opts)
		require.NoError(t, err, "%v", opts)
		parts = append(parts, part)
	}
	same, err := m.UploadPart(t.Context(), mu, 9, strings.NewReader("cde"), 3, nil)
	require.NoError(t, err)
	assert.Equal(t, same.ETag, parts[1].ETag)
	listed, err := m.ListParts(t.Context(), mu, 2, 1, nil)
	require.NoError(t, err)
	assert.Equal(t, parts[1:3], listed)
	o, err := m.CompleteMultipart(t.Context(), mu, parts, storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
	require.NoError(t, err)
	assert.Equal(t, "0123456789cde890123456789", get(t, b, "k"))
	assert.Equal(t, put(t, b, "whole", "0123456789cde890123456789").ETag, o.Hash[storage.HashMD5])

	_, err = m.CopyPart(t.Context(), mu, 1, storage.Options{storage.OptSourceKey: "digits"})
	require.ErrorIs(t, err, storage.ErrNotExist, "the upload is finished")
	mu, err = m.InitMultipart(t.Context(), "k", "", nil)
	require.NoError(t, err)
	for _, bad := range []struct {
		opts storage.Options
		err  error
	}{
		{nil, storage.ErrUnsupported},
		{storage.Options{storage.OptSourceOffset: 1}, storage.ErrUnsupported},
		{storage.Options{storage.OptSourceKey: "missing"}, storage.ErrNotExist},
		{storage.Options{storage.OptSourceKey: "k", storage.OptSourceBucket: "missing"}, storage.ErrNoBucket},
		{storage.Options{storage.OptSourceKey: ""}, storage.ErrInvalid},
		{storage.Options{storage.OptSourceKey: "../up"}, storage.ErrPermission},
		{storage.Options{storage.OptSourceKey: "digits", storage.OptSourceOffset: 10}, storage.ErrInvalid},
		{storage.Options{storage.OptSourceKey: "digits", storage.OptSourceOffset: "1"}, storage.ErrInvalid},
		{storage.Options{storage.OptSourceKey: "digits", storage.OptIfMatch: "*"}, storage.ErrInvalid},
	} {
		_, err := m.CopyPart(t.Context(), mu, 1, bad.opts)
		require.ErrorIs(t, err, bad.err, "%v", bad.opts)
	}
	listed, err = m.ListParts(t.Context(), mu, 0, 0, nil)
	require.NoError(t, err)
	assert.Empty(t, listed)
}

// TestUploadIDs: an ID that is a path does not lead anywhere.
func TestUploadIDs(t *testing.T) {
	b := openTest(t, t.TempDir(), "fsync=false").Bucket("b")
	put(t, b, "k", "text")
	m := b.(storage.HasMultipart)
	for _, id := range []string{"", ".", "..", "../meta", "../../b", "a/b", strings.Repeat("A", 26)} {
		mu := &storage.MultipartUpload{Bucket: "b", Key: "k", UploadID: id}
		_, err := m.UploadPart(t.Context(), mu, 1, strings.NewReader("x"), 1, nil)
		require.ErrorIs(t, err, storage.ErrNotExist, id)
		require.ErrorIs(t, m.AbortMultipart(t.Context(), mu, nil), storage.ErrNotExist, id)
	}
	assert.Equal(t, "text", get(t, b, "k"))
}

// TestUploadsGoWithTheirBucket also checks that those of other buckets stay.
func TestUploadsGoWithTheirBucket(t *testing.T) {
	st := openTest(t, t.TempDir(), "fsync=false")
	for _, bucket := range []string{"b", "bb"} {
		_, err := st.Bucket(bucket).(storage.HasMultipart).InitMultipart(t.Context(), "k", "", nil)
		require.NoError(t, err)
	}
	require.NoError(t, st.DeleteBucket(t.Context(), "b", nil))
	for bucket, want := range map[string]int{"b": 0, "bb": 1} {
		it, err := st.Bucket(bucket).(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
		require.NoError(t, err)
		n := 0
		for _, err := range storage.All(it) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, want, n, bucket)
	}
}
