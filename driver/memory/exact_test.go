package memdriver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// twisted are keys that a store with exact keys tells apart (K4).
var twisted = []string{"/", "//", "/a", "a", "a/", "a//b", "a/b", "a/./b", "a/../b", ".", "..", " ", " a ", `a\b`, "a\x00"}

func TestExactKeys(t *testing.T) {
	st := memdriver.Open(memdriver.WithExactKeys())
	b := st.Bucket("b")
	put(t, b, twisted...)
	assert.Equal(t, len(twisted), st.Snapshot().Len())
	for _, key := range twisted {
		obj, err := b.Stat(ctx, key, nil)
		require.NoError(t, err, "%q", key)
		assert.Equal(t, key, obj.Key)
		assert.False(t, obj.IsDir, "%q", key)
	}
	for _, key := range []string{"", "a\xff", strings.Repeat("k", storage.MaxKey+1)} {
		_, err := b.Write(ctx, key, nil, 0, "", nil)
		assert.ErrorIs(t, err, storage.ErrInvalid, "%.9q", key)
	}
	it, err := b.List(ctx, "a/", 0, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"a/", "a/../b", "a/./b", "a//b", "a/b"}, keysOf(t, it))
	it, err = b.List(ctx, "a/", 0, 0, storage.Options{storage.OptRecursive: false})
	require.NoError(t, err)
	assert.Equal(t, []string{"a/", "a/..", "a/.", "a//", "a/b"}, keysOf(t, it), "the directories .., . and the one without a name")
}

// TestExactness: exactness is part of the value, and so are MD5 ETags: a store that
// starts from a snapshot or is restored to it is as that is (K4, O3).
func TestExactness(t *testing.T) {
	exact := memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags())
	put(t, exact.Bucket("b"), "a//b")
	restored := memdriver.Open()
	require.NoError(t, restored.Restore(exact.Snapshot()))
	for name, st := range map[string]*memdriver.Store{"fork": memdriver.Open(memdriver.WithSnapshot(exact.Snapshot())), "restored": restored} {
		assert.True(t, st.ExactKeys(), name)
		obj, err := st.Bucket("b").Write(ctx, "a//b", strings.NewReader("hello"), -1, "", nil)
		require.NoError(t, err, name)
		assert.Equal(t, "a//b", obj.Key, name)
		assert.Equal(t, "5d41402abc4b2a76b9719d911017c592", obj.ETag, name)
		assert.Equal(t, 1, st.Snapshot().Len(), name)
	}
	require.NoError(t, exact.Restore(memdriver.Open().Snapshot()))
	assert.False(t, exact.ExactKeys(), "a snapshot without them ends them")
}

// TestExactDirectoryOfLongestName: a directory's slash does not count towards the
// length of its name.
func TestExactDirectoryOfLongestName(t *testing.T) {
	b := memdriver.Open(memdriver.WithExactKeys()).Bucket("b")
	put(t, b, "k")
	for path, want := range map[string]error{
		strings.Repeat("d", storage.MaxKey):          storage.ErrNotExist,
		strings.Repeat("d", storage.MaxKey) + "/":    storage.ErrNotExist,
		strings.Repeat("d", storage.MaxKey+1):        storage.ErrInvalid,
		strings.Repeat("d", storage.MaxKey-1) + "//": storage.ErrInvalid, // a directory whose name is empty
	} {
		_, err := b.(storage.HasDirectories).Directory(path).Info(ctx)
		require.ErrorIs(t, err, want, "%d bytes", len(path))
	}
}

// TestExactDirectoryMove: no move makes a key that no call can name.
func TestExactDirectoryMove(t *testing.T) {
	st := memdriver.Open(memdriver.WithExactKeys())
	b := st.Bucket("b")
	put(t, b, "a/", "a/x")
	a := b.(storage.HasDirectories).Directory("a")
	before := st.Snapshot()
	for _, dst := range []string{"", "\xff", strings.Repeat("d", storage.MaxKey+1), strings.Repeat("d", storage.MaxKey-1)} {
		_, err := a.Move(ctx, dst, nil)
		require.ErrorIs(t, err, storage.ErrInvalid, "%.9q", dst)
		require.Same(t, before, st.Snapshot())
	}
	moved, err := a.Move(ctx, "/", nil)
	require.NoError(t, err)
	assert.Equal(t, "/", moved.Path())
	it, err := b.List(ctx, "", 0, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"/", "/x"}, keysOf(t, it))
}

// TestMD5ETags compares with ETags that S3 gives (O3).
func TestMD5ETags(t *testing.T) {
	b := memdriver.Open(memdriver.WithMD5ETags()).Bucket("b")
	obj, err := b.Write(ctx, "empty", nil, 0, "", nil)
	require.NoError(t, err)
	assert.Equal(t, "d41d8cd98f00b204e9800998ecf8427e", obj.ETag)
	obj, err = b.Write(ctx, "long", strings.NewReader(strings.Repeat("0", 1<<20)), 1<<20, "", nil)
	require.NoError(t, err)
	assert.Equal(t, modelHashes[storage.HashMD5](strings.Repeat("0", 1<<20)), obj.ETag)
	assert.Empty(t, obj.Hash, "it was not asked for")

	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "parts", "", nil)
	require.NoError(t, err)
	var parts []*storage.PartInfo
	for i, body := range []string{"hello", "world"} {
		part, err := mp.UploadPart(ctx, mu, i+1, strings.NewReader(body), -1, nil)
		require.NoError(t, err)
		parts = append(parts, part)
	}
	assert.Equal(t, "5d41402abc4b2a76b9719d911017c592", parts[0].ETag)
	obj, err = mp.CompleteMultipart(ctx, mu, parts, nil)
	require.NoError(t, err)
	assert.Equal(t, "065947336a2f2a95ba8899f3675c3be6-2", obj.ETag, "the MD5 of both MD5s, and their number")
}

// keysOf returns the keys that an iterator gives.
func keysOf(tb testing.TB, it storage.ObjectIter) (keys []string) {
	tb.Helper()
	for obj, err := range storage.All(it) {
		require.NoError(tb, err)
		keys = append(keys, obj.Key)
	}
	return keys
}
