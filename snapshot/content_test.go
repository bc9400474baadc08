package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unsafe"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func leaf(s string) content { return content{leaf: s} }

func readerOf(c content, offset, length int64) *reader {
	r := new(reader)
	r.reset(&object{content: c}, offset, length)
	return r
}

func TestReader(t *testing.T) {
	nested := join([]content{leaf("ab"), join([]content{leaf("c"), {}, leaf("def")}), leaf("g")})
	for name, c := range map[string]content{
		"empty":     {},
		"leaf":      leaf("abcdefg"),
		"rope":      nested,
		"one part":  join([]content{nested}),
		"no bytes":  join([]content{{}, {}}),
		"long rope": join([]content{nested, nested, nested}),
	} {
		whole, err := io.ReadAll(readerOf(c, 0, 0))
		require.NoError(t, err)
		require.EqualValues(t, len(whole), c.size())
		for _, span := range [][2]int64{{0, 0}, {0, 3}, {1, 4}, {2, 1}, {3, -1}, {-5, 2}, {6, 100}, {7, 0}, {99, 1}} {
			t.Run(fmt.Sprint(name, span), func(t *testing.T) {
				from := min(max(span[0], 0), c.size())
				want := whole[from:]
				if n := span[1]; n > 0 && n < int64(len(want)) {
					want = want[:n]
				}
				require.NoError(t, iotest.TestReader(readerOf(c, span[0], span[1]), want))
				var b bytes.Buffer
				n, err := readerOf(c, span[0], span[1]).WriteTo(&b)
				require.NoError(t, err)
				require.EqualValues(t, len(want), n)
				require.Equal(t, string(want), b.String())
			})
		}
	}
}

func TestReaderErrors(t *testing.T) {
	r := readerOf(leaf("abc"), 0, 0)
	_, err := r.Seek(-1, io.SeekStart)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = r.Seek(0, 9)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = r.ReadAt(nil, -1)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = r.WriteTo(limited{})
	require.ErrorIs(t, err, io.ErrShortWrite)
	r = readerOf(leaf("abc"), 0, 0)
	_, err = r.WriteTo(iotestErrWriter{})
	require.ErrorIs(t, err, errWriter)

	require.NoError(t, r.Close())
	require.NoError(t, r.Close(), "closing again")
	var e *storage.Error
	for _, use := range []func() error{
		func() error { _, err := r.Read(make([]byte, 1)); return err },
		func() error { _, err := r.ReadAt(make([]byte, 1), 0); return err },
		func() error { _, err := r.Seek(0, io.SeekStart); return err },
		func() error { _, err := r.WriteTo(io.Discard); return err },
	} {
		err := use()
		require.ErrorIs(t, err, storage.ErrClosed)
		require.ErrorAs(t, err, &e)
	}
}

// limited writes less than it is given and says nothing.
type limited struct{}

func (limited) Write(p []byte) (int, error) { return len(p) - 1, nil }

var errWriter = errors.New("writer failed")

type iotestErrWriter struct{}

func (iotestErrWriter) Write([]byte) (int, error) { return 0, errWriter }

// TestContentIsNotShared: a Writer that scribbles on what it is handed, against
// the rules of io.Writer, must not change the content.
func TestContentIsNotShared(t *testing.T) {
	c := leaf("abc")
	_, err := readerOf(c, 0, 0).WriteTo(scribbler{})
	require.NoError(t, err)
	require.Equal(t, "abc", c.leaf)
}

type scribbler struct{}

func (scribbler) Write(p []byte) (int, error) { clear(p); return len(p), nil }

// TestRoomGrowsWithContent: however much is announced, there is never room for
// more than twice of what has come, and in the end for no more than that.
func TestRoomGrowsWithContent(t *testing.T) {
	window := make([]byte, maxBuffer)
	for _, size := range []int64{5*maxLeaf - 7, 1 << 60, -1} {
		var b body
		total := 0
		write := func(n int) {
			b.write(window[:n], size)
			total += n
			require.LessOrEqual(t, b.room, maxLeaf)
			require.LessOrEqual(t, int(b.size)+b.room, 2*max(total, len(window)), "after %d bytes", total)
			require.LessOrEqual(t, b.last.Cap(), b.room+b.room/8, "what the allocator adds")
		}
		for range 39 {
			write(len(window))
		}
		write(len(window) - 7)
		c := b.content()
		require.EqualValues(t, 5*maxLeaf-7, c.size())
		require.LessOrEqual(t, len(c.rope.parts), 10, "leaves are long")
		last := c.rope.parts[len(c.rope.parts)-1].leaf
		exact := unsafe.StringData(last) == unsafe.StringData(b.last.String())
		require.Equal(t, size == int64(total), exact, "room that was not needed is given back")
	}
}

