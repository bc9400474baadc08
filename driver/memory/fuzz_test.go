package memdriver_test

import (
	"cmp"
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
		require.Empty(t, strings.Trim(u.Path, "/"))
		requireOpened(t, st, dsnParams(t, u.Query()))
	})
}

// dsnParams returns the parameters that are not empty. Each must be known, given once
// and good.
func dsnParams(t *testing.T, query url.Values) map[string]string {
	params := map[string]string{}
	for name, values := range query {
		require.Len(t, values, 1, name)
		value, err := values[0], error(nil)
		if value == "" {
			continue
		}
		switch name {
		case "bucket":
			value, err = storage.CleanBucket(value)
		case "max_bytes":
			n, _ := strconv.ParseInt(value, 10, 64)
			require.Positive(t, n)
		case "time":
			_, err = time.Parse(time.RFC3339, value)
		case "keys", "etag", "limits":
			require.Equal(t, map[string]string{"keys": "exact", "etag": "md5", "limits": "s3"}[name], value)
		default:
			t.Fatalf("parameter %q was let through", name)
		}
		require.NoError(t, err, name)
		params[name] = value
	}
	return params
}

// requireOpened demands that a store is as the parameters say.
func requireOpened(t *testing.T, st storage.Storage, params map[string]string) {
	b := st.Bucket("")
	require.Equal(t, params["keys"] == "exact", st.(storage.HasExactKeys).ExactKeys())
	if params["limits"] == "s3" {
		require.EqualValues(t, 5<<20, storage.LimitsOf(st).MinPart)
		if _, err := st.CreateBucket(ctx, b.Name(), nil); err != nil {
			require.ErrorIs(t, err, storage.ErrInvalid)
			return
		}
	}
	require.Equal(t, cmp.Or(params["bucket"], "default"), b.Name())
	o, err := b.Write(ctx, "/k", strings.NewReader("x"), -1, "", nil)
	require.NoError(t, err)
	require.Equal(t, map[bool]string{true: "/k", false: "k"}[params["keys"] == "exact"], o.Key)
	require.Len(t, o.ETag, map[bool]int{true: 32, false: 16}[params["etag"] == "md5"])
	if at, err := time.Parse(time.RFC3339, params["time"]); err == nil {
		require.Equal(t, at.UTC(), o.Created)
		info, err := b.Info(ctx)
		require.NoError(t, err)
		require.Equal(t, at.UTC(), info.CreatedAt)
	}
	if n, err := strconv.Atoi(params["max_bytes"]); err == nil && n < 1<<16 {
		body := strings.Repeat("x", n)
		require.ErrorIs(t, second(b.Write(ctx, "l", strings.NewReader(body), -1, "", nil)), storage.ErrQuota)
		require.NoError(t, second(b.Write(ctx, "/k", strings.NewReader(body), -1, "", nil)))
	}
}

