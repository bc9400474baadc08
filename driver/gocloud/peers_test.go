package gocloud

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// TestFSLikeFSTest runs the standard library's suite for file systems on those
// of a snapshot, and on that of a blob bucket.
func TestFSLikeFSTest(t *testing.T) {
	store := memdriver.Open()
	keys := []string{"a", "a-b", "a.b", "c/x", "c/y/z", "c.d", "ü/☺", "large"}
	for _, name := range []string{"b", "b.b", "other"} {
		for _, key := range keys {
			put(t, store.Bucket(name), key, name+key)
		}
	}
	put(t, store.Bucket("b"), "large", string(random(1<<20)))
	put(t, store.Bucket("b"), "c", "hidden by the directory c")
	_, err := store.CreateBucket(t.Context(), "empty", nil)
	require.NoError(t, err)

	snap := store.Snapshot()
	bucketFS, err := snap.BucketFS("b")
	require.NoError(t, err)
	assert.NoError(t, fstest.TestFS(bucketFS, keys...))
	dir, err := fs.Sub(bucketFS, "c")
	require.NoError(t, err)
	assert.NoError(t, fstest.TestFS(dir, "x", "y/z"))

	all := []string{"empty"}
	for _, key := range keys {
		all = append(all, "b/"+key, "b.b/"+key, "other/"+key)
	}
	assert.NoError(t, fstest.TestFS(snap.FS(), all...))
	assert.NoError(t, fstest.TestFS(memdriver.Open().Snapshot().FS()))
	assert.NoError(t, fstest.TestFS(OpenBucket(store.Bucket("other"), nil), keys...)) // which Sub closes
}

// TestReadersLikeIOTest runs the standard library's suite for readers on those
// of the memory driver: content in one chunk and in many, joined from parts, and
// ranges of each.
func TestReadersLikeIOTest(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	small, large := random(1000), random(1<<20+17)
	for key, content := range map[string][]byte{"empty": nil, "small": small, "large": large} {
		_, err := b.Write(t.Context(), key, bytes.NewReader(content), int64(len(content)), "", nil)
		require.NoError(t, err)
	}
	// One byte at a time, and of a size not known before.
	_, err := b.Write(t.Context(), "dripped", iotest.OneByteReader(bytes.NewReader(small)), -1, "", nil)
	require.NoError(t, err)
	joined := multipart(t, b, "joined", small, []byte("x"), nil, random(5000), small)

	for key, content := range map[string][]byte{
		"empty": nil, "small": small, "dripped": small, "large": large, "joined": joined,
	} {
		size := int64(len(content))
		for _, r := range [][2]int64{{0, size}, {0, 1}, {1, size / 2}, {999, 3}, {size / 3, 1002}, {size - 1, 1}, {size, 1}} {
			offset := max(min(r[0], size), 0)
			length := min(r[1], size-offset)
			t.Run(fmt.Sprintf("%s/%d+%d", key, offset, length), func(t *testing.T) {
				rc, _, err := b.Open(t.Context(), key, r[0], r[1], nil)
				require.NoError(t, err)
				_, seeks := rc.(io.ReadSeeker)
				_, jumps := rc.(io.ReaderAt)
				require.True(t, seeks && jumps, "the suite needs Seek and ReadAt to test them")
				assert.NoError(t, iotest.TestReader(rc, content[offset:offset+length]))
				assert.NoError(t, rc.Close())
			})
		}
	}
}

// multipart stores the parts under key and returns the whole.
func multipart(t *testing.T, b storage.Bucket, key string, parts ...[]byte) []byte {
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), key, "", nil)
	require.NoError(t, err)
	infos := make([]*storage.PartInfo, len(parts))
	for i, part := range parts {
		infos[i], err = m.UploadPart(t.Context(), mu, i+1, bytes.NewReader(part), int64(len(part)), nil)
		require.NoError(t, err)
	}
	_, err = m.CompleteMultipart(t.Context(), mu, infos, nil)
	require.NoError(t, err)
	return bytes.Join(parts, nil)
}

// random returns n bytes, the same for each call with n.
func random(n int) []byte {
	p := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(p)
	return p
}
