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
	w, bucket := m.world(t), named(drawBucket(t))
	opts := storage.Options{}
	maybe(t, opts, 3, storage.OptPublic, true, false)
	maybe(t, opts, 3, storage.OptMetadata, map[string]string{"of": "bucket"})
	c := m.call(t, w, "createbucket", opts, bucket, name{})
	c.bucket = bucket.given
	given := copyOf(c.opts)
	got, err := w.store.CreateBucket(c.ctx, bucket.given, c.opts)
	agree(t, c, got, err, func() (*storage.BucketInfo, error) {
		if w.model.buckets[bucket.clean] != nil {
			return nil, storage.ErrExist
		}
		b := w.model.at(m.at(), bucket.clean)
		b.public = given.Bool(storage.OptPublic, false)
		b.metadata, _ = given.StringMap(storage.OptMetadata)
		return b.describe(bucket.clean), nil
	})
}

func (m *machine) deleteBucket(t *rapid.T) {
	w, bucket := m.world(t), named(drawBucket(t))
	opts := storage.Options{}
	maybe(t, opts, 8, storage.OptForce, true, false)
	c := m.call(t, w, "deletebucket", opts, bucket, name{})
	c.bucket = bucket.given
	err := w.store.DeleteBucket(c.ctx, bucket.given, c.opts)
	agreeOn(t, c, err, func() error {
		switch b := w.model.buckets[bucket.clean]; {
		case b == nil:
			return storage.ErrNotExist
		case len(b.objects) > 0 && !c.opts.Bool(storage.OptForce, false):
			return storage.ErrPermission
		}
		delete(w.model.buckets, bucket.clean)
		return nil
	})
}

func (m *machine) info(t *rapid.T) {
	w, bucket := m.world(t), drawBucket(t)
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
			return nil, storage.ErrNotExist
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
	m.kept = append(m.kept, version{w.store.Snapshot(), w.model.clone()})
}

// kept returns a snapshot that was taken.
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
	maxBytes := w.model.maxBytes
	w.model = to.model.clone()
	w.model.maxBytes = maxBytes
}

// fork opens one more store, in place of an older one if there are many.
func (m *machine) fork(t *rapid.T) {
	v := m.version(t)
	state := v.model.clone()
	state.maxBytes = draw(t, "max bytes", int64(0), 12, 60)
	w := m.open(state, v.snap)
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
	w.closed = true
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