// FuzzKey: an object lies under its normal key, however that is spelt, or under its
// exact one, and is found by every name that listings give.
func FuzzKey(f *testing.F) {
	f.Fuzz(func(t *testing.T, bucket, key, other string, exact bool) {
		st, cleanKey := memdriver.Open(), storage.CleanKey
		if exact {
			st = memdriver.Open(memdriver.WithExactKeys())
			cleanKey = func(key string) (string, error) {
				if err := storage.CheckKey(key); err != nil {
					return "", err
				}
				return key, nil
			}
		}
		b := st.Bucket(bucket)
		_, bucketErr := storage.CleanBucket(bucket)
		clean, keyErr := cleanKey(key)
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
		otherClean, otherErr := cleanKey(other)
		require.Equal(t, otherErr == nil, err == nil)
		requireFound(t, b, clean, otherClean)
		requireDirs(t, b, clean)
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

// requireDirs demands that every directory of a key is there, and lists what leads to
// the key.
func requireDirs(t *testing.T, b storage.Bucket, key string) {
	for i := range key {
		if key[i] != '/' {
			continue
		}
		path := key[:i]
		if i == 0 || key[i-1] == '/' {
			path = key[:i+1] // an empty name is listed with its slash
		}
		dir := b.(storage.HasDirectories).Directory(path)
		info, err := dir.Info(ctx)
		require.NoError(t, err, path)
		require.True(t, info.IsDir)
		require.Equal(t, path, info.Key)
		require.Equal(t, path, dir.Path())
		it, err := dir.List(ctx, 0, 0, nil)
		require.NoError(t, err)
		found := false
		for o, err := range storage.All(it) {
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(slashed(o.Key), key[:i+1]), o.Key)
			found = found || o.Key == key || o.IsDir && strings.HasPrefix(key, slashed(o.Key))
		}
		require.True(t, found, path)
		it, err = b.List(ctx, key[:i+1], 0, 0, nil)
		require.NoError(t, err)
		require.Contains(t, keysOf(t, it), key)
	}
}

// requireFound demands that a bucket holds no objects but those at the keys,
// each once, and that they can be opened by the key listed.
func requireFound(t *testing.T, b storage.Bucket, keys ...string) {
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

// FuzzOptions: whatever option any operation is given, one that is not for it is
// ErrInvalid, and an operation that fails has changed nothing.
func FuzzOptions(f *testing.F) {
	f.Fuzz(func(t *testing.T, op uint8, key, text string, number int64, kind uint8) {
		values := []any{nil, number > 0, int(number), text, []byte(text), []string{text}, map[string]string{text: text},
			storage.Hashes{text: text}, time.Unix(0, number), time.Duration(number), map[string]any{text: text}, []any{text},
			map[string]any{text: number}, time.Unix(number, 0).Format(time.RFC3339)}
		opts := storage.Options{key: values[int(kind)%len(values)]}
		x := newFixture(t)
		before := x.st.Snapshot()
		taker := optionTakers[int(op)%len(optionTakers)]
		err := taker.do(x, opts)
		switch invalid := opts.Validate(taker.op); {
		case taker.op == "signedurl" || taker.op == "copypart":
			require.ErrorIs(t, err, storage.ErrUnsupported) // whatever the arguments
		case invalid != nil:
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
var optionTakers = []struct {
	op string
	do func(x *fixture, opts storage.Options) error
}{
	{"createbucket", func(x *fixture, opts storage.Options) error { return second(x.st.CreateBucket(x.ctx, "new", opts)) }},
	{"deletebucket", func(x *fixture, opts storage.Options) error { return x.st.DeleteBucket(x.ctx, "b", opts) }},
	{"buckets", func(x *fixture, opts storage.Options) error { return second(x.st.Buckets(x.ctx, 0, 0, opts)) }},
	{"write", func(x *fixture, opts storage.Options) error {
		return second(x.b.Write(x.ctx, "d/k", strings.NewReader("y"), -1, "", opts))
	}},
	{"open", func(x *fixture, opts storage.Options) error {
		_, _, err := x.b.Open(x.ctx, "d/k", 0, 0, opts)
		return err
	}},
	{"stat", func(x *fixture, opts storage.Options) error { return second(x.b.Stat(x.ctx, "d", opts)) }},
	{"delete", func(x *fixture, opts storage.Options) error { return x.b.Delete(x.ctx, "d", opts) }},
	{"copy", func(x *fixture, opts storage.Options) error { return second(x.b.Copy(x.ctx, "l", "", "d/k", opts)) }},
	{"move", func(x *fixture, opts storage.Options) error { return second(x.b.Move(x.ctx, "d/k", "", "d/k", opts)) }},
	{"list", func(x *fixture, opts storage.Options) error { return second(x.b.List(x.ctx, "d", 0, 0, opts)) }},
	{"signedurl", func(x *fixture, opts storage.Options) error {
		return second(x.b.SignedURL(x.ctx, "d/k", "GET", 0, opts))
	}},
	{"directory.list", func(x *fixture, opts storage.Options) error { return second(x.dir.List(x.ctx, 0, 0, opts)) }},
	{"directory.delete", func(x *fixture, opts storage.Options) error { return x.dir.Delete(x.ctx, opts) }},
	{"directory.move", func(x *fixture, opts storage.Options) error { return second(x.dir.Move(x.ctx, "e", opts)) }},
	{"initmultipart", func(x *fixture, opts storage.Options) error { return second(x.mp.InitMultipart(x.ctx, "k", "", opts)) }},
	{"uploadpart", func(x *fixture, opts storage.Options) error {
		return second(x.mp.UploadPart(x.ctx, x.mu, 2, strings.NewReader("y"), -1, opts))
	}},
	{"copypart", func(x *fixture, opts storage.Options) error { return second(x.mp.CopyPart(x.ctx, x.mu, 2, opts)) }},
	{"listparts", func(x *fixture, opts storage.Options) error { return second(x.mp.ListParts(x.ctx, x.mu, 0, 0, opts)) }},
	{"completemultipart", func(x *fixture, opts storage.Options) error {
		return second(x.mp.CompleteMultipart(x.ctx, x.mu, []*storage.PartInfo{x.part}, opts))
	}},
	{"abortmultipart", func(x *fixture, opts storage.Options) error { return x.mp.AbortMultipart(x.ctx, x.mu, opts) }},
	{"uploads", func(x *fixture, opts storage.Options) error {
		return second(x.b.(storage.HasUploads).Uploads(x.ctx, "", 0, 0, opts))
	}},
}

// FuzzModel lets the fuzzer choose what TestModel does.
func FuzzModel(f *testing.F) { f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { runModel(t) })) }
