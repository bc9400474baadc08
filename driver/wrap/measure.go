package wrap

import (
	"context"
	"time"

	"open-lake.dev/lib/storage"
)

// Meter takes measurements. It is called from any number of goroutines.
type Meter interface {
	// Measure is called when a call has ended: its operation as in [Call], the time it
	// took, the bytes of content it moved and its error. The end of a reader is no
	// error.
	Measure(op string, took time.Duration, bytes int64, err error)
}

// Measure returns a store that measures every call. It panics if m is nil.
func Measure(st storage.Storage, m Meter) storage.Storage {
	if m == nil {
		panic("wrap: the meter is nil")
	}
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		start := time.Now()
		err := next(ctx)
		seen := err
		if !failed(err) {
			seen = nil
		}
		m.Measure(c.Op, time.Since(start), c.Bytes(), seen)
		return err
	})
}
