package memdriver_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

var _ snapshot.Store = (*memdriver.Store)(nil)

var ctx = context.Background()

// put writes text under each key.
func put(tb testing.TB, b storage.Bucket, keys ...string) {
	tb.Helper()
	for _, key := range keys {
		_, err := b.Write(ctx, key, strings.NewReader("text of "+key), -1, "text/plain", nil)
		require.NoError(tb, err)
	}
}

func TestBadDSN(t *testing.T) {
	for dsn, says := range map[string]string{
		"mem://?bukket=a":                 `unknown parameter "bukket"; did you mean "bucket"?`,
		"mem://?bukket=":                  `unknown parameter "bukket"`,
		"mem://?time=yesterday":           `parameter "time"`,
		"mem://?keys=clean":               `parameter "keys": "clean" is not "exact"`,
		"mem://?etag=MD5":                 `parameter "etag": "MD5" is not "md5"`,
		"mem://?limits=gcs":               `parameter "limits": "gcs" is not "s3"`,
		"mem://?max_bytes=1k":             `parameter "max_bytes"`,
		"mem://?max_bytes=0":              "0 is not positive",
		"mem://?max_bytes=-1":             "-1 is not positive",
		"mem://?bucket=%20":               `parameter "bucket"`,
		"mem://?bucket=a&bucket=b":        "given 2 times",
		"mem://name/path":                 "should be like",
		"mem://user@name":                 "should be like",
		"mem://#f":                        "should be like",
		"mem://?bucket=%zz":               "not escaped as in a URL",
		"mem://a b":                       "invalid character",
		"mem:name":                        "should be like",
		"mem:///name":                     "should be like",
		"mem://name//":                    "should be like",
		"":                                "is not a data source name",
		"lake://":                         "registered: mem",
		"://":                             "is not a data source name",
		"mem://?bucket=a&time=2026-01-02": `parameter "time"`,
	} {
		st, err := storage.Open(ctx, dsn)
		assert.Nil(t, st, dsn)
		require.ErrorIs(t, err, storage.ErrInvalid, dsn)
		assert.ErrorContains(t, err, says, dsn)
	}
}

func TestDSNParameters(t *testing.T) {
	st, err := storage.Open(ctx, "mem://name?bucket=b&time=2026-01-02T03:04:05.000000006%2B01:00&max_bytes=12")
	require.NoError(t, err)
	put(t, st.Bucket(""), "k")
	obj, err := st.Bucket("b").Stat(ctx, "k", nil)
	require.NoError(t, err)
	want := time.Date(2026, 1, 2, 2, 4, 5, 6, time.UTC)
	assert.Equal(t, want, obj.Created)
	assert.Equal(t, want, obj.Updated)
	_, err = st.Bucket("").Write(ctx, "l", strings.NewReader("more"), 4, "", nil)
	assert.ErrorIs(t, err, storage.ErrQuota)
}

// TestDSNForms: a name, a slash after it and empty values are as nothing.
func TestDSNForms(t *testing.T) {
	for _, dsn := range []string{
		"mem:", "mem://", "mem:///", "mem://name", "mem://name/", "mem:?bucket=", "mem://?bucket=&time=&max_bytes=&keys=&etag=&limits=", "mem://name/?",
	} {
		st, err := storage.Open(ctx, dsn)
		require.NoError(t, err, dsn)
		obj, err := st.Bucket("").Write(ctx, "/k", strings.NewReader("hello"), 5, "", nil)
		require.NoError(t, err, dsn)
		assert.Equal(t, storage.DefaultBucket, obj.Bucket, dsn)
		assert.Equal(t, "k", obj.Key, dsn)
		assert.Len(t, obj.ETag, 16, dsn)
		assert.Equal(t, storage.Limits{}, storage.LimitsOf(st), dsn)
	}
	st, err := storage.Open(ctx, "mem:?bucket=main&keys=exact&etag=md5&limits=s3")
	require.NoError(t, err)
	_, err = st.CreateBucket(ctx, "main", nil)
	require.NoError(t, err)
	obj, err := st.Bucket("").Write(ctx, "/k", strings.NewReader("hello"), 5, "", nil)
	require.NoError(t, err)
	assert.Equal(t, "/k", obj.Key)
	assert.Equal(t, "5d41402abc4b2a76b9719d911017c592", obj.ETag)
	assert.EqualValues(t, 5<<20, storage.LimitsOf(st).MinPart)
}

// TestOneByte: the smallest limit there is.
func TestOneByte(t *testing.T) {
	st, err := storage.Open(ctx, "mem://?max_bytes=1")
	require.NoError(t, err)
	_, err = st.Bucket("b").Write(ctx, "k", strings.NewReader("1"), 1, "", nil)
	require.NoError(t, err)
	_, err = st.Bucket("b").Write(ctx, "l", strings.NewReader("2"), 1, "", nil)
	require.ErrorIs(t, err, storage.ErrQuota)
}

