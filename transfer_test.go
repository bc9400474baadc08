package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func ExampleTransfer() {
	ctx := context.Background()
	src, dst := memdriver.Open(), memdriver.Open()
	for _, key := range []string{"2024/a.jpg", "2025/a.jpg", "2025/b.jpg"} {
		storage.WriteAll(ctx, src.Bucket("photos"), key, []byte(key), "image/jpeg", nil)
	}
	done, err := storage.Transfer(ctx, dst, src, storage.TransferOptions{
		Bucket: "photos",
		Prefix: "2025/",
		ToKey:  func(key string) string { return "archive/" + key },
	})
	fmt.Println(done.Objects, done.Bytes, err)

	_, obj, _ := storage.ReadAll(ctx, dst.Bucket("photos"), "archive/2025/b.jpg")
	fmt.Println(obj.Key, obj.ContentType)
	// Output:
	// 2 20 <nil>
	// archive/2025/b.jpg image/jpeg
}

// What the destination cannot hold is listed.
func ExampleTransferError() {
	ctx := context.Background()
	src := memdriver.Open()
	dst := memdriver.Open(memdriver.WithLimits(storage.Limits{MaxMetadata: 10}))
	storage.WriteAll(ctx, src.Bucket("docs"), "a.txt", nil, "", nil)
	storage.WriteAll(ctx, src.Bucket("docs"), "b.txt", nil, "", storage.Options{
		storage.OptMetadata: map[string]string{"author": "Aldus Manutius"},
	})
	done, err := storage.Transfer(ctx, dst, src, storage.TransferOptions{Bucket: "docs"})
	fmt.Println(done.Objects)
	fmt.Println(err)
	// Output:
	// 1
	// storage: transfer: 1 not carried
	// 	"b.txt": invalid argument: the metadata has 20 bytes, the most are 10
}

// filled returns a store with a bucket of three objects and one more object.
func filled(t *testing.T, opts ...memdriver.Option) *memdriver.Store {
	t.Helper()
	st := memdriver.Open(opts...)
	_, err := st.CreateBucket(t.Context(), "docs", storage.Options{
		storage.OptPublic: true, storage.OptMetadata: map[string]string{"owner": "Aldus"},
	})
	require.NoError(t, err)
	for key, content := range map[string]string{"a": "", "d/b": "short", "d/long": strings.Repeat("0123456789", 100)} {
		_, err := storage.WriteAll(t.Context(), st.Bucket("docs"), key, []byte(content), "text/"+key[:1], storage.Options{
			storage.OptMetadata:           map[string]string{"key": key},
			storage.OptChecksumAlgorithms: []string{storage.HashMD5, storage.HashSHA256},
		})
		require.NoError(t, err)
	}
	_, err = storage.WriteAll(t.Context(), st.Bucket("other"), "k", nil, "", nil)
	require.NoError(t, err)
	return st
}

// held returns the objects of a bucket by key, without what a transfer leaves
// behind.
func held(t *testing.T, b storage.Bucket) map[string]string {
	t.Helper()
	list, err := b.List(t.Context(), "", 0, 0, nil)
	require.NoError(t, err)
	all := make(map[string]string)
	for listed, err := range storage.All(list) {
		require.NoError(t, err)
		data, o, err := storage.ReadAll(t.Context(), b, listed.Key)
		require.NoError(t, err)
		all[o.Key] = fmt.Sprint(o.Size, o.ContentType, o.Metadata, o.Hash, string(data))
	}
	return all
}

// A bucket comes over whole, from any kind of store to any other, in parts or not.
func TestTransferBucket(t *testing.T) {
	src := filled(t)
	all := held(t, src.Bucket("docs"))
	for name, dst := range map[string]storage.Storage{
		"memory":                  memdriver.Open(),
		"without multipart":       bare{memdriver.Open()},
		"exact keys":              memdriver.Open(memdriver.WithExactKeys()),
		"no bucket made by Write": memdriver.Open(memdriver.WithLimits(storage.Limits{Relaxed: []string{storage.RelaxedB2}})),
		"reads ahead":             readsAhead{memdriver.Open()},
		"long parts":              memdriver.Open(memdriver.WithLimits(storage.Limits{MinPart: 300})),
	} {
		t.Run(name, func(t *testing.T) {
			done, err := storage.Transfer(t.Context(), dst, src, storage.TransferOptions{Bucket: "docs", PartSize: 64})
			require.NoError(t, err)
			assert.Equal(t, storage.Transferred{Key: "d/long", Objects: 3, Bytes: 1005}, done)
			assert.Equal(t, all, held(t, dst.Bucket("docs")))
			info, err := dst.Bucket("docs").Info(t.Context())
			require.NoError(t, err)
			assert.True(t, info.Public)
			assert.Equal(t, map[string]string{"owner": "Aldus"}, info.Metadata)
			_, err = dst.Bucket("other").Info(t.Context())
			assert.ErrorIs(t, err, storage.ErrNoBucket)

			back := memdriver.Open()
			_, err = storage.Transfer(t.Context(), back, dst, storage.TransferOptions{Bucket: "docs", ToBucket: "back"})
			require.NoError(t, err)
			assert.Equal(t, all, held(t, back.Bucket("back")))
		})
	}
}