// TestReceive compares all ways a body can come with the bytes that came, and
// overwrites those afterwards (O8).
func TestReceive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	long := make([]byte, maxPiece+17)
	for i := range long {
		long[i] = byte(r.Uint32())
	}
	ctx := t.Context()
	for _, n := range []int{0, 1, 1000, maxBuffer - 1, maxBuffer, maxBuffer + 1, maxLeaf, maxLeaf + 1, 2*maxLeaf - 1, maxPiece, len(long)} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"in memory": func(r io.Reader) io.Reader { return r }, "plain": func(r io.Reader) io.Reader { return struct{ io.Reader }{r} },
			"half": iotest.HalfReader, "data and error": iotest.DataErrReader,
		} {
			for _, size := range []int64{int64(n), -1} {
				body := bytes.Clone(long[:n])
				in, err := receive(ctx, wrap(bytes.NewReader(body)), size, admitAll, false, nil)
				require.NoError(t, err, "%s %d", name, n)
				require.Equal(t, xxhashETag(xxhash.Sum64(body)), in.etag, "%s %d", name, n)
				clear(body)
				got, _ := io.ReadAll(readerOf(in.content, 0, 0))
				require.True(t, bytes.Equal(long[:n], got), "%s %d", name, n)
			}
		}
	}
	// Exactly size bytes are read, and no more.
	for _, n := range []int{4, maxBuffer - 1, maxBuffer + 4, 2 * maxBuffer} {
		for _, src := range []interface {
			io.Reader
			Len() int
		}{
			strings.NewReader(string(long)), bytes.NewReader(long), bytes.NewBuffer(bytes.Clone(long)),
		} {
			in, err := receive(ctx, src, int64(n), admitAll, false, nil)
			require.NoError(t, err)
			require.Equal(t, xxhashETag(xxhash.Sum64(long[:n])), in.etag, "%T %d", src, n)
			require.EqualValues(t, n, in.size())
			require.Equal(t, len(long)-n, src.Len(), "%T %d", src, n)
			rest, err := io.ReadAll(src)
			require.NoError(t, err)
			require.True(t, bytes.Equal(long[n:], rest), "%T %d: bytes are lost", src, n)
		}
	}
}

// atMost admits bodies up to a size.
func atMost(most int64) func(int64) error {
	return func(n int64) error {
		if n > most {
			return storage.ErrQuota
		}
		return nil
	}
}

// TestReceiveFails ends bodies too early, whichever way they come.
func TestReceiveFails(t *testing.T) {
	ctx := t.Context()
	done, cancel := context.WithCancel(ctx)
	cancel()
	for _, n := range []int{1000, 3 * maxBuffer} {
		body := make([]byte, n)
		for name, source := range map[string]func() io.Reader{
			"reader": func() io.Reader { return bytes.NewReader(body) },
			"buffer": func() io.Reader { return bytes.NewBuffer(body) },
			"other":  func() io.Reader { return struct{ io.Reader }{bytes.NewReader(body)} },
		} {
			_, err := receive(ctx, source(), int64(n)+1, admitAll, false, nil)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s %d", name, n)
			_, err = receive(ctx, source(), -1, atMost(int64(n)-1), false, nil)
			require.ErrorIs(t, err, storage.ErrQuota, "%s %d", name, n)
			src := source()
			_, err = receive(done, src, int64(n), admitAll, false, nil)
			require.ErrorIs(t, err, context.Canceled, "%s %d", name, n)
			rest, err := io.ReadAll(src)
			require.NoError(t, err)
			require.Len(t, rest, n, "%s: it is read although the context is done", name)
			_, err = receive(ctx, source(), -1, admitAll, false, storage.Options{storage.OptChecksum: storage.Hashes{"md5": "0"}})
			require.ErrorIs(t, err, storage.ErrChecksum, "%s %d", name, n)
		}
	}
}
