package memdriver_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

func (m *machine) write(t *rapid.T) {
	w := m.world(t)
	bucket, key := drawBucket(t, w), m.key(t, w)
	s := m.source(t, w)
	c := m.call(t, w, "write", putting(t, m.conditions(t, w, bucket, key), s), bucket, key)
	contentType := draw(t, "content type", "", "text/plain")
	given := copyOf(c.opts)
	got, err := w.store.Bucket(bucket.given).Write(c.ctx, key.given, s.Reader, s.size, contentType, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.write(m.at(w), bucket.clean, key.clean, s, contentType, given)
	})
}

// fill writes many objects into one directory, so that it takes several pages.
func (m *machine) fill(t *rapid.T) {
	w := m.worlds[0]
	if !m.wide || w.model.len() > 200 {
		t.Skip("few names are wanted")
	}
	m.between = nil
	dir, step := draw(t, "directory", "", "a/", "a/b/"), rapid.IntRange(1, 9).Draw(t, "step")
	for i := 0; i < 999; i += 1 + 3*step {
		key := fmt.Sprint(dir, i)
		s := source{size: 1, body: "f"}
		_, err := w.store.Bucket("b").Write(context.Background(), key, strings.NewReader(s.body), s.size, "", nil)
		require.NoError(t, err)
		_, err = w.model.write(m.at(w), "b", key, s, "", nil)
		require.NoError(t, err)
	}
}

