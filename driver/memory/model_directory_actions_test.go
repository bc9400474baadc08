package memdriver_test

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// directory returns a handle on a directory.
func (w *world) directory(bucket, path name) storage.Directory {
	return w.store.Bucket(bucket.given).(storage.HasDirectories).Directory(path.given)
}

func (m *machine) dirInfo(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	path := m.dir(t, w, bucket)
	c := m.call(t, w, "directory.info", nil, bucket, path)
	if c.opts != nil {
		m.between = nil
		t.Skip("it takes no options")
	}
	got, err := w.directory(bucket, path).Info(c.ctx)
	agree(t, c, got, err, func() (*storage.Object, error) {
		dir := w.model.describeDir(bucket.clean, slashed(path.clean))
		if dir == nil {
			return nil, w.model.noDir(bucket.clean)
		}
		return dir, nil
	})
}

func (m *machine) dirList(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	path := m.dir(t, w, bucket)
	opts := m.listing(t, w)
	c := m.call(t, w, "directory.list", opts, bucket, path)
	limit, offset := paging(t)
	it, err := w.directory(bucket, path).List(c.ctx, limit, offset, c.opts)
	m.listed(t, c, it, err, func() ([]*storage.Object, error) {
		return w.model.dirList(bucket.clean, path.clean, limit, offset, c.opts)
	})
}

func (m *machine) dirDelete(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	path := m.dir(t, w, bucket)
	opts := storage.Options{}
	maybe[any](t, opts, 2, storage.OptRecursive, true, false, nil)
	c := m.call(t, w, "directory.delete", opts, bucket, path)
	err := w.directory(bucket, path).Delete(c.ctx, c.opts)
	agreeOn(t, c, err, func() error { return w.model.dirDelete(m.at(w), bucket.clean, path.clean, c.opts) })
}

func (m *machine) dirMove(t *rapid.T) {
	w := m.world(t)
	bucket := drawBucket(t, w)
	src, dst := m.dir(t, w, bucket), m.dir(t, w, bucket)
	c := m.call(t, w, "directory.move", nil, bucket, src)
	handle := w.directory(bucket, src)
	require.Equal(t, src.of(), handle.Path())
	got, err := handle.Move(c.ctx, dst.given, c.opts)
	agreeOn(t, c, err, func() error {
		if dst.err != nil {
			return dst.err
		}
		return w.model.dirMove(m.at(w), bucket.clean, dst.clean, src.clean)
	})
	if err == nil {
		require.Equal(t, dst.clean, got.Path())
		require.Equal(t, bucket.clean, got.Bucket().Name())
	}
}