func TestOptionsLeftAtNil(t *testing.T) {
	st := memdriver.Open(memdriver.WithClock(nil), memdriver.WithSnapshot(nil))
	before := time.Now()
	put(t, st.Bucket("b"), "k")
	obj, err := st.Bucket("b").Stat(ctx, "k", nil)
	require.NoError(t, err)
	assert.WithinRange(t, obj.Created, before, time.Now())
}

// TestTimesSurvive shows that a time is kept whatever it is.
func TestTimesSurvive(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Now()} {
		st := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
		put(t, st.Bucket("b"), "d/k")
		obj, err := st.Bucket("b").Stat(ctx, "d/k", nil)
		require.NoError(t, err)
		assert.True(t, at.Equal(obj.Updated), "%v is %v", at, obj.Updated)
		assert.Equal(t, time.UTC, obj.Created.Location())
	}
}

// TestDirectoryTimesAreUTC: a directory's times come by another way.
func TestDirectoryTimesAreUTC(t *testing.T) {
	zone := time.FixedZone("east", 3600)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return time.Now().In(zone) }))
	put(t, st.Bucket("b"), "d/k")
	dir, err := st.Bucket("b").Stat(ctx, "d", nil)
	require.NoError(t, err)
	info, err := st.Bucket("b").Info(ctx)
	require.NoError(t, err)
	mp := st.Bucket("b").(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "m", "", nil)
	require.NoError(t, err)
	part, err := mp.UploadPart(ctx, mu, 1, strings.NewReader("x"), 1, nil)
	require.NoError(t, err)
	for _, at := range []time.Time{dir.Created, dir.Updated, info.CreatedAt, *part.LastModified} {
		assert.Equal(t, time.UTC, at.Location())
		assert.True(t, at == at.Round(0), "no monotonic reading, which == sees")
	}
}

func TestQuota(t *testing.T) {
	st := memdriver.Open(memdriver.WithMaxBytes(10))
	b := st.Bucket("b")
	write := func(key string, n int) error {
		_, err := b.Write(ctx, key, strings.NewReader(strings.Repeat("x", n)), -1, "", nil)
		return err
	}
	require.NoError(t, write("a", 6))
	require.ErrorIs(t, write("b", 5), storage.ErrQuota)
	require.NoError(t, write("b", 4), "exactly the limit")
	require.ErrorIs(t, write("a", 7), storage.ErrQuota, "an overwrite counts the difference")
	require.NoError(t, write("a", 5))
	_, err := b.Copy(ctx, "c", "", "a", nil)
	require.ErrorIs(t, err, storage.ErrQuota, "a copy counts, though it shares the content")
	_, err = b.Move(ctx, "c", "", "a", nil)
	require.NoError(t, err, "a move adds nothing")
	require.EqualValues(t, 9, st.Snapshot().Bytes())

	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "m", "", nil)
	require.NoError(t, err)
	_, err = mp.UploadPart(ctx, mu, 1, strings.NewReader("22"), 2, nil)
	require.ErrorIs(t, err, storage.ErrQuota, "parts count")
	part, err := mp.UploadPart(ctx, mu, 1, strings.NewReader("1"), 1, nil)
	require.NoError(t, err)
	_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 10, st.Snapshot().Bytes())

	small := memdriver.Open(memdriver.WithMaxBytes(3))
	require.NoError(t, small.Restore(st.Snapshot()))
	_, err = small.Bucket("b").Write(ctx, "b", strings.NewReader("same"), 4, "", nil)
	require.ErrorIs(t, err, storage.ErrQuota, "a body longer than the limit is not read")
	_, err = small.Bucket("b").Write(ctx, "m", strings.NewReader("s"), 1, "", nil)
	require.NoError(t, err, "an overfull store can replace")
	require.NoError(t, small.Bucket("b").Delete(ctx, "b", nil), "an overfull store can shrink")
	_, err = small.Bucket("b").Write(ctx, "x", strings.NewReader("x"), 1, "", nil)
	require.ErrorIs(t, err, storage.ErrQuota)
}

