package memdriver_test

import (
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// TestS3Limits: what production refuses, a test meets.
func TestS3Limits(t *testing.T) {
	st, err := storage.Open(ctx, "mem://?limits=s3&bucket=photos")
	require.NoError(t, err)
	b := st.Bucket("")
	mp := b.(storage.HasMultipart)
	for name, op := range map[string]func() error{
		"write":          func() error { return second(b.Write(ctx, "k", nil, 0, "", nil)) },
		"copy":           func() error { return second(b.Copy(ctx, "k", "", "l", nil)) },
		"move":           func() error { return second(b.Move(ctx, "k", "", "l", nil)) },
		"open":           func() error { _, _, err := b.Open(ctx, "k", 0, 0, nil); return err },
		"stat":           func() error { return second(b.Stat(ctx, "k", nil)) },
		"delete":         func() error { return b.Delete(ctx, "k", nil) },
		"list":           func() error { return second(b.List(ctx, "", 0, 0, nil)) },
		"uploads":        func() error { return second(b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil)) },
		"initmultipart":  func() error { return second(mp.InitMultipart(ctx, "k", "", nil)) },
		"directory.list": func() error { return second(b.(storage.HasDirectories).Directory("").List(ctx, 0, 0, nil)) },
	} {
		assert.ErrorIs(t, op(), storage.ErrNoBucket, name)
	}
	_, err = st.CreateBucket(ctx, "Photos", nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = st.CreateBucket(ctx, "photos", nil)
	require.NoError(t, err)

	meta := map[string]string{"k": strings.Repeat("v", 2047)}
	_, err = b.Write(ctx, "k", strings.NewReader("x"), 1, "text/plain", storage.Options{storage.OptMetadata: meta})
	require.NoError(t, err)
	meta["k"] += "v"
	_, err = b.Write(ctx, "k", strings.NewReader("x"), 1, "", storage.Options{storage.OptMetadata: meta})
	require.ErrorIs(t, err, storage.ErrInvalid)

	it, err := b.List(ctx, "", 0, 0, nil)
	require.NoError(t, err)
	listed, err := it.Next()
	require.NoError(t, err)
	assert.Empty(t, listed.ContentType, "S3 does not list it")
	assert.Empty(t, listed.Metadata)
	assert.NotEmpty(t, listed.ETag)
	whole, err := b.Stat(ctx, "k", nil)
	require.NoError(t, err)
	assert.Equal(t, "text/plain", whole.ContentType)
	assert.Len(t, whole.Metadata, 1)
}

func TestMinPart(t *testing.T) {
	st, err := storage.Open(ctx, "mem://?limits=s3")
	require.NoError(t, err)
	_, err = st.CreateBucket(ctx, "photos", nil)
	require.NoError(t, err)
	mp := st.Bucket("photos").(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "k", "", nil)
	require.NoError(t, err)
	part := func(number int, size int) *storage.PartInfo {
		info, err := mp.UploadPart(ctx, mu, number, strings.NewReader(strings.Repeat("x", size)), int64(size), nil)
		require.NoError(t, err)
		return info
	}
	short, last := part(1, 5<<20-1), part(2, 1)
	_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{short, last}, nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	obj, err := mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part(1, 5<<20), last}, nil)
	require.NoError(t, err)
	assert.EqualValues(t, 5<<20+1, obj.Size)
}

// TestMaxObject: a body of unknown size is held to the limit, too.
func TestMaxObject(t *testing.T) {
	st := memdriver.Open(memdriver.WithLimits(storage.Limits{MaxObject: 5}))
	b := st.Bucket("b")
	for _, size := range []int64{6, -1} {
		_, err := b.Write(ctx, "k", iotest.HalfReader(strings.NewReader("123456")), size, "", nil)
		require.ErrorIs(t, err, storage.ErrInvalid)
		require.Zero(t, st.Snapshot().Len())
		_, err = b.Write(ctx, "five", strings.NewReader("12345"), min(size, 5), "", nil)
		require.NoError(t, err)
		require.NoError(t, b.Delete(ctx, "five", nil))
	}
}