// readsAhead is a store that takes more of a source than it needs.
type readsAhead struct{ storage.Storage }

func (s readsAhead) Bucket(name string) storage.Bucket {
	b := s.Storage.Bucket(name)
	return readsAheadBucket{b, b.(storage.HasMultipart)}
}

type readsAheadBucket struct {
	storage.Bucket
	storage.HasMultipart
}

func (b readsAheadBucket) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (*storage.PartInfo, error) {
	return b.HasMultipart.UploadPart(ctx, mu, number, bufio.NewReader(src), size, opts)
}

// bare is a store without optional interfaces.
type bare struct{ storage.Storage }

func (s bare) Bucket(name string) storage.Bucket {
	return struct{ storage.Bucket }{s.Storage.Bucket(name)}
}

// Parts have the length asked for, or the shortest that the destination allows.
func TestTransferInParts(t *testing.T) {
	src := filled(t)
	for _, tc := range []struct{ size, min, parts int64 }{{64, 0, 16}, {64, 300, 4}, {999, 0, 2}, {1000, 0, 0}, {0, 0, 0}, {-1, 0, 0}} {
		dst := memdriver.Open(memdriver.WithLimits(storage.Limits{MinPart: tc.min}))
		_, err := storage.Transfer(t.Context(), dst, src, storage.TransferOptions{Bucket: "docs", Key: "d/long", PartSize: tc.size})
		require.NoError(t, err)
		o, err := dst.Bucket("docs").Stat(t.Context(), "d/long", nil)
		require.NoError(t, err)
		if tc.parts == 0 {
			assert.NotContains(t, o.ETag, "-")
		} else {
			assert.Contains(t, o.ETag, fmt.Sprint("-", tc.parts))
		}
	}
}

// An upload has no more than MaxParts parts.
func TestTransferInManyParts(t *testing.T) {
	src, dst := memdriver.Open(), memdriver.Open()
	_, err := storage.WriteAll(t.Context(), src.Bucket("b"), "k", make([]byte, 2*storage.MaxParts+1), "", nil)
	require.NoError(t, err)
	_, err = storage.Transfer(t.Context(), dst, src, storage.TransferOptions{Bucket: "b", PartSize: 1})
	require.NoError(t, err)
	o, err := dst.Bucket("b").Stat(t.Context(), "k", nil)
	require.NoError(t, err)
	assert.Contains(t, o.ETag, "-6667")
}

func TestTransferObjectAndPrefix(t *testing.T) {
	src := filled(t)
	for _, tc := range []struct {
		opts storage.TransferOptions
		want []string
	}{
		{storage.TransferOptions{Key: "d/b"}, []string{"d/b"}},
		{storage.TransferOptions{Key: "/d//b"}, []string{"d/b"}},
		{storage.TransferOptions{Prefix: "d/"}, []string{"d/b", "d/long"}},
		{storage.TransferOptions{Prefix: "none"}, nil},
		{storage.TransferOptions{Prefix: "d/", ToKey: strings.ToUpper}, []string{"D/B", "D/LONG"}},
	} {
		dst := memdriver.Open()
		tc.opts.Bucket = "docs"
		done, err := storage.Transfer(t.Context(), dst, src, tc.opts)
		require.NoError(t, err)
		assert.Equal(t, len(tc.want), done.Objects)
		assert.Equal(t, tc.want, slices.Sorted(maps.Keys(held(t, dst.Bucket("docs")))))
		info, err := dst.Bucket("docs").Info(t.Context())
		require.NoError(t, err)
		assert.False(t, info.Public, "only a bucket that comes over whole keeps its attributes")
	}
}

func TestTransferDefaultBucket(t *testing.T) {
	src, dst := memdriver.Open(memdriver.WithDefaultBucket("main")), memdriver.Open()
	_, err := storage.WriteAll(t.Context(), src.Bucket(""), "k", nil, "", nil)
	require.NoError(t, err)
	_, err = storage.Transfer(t.Context(), dst, src, storage.TransferOptions{})
	require.NoError(t, err)
	assert.Len(t, held(t, dst.Bucket("main")), 1)
}

