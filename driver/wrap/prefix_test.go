package wrap_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	filedriver "open-lake.dev/lib/storage/driver/file"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
)

// keys returns what List gives, directories with a slash.
func keys(t *testing.T, b storage.Bucket, prefix string, opts storage.Options) (keys []string) {
	t.Helper()
	it, err := b.List(t.Context(), prefix, 0, 0, opts)
	require.NoError(t, err)
	for _, o := range drain(it, nil) {
		key := o.Key
		if o.IsDir {
			key += "/"
		}
		keys = append(keys, key)
	}
	return keys
}

// shared returns a store in which two tenants have an object each, and the view of
// one of them.
func shared(t *testing.T, opts ...memdriver.Option) (*memdriver.Store, storage.Storage) {
	st := memdriver.Open(opts...)
	put(t, st, "t/1/k", "mine")
	put(t, st, "t/10/k", "other")
	put(t, st, "t/1", "other")
	return st, wrap.Prefix(st, "t/1")
}

func TestPrefixSeesItsOwn(t *testing.T) {
	st, w := shared(t)
	b := w.Bucket("b")
	assert.Equal(t, []string{"k"}, keys(t, b, "", nil))
	put(t, w, "d/x", "new")
	put(t, w, "d2", "new")
	assert.Equal(t, []string{"t/1", "t/1/d/x", "t/1/d2", "t/1/k", "t/10/k"}, keys(t, st.Bucket("b"), "", nil))
	assert.Equal(t, []string{"d/", "d2", "k"}, keys(t, b, "", storage.Options{storage.OptRecursive: false}))
	assert.Equal(t, []string{"d/x", "d2"}, keys(t, b, "d", nil))
	assert.Equal(t, []string{"d/x"}, keys(t, b, "/d/", nil))

	data, o, err := storage.ReadAll(t.Context(), b, "d/../k")
	require.NoError(t, err)
	assert.Equal(t, "mine", string(data))
	assert.Equal(t, "k", o.Key)
	o, err = b.Stat(t.Context(), "d/", nil)
	require.NoError(t, err)
	assert.Equal(t, "d", o.Key)
	assert.True(t, o.IsDir)
	o, err = b.Move(t.Context(), "moved", "", "d2", nil)
	require.NoError(t, err)
	assert.Equal(t, "moved", o.Key)
	require.NoError(t, b.Delete(t.Context(), "moved", nil))
}

// Whatever way a key takes out of the directory, there is none.
func TestPrefixIsNotLeft(t *testing.T) {
	st, w := shared(t)
	b := w.Bucket("b")
	d := b.(storage.HasDirectories)
	m := b.(storage.HasMultipart)
	mu, err := st.Bucket("b").(storage.HasMultipart).InitMultipart(t.Context(), "t/10/big", "", nil)
	require.NoError(t, err)
	before := st.Snapshot()
	for _, up := range []string{"..", "../10/k", `..\10\k`, "/../10/k", "a/../../10/k"} {
		_, err := storage.WriteAll(t.Context(), b, up, nil, "", nil)
		assert.ErrorIs(t, err, storage.ErrPermission, up)
		_, _, err = storage.ReadAll(t.Context(), b, up)
		assert.ErrorIs(t, err, storage.ErrPermission, up)
		var e *storage.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, up, e.Key)
		for _, err := range []error{
			b.Delete(t.Context(), up, nil),
			d.Directory(up).Delete(t.Context(), nil),
			second(b.Copy(t.Context(), "new", "", up, nil)),
			second(b.Move(t.Context(), up, "", "k", nil)),
			second(d.Directory("").Move(t.Context(), up, nil)),
			second(m.InitMultipart(t.Context(), up, "", nil)),
			second(b.List(t.Context(), up+"/", 0, 0, nil)),
			second(b.List(t.Context(), "", 0, 0, storage.Options{storage.OptStartAfter: up + "/"})),
		} {
			assert.ErrorIs(t, err, storage.ErrPermission, up)
		}
		mu.Key = up
		_, err = m.UploadPart(t.Context(), mu, 1, strings.NewReader("x"), 1, nil)
		assert.Error(t, err)
	}
	mu.Key = "t/10/big"
	_, err = m.UploadPart(t.Context(), mu, 1, strings.NewReader("x"), 1, nil)
	assert.ErrorIs(t, err, storage.ErrNotExist)
	assert.ErrorIs(t, w.DeleteBucket(t.Context(), "b", nil), storage.ErrPermission)
	assert.ErrorIs(t, w.DeleteBucket(t.Context(), "b", storage.Options{storage.OptForce: true}), storage.ErrPermission)
	assert.ErrorIs(t, w.DeleteBucket(t.Context(), "none", storage.Options{storage.OptForce: true}), storage.ErrNoBucket)
	assert.Same(t, before, st.Snapshot())
}

