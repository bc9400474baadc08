package s3driver

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

const racers = 8

// TestRaces lets writers race under a condition that only one of them can meet. Each
// writer has a store of its own, as in a program of its own.
func TestRaces(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	onServices(t, func(t *testing.T, s *testservers.Service) {
		bucket := newBucket(t, s)
		var writers []storage.Bucket
		for range racers {
			st, err := Open(t.Context(), client(t, s), Config{Bucket: bucket})
			require.NoError(t, err)
			t.Cleanup(func() { st.Close() })
			writers = append(writers, st.Bucket("data"))
		}
		first, limits := writers[0], storage.LimitsOf(newStore(t, s))
		put := func(key, content string) *storage.Object {
			o, err := storage.WriteAll(t.Context(), first, key, []byte(content), "", nil)
			require.NoError(t, err)
			return o
		}
		for i := range racers {
			put(fmt.Sprint("source-", i), fmt.Sprint(i))
		}
		for name, race := range map[string]struct {
			begin func(key string) string // returns the ETag of the object at key
			do    func(b storage.Bucket, i int, key, etag string) error
		}{
			"create": {func(string) string { return "" }, func(b storage.Bucket, i int, key, _ string) error {
				_, err := storage.WriteAll(t.Context(), b, key, fmt.Append(nil, i), "", storage.Options{storage.OptIfNoneMatch: "*"})
				return err
			}},
			"replace": {func(key string) string { return put(key, "old").ETag }, func(b storage.Bucket, i int, key, etag string) error {
				_, err := storage.WriteAll(t.Context(), b, key, fmt.Append(nil, i), "", storage.Options{storage.OptIfMatch: etag})
				return err
			}},
			"copy": {func(string) string { return "" }, func(b storage.Bucket, i int, key, _ string) error {
				_, err := b.Copy(t.Context(), key, "", fmt.Sprint("source-", i), storage.Options{storage.OptUpsert: false})
				return err
			}},
			"copy over": {func(key string) string { return put(key, "old").ETag }, func(b storage.Bucket, i int, key, etag string) error {
				_, err := b.Copy(t.Context(), key, "", fmt.Sprint("source-", i), storage.Options{storage.OptIfMatch: etag})
				return err
			}},
			"delete": {func(key string) string { return put(key, "old").ETag }, func(b storage.Bucket, _ int, key, etag string) error {
				return b.Delete(t.Context(), key, storage.Options{storage.OptIfMatch: etag})
			}},
		} {
			t.Run(name, func(t *testing.T) {
				if name == "delete" && limits.Relaxes(storage.RelaxedO7Delete) {
					t.Skip("the service lets each of several delete a version")
				}
				for round := range rounds {
					key := fmt.Sprintf("%s/%d", strings.ReplaceAll(name, " ", "-"), round)
					etag := race.begin(key)
					winners := winnersOf(t, func(i int) error { return race.do(writers[i], i, key, etag) })
					require.Len(t, winners, 1, "round %d", round)
					if name == "delete" {
						continue
					}
					got, _, err := storage.ReadAll(t.Context(), first, key)
					require.NoError(t, err)
					require.Equal(t, fmt.Sprint(winners[0]), string(got), "the object must be the winner's")
				}
			})
		}
	})
}

// winnersOf returns the racers that succeeded. The others must have been refused.
func winnersOf(t *testing.T, do func(i int) error) (winners []int) {
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	for i, err := range errs {
		switch {
		case err == nil:
			winners = append(winners, i)
		case !errors.Is(err, storage.ErrPrecondition) && !errors.Is(err, storage.ErrExist) && !errors.Is(err, storage.ErrNotExist):
			t.Errorf("racer %d: %v", i, err)
		}
	}
	return winners
}