func TestTransferReportsProgress(t *testing.T) {
	src, dst := filled(t), memdriver.Open()
	var seen []storage.Transferred
	done, err := storage.Transfer(t.Context(), dst, src, storage.TransferOptions{
		Bucket: "docs", PartSize: 400, Progress: func(p storage.Transferred) { seen = append(seen, p) },
	})
	require.NoError(t, err)
	require.Equal(t, done, seen[len(seen)-1])
	for i, p := range seen[1:] {
		assert.True(t, p.Bytes > seen[i].Bytes != (p.Objects > seen[i].Objects), "each is a step: %v", seen)
	}
	assert.Greater(t, len(seen), 6)
}

// All that the destination cannot hold is listed, with the reason, and the rest
// comes over.
func TestTransferListsWhatIsLeft(t *testing.T) {
	src := memdriver.Open(memdriver.WithExactKeys())
	put := func(key, content string, metadata map[string]string) {
		_, err := storage.WriteAll(t.Context(), src.Bucket("b"), key, []byte(content), "", storage.Options{storage.OptMetadata: metadata})
		require.NoError(t, err)
	}
	put("good", "1", map[string]string{"k": "12345"})
	put("a//b", "1", nil)
	put("../up", "1", nil)
	put("much/meta", "1", map[string]string{"k": "123456"})
	put("large", "12345", nil)
	put("key-of-13byte", "1", nil)
	put("d/name-of11", "1", nil)
	put("twin", "1", nil)
	twins := memdriver.Open(memdriver.WithLimits(storage.Limits{Relaxed: []string{storage.RelaxedTwins}}))
	dst := declaring{twins, storage.Limits{MaxKey: 12, MaxName: 8, MaxMetadata: 6, MaxObject: 4}}
	_, err := storage.WriteAll(t.Context(), dst.Bucket("b"), "twin/x", nil, "", nil)
	require.NoError(t, err)

	done, err := storage.Transfer(t.Context(), dst, src, storage.TransferOptions{Bucket: "b"})
	var left *storage.TransferError
	require.ErrorAs(t, err, &left)
	reasons := make(map[string]string)
	for _, o := range left.Objects {
		assert.Equal(t, "b", o.Bucket)
		reasons[o.Key] = o.Err.Error()
		assert.ErrorIs(t, err, o.Err)
	}
	assert.Equal(t, map[string]string{
		"../up":         "permission denied: .. leads out of the bucket",
		"a//b":          `invalid argument: the key would become "a/b"`,
		"much/meta":     "invalid argument: the metadata has 7 bytes, the most are 6",
		"large":         "invalid argument: the object has 5 bytes, the most are 4",
		"key-of-13byte": "invalid argument: the key has 13 bytes, the most are 12",
		"d/name-of11":   "invalid argument: a name in the key has 9 bytes, the most are 8",
		"twin":          reasons["twin"],
	}, reasons)
	assert.ErrorIs(t, err, storage.ErrExist)
	assert.Equal(t, 1, done.Objects)
	assert.Equal(t, []string{"good", "twin/x"}, slices.Sorted(maps.Keys(held(t, dst.Bucket("b")))))
}

// declaring is a store that says what it cannot hold, and does not see to it.
type declaring struct {
	storage.Storage
	limits storage.Limits
}

func (s declaring) Limits() storage.Limits { return s.limits }

func TestTransferErrorIsShort(t *testing.T) {
	e := new(storage.TransferError)
	for i := range 1000 {
		e.Objects = append(e.Objects, &storage.Error{Key: fmt.Sprint(i), Err: storage.ErrInvalid})
	}
	text := e.Error()
	assert.Less(t, len(text), 1000)
	assert.Contains(t, text, "1000 not carried")
	assert.Contains(t, text, "and 990 more")
}

// vanishing is a bucket that lists an object which has been deleted.
type vanishing struct{ storage.Storage }

func (s vanishing) Bucket(name string) storage.Bucket { return vanishingBucket{s.Storage.Bucket(name)} }

type vanishingBucket struct{ storage.Bucket }

func (b vanishingBucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	it, err := b.Bucket.List(ctx, prefix, limit, offset, opts)
	if err == nil {
		err = b.Bucket.Delete(ctx, "a", nil)
	}
	return it, err
}

func TestTransferWhileDeleting(t *testing.T) {
	done, err := storage.Transfer(t.Context(), memdriver.Open(), vanishing{filled(t)}, storage.TransferOptions{Bucket: "docs"})
	var left *storage.TransferError
	require.ErrorAs(t, err, &left)
	require.Len(t, left.Objects, 1)
	assert.Equal(t, "a", left.Objects[0].Key)
	assert.ErrorIs(t, err, storage.ErrNotExist)
	assert.Equal(t, 2, done.Objects)
}

