package memdriver_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

func (m *machine) write(t *rapid.T) {
	w, bucket, key := m.world(t), drawBucket(t), m.key(t)
	s := m.source(t, w)
	c := m.call(t, w, "write", putting(t, m.conditions(t, w, bucket, key), s.body), bucket, key)
	contentType := draw(t, "content type", "", "text/plain")
	given := copyOf(c.opts)
	got, err := w.store.Bucket(bucket.given).Write(c.ctx, key.given, s.Reader, s.size, contentType, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.write(m.at(), bucket.clean, key.clean, s, contentType, given)
	})
}

// fill writes many objects into one directory, so that it takes several pages.
func (m *machine) fill(t *rapid.T) {
	w := m.worlds[0]
	if !m.wide || w.model.len() > 200 {
		t.Skip("few names are wanted")
	}
	dir, step := draw(t, "directory", "", "a/", "a/b/"), rapid.IntRange(1, 9).Draw(t, "step")
	for i := 0; i < 999; i += 1 + 3*step {
		key := fmt.Sprint(dir, i)
		s := source{size: 1, body: "f"}
		_, err := w.store.Bucket("b").Write(context.Background(), key, strings.NewReader(s.body), s.size, "", nil)
		require.NoError(t, err)
		_, err = w.model.write(m.at(), "b", key, s, "", nil)
		require.NoError(t, err)
	}
}

func (m *machine) openObject(t *rapid.T) {
	w, bucket := m.world(t), drawBucket(t)
	key := m.existing(t, w, bucket)
	c := m.call(t, w, "open", m.conditions(t, w, bucket, key), bucket, key)
	offset, length := draw(t, "offset", int64(0), -1, 1, 3, 128<<10, 1<<40), draw(t, "length", int64(0), -1, 1, 4, 1<<62)
	rc, got, err := w.store.Bucket(bucket.given).Open(c.ctx, key.given, offset, length, c.opts)
	var body string
	agree(t, c, got, err, func() (o *storage.Object, err error) {
		o, body, err = w.model.open(bucket.clean, key.clean, offset, length, c.opts)
		return o, err
	})
	switch {
	case err != nil:
		require.Nil(t, rc)
	case len(m.readers) < 8 && chance(t, 4):
		m.readers = append(m.readers, openReader{rc, body})
	default:
		m.readAt(t, body, rc.(io.ReaderAt))
		requireRest(t, body, rc)
		require.NoError(t, rc.Close())
		_, err := rc.Read(make([]byte, 1))
		require.ErrorIs(t, err, storage.ErrClosed)
	}
}

// readAt reads some of a body from anywhere, even from behind its end.
func (m *machine) readAt(t *rapid.T, body string, r io.ReaderAt) {
	off, p := draw(t, "at", 0, 1, 5, 128<<10, 1<<30), make([]byte, draw(t, "bytes", 0, 1, 4, 140<<10))
	want := body[min(off, len(body)):]
	want = want[:min(len(p), len(want))]
	n, err := r.ReadAt(p, int64(off))
	require.Equal(t, want, string(p[:n]))
	require.Equal(t, n < len(p), err == io.EOF)
	require.Equal(t, n == len(p), err == nil)
}

// readOn reads a little from a reader that was opened earlier.
func (m *machine) readOn(t *rapid.T) {
	if len(m.readers) == 0 {
		t.Skip("no reader is open")
	}
	i := rapid.IntRange(0, len(m.readers)-1).Draw(t, "reader")
	r := &m.readers[i]
	p := make([]byte, min(3, len(r.left)))
	n, err := r.Read(p)
	require.NoError(t, err)
	require.Equal(t, r.left[:n], string(p[:n]))
	if r.left = r.left[n:]; r.left == "" {
		requireRest(t, "", r)
		m.readers = append(m.readers[:i], m.readers[i+1:]...)
	}
}

func (m *machine) stat(t *rapid.T) {
	w, bucket := m.world(t), drawBucket(t)
	key := m.existing(t, w, bucket)
	if chance(t, 2) && key.err == nil {
		key = m.dir(t, w, bucket)
	}
	onlyDir := key.err == nil && key.clean != "" && chance(t, 4)
	if onlyDir {
		key.given = key.clean + draw(t, "slash", "/", `\ `, "//")
	} else if key.err == nil {
		key.given = key.clean
	}
	if key.clean == "" && key.err == nil {
		key = badKeys[0]
	}
	c := m.call(t, w, "stat", m.conditions(t, w, bucket, key), bucket, key)
	got, err := w.store.Bucket(bucket.given).Stat(c.ctx, key.given, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.stat(bucket.clean, key.clean, onlyDir, c.opts)
	})
}

