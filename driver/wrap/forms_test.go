package wrap

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

func through(ctx context.Context, _ *Call, next func(context.Context) error) error { return next(ctx) }

// A wrapped value has the optional interfaces of the value within, whichever these
// are, and no others. The values within are the forms themselves.
func TestFormsKeepTheInterfaces(t *testing.T) {
	for m, form := range storeForms {
		got := Intercept(form(&store{in: fakeStore{}}), through)
		assert.Equal(t, m, mask(has[snapshot.Store](got), has[storage.HasLimits](got), has[storage.HasExactKeys](got)))
	}
	for m, form := range bucketForms {
		got := newBucket(form(&bucket{}), through)
		assert.Equal(t, m, mask(has[storage.HasDirectories](got), has[storage.HasMultipart](got), has[storage.HasUploads](got), has[storage.HasExactKeys](got)))
	}
	for m, form := range readerForms {
		got := newReader(context.Background(), form(&reader{}), through, "", "")
		assert.Equal(t, m, mask(has[io.Seeker](got), has[io.ReaderAt](got), has[io.WriterTo](got)))
	}
}

type fakeStore struct{ storage.Storage }

func has[T any](v any) bool {
	_, ok := v.(T)
	return ok
}
