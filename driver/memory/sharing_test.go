package memdriver_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// sizes are of bodies that pass through no buffer, one and many, and take one leaf
// and several.
var sizes = []int{1, 1_000, 128 << 10, 300_000, 5 << 20}

// only demands that every byte of p is c.
func only(t *testing.T, c byte, p []byte, message string) {
	t.Helper()
	if i := bytes.IndexFunc(p, func(r rune) bool { return r != rune(c) }); i >= 0 {
		t.Fatalf("%s: byte %d of %d is %q, not %q", message, i, len(p), p[i], c)
	}
}

// content reads all of an object.
func content(t *testing.T, b storage.Bucket, key string) []byte {
	t.Helper()
	rc, _, err := b.Open(ctx, key, 0, 0, nil)
	require.NoError(t, err)
	defer rc.Close()
	p, err := io.ReadAll(struct{ io.Reader }{rc})
	require.NoError(t, err)
	return p
}

// hoarder keeps every slice that it is given, which no io.Writer may, and writes
// into them.
type hoarder struct{ kept [][]byte }

func (h *hoarder) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:cap(p)])
	return len(p), nil
}

func (h *hoarder) fill(c byte) {
	for _, p := range h.kept {
		for i := range p {
			p[i] = c
		}
	}
}

// TestWriterThatKeepsItsBytes: a writer that keeps the slices of WriteTo sees no other
// caller's bytes in them, and changes none by writing into them (O8).
func TestWriterThatKeepsItsBytes(t *testing.T) {
	for _, size := range sizes {
		b := memdriver.Open().Bucket("b")
		for _, key := range []string{"a", "b"} {
			_, err := b.Write(ctx, key, strings.NewReader(strings.Repeat(key, size)), int64(size), "", nil)
			require.NoError(t, err)
		}
		var first, second hoarder
		for key, w := range map[string]*hoarder{"a": &first, "b": &second} {
			rc, _, err := b.Open(ctx, key, 0, 0, nil)
			require.NoError(t, err)
			n, err := rc.(io.WriterTo).WriteTo(w)
			require.NoError(t, err)
			require.EqualValues(t, size, n)
			require.NoError(t, rc.Close())
		}
		first.fill('x')
		second.fill('y')
		for _, p := range first.kept {
			only(t, 'x', p, "two writers got the same slice")
		}
		only(t, 'a', content(t, b, "a"), "a writer changed what it read")
		only(t, 'b', content(t, b, "b"), "a writer changed what it read")
		_, err := b.Write(ctx, "c", struct{ io.Reader }{strings.NewReader(strings.Repeat("c", size))}, -1, "", nil)
		require.NoError(t, err)
		for _, p := range first.kept {
			only(t, 'x', p, "a writer sees a body that is written later")
		}
	}
}

// lingerer is a source of bytes c that goes on using every slice that it was given,
// as an abandoned Read does after a timeout. It calls meanwhile once it has filled a
// slice.
type lingerer struct {
	hoarder
	c         byte
	left      int
	meanwhile func()
}

func (l *lingerer) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), l.left)
	copy(p, bytes.Repeat([]byte{l.c}, n))
	l.left -= n
	l.kept = append(l.kept, p)
	if l.meanwhile != nil {
		l.meanwhile()
	}
	return n, nil
}

// TestReaderThatGoesOn: a source that goes on writing into the slice after its Read
// has returned changes no stored content and no other caller's, and sees none (O8).
func TestReaderThatGoesOn(t *testing.T) {
	for _, size := range sizes {
		for _, known := range []bool{true, false} {
			b := memdriver.Open().Bucket("b")
			mp := b.(storage.HasMultipart)
			mu, err := mp.InitMultipart(ctx, "part", "", nil)
			require.NoError(t, err)
			announced := int64(-1)
			if known {
				announced = int64(size)
			}
			first := &lingerer{c: 'a', left: size}
			_, err = b.Write(ctx, "a", first, announced, "", nil)
			require.NoError(t, err)
			part := &lingerer{c: 'p', left: size}
			info, err := mp.UploadPart(ctx, mu, 1, part, announced, nil)
			require.NoError(t, err)
			second := &lingerer{c: 'b', left: size, meanwhile: func() {
				for _, p := range first.kept {
					require.NotContains(t, string(p[:1]), "b", "a source sees the body of another")
				}
				first.fill('x')
				part.fill('x')
			}}
			_, err = b.Write(ctx, "b", second, announced, "", nil)
			require.NoError(t, err)
			second.fill('x')
			_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{info}, nil)
			require.NoError(t, err)
			for key, c := range map[string]byte{"a": 'a', "b": 'b', "part": 'p'} {
				got := content(t, b, key)
				require.Len(t, got, size)
				only(t, c, got, "a source changed what is stored")
			}
			rc, _, err := b.Open(ctx, "b", 0, 0, nil)
			require.NoError(t, err)
			_, err = rc.(io.WriterTo).WriteTo(new(hoarder))
			require.NoError(t, err)
			for _, p := range first.kept {
				only(t, 'x', p, "a source sees what another caller reads")
			}
		}
	}
}

// TestDigestReadsAlone: the buffers by which a completed upload is digested are no
// caller's.
func TestDigestReadsAlone(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	src := &lingerer{c: 'a', left: 300_000}
	_, err := b.Write(ctx, "a", src, -1, "", nil)
	require.NoError(t, err)
	src.fill('x')
	mp := b.(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "k", "", nil)
	require.NoError(t, err)
	part, err := mp.UploadPart(ctx, mu, 1, strings.NewReader(big), -1, nil)
	require.NoError(t, err)
	_, err = mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
	require.NoError(t, err)
	for _, p := range src.kept {
		only(t, 'x', p, "a source sees the content of an upload")
	}
	assert.Equal(t, big, string(content(t, b, "k")))
}
