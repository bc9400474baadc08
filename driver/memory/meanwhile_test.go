package memdriver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
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

// TestTwinsByDirectoryMove: a store that has no object beside a directory of its
// name refuses the move that would make one.
func TestTwinsByDirectoryMove(t *testing.T) {
	st := memdriver.Open(memdriver.WithLimits(storage.Limits{Relaxed: []string{storage.RelaxedTwins}}))
	put(t, st.Bucket("b"), "a/x", "b", "c/x/y")
	for _, dst := range []string{"b", "b/k", "c"} {
		_, err := st.Bucket("b").(storage.HasDirectories).Directory("a").Move(ctx, dst, nil)
		require.ErrorIs(t, err, storage.ErrExist, dst)
	}
}

// TestRestoreOfOtherRules: an operation that was begun before a Restore to a value
// of other rules for keys and ETags applies to that as if it had begun after (S2).
func TestRestoreOfOtherRules(t *testing.T) {
	for name, do := range map[string]func(b storage.Bucket, mu *storage.MultipartUpload) error{
		"write": func(b storage.Bucket, _ *storage.MultipartUpload) error {
			_, err := b.Write(ctx, "new//key", strings.NewReader("content"), 7, "", nil)
			return err
		},
		"delete": func(b storage.Bucket, _ *storage.MultipartUpload) error { return b.Delete(ctx, "a//x", nil) },
		"copy": func(b storage.Bucket, _ *storage.MultipartUpload) error {
			_, err := b.Copy(ctx, "new//key", "", "a//x", nil)
			return err
		},
		"move": func(b storage.Bucket, _ *storage.MultipartUpload) error {
			_, err := b.Move(ctx, "new//key", "", "a//x", nil)
			return err
		},
		"directory.move": func(b storage.Bucket, _ *storage.MultipartUpload) error {
			_, err := b.(storage.HasDirectories).Directory("a//").Move(ctx, "new//key", nil)
			return err
		},
		"directory.delete": func(b storage.Bucket, _ *storage.MultipartUpload) error {
			return b.(storage.HasDirectories).Directory("a//").Delete(ctx, nil)
		},
		"uploadpart": func(b storage.Bucket, mu *storage.MultipartUpload) error {
			_, err := b.(storage.HasMultipart).UploadPart(ctx, mu, 2, strings.NewReader("second"), -1, nil)
			return err
		},
		"completemultipart": func(b storage.Bucket, mu *storage.MultipartUpload) error {
			_, err := b.(storage.HasMultipart).CompleteMultipart(ctx, mu, []*storage.PartInfo{{Number: 1}}, nil)
			return err
		},
		"abortmultipart": func(b storage.Bucket, mu *storage.MultipartUpload) error {
			return b.(storage.HasMultipart).AbortMultipart(ctx, mu, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			exact, st := memdriver.Open(memdriver.WithExactKeys()), memdriver.Open()
			put(t, exact.Bucket("b"), "a//x", "a/x", "new/key")
			put(t, st.Bucket("b"), "a/x", "a/y")
			mu := initUpload(t, st.Bucket("b"), "up/load")
			mu.Key = "up//load" // names another upload where keys are exact
			normal := st.Snapshot()
			begun := 0
			for _, c := range [][2]*snapshot.Snapshot{
				{normal, normal.WithExactKeys()}, {normal, normal.WithMD5ETags()}, {normal.WithMD5ETags(), normal},
				{normal, exact.Snapshot()}, {exact.Snapshot(), normal},
			} {
				from, to := c[0], c[1]
				want := memdriver.Open(memdriver.WithSnapshot(to), fixedClock(func() {}))
				wantErr := do(want.Bucket("b"), mu)

				var st *memdriver.Store
				var once sync.Once
				st = memdriver.Open(memdriver.WithSnapshot(from), fixedClock(func() {
					once.Do(func() { require.NoError(t, st.Restore(to)) }) // between begin and commit
				}))
				err := do(st.Bucket("b"), mu)
				if st.Snapshot() == from { // it failed at once
					require.ErrorIs(t, err, storage.ErrNotExist)
					continue
				}
				begun++
				require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
				for change := range snapshot.Diff(want.Snapshot(), st.Snapshot()) {
					t.Errorf("%+v", change)
				}
				require.Equal(t, partsOf(t, want.Bucket("b"), mu), partsOf(t, st.Bucket("b"), mu))
			}
			require.GreaterOrEqual(t, begun, 4)
		})
	}
}

// partsOf describes the parts of an upload, or the error of it.
func partsOf(t *testing.T, b storage.Bucket, mu *storage.MultipartUpload) string {
	t.Helper()
	parts, err := b.(storage.HasMultipart).ListParts(ctx, mu, 0, 0, nil)
	if err != nil {
		require.ErrorIs(t, err, storage.ErrNotExist)
	}
	text, err := json.Marshal(parts)
	require.NoError(t, err)
	return string(text)
}

// fixedClock makes a clock that stands still, and calls f when it is asked.
func fixedClock(f func()) memdriver.Option {
	return memdriver.WithClock(func() time.Time { f(); return time.Unix(2e9, 0) })
}

// initUpload begins an upload and uploads its part 1.
func initUpload(t *testing.T, b storage.Bucket, key string) *storage.MultipartUpload {
	t.Helper()
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(ctx, key, "", nil)
	require.NoError(t, err)
	_, err = m.UploadPart(ctx, mu, 1, strings.NewReader("first"), -1, nil)
	require.NoError(t, err)
	return mu
}
