// Package driver shows how to test a driver with drivertest.
//
// The driver opens stores in memory with times in whole milliseconds, as many
// services have them. The data source name sandbox://photos names the default
// bucket.
package driver

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func init() { storage.Register("sandbox", sandbox{}) }

// sandbox implements storage.Driver.
type sandbox struct{}

// Open opens a new, empty store.
func (sandbox) Open(_ context.Context, dsn string) (storage.Storage, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", storage.ErrInvalid, err)
	}
	if u.Host == "" || *u != (url.URL{Scheme: u.Scheme, Host: u.Host}) {
		return nil, fmt.Errorf("%w: %q: want sandbox://BUCKET", storage.ErrInvalid, dsn)
	}
	return memdriver.Open(memdriver.WithDefaultBucket(u.Host), memdriver.WithClock(milliseconds)), nil
}

func milliseconds() time.Time { return time.Now().Truncate(time.Millisecond) }
