package engine

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// TestWhole takes bodies from memory, some of which were read before, and leaves what
// does not belong to them.
func TestWhole(t *testing.T) {
	const content = "0123456789"
	for _, src := range []interface {
		io.Reader
		Len() int
	}{strings.NewReader(content), bytes.NewReader([]byte(content))} {
		for _, c := range []struct {
			size int64
			want string
		}{{2, "01"}, {3, "234"}, {0, ""}, {-1, "56789"}, {-1, ""}} {
			s, err := newSource(t.Context(), src, c.size)
			require.NoError(t, err)
			left := src.Len()
			b, err := s.Whole()
			require.NoError(t, err)
			require.Equal(t, left-len(c.want), src.Len())
			got, err := io.ReadAll(b.Reader())
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
			require.Equal(t, int64(len(c.want)), b.Size())
			require.NoError(t, b.Close())
		}
		s, err := newSource(t.Context(), src, 1)
		require.NoError(t, err)
		_, err = s.Whole()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	for _, src := range []io.Reader{nil, (*bytes.Reader)(nil), (*bytes.Buffer)(nil), (*strings.Reader)(nil)} {
		_, err := newSource(t.Context(), src, 1)
		require.ErrorIs(t, err, storage.ErrInvalid)
		s, err := newSource(t.Context(), src, -1)
		require.NoError(t, err)
		b, more, err := s.Next(1)
		require.NoError(t, err)
		require.False(t, more)
		require.Zero(t, b.Size())
		require.NoError(t, b.Close())
	}
	s, err := newSource(t.Context(), struct{ *strings.Reader }{strings.NewReader(content)}, -1)
	require.NoError(t, err)
	b, err := s.Whole()
	require.NoError(t, err)
	require.Nil(t, b, "of a type that may read otherwise")
}