// What is the caller's stays as it is, and errors name it as he did.
func TestPrefixIsNotSeen(t *testing.T) {
	_, w := shared(t)
	b := w.Bucket("b")
	opts := storage.Options{storage.OptStartAfter: "a"}
	assert.Equal(t, []string{"k"}, keys(t, b, "", opts))
	assert.Equal(t, storage.Options{storage.OptStartAfter: "a"}, opts)

	_, err := b.Copy(t.Context(), "new", "", "..", nil)
	assert.EqualError(t, err, `storage: copy bucket "b" key "new": permission denied: .. leads out of the bucket`)
	_, err = b.Stat(t.Context(), "none", nil)
	assert.EqualError(t, err, `storage: stat bucket "b" key "none": file does not exist`)
}

// With a slash at the end, Stat looks for the directory first.
func TestPrefixStatOfADirectory(t *testing.T) {
	_, w := shared(t)
	put(t, w, "both", "")
	put(t, w, "both/x", "")
	for key, isDir := range map[string]bool{"both": false, "both/": true, `both\`: true} {
		o, err := w.Bucket("b").Stat(t.Context(), key, nil)
		require.NoError(t, err)
		assert.Equal(t, "both", o.Key)
		assert.Equal(t, isDir, o.IsDir, key)
	}
}

func second[T any](_ T, err error) error { return err }

func TestPrefixPages(t *testing.T) {
	for name, opts := range map[string][]memdriver.Option{"normalised keys": nil, "exact keys": {memdriver.WithExactKeys()}} {
		t.Run(name, func(t *testing.T) {
			st, w := shared(t, opts...)
			for _, key := range []string{"a", "a/x", "b", "c/y"} {
				put(t, w, key, "")
			}
			list := storage.Options{storage.OptRecursive: false, storage.OptStartAfter: ""}
			all := []string{"a", "a/", "b", "c/", "k"}
			var paged []string
			for {
				it, err := w.Bucket("b").List(t.Context(), "", 1, 0, list)
				require.NoError(t, err)
				page := drain(it, nil)
				if len(page) == 0 {
					break
				}
				paged = append(paged, page[0].Key+map[bool]string{true: "/"}[page[0].IsDir])
				list[storage.OptStartAfter] = page[0].PageKey()
			}
			assert.Equal(t, all, paged)
			assert.Equal(t, 7, st.Snapshot().Len())
		})
	}
}

func TestPrefixDirectories(t *testing.T) {
	st, w := shared(t)
	d := w.Bucket("b").(storage.HasDirectories)
	put(t, w, "d/x", "")
	root := d.Directory("")
	assert.Empty(t, root.Path())
	o, err := root.Info(t.Context())
	require.NoError(t, err)
	assert.Empty(t, o.Key)
	assert.True(t, o.IsDir)
	o, err = d.Directory("d/").Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "d", o.Key)
	moved, err := d.Directory("d").Move(t.Context(), "e/f", nil)
	require.NoError(t, err)
	assert.Equal(t, "e/f", moved.Path())
	it, err := moved.List(t.Context(), 0, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, "e/f/x", drain(it, nil)[0].Key)
	require.NoError(t, root.Delete(t.Context(), storage.Options{storage.OptRecursive: true}))
	assert.Equal(t, []string{"t/1", "t/10/k"}, keys(t, st.Bucket("b"), "", nil))

	o, err = root.Info(t.Context())
	require.NoError(t, err, "the root exists while the bucket does")
	assert.Equal(t, "b", o.Bucket)
	assert.True(t, o.IsDir)
	_, err = w.Bucket("none").(storage.HasDirectories).Directory("").Info(t.Context())
	assert.ErrorIs(t, err, storage.ErrNoBucket)
	_, err = d.Directory("none").Info(t.Context())
	assert.ErrorIs(t, err, storage.ErrNotExist)
}

func TestPrefixUploads(t *testing.T) {
	st, w := shared(t)
	b := w.Bucket("b")
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), "big", "", nil)
	require.NoError(t, err)
	assert.Equal(t, "big", mu.Key)
	part, err := m.UploadPart(t.Context(), mu, 1, strings.NewReader("x"), 1, nil)
	require.NoError(t, err)
	up, err := b.(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, "big", drain(up, nil)[0].Key)
	o, err := m.CompleteMultipart(t.Context(), mu, []*storage.PartInfo{part}, nil)
	require.NoError(t, err)
	assert.Equal(t, "big", o.Key)
	assert.Equal(t, "big", mu.Key, "the caller's handle stays as it is")
	assert.Equal(t, []string{"t/1", "t/1/big", "t/1/k", "t/10/k"}, keys(t, st.Bucket("b"), "", nil))
}

func TestPrefixOfExactKeys(t *testing.T) {
	st, w := shared(t, memdriver.WithExactKeys())
	put(t, w, "../up", "")
	put(t, w, "/k", "")
	assert.Equal(t, []string{"../up", "/k", "k"}, keys(t, w.Bucket("b"), "", nil))
	assert.Equal(t, []string{"/k"}, keys(t, w.Bucket("b"), "/", nil))
	assert.Equal(t, []string{"t/1", "t/1/../up", "t/1//k", "t/1/k", "t/10/k"}, keys(t, st.Bucket("b"), "", nil))
	_, err := storage.WriteAll(t.Context(), w.Bucket("b"), "", nil, "", nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
}

func TestPrefixSaysWhatItIs(t *testing.T) {
	_, w := shared(t)
	assert.Equal(t, storage.MaxKey-4, storage.LimitsOf(w).MaxKey)
	_, ok := w.(snapshot.Store)
	assert.False(t, ok)
	short := wrap.Prefix(memdriver.Open(memdriver.WithLimits(storage.Limits{MaxKey: 10})), "t/1")
	assert.Equal(t, 6, storage.LimitsOf(short).MaxKey)
	put(t, short, "123456", "")
	_, err := storage.WriteAll(t.Context(), short.Bucket("b"), "1234567", nil, "", nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
}

func TestPrefixOfARootAndOfABadDirectory(t *testing.T) {
	st, _ := shared(t)
	for _, root := range []string{"", "/", "."} {
		assert.Len(t, keys(t, wrap.Prefix(st, root).Bucket("b"), "", nil), 3)
	}
	_, err := storage.WriteAll(t.Context(), wrap.Prefix(st, "..").Bucket("b"), "k", nil, "", nil)
	assert.ErrorIs(t, err, storage.ErrPermission)
}

// TestPrefixOfASource: the source of CopyPart is within the prefix.
func TestPrefixOfASource(t *testing.T) {
	st, err := filedriver.Open(t.TempDir(), filedriver.WithoutSync())
	require.NoError(t, err)
	defer st.Close()
	for key, text := range map[string]string{"k": "outside", "dir/k": "inside"} {
		_, err := st.Bucket("b").Write(t.Context(), key, strings.NewReader(text), -1, "", nil)
		require.NoError(t, err)
	}
	b := wrap.Prefix(st, "dir").Bucket("b")
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), "copy", "", nil)
	require.NoError(t, err)
	_, err = m.CopyPart(t.Context(), mu, 1, nil)
	require.ErrorIs(t, err, storage.ErrUnsupported)
	_, err = m.CopyPart(t.Context(), mu, 1, storage.Options{storage.OptSourceKey: "../k"})
	require.ErrorIs(t, err, storage.ErrPermission)
	part, err := m.CopyPart(t.Context(), mu, 1, storage.Options{storage.OptSourceKey: "k"})
	require.NoError(t, err)
	_, err = m.CompleteMultipart(t.Context(), mu, []*storage.PartInfo{part}, nil)
	require.NoError(t, err)
	rc, _, err := b.Open(t.Context(), "copy", 0, 0, nil)
	require.NoError(t, err)
	defer rc.Close()
	text, err := io.ReadAll(rc)
	require.NoError(t, err)
	assert.Equal(t, "inside", string(text))
}
