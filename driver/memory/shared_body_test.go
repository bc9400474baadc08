package memdriver_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// sources writes objects of each form that content takes, and returns their keys: in
// no leaf, one leaf, several, and parts.
func sources(t *testing.T, b storage.Bucket, bytes func(n int) []byte) []string {
	write := func(key string, content []byte) {
		_, err := b.Write(ctx, key, onlyReads{content: content}.reader(), -1, "", nil)
		require.NoError(t, err)
	}
	write("empty", nil)
	write("leaf", bytes(3000))
	write("leaves", bytes(700_000))
	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "parts", "", nil)
	require.NoError(t, err)
	var parts []*storage.PartInfo
	for number, size := range []int{300_000, 1, 0, 5000} {
		p, err := mp.UploadPart(ctx, mu, number+1, onlyReads{content: bytes(size)}.reader(), -1, nil)
		require.NoError(t, err)
		parts = append(parts, p)
	}
	_, err = mp.CompleteMultipart(ctx, mu, parts, nil)
	require.NoError(t, err)
	return []string{"empty", "leaf", "leaves", "parts"}
}

// onlyReads is content that is read through a buffer.
type onlyReads struct{ content []byte }

func (o onlyReads) reader() io.Reader { return struct{ io.Reader }{bytes.NewReader(o.content)} }

// TestBodyFromAStore writes sections of objects to another store, from the store's own
// readers, and demands the object that the same bytes make.
func TestBodyFromAStore(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(rnd.Uint32())
		}
		return p
	}
	for _, opts := range [][]memdriver.Option{nil, {memdriver.WithMD5ETags()}} {
		from := memdriver.Open(opts...).Bucket("from")
		to := memdriver.Open(memdriver.WithMD5ETags()).Bucket("to")
		for _, key := range sources(t, from, random) {
			whole := content(t, from, key)
			for range 100 {
				start, length := rnd.IntN(len(whole)+1), 0
				if rnd.IntN(2) == 0 {
					start = 0
				}
				if rnd.IntN(2) == 0 {
					length = rnd.IntN(len(whole) + 1)
				}
				rc, _, err := from.Open(ctx, key, int64(start), int64(length), nil)
				require.NoError(t, err)
				plain, _, err := from.Open(ctx, key, int64(start), int64(length), nil)
				require.NoError(t, err)
				skipped := rnd.IntN(2)
				for _, r := range []io.Reader{rc, plain} {
					_, err = io.CopyN(io.Discard, r, int64(skipped))
					require.True(t, err == nil || err == io.EOF)
				}
				size, options := int64(-1), storage.Options{}
				if rnd.IntN(2) == 0 {
					size = int64(rnd.IntN(len(whole) + 2))
				}
				if rnd.IntN(3) == 0 {
					options[storage.OptChecksumAlgorithms] = []string{storage.HashSHA1}
				}
				want, wantErr := to.Write(ctx, "want", struct{ io.Reader }{plain}, size, "", options)
				got, gotErr := to.Write(ctx, "got", rc, size, "", options)
				if wantErr != nil {
					require.ErrorIs(t, gotErr, io.ErrUnexpectedEOF)
					continue
				}
				require.NoError(t, gotErr)
				require.Equal(t, []any{want.Size, want.ETag, want.Hash}, []any{got.Size, got.ETag, got.Hash})
				require.True(t, bytes.Equal(content(t, to, "want"), content(t, to, "got")))
				left, err := io.ReadAll(plain)
				require.NoError(t, err)
				leftToo, err := io.ReadAll(rc)
				require.NoError(t, err)
				require.True(t, bytes.Equal(left, leftToo), "what is left to be read")
			}
		}
	}
}

// TestBodyFromAClosedReader: a reader that is closed is no body, and a context or a
// quota ends one.
func TestBodyFromAClosedReader(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	_, err := b.Write(ctx, "k", bytes.NewReader(make([]byte, 1000)), -1, "", nil)
	require.NoError(t, err)
	open := func(length int64) io.ReadCloser {
		rc, _, err := b.Open(ctx, "k", 0, length, nil)
		require.NoError(t, err)
		return rc
	}
	rc := open(0)
	require.NoError(t, rc.Close())
	_, err = b.Write(ctx, "l", rc, -1, "", nil)
	require.ErrorIs(t, err, storage.ErrClosed)
	small := memdriver.Open(memdriver.WithMaxBytes(900)).Bucket("b")
	for _, length := range []int64{0, 950} {
		_, err = small.Write(ctx, "l", open(length), -1, "", nil)
		require.ErrorIs(t, err, storage.ErrQuota)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err = b.Write(done, "l", open(0), -1, "", nil)
	require.ErrorIs(t, err, context.Canceled)
}

// TestCopiedPartSharesContent: a part that is read from an object of the store costs
// memory by the leaf, and a short one keeps nothing of a long object alive.
func TestCopiedPartSharesContent(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	const size = 64 << 20
	before := inUse()
	_, err := b.Write(ctx, "object", onlyReads{make([]byte, size)}.reader(), -1, "", nil)
	require.NoError(t, err)
	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "copy", "", nil)
	require.NoError(t, err)
	copyPart := func(start, length int64) {
		rc, _, err := b.Open(ctx, "object", start, length, nil)
		must(t, err)
		defer rc.Close()
		_, err = mp.UploadPart(ctx, mu, 1, rc, -1, nil)
		must(t, err)
	}
	for _, section := range [][2]int64{{0, 0}, {0, size - 1}, {1, 0}} {
		if !raceEnabled() { // with it, pools drop buffers at random
			assert.Less(t, allocated(func() { copyPart(section[0], section[1]) }), uint64(2<<20+64<<10), "a leaf at either end")
		}
	}
	copyPart(size/2+100, 10) // of a leaf of 1 MiB
	require.NoError(t, b.Delete(ctx, "object", nil))
	assert.Less(t, inUse(), before+512<<10, "what the part keeps alive")
	runtime.KeepAlive(b)
}

// inUse returns the bytes of the heap that are in use.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // empties the pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f() // which may fill pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
