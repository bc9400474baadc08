package storage_test

import (
	"context"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	_ "open-lake.dev/lib/storage/driver/file"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func memoryFactory(t *testing.T) (storage.Storage, func()) {
	ctx := context.Background()
	st, err := storage.Open(ctx, "mem://")
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return st, func() { st.Close() }
}

// TestContract runs the suite on the memory driver as a program opens it.
func TestContract(t *testing.T) {
	drivertest.ConformanceSuite(t, memoryFactory)
}

// TestContractWithOptions runs it on a store whose clock is the caller's and
// whose default bucket has another name.
func TestContractWithOptions(t *testing.T) {
	drivertest.ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
		st := memdriver.Open(memdriver.WithClock(ticking()), memdriver.WithDefaultBucket("main"))
		return st, func() { st.Close() }
	})
}

// TestContractWithExactKeys runs it on a store that takes keys as S3 does, with the
// ETags of S3.
func TestContractWithExactKeys(t *testing.T) {
	drivertest.Run(t, drivertest.Config{ExactKeys: true, Factory: func(*testing.T) (storage.Storage, func()) {
		st := memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags())
		return st, func() { st.Close() }
	}})
}

// TestContractWithLimits runs it on a store that refuses what S3 refuses.
func TestContractWithLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("parts of 5 MiB take their time")
	}
	drivertest.ConformanceSuite(t, func(t *testing.T) (storage.Storage, func()) {
		st, err := storage.Open(t.Context(), "mem://?limits=s3")
		require.NoError(t, err)
		return st, func() { st.Close() }
	})
}

// TestContractOnFiles runs it on files, without the slow fsync.
func TestContractOnFiles(t *testing.T) {
	drivertest.Run(t, drivertest.Config{Patience: time.Minute, Factory: func(t *testing.T) (storage.Storage, func()) {
		u := url.URL{Scheme: "file", Path: filepath.ToSlash(t.TempDir()), RawQuery: "fsync=false"}
		st, err := storage.Open(t.Context(), u.String())
		require.NoError(t, err)
		return st, func() { st.Close() }
	}})
}

// ticking returns a clock that goes on by a second whenever it is asked.
func ticking() func() time.Time {
	var mu sync.Mutex // guards now
	now := time.Date(2020, 1, 2, 3, 4, 5, 6, time.FixedZone("east", 3600))
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

func BenchmarkMemory(b *testing.B) {
	drivertest.Benchmarks(b, func(b *testing.B) (storage.Storage, func()) {
		st, err := storage.Open(context.Background(), "mem://")
		require.NoError(b, err)
		return st, func() { st.Close() }
	})
}
