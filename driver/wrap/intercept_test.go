package wrap_test

import (
	"context"
	"testing"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
)

var engines = map[string]func() storage.Storage{
	"memory":   func() storage.Storage { return memdriver.Open() },
	"mapstore": mapstore.New,
	"bare":     func() storage.Storage { return bare{mapstore.New()} },
}

// bare is a store without directories and uploads in parts.
type bare struct{ storage.Storage }

func (s bare) Bucket(name string) storage.Bucket {
	return struct{ storage.Bucket }{s.Storage.Bucket(name)}
}

func pass(ctx context.Context, _ *wrap.Call, next func(context.Context) error) error {
	return next(ctx)
}

func TestContract(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			drivertest.ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
				st := wrap.Intercept(open(), pass)
				return st, func() { st.Close() }
			})
		})
		t.Run(name+" alone", func(t *testing.T) {
			drivertest.ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
				st := open()
				return st, func() { st.Close() }
			})
		})
	}
}
