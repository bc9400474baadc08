package wrap

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

// closable is a reader and an iterator of every kind.
type closable[T any] struct {
	io.Reader
	closed int
}

func (c *closable[T]) Next() (*T, error) { return nil, nil }
func (c *closable[T]) Close() error      { c.closed++; return nil }

// What the caller does not get is closed, and what he gets is not.
func TestDroppedResultsAreClosed(t *testing.T) {
	for _, want := range []error{nil, errors.New("lost")} {
		r, o, b, u := new(closable[int]), new(closable[storage.Object]), new(closable[storage.BucketInfo]), new(closable[storage.UploadInfo])
		around := Around(func(_ context.Context, c *Call, _ func(context.Context) error) error {
			c.Reader, c.Objects, c.Buckets, c.Uploads = r, o, b, u
			return want
		})
		assert.Equal(t, want, around.run(t.Context(), new(Call), nil))
		n := 0
		if want != nil {
			n = 1
		}
		assert.Equal(t, []int{n, n, n, n}, []int{r.closed, o.closed, b.closed, u.closed})
	}
}
