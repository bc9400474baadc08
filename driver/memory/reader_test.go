package memdriver_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// opened opens a section of an object with the content.
func opened(t *testing.T, content string, offset, length int64) io.ReadCloser {
	t.Helper()
	b := memdriver.Open().Bucket("b")
	_, err := b.Write(ctx, "k", strings.NewReader(content), -1, "", nil)
	require.NoError(t, err)
	rc, _, err := b.Open(ctx, "k", offset, length, nil)
	require.NoError(t, err)
	return rc
}

var errFull = errors.New("the writer is full")

// small is a writer that takes a number of bytes a call and then fails.
type small struct {
	strings.Builder
	takes int
}

func (w *small) Write(p []byte) (int, error) {
	n := min(w.takes, len(p))
	w.Builder.Write(p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (w *small) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// TestWriteToGoesOn: a WriteTo whose writer fails after 1,000 bytes is continued
// after those by the next, and so is a Read.
func TestWriteToGoesOn(t *testing.T) {
	want := big + big
	for name, as := range map[string]func(w *small) io.Writer{
		"a Writer":       func(w *small) io.Writer { return struct{ io.Writer }{w} },
		"a StringWriter": func(w *small) io.Writer { return w },
	} {
		t.Run(name, func(t *testing.T) {
			rc, w := opened(t, want, 0, 0).(io.WriterTo), &small{takes: 1_000}
			for range 3 {
				n, err := rc.WriteTo(as(w))
				require.ErrorIs(t, err, errFull)
				require.EqualValues(t, 1_000, n)
			}
			p := make([]byte, 10)
			_, err := io.ReadFull(rc.(io.Reader), p)
			require.NoError(t, err)
			require.Equal(t, want[:3_010], w.String()+string(p))
			w.takes = len(want)
			n, err := rc.WriteTo(as(w))
			require.NoError(t, err)
			require.EqualValues(t, len(want)-3_010, n)
			require.True(t, want == w.String()[:3_000]+string(p)+w.String()[3_000:], "nothing is skipped or repeated")
			n, err = rc.WriteTo(as(w))
			require.NoError(t, err)
			require.Zero(t, n)
		})
	}
}

// TestWriterThatLies: a writer that returns an impossible count, or fewer bytes
// without an error, is an error.
func TestWriterThatLies(t *testing.T) {
	for _, n := range []int{-1, 6, math.MaxInt} {
		_, err := opened(t, "hello", 0, 0).(io.WriterTo).WriteTo(liar(n))
		assert.ErrorIs(t, err, storage.ErrInvalid, "%d", n)
	}
	n, err := opened(t, "hello", 0, 0).(io.WriterTo).WriteTo(liar(3))
	assert.ErrorIs(t, err, io.ErrShortWrite)
	assert.EqualValues(t, 3, n)
}

type liar int

func (n liar) Write([]byte) (int, error) { return int(n), nil }

// TestRangedReader: offsets count from the start of the section, and nothing before
// or after it can be reached.
func TestRangedReader(t *testing.T) {
	rc := opened(t, "0123456789", 3, 4)
	s := rc.(io.ReadSeeker)
	for _, c := range []struct {
		offset int64
		whence int
		at     int64 // -1 is an error
	}{
		{0, io.SeekStart, 0}, {2, io.SeekStart, 2}, {-1, io.SeekStart, -1}, {-3, io.SeekStart, -1}, {-3, io.SeekCurrent, -1},
		{-2, io.SeekCurrent, 0}, {-4, io.SeekEnd, 0}, {-5, io.SeekEnd, -1}, {-7, io.SeekEnd, -1}, {math.MinInt64, io.SeekStart, -1},
		{math.MinInt64, io.SeekCurrent, -1}, {1, io.SeekEnd, 5}, {0, 3, -1}, {1, io.SeekStart, 1},
	} {
		at, err := s.Seek(c.offset, c.whence)
		if c.at < 0 {
			require.ErrorIs(t, err, storage.ErrInvalid, "%+v", c)
			continue
		}
		require.NoError(t, err, "%+v", c)
		require.Equal(t, c.at, at, "%+v", c)
	}
	rest, err := io.ReadAll(s)
	require.NoError(t, err)
	assert.Equal(t, "456", string(rest), "an error leaves the offset")

	for _, c := range []struct {
		off  int64
		want string
		err  error
	}{
		{0, "34", nil}, {2, "56", nil}, {3, "6", io.EOF}, {4, "", io.EOF}, {7, "", io.EOF},
		{math.MaxInt64, "", io.EOF}, {math.MaxInt64 - 3, "", io.EOF}, {-1, "", storage.ErrInvalid}, {-3, "", storage.ErrInvalid}, {math.MinInt64, "", storage.ErrInvalid},
	} {
		p := make([]byte, 2)
		n, err := rc.(io.ReaderAt).ReadAt(p, c.off)
		assert.Equal(t, c.want, string(p[:n]), "ReadAt %d", c.off)
		assert.ErrorIs(t, err, c.err, "ReadAt %d", c.off)
	}
}

// TestSeekOverflow: an offset that does not fit is an error, or past the end.
func TestSeekOverflow(t *testing.T) {
	s := opened(t, "0123456789", 3, 4).(io.ReadSeeker)
	for _, whence := range []int{io.SeekStart, io.SeekCurrent, io.SeekEnd} {
		if _, err := s.Seek(math.MaxInt64, whence); err == nil {
			n, err := s.Read(make([]byte, 1))
			assert.Zero(t, n)
			assert.ErrorIs(t, err, io.EOF)
		}
		_, err := s.Seek(0, io.SeekStart)
		require.NoError(t, err)
	}
}

// TestIdleReads: a source may give nothing 99 times in a row, as often as it likes,
// but not a hundred times.
func TestIdleReads(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	for _, size := range []int64{-1, 3} {
		src := &idle{pauses: 99, left: 3}
		obj, err := b.Write(ctx, "k", src, size, "", nil)
		require.NoError(t, err)
		require.EqualValues(t, 3, obj.Size)
		src = &idle{pauses: 100, left: 3}
		_, err = b.Write(ctx, "k", src, size, "", nil)
		require.ErrorIs(t, err, io.ErrNoProgress)
		require.Equal(t, 100, src.reads)
	}
}

// idle is a source that gives nothing a number of times before each byte.
type idle struct{ pauses, left, idle, reads int }

func (r *idle) Read(p []byte) (int, error) {
	r.reads++
	switch {
	case r.idle < r.pauses:
		r.idle++
		return 0, nil
	case r.left == 0:
		return 0, io.EOF
	}
	r.idle = 0
	r.left--
	return copy(p[:1], "x"), nil
}
