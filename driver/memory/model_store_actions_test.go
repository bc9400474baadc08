package memdriver_test

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// named is a bucket's name where "" is not the default bucket (K3).
func named(bucket name) name {
	if bucket.given == "" {
		bucket.err = storage.ErrInvalid
	}
	return bucket
}

func (m *machine) createBucket(t *rapid.T) {
	w := m.world(t)
	bucket, opts := named(drawBucket(t, w)), storage.Options{}
	maybe[any](t, opts, 3, storage.OptPublic, true, false, nil)
	maybe(t, opts, 3, storage.OptMetadata, someMetadata()...)
	c := m.call(t, w, "createbucket", opts, bucket, name{})
	if c.err != nil {
		c.bucket = bucket.given
	}
	given := copyOf(c.opts)
	got, err := w.store.CreateBucket(c.ctx, bucket.given, c.opts)
	agree(t, c, got, err, func() (*storage.BucketInfo, error) {
		if w.model.buckets[bucket.clean] != nil {
			return nil, storage.ErrExist
		}
		b := w.model.at(m.at(w), bucket.clean)
		b.public = given.Bool(storage.OptPublic, false)
		b.metadata, _ = given.StringMap(storage.OptMetadata)
		return b.describe(bucket.clean), nil
	})
}

func (m *machine) deleteBucket(t *rapid.T) {
	w := m.world(t)
	bucket, opts := named(drawBucket(t, w)), storage.Options{}
	maybe[any](t, opts, 8, storage.OptForce, true, false, nil)
	c := m.call(t, w, "deletebucket", opts, bucket, name{})
	if c.err != nil {
		c.bucket = bucket.given
	}
	err := w.store.DeleteBucket(c.ctx, bucket.given, c.opts)
	agreeOn(t, c, err, func() error {
		switch b := w.model.buckets[bucket.clean]; {
		case b == nil:
			return storage.ErrNoBucket
		case len(b.objects) > 0 && !c.opts.Bool(storage.OptForce, false):
			return storage.ErrPermission
		}
		delete(w.model.buckets, bucket.clean)
		return nil
	})
}

func (m *machine) info(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	c := m.call(t, w, "info", nil, bucket, name{})
	if c.opts != nil {
		m.between = nil
		t.Skip("it takes no options")
	}
	b := w.store.Bucket(bucket.given)
	require.Equal(t, bucket.of(), b.Name())
	got, err := b.Info(c.ctx)
	agree(t, c, got, err, func() (*storage.BucketInfo, error) {
		b := w.model.buckets[bucket.clean]
		if b == nil {
			return nil, storage.ErrNoBucket
		}
		return b.describe(bucket.clean), nil
	})
}

func (m *machine) buckets(t *rapid.T) {
	w := m.world(t)
	c := m.call(t, w, "buckets", nil, name{}, name{})
	limit, offset := paging(t)
	it, err := w.store.Buckets(c.ctx, limit, offset, c.opts)
	agreeOn(t, c, err, func() error { return nil })
	if err != nil {
		return
	}
	for _, name := range page(slices.Sorted(maps.Keys(w.model.buckets)), limit, offset) {
		got, err := it.Next()
		require.NoError(t, err)
		requireSame(t, w.model.buckets[name].describe(name), got)
	}
	got, err := it.Next()
	require.NoError(t, err)
	require.Nil(t, got)
	require.NoError(t, it.Close())
	_, err = it.Next()
	require.ErrorIs(t, err, storage.ErrClosed)
}

func (m *machine) snapshot(t *rapid.T) {
	w := m.world(t)
	if w.closed {
		t.Skip("the store is closed")
	}
	v := version{w.store.Snapshot(), w.model.clone()}
	v.model.setting = setting{}
	m.kept = append(m.kept, v)
}

// like returns a snapshot of a store that has keys and ETags as w has, if one was
// taken: an operation under way applies to it as if it had begun then.
func (m *machine) like(t *rapid.T, w *world) (v version, ok bool) {
	var alike []version
	for _, v := range m.kept {
		if v.model.exact == w.model.exact && v.model.md5 == w.model.md5 {
			alike = append(alike, v)
		}
	}
	if len(alike) == 0 {
		return v, false
	}
	return alike[len(alike)-1-rapid.IntRange(0, len(alike)-1).Draw(t, "like")], true
}

// version returns a snapshot that was taken.
func (m *machine) version(t *rapid.T) version {
	if len(m.kept) == 0 {
		t.Skip("no snapshot was taken")
	}
	return m.kept[len(m.kept)-1-rapid.IntRange(0, len(m.kept)-1).Draw(t, "version")]
}

func (m *machine) restore(t *rapid.T) {
	w, v := m.world(t), m.version(t)
	if w.closed {
		requireError(t, call{op: "restore"}, storage.ErrClosed, w.store.Restore(v.snap))
		return
	}
	requireError(t, call{op: "restore"}, storage.ErrInvalid, w.store.Restore(nil))
	w.restore(t, v)
}

func (w *world) restore(t *rapid.T, to version) {
	require.NoError(t, w.store.Restore(to.snap))
	keeps := w.model.setting
	w.model = to.model.clone()
	w.model.setting = keeps
}

// fork opens one more store, in place of an older one if there are many.
func (m *machine) fork(t *rapid.T) {
	v := m.version(t)
	state := v.model.clone()
	state.setting = setting{maxBytes: draw(t, "max bytes", int64(0), 12, 60), limits: limits(t)}
	w := m.open(t, state, v.snap)
	if len(m.worlds) < 4 {
		m.worlds = append(m.worlds, w)
		return
	}
	m.worlds[rapid.IntRange(1, len(m.worlds)-1).Draw(t, "replaced")] = w
}

// close closes a store, but for the first.
func (m *machine) close(t *rapid.T) {
	if len(m.worlds) == 1 || !chance(t, 8) {
		t.Skip("let it go on")
	}
	w := m.worlds[rapid.IntRange(1, len(m.worlds)-1).Draw(t, "closed")]
	require.NoError(t, w.store.Close())
	w.closed, w.model = true, newModel() // it cannot say any more that its keys were exact
}

// view tries to write to a snapshot.
func (m *machine) view(t *rapid.T) {
	v, ctx := m.version(t), context.Background()
	st := v.snap.Storage()
	b := st.Bucket("b")
	var err error
	c := call{op: draw(t, "write", "write", "createbucket", "initmultipart"), bucket: "b", key: "k"}
	switch c.op {
	case "write":
		_, err = b.Write(ctx, "k", strings.NewReader("x"), -1, "", nil)
	case "createbucket":
		c.bucket, c.key = "new", ""
		_, err = st.CreateBucket(ctx, "new", nil)
	case "initmultipart":
		_, err = b.(storage.HasMultipart).InitMultipart(ctx, "k", "", nil)
	}
	requireError(t, c, storage.ErrPermission, err)
	require.NoError(t, st.Close())
	_, err = b.Info(ctx)
	requireError(t, call{op: "info", bucket: "b"}, storage.ErrClosed, err)
}