// tearing is a store whose readers fail.
type tearing struct{ storage.Storage }

func (s tearing) Bucket(name string) storage.Bucket { return brokenReads{s.Storage.Bucket(name)} }

// A transfer that fails stores no half object and leaves no upload behind.
func TestTransferFails(t *testing.T) {
	src := filled(t)
	closed := memdriver.Open()
	require.NoError(t, closed.Close())
	for name, tc := range map[string]struct {
		ctx      context.Context
		dst, src storage.Storage
		opts     storage.TransferOptions
		want     error
	}{
		"nil context":        {nil, memdriver.Open(), src, storage.TransferOptions{}, storage.ErrInvalid},
		"nil destination":    {t.Context(), nil, src, storage.TransferOptions{}, storage.ErrInvalid},
		"nil source":         {t.Context(), memdriver.Open(), nil, storage.TransferOptions{}, storage.ErrInvalid},
		"done context":       {done(t), memdriver.Open(), src, storage.TransferOptions{Bucket: "docs"}, context.Canceled},
		"closed source":      {t.Context(), memdriver.Open(), closed, storage.TransferOptions{Bucket: "docs"}, storage.ErrClosed},
		"closed destination": {t.Context(), closed, src, storage.TransferOptions{Bucket: "docs"}, storage.ErrClosed},
		"missing bucket":     {t.Context(), memdriver.Open(), src, storage.TransferOptions{Bucket: "none"}, storage.ErrNoBucket},
		"missing object":     {t.Context(), memdriver.Open(), src, storage.TransferOptions{Bucket: "docs", Key: "none"}, storage.ErrNotExist},
		"bad bucket":         {t.Context(), memdriver.Open(memdriver.WithLimits(storage.Limits{BucketName: storage.S3Limits().BucketName})), src, storage.TransferOptions{Bucket: "docs", ToBucket: "A_B"}, storage.ErrInvalid},
		"full destination":   {t.Context(), memdriver.Open(memdriver.WithMaxBytes(500)), src, storage.TransferOptions{Bucket: "docs", Key: "d/long", PartSize: 100}, storage.ErrQuota},
		"failing reader":     {t.Context(), memdriver.Open(), tearing{src}, storage.TransferOptions{Bucket: "docs", Key: "d/long"}, errTorn},
		"failing parts":      {t.Context(), memdriver.Open(), tearing{src}, storage.TransferOptions{Bucket: "docs", Key: "d/long", PartSize: 3}, errTorn},
	} {
		t.Run(name, func(t *testing.T) {
			done, err := storage.Transfer(tc.ctx, tc.dst, tc.src, tc.opts)
			require.ErrorIs(t, err, tc.want)
			assert.Zero(t, done.Objects)
			if tc.dst == nil || tc.dst == closed {
				return
			}
			b := tc.dst.Bucket("docs")
			assert.Empty(t, held(t, b))
			uploads, err := b.(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
			require.NoError(t, err)
			up, err := uploads.Next()
			assert.NoError(t, err)
			assert.Nil(t, up)
		})
	}
}

// A cancelled transfer aborts its upload, too.
func TestTransferCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dst := memdriver.Open()
	_, err := storage.Transfer(ctx, dst, filled(t), storage.TransferOptions{
		Bucket: "docs", Key: "d/long", PartSize: 100,
		Progress: func(p storage.Transferred) {
			if p.Bytes > 300 {
				cancel()
			}
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	uploads, err := dst.Bucket("docs").(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
	require.NoError(t, err)
	up, err := uploads.Next()
	assert.NoError(t, err)
	assert.Nil(t, up)
}

// Digests are verified on the way.
func TestTransferVerifies(t *testing.T) {
	for _, size := range []int64{0, 100} {
		dst := memdriver.Open()
		_, err := storage.Transfer(t.Context(), dst, garbling{filled(t)}, storage.TransferOptions{Bucket: "docs", Key: "d/long", PartSize: size})
		assert.ErrorIs(t, err, storage.ErrChecksum)
		assert.Empty(t, held(t, dst.Bucket("docs")))
	}
}

// garbling is a store whose readers give other bytes.
type garbling struct{ storage.Storage }

func (s garbling) Bucket(name string) storage.Bucket { return garblingBucket{s.Storage.Bucket(name)} }

type garblingBucket struct{ storage.Bucket }

func (b garblingBucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	r, o, err := b.Bucket.Open(ctx, key, offset, length, opts)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(r)
	return io.NopCloser(strings.NewReader(strings.ToUpper("x" + string(data)[1:]))), o, errors.Join(err, r.Close())
}
