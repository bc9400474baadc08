package memdriver_test

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// FuzzDSN: a data source name is refused with an error that says so, or opens a
// store that is as it says.
func FuzzDSN(f *testing.F) {
	f.Fuzz(func(t *testing.T, dsn string) {
		ctx := context.Background()
		st, err := storage.Open(ctx, dsn)
		if err != nil {
			var e *storage.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, storage.Error{Op: "open", Err: e.Err}, *e)
			require.ErrorIs(t, err, storage.ErrInvalid)
			return
		}
		defer st.Close()
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		require.Equal(t, "mem", u.Scheme)
		params := u.Query()
		wantBucket, maxBytes := "default", int64(0)
		for name, values := range params {
			require.Len(t, values, 1, name)
			switch name {
			case "bucket":
				wantBucket, err = storage.CleanBucket(values[0])
			case "max_bytes":
				maxBytes, err = strconv.ParseInt(values[0], 10, 64)
				require.Positive(t, maxBytes)
			case "time":
				_, err = time.Parse(time.RFC3339, values[0])
			default:
				t.Fatalf("parameter %q was let through", name)
			}
			require.NoError(t, err, name)
		}
		b := st.Bucket("")
		require.Equal(t, wantBucket, b.Name())
		o, err := b.Write(ctx, "k", strings.NewReader("x"), -1, "", nil)
		require.NoError(t, err)
		if params.Has("time") {
			at, _ := time.Parse(time.RFC3339, params.Get("time"))
			require.Equal(t, at.UTC(), o.Created)
			info, err := b.Info(ctx)
			require.NoError(t, err)
			require.Equal(t, at.UTC(), info.CreatedAt)
		}
		if maxBytes > 0 && maxBytes < 1<<16 {
			_, err = b.Write(ctx, "l", strings.NewReader(strings.Repeat("x", int(maxBytes))), -1, "", nil)
			require.ErrorIs(t, err, storage.ErrQuota)
			_, err = b.Write(ctx, "k", strings.NewReader(strings.Repeat("x", int(maxBytes))), -1, "", nil)
			require.NoError(t, err)
		}
	})
}

// FuzzKey: an object lies under its normal key, however that is spelt, and is
// found by every name that listings give.
func FuzzKey(f *testing.F) {
	f.Fuzz(func(t *testing.T, bucket, key, other string) {
		ctx := context.Background()
		st := memdriver.Open()
		b := st.Bucket(bucket)
		_, bucketErr := storage.CleanBucket(bucket)
		clean, keyErr := storage.CleanKey(key)
		o, err := b.Write(ctx, key, strings.NewReader(key), -1, "", nil)
		if strings.TrimSpace(bucket) != "" && bucketErr != nil || keyErr != nil {
			require.Error(t, err)
			_, err = b.Info(ctx)
			require.Error(t, err, "a failed write made a bucket")
			return
		}
		require.NoError(t, err)
		require.Equal(t, clean, o.Key)
		_, err = b.Write(ctx, other, strings.NewReader("other"), -1, "", nil)
		otherClean, otherErr := storage.CleanKey(other)
		require.Equal(t, otherErr == nil, err == nil)
		requireFound(t, b, clean, otherClean)
		for i := range clean {
			if clean[i] != '/' {
				continue
			}
			dir := clean[:i+1]
			found, err := b.Stat(ctx, dir, nil)
			require.NoError(t, err, dir)
			require.True(t, found.IsDir)
			require.Equal(t, clean[:i], found.Key)
			it, err := b.(storage.HasDirectories).Directory(dir).List(ctx, 0, 0, nil)
			require.NoError(t, err)
			first, err := it.Next()
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(first.Key, dir))
		}
		moved, err := b.Move(ctx, other, bucket, key, nil)
		if otherErr != nil {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, otherClean, moved.Key)
		requireFound(t, b, otherClean)
		require.NoError(t, b.Delete(ctx, otherClean, nil))
		require.Zero(t, st.Snapshot().Len())
	})
}

// requireFound demands that a bucket holds no objects but those at the keys,
// each once, and that they can be opened by the key listed.
func requireFound(t *testing.T, b storage.Bucket, keys ...string) {
	ctx := context.Background()
	want := map[string]bool{}
	for _, key := range keys {
		if key != "" {
			want[key] = true
		}
	}
	it, err := b.List(ctx, "", 0, 0, nil)
	require.NoError(t, err)
	for o, err := range storage.All(it) {
		require.NoError(t, err)
		require.True(t, want[o.Key], o.Key)
		delete(want, o.Key)
		rc, opened, err := b.Open(ctx, o.Key, 0, 0, nil)
		require.NoError(t, err)
		require.Equal(t, o, opened)
		body, err := io.ReadAll(rc)
		require.NoError(t, err)
		require.Len(t, body, int(o.Size))
	}
	require.Empty(t, want)
}

