package wrap

import (
	"context"
	"time"

	"open-lake.dev/lib/storage"
)

// Latency says which calls are late. The zero value delays nothing.
type Latency struct {
	// Op, Bucket and Key select calls, as in [Fault].
	Op, Bucket, Key string

	// Delay is the time that passes before the call.
	Delay time.Duration
}

// Delay returns a store whose calls wait before they begin, or until their context
// is done. A call that several latencies select waits for each of them. In a
// testing/synctest bubble no time passes.
func Delay(st storage.Storage, latencies ...Latency) storage.Storage {
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		for _, l := range latencies {
			late, err := pattern{l.Op, l.Bucket, l.Key}.matches(c)
			if err == nil && late {
				err = sleep(ctx, c, l.Delay)
			}
			if err != nil {
				return err
			}
		}
		return next(ctx)
	})
}

func sleep(ctx context.Context, c *Call, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return c.Fail(ctx.Err())
	}
}
