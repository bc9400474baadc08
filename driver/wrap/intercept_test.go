package wrap_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
)

// bare is a store without optional interfaces, which says so.
type bare struct{ storage.Storage }

func (s bare) Features() storage.Features {
	f := s.Storage.Features()
	f[storage.FeatureDirectories], f[storage.FeatureMultipart] = false, false
	return f
}

func (s bare) Bucket(name string) storage.Bucket { return bareBucket{s.Storage.Bucket(name), s} }

type bareBucket struct {
	storage.Bucket
	st bare
}

func (b bareBucket) Features() storage.Features { return b.st.Features() }

// pass is around a call and does no more than the call.
func pass(ctx context.Context, _ *wrap.Call, next func(context.Context) error) error {
	return next(ctx)
}

// TestContract runs the suite on intercepted stores, rich and poor.
func TestContract(t *testing.T) {
	for name, open := range map[string]func() storage.Storage{
		"memory":   func() storage.Storage { return memdriver.Open() },
		"mapstore": mapstore.New,
		"bare":     func() storage.Storage { return bare{mapstore.New()} },
	} {
		t.Run(name, func(t *testing.T) {
			drivertest.ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
				st := wrap.Intercept(open(), pass)
				return st, func() { st.Close() }
			})
		})
	}
}

// put writes an object.
func put(t testing.TB, st storage.Storage, key, content string) {
	t.Helper()
	_, err := storage.WriteAll(context.Background(), st.Bucket("b"), key, []byte(content), "text/plain", nil)
	require.NoError(t, err)
}

// done returns a context that is done.
func done(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// ops does every operation there is once, and returns the names of the calls that
// around saw, each once.
func ops(t *testing.T, st snapshot.Store) []string {
	var seen []string
	w := wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if !slices.Contains(seen, c.Op) {
			seen = append(seen, c.Op)
		}
		return next(ctx)
	}).(snapshot.Store)
	ctx := t.Context()
	everything(ctx, w)
	require.NoError(t, w.Update(ctx, func(tx storage.Storage) error {
		_, err := tx.CreateBucket(ctx, "in update", nil)
		return err
	}))
	require.NoError(t, w.Restore(w.Snapshot()))
	require.NoError(t, w.Close())
	return seen
}

// everything calls all methods of a store, except those of a snapshot.Store.
func everything(ctx context.Context, st storage.Storage) {
	st.CreateBucket(ctx, "spare", nil)
	st.DeleteBucket(ctx, "spare", nil)
	b := st.Bucket("b")
	b.Write(ctx, "a/k", strings.NewReader("content"), 7, "", nil)
	b.Info(ctx)
	b.Stat(ctx, "a/k", nil)
	b.Copy(ctx, "copy", "", "a/k", nil)
	b.Move(ctx, "moved", "", "copy", nil)
	b.Delete(ctx, "moved", nil)
	b.SignedURL(ctx, "a/k", "GET", 0, nil)
	if r, _, err := b.Open(ctx, "a/k", 0, 0, nil); err == nil {
		r.Read(make([]byte, 1))
		r.(io.ReaderAt).ReadAt(make([]byte, 1), 2)
		r.(io.Seeker).Seek(0, io.SeekStart)
		r.(io.WriterTo).WriteTo(io.Discard)
		r.Close()
	}
	m := b.(storage.HasMultipart)
	if mu, err := m.InitMultipart(ctx, "big", "", nil); err == nil {
		part, _ := m.UploadPart(ctx, mu, 1, strings.NewReader("x"), 1, nil)
		m.CopyPart(ctx, mu, 2, nil)
		m.ListParts(ctx, mu, 0, 0, nil)
		drain(b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil))
		m.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, nil)
		m.AbortMultipart(ctx, mu, nil)
	}
	drain(st.Buckets(ctx, 0, 0, nil))
	drain(b.List(ctx, "", 0, 0, nil))
	d := b.(storage.HasDirectories).Directory("a")
	d.Info(ctx)
	drain(d.List(ctx, 0, 0, nil))
	d.Move(ctx, "z", nil)
	b.(storage.HasDirectories).Directory("z").Delete(ctx, nil)
}

// drain walks an iterator to its end.
func drain[T any, I interface {
	Next() (*T, error)
	Close() error
}](it I, err error) (list []*T) {
	if err != nil {
		return nil
	}
	for v, err := range storage.All[T](it) {
		if err == nil {
			list = append(list, v)
		}
	}
	return list
}

