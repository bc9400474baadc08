package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func write(t *testing.T, b storage.Bucket, key, text string, opts storage.Options) (*storage.Object, error) {
	t.Helper()
	return b.Write(t.Context(), key, strings.NewReader(text), -1, "text/plain", opts)
}

// TestCalls counts the requests of each operation.
func TestCalls(t *testing.T) {
	f := newFake()
	b := New(f, "b").Bucket("")
	old, err := write(t, b, "k", "old", nil)
	require.NoError(t, err)
	assert.Equal(t, "put", f.taken())

	_, err = write(t, b, "new", "x", storage.Options{storage.OptIfNoneMatch: " * "})
	require.NoError(t, err)
	assert.Equal(t, "put", f.taken(), "absent is a guard")
	_, err = write(t, b, "newer", "x", storage.Options{storage.OptUpsert: false})
	require.NoError(t, err)
	assert.Equal(t, "put", f.taken(), "absent is a guard")
	for _, etag := range []string{old.ETag, `"` + old.ETag + `"`, ` W/"` + old.ETag + `" `} {
		_, err = write(t, b, "k", "old", storage.Options{storage.OptIfMatch: etag})
		require.NoError(t, err)
		assert.Equal(t, "put", f.taken(), "one ETag is a guard")
	}
	for _, etags := range []string{`"a", "` + old.ETag + `"`, "*", old.ETag + ", multi-2"} {
		_, err = write(t, b, "k", "old", storage.Options{storage.OptIfMatch: etags})
		require.NoError(t, err)
		assert.Equal(t, "head put", f.taken(), "more than one ETag must be judged: %s", etags)
	}

	_, err = write(t, b, "k", "new", storage.Options{storage.OptIfNoneMatch: "*"})
	require.ErrorIs(t, err, storage.ErrPrecondition)
	require.ErrorContains(t, err, old.ETag, "the error says what there is")
	assert.Equal(t, "put head", f.taken())
	_, err = write(t, b, "k", "new", storage.Options{storage.OptUpsert: false})
	require.ErrorIs(t, err, storage.ErrExist)
	_, err = write(t, b, "missing", "new", storage.Options{storage.OptIfMatch: old.ETag})
	require.ErrorIs(t, err, storage.ErrPrecondition)
	f.taken()

	_, err = b.Stat(t.Context(), "k", nil)
	require.NoError(t, err)
	assert.Equal(t, "head", f.taken())
	rc, _, err := b.Open(t.Context(), "k", 0, 0, nil)
	require.NoError(t, err)
	require.NoError(t, rc.Close())
	assert.Equal(t, "get", f.taken())
	_, err = b.Copy(t.Context(), "copy", "", "k", nil)
	require.NoError(t, err)
	assert.Equal(t, "head copy", f.taken())
	require.NoError(t, b.Delete(t.Context(), "copy", nil))
	assert.Equal(t, "delete", f.taken())
	require.NoError(t, b.Delete(t.Context(), "new", storage.Options{storage.OptIfMatch: "*"}))
	assert.Equal(t, "head delete", f.taken())
}

// TestBulk: recursive deletes go in batches.
func TestBulk(t *testing.T) {
	f := newFake()
	b := New(f, "b").Bucket("")
	for i := range 2*maxBatch + 1 {
		_, err := write(t, b, fmt.Sprintf("d/%d", i), "", nil)
		require.NoError(t, err)
	}
	_, err := write(t, b, "other", "", nil)
	require.NoError(t, err)
	f.taken()
	require.NoError(t, b.(storage.HasDirectories).Directory("d").Delete(t.Context(), storage.Options{storage.OptRecursive: true}))
	assert.Equal(t, "list after  delete-1000 delete-1000 delete-1", f.taken())
	assert.Len(t, f.blobs, 1)
	_, err = b.List(t.Context(), "", 0, 0, storage.Options{storage.OptStartAfter: "x\x00"})
	require.NoError(t, err)
	assert.Equal(t, "list after b/x", f.taken())
}