func (m *machine) delete(t *rapid.T) {
	w, bucket := m.world(t), drawBucket(t)
	key := m.existing(t, w, bucket)
	if i := lastSlash(key.clean); i > 0 && chance(t, 4) {
		key = name{key.clean[:i], key.clean[:i], nil}
	}
	opts := m.conditions(t, w, bucket, key)
	maybe(t, opts, 3, storage.OptRecursive, true, false)
	c := m.call(t, w, "delete", opts, bucket, key)
	err := w.store.Bucket(bucket.given).Delete(c.ctx, key.given, c.opts)
	agreeOn(t, c, err, func() error { return w.model.delete(m.at(), bucket.clean, key.clean, c.opts) })
}

func (m *machine) copy(t *rapid.T) { m.transfer(t, "copy", storage.Bucket.Copy, (*model).copy) }

func (m *machine) move(t *rapid.T) { m.transfer(t, "move", storage.Bucket.Move, (*model).move) }

func (m *machine) transfer(t *rapid.T, op string,
	do func(b storage.Bucket, ctx context.Context, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error),
	want func(m *model, now time.Time, bucket, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error),
) {
	w, bucket, from, key := m.world(t), drawBucket(t), drawBucket(t), m.key(t)
	if from.given == "" {
		from.clean = bucket.clean
	}
	src := m.existing(t, w, from)
	if chance(t, 8) {
		src, from = key, bucket // onto itself
		if from.given == "" {
			from.given = from.clean
		}
	}
	opts := m.conditions(t, w, bucket, key)
	maybe(t, opts, 4, storage.OptMetadata, map[string]string{"k": "moved"}, map[string]string{}, nil)
	maybe(t, opts, 8, storage.OptUpsert, false, true)
	c := m.call(t, w, op, opts, bucket, key)
	given := copyOf(c.opts)
	got, err := do(w.store.Bucket(bucket.given), c.ctx, key.given, from.given, src.given, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		switch {
		case from.err != nil:
			return nil, from.err
		case src.err != nil:
			return nil, src.err
		}
		return want(w.model, m.at(), bucket.clean, key.clean, from.clean, src.clean, given)
	})
}

func (m *machine) list(t *rapid.T) {
	w, bucket, prefix := m.world(t), drawBucket(t), m.prefix(t)
	opts, after := m.listing(t)
	maybe(t, opts, 2, storage.OptRecursive, false, true)
	c := m.call(t, w, "list", opts, bucket, prefix)
	limit, offset := paging(t)
	it, err := w.store.Bucket(bucket.given).List(c.ctx, prefix.given, limit, offset, c.opts)
	m.listed(t, c, after, it, err, func() []*storage.Object { return w.model.list(bucket.clean, prefix.clean, limit, offset, c.opts) })
}

// listing returns the options that all listings know, and what they start after.
func (m *machine) listing(t *rapid.T) (opts storage.Options, after name) {
	opts = storage.Options{}
	maybe(t, opts, 4, storage.OptFilesOnly, true, false)
	maybe(t, opts, 4, storage.OptDirsOnly, true, false)
	if chance(t, 3) {
		after = m.prefix(t)
		opts[storage.OptStartAfter] = after.given
	}
	return opts, after
}

// listed compares what an iterator gives, now or, of some, later.
func (m *machine) listed(t *rapid.T, c call, after name, it storage.ObjectIter, err error, want func() []*storage.Object) {
	if c.err == nil {
		c.err = after.err
	}
	var left []*storage.Object
	if c.err == nil {
		left = want()
	} else {
		require.Nil(t, it)
	}
	agreeOn(t, c, err, func() error { return nil })
	switch {
	case err != nil:
	case len(m.iters) < 8 && chance(t, 4):
		m.iters = append(m.iters, openIter{it, left})
	default:
		requireObjects(t, left, it)
		require.NoError(t, it.Close())
		require.NoError(t, it.Close())
		_, err := it.Next()
		require.ErrorIs(t, err, storage.ErrClosed)
	}
}

// iterateOn takes one more object from an iterator that was made earlier (L3).
func (m *machine) iterateOn(t *rapid.T) {
	if len(m.iters) == 0 {
		t.Skip("no iterator is open")
	}
	i := rapid.IntRange(0, len(m.iters)-1).Draw(t, "iterator")
	it := &m.iters[i]
	if len(it.left) == 0 {
		requireObjects(t, nil, it.ObjectIter)
		m.iters = append(m.iters[:i], m.iters[i+1:]...)
		return
	}
	got, err := it.Next()
	require.NoError(t, err)
	requireSame(t, it.left[0], got)
	it.left = it.left[1:]
}

func (m *machine) signedURL(t *rapid.T) {
	w, bucket, key := m.world(t), drawBucket(t), m.key(t)
	c := m.call(t, w, "signedurl", nil, bucket, key)
	got, err := w.store.Bucket(bucket.given).SignedURL(c.ctx, key.given, "GET", time.Hour, c.opts)
	agree(t, c, got, err, func() (string, error) { return "", storage.ErrUnsupported })
}