func (m *machine) openObject(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
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

// readAt reads some of a body from anywhere, even from past its end.
func (m *machine) readAt(t *rapid.T, body string, r io.ReaderAt) {
	off, p := draw(t, "at", 0, 1, 5, 128<<10, 1<<30, math.MaxInt), make([]byte, draw(t, "bytes", 0, 1, 4, 140<<10))
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
	w := m.world(t)
	bucket := drawBucket(t, w)
	key := m.existing(t, w, bucket)
	if chance(t, 2) && key.err == nil {
		key = m.dir(t, w, bucket)
	}
	switch slash := draw(t, "slash", "", "", "", "/", `\`, "//"); {
	case key.err != nil:
	case key.clean == "":
		key = badKeys[0]
	case w.model.exact:
		key.given += slash
		key.clean = key.given
	default:
		key.given = key.clean + slash
	}
	if len(key.clean) > storage.MaxKey {
		key.err = storage.ErrInvalid
	}
	c := m.call(t, w, "stat", m.conditions(t, w, bucket, key), bucket, key)
	got, err := w.store.Bucket(bucket.given).Stat(c.ctx, key.given, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.stat(bucket.clean, key.clean, key.given, c.opts)
	})
}

func (m *machine) delete(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	key := m.existing(t, w, bucket)
	if i := lastSlash(key.clean); i > 0 && chance(t, 4) {
		key = name{key.clean[:i], key.clean[:i], nil}
	}
	opts := m.conditions(t, w, bucket, key)
	maybe(t, opts, 3, storage.OptRecursive, true, false)
	c := m.call(t, w, "delete", opts, bucket, key)
	err := w.store.Bucket(bucket.given).Delete(c.ctx, key.given, c.opts)
	agreeOn(t, c, err, func() error { return w.model.delete(m.at(w), bucket.clean, key.clean, c.opts) })
}

func (m *machine) copy(t *rapid.T) { m.transfer(t, "copy", storage.Bucket.Copy, (*model).copy) }

func (m *machine) move(t *rapid.T) { m.transfer(t, "move", storage.Bucket.Move, (*model).move) }

func (m *machine) transfer(t *rapid.T, op string,
	do func(b storage.Bucket, ctx context.Context, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error),
	want func(m *model, now time.Time, bucket, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error),
) {
	w := m.world(t)
	bucket, from, key := drawBucket(t, w), drawBucket(t, w), m.key(t, w)
	if from.given == "" {
		from.clean, from.err = bucket.clean, bucket.err
	}
	src := m.existing(t, w, from)
	if chance(t, 8) {
		src, from = key, bucket // onto itself
		if from.given == "" {
			from.given = from.clean
		}
	}
	opts := m.conditions(t, w, bucket, key)
	maybe(t, opts, 4, storage.OptMetadata, someMetadata()...)
	maybe[any](t, opts, 8, storage.OptUpsert, false, true, nil)
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
		return want(w.model, m.at(w), bucket.clean, key.clean, from.clean, src.clean, given)
	})
}

func (m *machine) list(t *rapid.T) {
	w := m.world(t)
	bucket, prefix, opts := drawBucket(t, w), m.prefix(t, w), m.listing(t, w)
	maybe[any](t, opts, 2, storage.OptRecursive, false, true, nil)
	c := m.call(t, w, "list", opts, bucket, prefix)
	limit, offset := paging(t)
	it, err := w.store.Bucket(bucket.given).List(c.ctx, prefix.given, limit, offset, c.opts)
	m.listed(t, c, it, err, func() ([]*storage.Object, error) {
		return w.model.list(bucket.clean, prefix.clean, limit, offset, c.opts)
	})
}

// listing returns options that all listings take.
func (m *machine) listing(t *rapid.T, w *world) storage.Options {
	opts := storage.Options{}
	maybe[any](t, opts, 4, storage.OptFilesOnly, true, false, nil)
	maybe[any](t, opts, 4, storage.OptDirsOnly, true, false, nil)
	if chance(t, 3) {
		opts[storage.OptStartAfter] = m.prefix(t, w).given + draw(t, "mark", "", "", "\x00")
	}
	return opts
}

// pages lists in pages, each of which starts after the last entry of the one
// before, by its PageKey and by its Key (L2).
func (m *machine) pages(t *rapid.T) {
	w, bucket := m.world(t), bucketNames[0]
	prefix, limit, opts := m.prefix(t, w), rapid.IntRange(1, 3).Draw(t, "limit"), m.listing(t, w)
	maybe(t, opts, 2, storage.OptRecursive, false)
	delete(opts, storage.OptStartAfter)
	all, err := w.model.list(bucket.clean, prefix.clean, 0, 0, opts)
	if w.closed || err != nil || prefix.err != nil || len(all) > 50 {
		t.Skip("there are no pages, or many")
	}
	joined := m.join(t, w, prefix, limit, len(all), opts, (*storage.Object).PageKey)
	require.Equal(t, len(all), len(joined))
	for i, o := range joined {
		requireSame(t, all[i], o)
	}
	m.join(t, w, prefix, limit, len(all), opts, func(o *storage.Object) string { return o.Key })
}

// join returns the entries of all pages, of which there are most entries at most.
func (m *machine) join(t *rapid.T, w *world, prefix name, limit, most int, opts storage.Options, token func(*storage.Object) string) (joined []*storage.Object) {
	opts = maps.Clone(opts)
	for len(joined) <= most {
		it, err := w.store.Bucket("b").List(context.Background(), prefix.given, limit, 0, opts)
		mustNot(t, err)
		size := 0
		for o, err := range storage.All(it) {
			mustNot(t, err)
			joined = append(joined, o)
			size++
		}
		if size == 0 {
			return joined
		}
		opts[storage.OptStartAfter] = token(joined[len(joined)-1])
	}
	t.Fatalf("the pages do not end: %d of %d entries", len(joined), most)
	return nil
}

// listed compares what an iterator gives, now or, of some, later.
func (m *machine) listed(t *rapid.T, c call, it storage.ObjectIter, err error, want func() ([]*storage.Object, error)) {
	var left []*storage.Object
	agreeOn(t, c, err, func() (err error) {
		left, err = want()
		return err
	})
	switch {
	case err != nil:
		require.Nil(t, it)
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
	w := m.world(t)
	bucket, key := drawBucket(t, w), m.key(t, w)
	c := call{ctx: context.Background(), opts: storage.Options{storage.OptForce: 1}, err: storage.ErrUnsupported, op: "signedurl", bucket: bucket.of(), key: key.given}
	m.spoilContext(t, w, &c)
	got, err := w.store.Bucket(bucket.given).SignedURL(c.ctx, key.given, "GET", time.Hour, c.opts)
	agree(t, c, got, err, nil) // whatever the arguments (M3)
}
