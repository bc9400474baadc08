package snaptest_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

func verifyTestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a testing.TB that notes what becomes of a test.
type recorder struct {
	testing.TB
	name     string
	failures []string
	fatal    bool
	logs     []string
	cleanups []func()
}

// record runs f as a test named TestArchive/year's_end_(v1), cleanups included.
func record(t *testing.T, f func(tb testing.TB)) *recorder {
	t.Helper()
	r := &recorder{TB: t, name: "TestArchive/year's_end_(v1)"}
	run := func(f func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		<-done
	}
	run(func() { f(r) })
	for len(r.cleanups) > 0 {
		last := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		run(last)
	}
	return r
}

func (r *recorder) Helper()          {}
func (r *recorder) Name() string     { return r.name }
func (r *recorder) Failed() bool     { return len(r.failures) > 0 }
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
	runtime.Goexit()
}

// failure returns the one message the test failed with.
func (r *recorder) failure(t *testing.T) string {
	t.Helper()
	require.Len(t, r.failures, 1)
	return r.failures[0]
}

// put writes an object.
func put(t testing.TB, b storage.Bucket, key, content string, opts storage.Options) {
	t.Helper()
	_, err := b.Write(context.Background(), key, strings.NewReader(content), int64(len(content)), "", opts)
	require.NoError(t, err)
}

// content reads an object of a snapshot.
func content(t testing.TB, snap *snapshot.Snapshot, bucket, key string) string {
	t.Helper()
	r, _, err := snap.Storage().Bucket(bucket).Open(context.Background(), key, 0, 0, nil)
	require.NoError(t, err)
	defer r.Close()
	all, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(all)
}

// foreign is a store of some other driver: it has nothing but the contract.
type foreign struct{ storage.Storage }