// TestAnotherWriter: an operation whose guard another writer breaks begins again, and is
// judged on what is there then.
func TestAnotherWriter(t *testing.T) {
	for name, op := range map[string]struct {
		on  string
		do  func(b storage.Bucket, old *storage.Object) error
		err error
	}{
		"write with if_match": {"put", func(b storage.Bucket, old *storage.Object) error {
			_, err := write(t, b, "k", "mine", storage.Options{storage.OptIfMatch: old.ETag})
			return err
		}, storage.ErrPrecondition},
		"write if there is any": {"put", func(b storage.Bucket, old *storage.Object) error {
			_, err := write(t, b, "k", "mine", storage.Options{storage.OptIfMatch: "*"})
			return err
		}, nil},
		"delete with if_match": {"delete", func(b storage.Bucket, old *storage.Object) error {
			return b.Delete(t.Context(), "k", storage.Options{storage.OptIfMatch: old.ETag})
		}, storage.ErrPrecondition},
		"copy of what was replaced": {"copy", func(b storage.Bucket, old *storage.Object) error {
			o, err := b.Copy(t.Context(), "copy", "", "k", nil)
			assert.NotEqual(t, old.ETag, o.ETag)
			return err
		}, nil},
		"copy onto it": {"copy", func(b storage.Bucket, old *storage.Object) error {
			_, err := b.Copy(t.Context(), "k", "", "src", storage.Options{storage.OptIfNoneMatch: "other, " + old.ETag[:3]})
			return err
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			b := New(f, "b").Bucket("")
			_, err := write(t, b, "src", "source", nil)
			require.NoError(t, err)
			old, err := write(t, b, "k", "old", nil)
			require.NoError(t, err)
			broken := false
			f.before = func(call string) {
				if call == op.on && !broken {
					broken = true
					_, err := write(t, b, "k", "another's", nil)
					require.NoError(t, err)
				}
			}
			err = op.do(b, old)
			assert.True(t, broken)
			if op.err != nil {
				require.ErrorIs(t, err, op.err)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// TestRealBuckets: a bucket of the engine's own has no marker, and is not made by a write.
func TestRealBuckets(t *testing.T) {
	f := newFake()
	st := New(f, "b")
	_, err := write(t, st.Bucket("missing"), "k", "x", nil)
	require.ErrorIs(t, err, storage.ErrNoBucket)
	_, err = st.CreateBucket(t.Context(), "a", nil)
	require.NoError(t, err)
	_, err = st.CreateBucket(t.Context(), "a", nil)
	require.ErrorIs(t, err, storage.ErrExist)
	_, err = write(t, st.Bucket("a"), "k", "x", nil)
	require.NoError(t, err)
	assert.Len(t, f.blobs, 1, "there is no marker")
	it, err := st.Buckets(t.Context(), 0, 0, nil)
	require.NoError(t, err)
	var names []string
	for info, err := range storage.All(it) {
		require.NoError(t, err)
		names = append(names, info.Name)
	}
	assert.Equal(t, []string{"a", "b"}, names)
	require.ErrorIs(t, st.DeleteBucket(t.Context(), "a", nil), storage.ErrPermission)
	require.NoError(t, st.DeleteBucket(t.Context(), "a", storage.Options{storage.OptForce: true}))
	_, err = st.Bucket("a").Info(t.Context())
	require.ErrorIs(t, err, storage.ErrNoBucket)
}

func TestFeaturesOfAnEngine(t *testing.T) {
	st := New(newFake(), "b")
	f := st.Features()
	assert.True(t, f[storage.FeatureSignedURL])
	assert.True(t, f[storage.FeatureServerSideCopy])
	assert.False(t, f[storage.FeatureServerSideMove])
	assert.False(t, f[storage.FeatureMultipart])
	url, err := st.Bucket("").SignedURL(t.Context(), "/a//k", "GET", 1, nil)
	require.NoError(t, err)
	assert.Equal(t, "https://example.com/b/a/k?GET", url)
}