// Every operation goes through the function, also those of an update.
func TestInterceptSeesEveryOperation(t *testing.T) {
	assert.ElementsMatch(t, []string{
		"createbucket", "deletebucket", "buckets", "buckets.next", "buckets.close",
		"write", "info", "stat", "copy", "move", "delete", "signedurl", "list", "list.next", "list.close",
		"open", "reader.read", "reader.readat", "reader.seek", "reader.writeto", "reader.close",
		"initmultipart", "uploadpart", "copypart", "listparts", "completemultipart", "abortmultipart",
		"uploads", "uploads.next", "uploads.close",
		"directory.info", "directory.list", "directory.list.next", "directory.list.close", "directory.delete", "directory.move",
		"update", "restore", "close",
	}, ops(t, memdriver.Open()))
}

// Writes is true for what changes a store in memory, and for nothing else.
func TestWrites(t *testing.T) {
	st := memdriver.Open()
	changed := make(map[string]bool)
	says := make(map[string]bool)
	w := wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		before := st.Snapshot()
		err := next(ctx)
		says[c.Op] = c.Writes()
		changed[c.Op] = changed[c.Op] || st.Snapshot() != before
		return err
	})
	everything(t.Context(), w)
	for op, want := range changed {
		if op != "copypart" && op != "abortmultipart" { // which fail here
			assert.Equal(t, want, says[op], op)
		}
	}
	for _, op := range []string{"copypart", "abortmultipart", "update", "restore"} {
		assert.True(t, (&wrap.Call{Op: op}).Writes(), op)
	}
}

// The function can change arguments and results.
func TestInterceptChangesCalls(t *testing.T) {
	st := memdriver.Open()
	w := wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if c.Op == "write" {
			c.Key, c.Src, c.Size, c.ContentType = "other", strings.NewReader("changed"), -1, "text/changed"
		}
		err := next(ctx)
		if c.Object != nil {
			c.Object.Version = "of the wrapper"
		}
		return err
	})
	o, err := storage.WriteAll(t.Context(), w.Bucket("b"), "k", []byte("content"), "", nil)
	require.NoError(t, err)
	assert.Equal(t, "of the wrapper", o.Version)
	data, o, err := storage.ReadAll(t.Context(), st.Bucket("b"), "other")
	require.NoError(t, err)
	assert.Equal(t, "changed", string(data))
	assert.Equal(t, "text/changed", o.ContentType)
}

// A call that the function leaves out has no result: an error, not a nil object.
func TestInterceptWithoutAResult(t *testing.T) {
	w := wrap.Intercept(memdriver.Open(), func(context.Context, *wrap.Call, func(context.Context) error) error { return nil })
	_, err := w.Bucket("b").Stat(t.Context(), "k", nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
	assert.EqualError(t, err, `storage: stat bucket "b" key "k": invalid argument: the call was intercepted and has no result`)
	_, _, err = w.Bucket("b").Open(t.Context(), "k", 0, 0, nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
	_, err = w.Buckets(t.Context(), 0, 0, nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
	assert.NoError(t, w.Bucket("b").Delete(t.Context(), "k", nil), "an error is all that Delete returns")
}

// The context of a reader's calls is never done; a nil one does not get through.
func TestInterceptContexts(t *testing.T) {
	type key struct{}
	st := memdriver.Open()
	put(t, st, "k", "content")
	w := wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if strings.HasPrefix(c.Op, "reader.") {
			assert.NoError(t, ctx.Err())
			assert.Equal(t, "value", ctx.Value(key{}))
		}
		return next(ctx)
	})
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	r, _, err := w.Bucket("b").Open(ctx, "k", 0, 0, nil)
	require.NoError(t, err)
	cancel()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "content", string(data))
	var none context.Context
	_, err = w.Bucket("b").Stat(none, "k", nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
}

func TestInterceptOfNilPanics(t *testing.T) {
	assert.Panics(t, func() { wrap.Intercept(nil, pass) })
	assert.Panics(t, func() { wrap.Intercept(memdriver.Open(), nil) })
	assert.Panics(t, func() { wrap.ReadOnly(nil) })
	assert.Panics(t, func() { wrap.Prefix(nil, "a") })
	assert.Panics(t, func() { wrap.Measure(memdriver.Open(), nil) })
}