// TestQuotaEndsReading shows that a body is not read on once it is too long.
func TestQuotaEndsReading(t *testing.T) {
	st := memdriver.Open(memdriver.WithMaxBytes(1 << 20))
	src := &counter{Reader: zeros{}}
	_, err := st.Bucket("b").Write(ctx, "k", src, -1, "", nil)
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.Less(t, src.n, 2<<20)
	src.n = 0
	_, err = st.Bucket("b").Write(ctx, "k", src, 2<<20, "", nil)
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.Zero(t, src.n, "an announced size is judged before")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func TestRestoreErrors(t *testing.T) {
	st := memdriver.Open()
	require.ErrorIs(t, st.Restore(nil), storage.ErrInvalid)
	s := st.Snapshot()
	require.NoError(t, st.Close())
	require.ErrorIs(t, st.Restore(s), storage.ErrClosed)
	require.Nil(t, st.Snapshot())
	require.Zero(t, s.Len())
}

// TestStartAfterBesideThePrefix: a directory that a listing does not show does not
// move its start.
func TestStartAfterBesideThePrefix(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	put(t, b, "a", "a-b", "a-c/x", "a/x", "ab")
	for _, c := range []struct {
		prefix, after string
		want          []string
	}{{"a-", "a", []string{"a-b", "a-c"}}, {"a", "a", []string{"ab"}}, {"", "a\x00", []string{"a-b", "a-c", "a", "ab"}}} {
		it, err := b.List(ctx, c.prefix, 0, 0, storage.Options{storage.OptRecursive: false, storage.OptStartAfter: c.after})
		require.NoError(t, err)
		assert.Equal(t, c.want, keysOf(t, it), "%q after %q", c.prefix, c.after)
	}
}

// TestConditionsOfADirectory: they hold for a recursive Delete of a directory, by its
// time of change and without an ETag.
func TestConditionsOfADirectory(t *testing.T) {
	at := time.Unix(5, 0)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
	b := st.Bucket("b")
	for key, value := range map[string]any{
		storage.OptIfMatch: "x", storage.OptIfNoneMatch: "*", storage.OptIfModifiedSince: at, storage.OptIfUnmodifiedSince: at.Add(-1),
	} {
		put(t, b, "d/k", "d/e/l")
		before := st.Snapshot()
		require.ErrorIs(t, b.Delete(ctx, "d", storage.Options{key: value, storage.OptRecursive: true}), storage.ErrPrecondition, key)
		require.Same(t, before, st.Snapshot())
	}
	for key, value := range map[string]any{
		storage.OptIfMatch: "*", storage.OptIfNoneMatch: "x", storage.OptIfModifiedSince: at.Add(-1), storage.OptIfUnmodifiedSince: at,
	} {
		put(t, b, "d/k", "d/e/l")
		require.NoError(t, b.Delete(ctx, "d", storage.Options{key: value, storage.OptRecursive: true}), key)
		require.Zero(t, st.Snapshot().Len())
	}
}

// TestCloseBesideCommits: a commit that is under way when a store is closed does not
// open it again.
func TestCloseBesideCommits(t *testing.T) {
	for range 100 {
		st := memdriver.Open()
		b := st.Bucket("b")
		var wg sync.WaitGroup
		var closed atomic.Bool
		for range 4 {
			wg.Go(func() {
				for open := true; open; open = !closed.Load() {
					if _, err := b.Write(ctx, "k", nil, 0, "", nil); err != nil {
						assert.ErrorIs(t, err, storage.ErrClosed)
						return
					}
				}
			})
		}
		for st.Snapshot().Len() == 0 {
			runtime.Gosched()
		}
		require.NoError(t, st.Close())
		closed.Store(true)
		wg.Wait()
		require.Nil(t, st.Snapshot())
	}
}

// TestForksDoNotShareUploads: two forks of one snapshot each begin an upload of one
// key; the handle of one means nothing in the other, whatever is restored there (M1).
func TestForksDoNotShareUploads(t *testing.T) {
	_, _, snap := updated(t)
	one, two := memdriver.Open(memdriver.WithSnapshot(snap)), memdriver.Open(memdriver.WithSnapshot(snap))
	begin := func(st *memdriver.Store) (storage.HasMultipart, *storage.MultipartUpload) {
		mp := st.Bucket("b").(storage.HasMultipart)
		mu, err := mp.InitMultipart(ctx, "k", "", nil)
		require.NoError(t, err)
		return mp, mu
	}
	mp, mine := begin(one)
	_, other := begin(two)
	require.NotEqual(t, mine.UploadID, other.UploadID)
	require.NoError(t, one.Restore(two.Snapshot()))
	_, err := mp.UploadPart(ctx, mine, 1, strings.NewReader("x"), 1, nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
	_, err = mp.UploadPart(ctx, other, 1, strings.NewReader("x"), 1, nil)
	require.NoError(t, err, "it came with the snapshot")
}

// TestUploadIDsAreNotReused: a handle on an upload that Restore removed must not come
// to mean another one.
func TestUploadIDsAreNotReused(t *testing.T) {
	st := memdriver.Open()
	mp := st.Bucket("b").(storage.HasMultipart)
	before := st.Snapshot()
	old, err := mp.InitMultipart(ctx, "k", "", nil)
	require.NoError(t, err)
	require.NoError(t, st.Restore(before))
	_, err = mp.InitMultipart(ctx, "k", "", nil)
	require.NoError(t, err)
	_, err = mp.UploadPart(ctx, old, 1, strings.NewReader("x"), 1, nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
}