// TestKeyLimits: no operation makes a key that the limits forbid, Directory.Move
// included.
func TestKeyLimits(t *testing.T) {
	st := memdriver.Open(memdriver.WithLimits(storage.Limits{MaxKey: 10, MaxName: 4}))
	b := st.Bucket("b")
	put(t, b, "a/b/c")
	a := b.(storage.HasDirectories).Directory("a")
	before := st.Snapshot()
	for _, key := range []string{"long5", "a/b/c/d/e/f", "long5/a"} {
		for name, op := range map[string]func() error{
			"write":          func() error { return second(b.Write(ctx, key, nil, 0, "", nil)) },
			"copy":           func() error { return second(b.Copy(ctx, key, "", "a/b/c", nil)) },
			"move":           func() error { return second(b.Move(ctx, key, "", "a/b/c", nil)) },
			"initmultipart":  func() error { return second(b.(storage.HasMultipart).InitMultipart(ctx, key, "", nil)) },
			"directory.move": func() error { return second(a.Move(ctx, key, nil)) },
		} {
			assert.ErrorIs(t, op(), storage.ErrInvalid, "%s of %s", name, key)
			require.Same(t, before, st.Snapshot(), name)
		}
	}
	_, err := a.Move(ctx, "four/xy", nil)
	require.ErrorIs(t, err, storage.ErrInvalid, "four/xy/b/c is too long")
	_, err = a.Move(ctx, "four/x", nil)
	require.NoError(t, err)
}

// TestRelaxed: conditions that cannot be judged, times that are not kept, an object
// beside a directory.
func TestRelaxed(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return now }), memdriver.WithLimits(storage.Limits{
		TimeResolution: time.Second,
		Relaxed:        []string{storage.RelaxedO7Copy, storage.RelaxedO7Delete, storage.RelaxedO7Complete, storage.RelaxedD1, storage.RelaxedTwins},
	}))
	b := st.Bucket("b")
	put(t, b, "d/k")
	obj, err := b.Stat(ctx, "d/k", nil)
	require.NoError(t, err)
	assert.Equal(t, now.Truncate(time.Second), obj.Updated)
	dir, err := b.Stat(ctx, "d", nil)
	require.NoError(t, err)
	assert.True(t, dir.Created.IsZero() && dir.Updated.IsZero())

	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "m", "", nil)
	require.NoError(t, err)
	for key, value := range map[string]any{storage.OptIfMatch: "*", storage.OptIfNoneMatch: "x", storage.OptIfModifiedSince: now, storage.OptIfUnmodifiedSince: now} {
		opts := storage.Options{key: value}
		_, copyErr := b.Copy(ctx, "k", "", "d/k", opts)
		_, moveErr := b.Move(ctx, "k", "", "d/k", opts)
		_, completeErr := mp.CompleteMultipart(ctx, mu, nil, opts)
		for _, err := range []error{copyErr, moveErr, completeErr, b.Delete(ctx, "d/k", opts)} {
			assert.ErrorIs(t, err, storage.ErrUnsupported, key)
		}
	}
	for _, key := range []string{"d", "d/k/x"} {
		_, err = b.Write(ctx, key, nil, 0, "", nil)
		assert.ErrorIs(t, err, storage.ErrExist, key)
	}
}

// TestLimitsAreTheCallersOwn: whatever a caller does with limits, given or got, the
// store's stay.
func TestLimitsAreTheCallersOwn(t *testing.T) {
	given := storage.Limits{Relaxed: []string{storage.RelaxedB2}}
	st := memdriver.Open(memdriver.WithLimits(given))
	st.Limits().Relaxed[0] = "changed"
	_, err := st.Bucket("b").Write(ctx, "k", nil, 0, "", nil)
	require.ErrorIs(t, err, storage.ErrNoBucket)
	given.Relaxed[0] = "changed"
	assert.Equal(t, []string{storage.RelaxedB2}, st.Limits().Relaxed)
	assert.Equal(t, storage.Limits{}, storage.LimitsOf(memdriver.Open()))
}
