package engine

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// TestSource reads bodies of several lengths, whose ends fall on the end of the source or
// not.
func TestSource(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	for _, wrap := range []func(io.Reader) io.Reader{
		func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader,
	} {
		for _, size := range []int64{-1, int64(len(content))} {
			for _, n := range []int64{1000, maxPiece, 33_333, 50_000, 100_000, 100_001} {
				s, err := newSource(t.Context(), wrap(bytes.NewReader(content)), size)
				require.NoError(t, err)
				s.spool = spool{create: newTemp, most: 40_000}
				require.Equal(t, content, join(t, s, n), "size %d, bodies of %d", size, n)
			}
		}
	}
}

// join reads a source to its end.
func join(t *testing.T, s *Source, n int64) (got []byte) {
	for more := true; more; {
		var body *Body
		var err error
		body, more, err = s.Next(n)
		require.NoError(t, err)
		require.True(t, body.Size() == n || !more && body.Size() > 0, "only the last may be shorter, and not empty")
		piece, err := io.ReadAll(body.Reader())
		require.NoError(t, err)
		got = append(got, piece...)
		s.Release(body)
	}
	return got
}

func TestSourceFails(t *testing.T) {
	for want, src := range map[error]io.Reader{
		io.ErrUnexpectedEOF: strings.NewReader("123456789"),
		iotest.ErrTimeout:   iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("1234567890"))),
		io.ErrNoProgress:    idle{},
	} {
		s, err := newSource(t.Context(), src, 10)
		require.NoError(t, err)
		s.spool = spool{create: newTemp, most: 40_000}
		for more := true; more && err == nil; {
			_, more, err = s.Next(5)
		}
		require.ErrorIs(t, err, want)
	}
}

// idle is a reader that never reads anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