// FuzzOptions: whatever option any operation is given, one of the wrong type is
// ErrInvalid, and an operation that fails has changed nothing.
func FuzzOptions(f *testing.F) {
	f.Fuzz(func(t *testing.T, op uint8, key, text string, number int64, kind uint8) {
		values := []any{nil, number > 0, int(number), text, []byte(text), []string{text}, map[string]string{text: text},
			storage.Hashes{text: text}, time.Unix(0, number), time.Duration(number), map[string]any{text: text}}
		opts := storage.Options{key: values[int(kind)%len(values)]}
		x := newFixture(t)
		before := x.st.Snapshot()
		err := optionTakers[int(op)%len(optionTakers)](x, opts)
		if invalid := opts.Validate("stat"); invalid != nil {
			require.ErrorIs(t, err, storage.ErrInvalid)
			require.ErrorContains(t, err, invalid.Error())
		}
		if err != nil {
			require.ErrorAs(t, err, new(*storage.Error))
			require.Same(t, before, x.st.Snapshot())
		}
	})
}

// fixture is a store with an object and an upload in progress.
type fixture struct {
	ctx  context.Context
	st   *memdriver.Store
	b    storage.Bucket
	dir  storage.Directory
	mp   storage.HasMultipart
	mu   *storage.MultipartUpload
	part *storage.PartInfo
}

func newFixture(t *testing.T, opts ...memdriver.Option) *fixture {
	ctx, st := context.Background(), memdriver.Open(opts...)
	b := st.Bucket("b")
	x := &fixture{ctx: ctx, st: st, b: b, dir: b.(storage.HasDirectories).Directory("d"), mp: b.(storage.HasMultipart)}
	_, err := b.Write(ctx, "d/k", strings.NewReader("x"), -1, "", nil)
	require.NoError(t, err)
	x.mu, err = x.mp.InitMultipart(ctx, "d/k", "", nil)
	require.NoError(t, err)
	x.part, err = x.mp.UploadPart(ctx, x.mu, 1, strings.NewReader("part"), -1, nil)
	require.NoError(t, err)
	return x
}

// second returns the error of two results.
func second[T any](_ T, err error) error { return err }

// optionTakers are all operations that take options.
var optionTakers = []func(x *fixture, opts storage.Options) error{
	func(x *fixture, opts storage.Options) error { return second(x.st.CreateBucket(x.ctx, "new", opts)) },
	func(x *fixture, opts storage.Options) error { return x.st.DeleteBucket(x.ctx, "b", opts) },
	func(x *fixture, opts storage.Options) error { return second(x.st.Buckets(x.ctx, 0, 0, opts)) },
	func(x *fixture, opts storage.Options) error {
		return second(x.b.Write(x.ctx, "d/k", strings.NewReader("y"), -1, "", opts))
	},
	func(x *fixture, opts storage.Options) error {
		_, _, err := x.b.Open(x.ctx, "d/k", 0, 0, opts)
		return err
	},
	func(x *fixture, opts storage.Options) error { return second(x.b.Stat(x.ctx, "d", opts)) },
	func(x *fixture, opts storage.Options) error { return x.b.Delete(x.ctx, "d", opts) },
	func(x *fixture, opts storage.Options) error { return second(x.b.Copy(x.ctx, "l", "", "d/k", opts)) },
	func(x *fixture, opts storage.Options) error { return second(x.b.Move(x.ctx, "d/k", "", "d/k", opts)) },
	func(x *fixture, opts storage.Options) error { return second(x.b.List(x.ctx, "d", 0, 0, opts)) },
	func(x *fixture, opts storage.Options) error {
		return second(x.b.SignedURL(x.ctx, "d/k", "GET", 0, opts))
	},
	func(x *fixture, opts storage.Options) error { return second(x.dir.List(x.ctx, 0, 0, opts)) },
	func(x *fixture, opts storage.Options) error { return x.dir.Delete(x.ctx, opts) },
	func(x *fixture, opts storage.Options) error { return second(x.dir.Move(x.ctx, "e", opts)) },
	func(x *fixture, opts storage.Options) error { return second(x.mp.InitMultipart(x.ctx, "k", "", opts)) },
	func(x *fixture, opts storage.Options) error {
		return second(x.mp.UploadPart(x.ctx, x.mu, 2, strings.NewReader("y"), -1, opts))
	},
	func(x *fixture, opts storage.Options) error { return second(x.mp.CopyPart(x.ctx, x.mu, 2, opts)) },
	func(x *fixture, opts storage.Options) error { return second(x.mp.ListParts(x.ctx, x.mu, 0, 0, opts)) },
	func(x *fixture, opts storage.Options) error {
		return second(x.mp.CompleteMultipart(x.ctx, x.mu, []*storage.PartInfo{x.part}, opts))
	},
	func(x *fixture, opts storage.Options) error { return x.mp.AbortMultipart(x.ctx, x.mu, opts) },
}

// FuzzModel lets the fuzzer choose what TestModel does.
func FuzzModel(f *testing.F) { f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { runModel(t) })) }
