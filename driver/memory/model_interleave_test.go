package memdriver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// askedContext does something when it is asked for its error for the nth time:
// while an operation is at work.
type askedContext struct {
	context.Context
	left int
	do   func()
}

func (c *askedContext) Err() error {
	if c.left--; c.left == 0 {
		c.do()
	}
	return c.Context.Err()
}

// interleaving is a store with an upload in progress, and what happens to it
// while an operation is at work.
type interleaving struct {
	*fixture
	between func() // when the clock is asked next
}

func newInterleaving(t *testing.T) *interleaving {
	x := new(interleaving)
	x.fixture = newFixture(t, memdriver.WithClock(func() time.Time {
		if f := x.between; f != nil {
			x.between = nil
			f()
		}
		return time.Unix(1, 0)
	}))
	return x
}

func (x *interleaving) uploadPart(t *testing.T, number int, body string) {
	_, err := x.mp.UploadPart(context.Background(), x.mu, number, strings.NewReader(body), -1, nil)
	require.NoError(t, err)
}

func (x *interleaving) complete(ctx context.Context) (*storage.Object, error) {
	sha1 := storage.Options{storage.OptChecksumAlgorithms: []string{storage.HashSHA1}}
	return x.mp.CompleteMultipart(ctx, x.mu, []*storage.PartInfo{x.part}, sha1)
}

func TestCloseWhileWriting(t *testing.T) {
	x := newInterleaving(t)
	src := &meanwhile{strings.NewReader("y"), func() { require.NoError(t, x.st.Close()) }}
	_, err := x.b.Write(x.ctx, "d/k", src, -1, "", nil)
	assert.ErrorIs(t, err, storage.ErrClosed)
	x = newInterleaving(t)
	x.between = func() { require.NoError(t, x.st.Close()) }
	assert.ErrorIs(t, x.b.Delete(x.ctx, "d/k", nil), storage.ErrClosed)
}

// TestCancelAtAnyTime cancels a context when it is asked for the nth time, for
// all n: the operation then fails and has changed nothing, or has not asked.
func TestCancelAtAnyTime(t *testing.T) {
	for name, op := range map[string]func(x *interleaving, ctx context.Context) error{
		"write": func(x *interleaving, ctx context.Context) error {
			return second(x.b.Write(ctx, "d/k", strings.NewReader(big), int64(len(big)), "", nil))
		},
		"upload part": func(x *interleaving, ctx context.Context) error {
			return second(x.mp.UploadPart(ctx, x.mu, 2, strings.NewReader(big), -1, nil))
		},
		"complete": func(x *interleaving, ctx context.Context) error { return second(x.complete(ctx)) },
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				x := newInterleaving(t)
				before := x.st.Snapshot()
				inner, cancel := context.WithCancel(context.Background())
				ctx := &askedContext{inner, n, cancel}
				err := op(x, ctx)
				if ctx.left > 0 {
					require.NoError(t, err)
					require.Greater(t, n, 2, "it should ask more than once")
					return
				}
				require.ErrorIs(t, err, context.Canceled)
				require.Same(t, before, x.st.Snapshot())
			}
		})
	}
}

// TestCompleteMeanwhile changes an upload while its content is hashed, which is
// when no lock is held.
func TestCompleteMeanwhile(t *testing.T) {
	t.Run("a part it names is replaced", func(t *testing.T) {
		x := newInterleaving(t)
		_, err := x.complete(&askedContext{x.ctx, 2, func() { x.uploadPart(t, 1, "else") }})
		assert.ErrorIs(t, err, storage.ErrInvalid, "its ETag has changed")
	})
	t.Run("another part is uploaded", func(t *testing.T) {
		x := newInterleaving(t)
		o, err := x.complete(&askedContext{x.ctx, 2, func() { x.uploadPart(t, 2, "more") }})
		require.NoError(t, err)
		assert.EqualValues(t, len("part"), o.Size)
		assert.EqualValues(t, len("part"), x.st.Snapshot().Bytes(), "the other part is forgotten")
	})
	t.Run("it is aborted", func(t *testing.T) {
		x := newInterleaving(t)
		_, err := x.complete(&askedContext{x.ctx, 2, func() { require.NoError(t, x.mp.AbortMultipart(x.ctx, x.mu, nil)) }})
		assert.ErrorIs(t, err, storage.ErrNotExist)
	})
	t.Run("it is completed", func(t *testing.T) {
		x := newInterleaving(t)
		_, err := x.complete(&askedContext{x.ctx, 2, func() { require.NoError(t, second(x.complete(x.ctx))) }})
		assert.ErrorIs(t, err, storage.ErrNotExist)
	})
}
