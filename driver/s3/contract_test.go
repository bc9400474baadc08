package s3driver

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// faults holds the cases that a service fails by a fault of its own, and the fault.
var faults = map[string]map[string]string{
	"versitygw": {
		"O1_no_reader_sees_a_mixture": "versitygw 1.8.0 may describe another version than the one it gives while a key is overwritten",
		"O1_everything_at_once":       "versitygw 1.8.0 may refuse a write because of a directory of its name, while keys beside it come and go, where none was made",
		"M2_one_completion_wins":      "versitygw 1.8.0 lists an upload without parts while it is being completed",
	},
}

// TestContract runs the suite. Each store is a prefix of the same bucket.
func TestContract(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		if testing.Short() && s.Name != "s3mem" {
			t.Skip("one service is enough for a short test")
		}
		bucket, suite := newBucket(t, s), t.Name()+"/"
		drivertest.Run(t, drivertest.Config{
			Factory: func(t *testing.T) (storage.Storage, func()) {
				if fault := faults[s.Name][strings.TrimPrefix(t.Name(), suite)]; fault != "" {
					t.Skip(fault)
				}
				st, err := storage.Open(t.Context(), nameOf(s, bucket, "prefix="+rand.Text()[:8]+"/"))
				require.NoError(t, err)
				return st, func() { st.Close() }
			},
			Patience: time.Minute,
			Rounds:   10,
		})
	})
}
