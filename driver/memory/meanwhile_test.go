package memdriver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// TestUpdateLosesNoAcknowledgedWrite: a write through tx that a goroutine makes as
// the function returns is committed or an error, never lost.
func TestUpdateLosesNoAcknowledgedWrite(t *testing.T) {
	for range 300 {
		st := memdriver.Open()
		written := make(chan error, 1)
		require.NoError(t, st.Update(ctx, func(tx storage.Storage) error {
			started := make(chan bool)
			go func() {
				close(started)
				_, err := tx.Bucket("b").Write(ctx, "late", strings.NewReader("x"), 1, "", nil)
				written <- err
			}()
			<-started
			return nil
		}))
		if <-written == nil {
			_, err := st.Bucket("b").Stat(ctx, "late", nil)
			require.NoError(t, err)
		}
	}
}

// TestUpdateOfNothing: a function that changes nothing still ends with the error of
// its context, or of a store that was closed meanwhile.
func TestUpdateOfNothing(t *testing.T) {
	st := memdriver.Open()
	canceled, cancel := context.WithCancel(ctx)
	require.ErrorIs(t, st.Update(canceled, func(storage.Storage) error { cancel(); return nil }), context.Canceled)
	require.ErrorIs(t, st.Update(ctx, func(storage.Storage) error { return st.Close() }), storage.ErrClosed)
}

// TestDirectoryMoveMeanwhile: a directory is not moved to a path that was taken as
// it is when the store has normal keys again (K1).
func TestDirectoryMoveMeanwhile(t *testing.T) {
	normal := memdriver.Open()
	put(t, normal.Bucket("b"), "a/x")
	var st *memdriver.Store
	between := func() {}
	st = memdriver.Open(memdriver.WithExactKeys(), memdriver.WithClock(func() time.Time { between(); return time.Now() }))
	put(t, st.Bucket("b"), "a/x")
	between = func() { require.NoError(t, st.Restore(normal.Snapshot())) } // after Move has begun
	_, err := st.Bucket("b").(storage.HasDirectories).Directory("a").Move(ctx, "p//q", nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = st.Bucket("b").Stat(ctx, "a/x", nil)
	require.NoError(t, err, "nothing is moved")
}

// TestTwinsByDirectoryMove: a store that has no object beside a directory of its
// name refuses the move that would make one.
func TestTwinsByDirectoryMove(t *testing.T) {
	st := memdriver.Open(memdriver.WithLimits(storage.Limits{Relaxed: []string{storage.RelaxedTwins}}))
	put(t, st.Bucket("b"), "a/x", "b")
	for _, dst := range []string{"b", "b/k"} {
		_, err := st.Bucket("b").(storage.HasDirectories).Directory("a").Move(ctx, dst, nil)
		require.ErrorIs(t, err, storage.ErrExist, dst)
	}
}
