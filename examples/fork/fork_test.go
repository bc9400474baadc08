package fork

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// scans returns ten years of scans of a hundred customers, 10,000 in all.
func scans(t *testing.T) *snapshot.Snapshot {
	st := snaptest.New(t)
	for customer := range 100 {
		for year := 2015; year < 2025; year++ {
			for number := range 10 {
				key := fmt.Sprintf("customer-%02d/%d/%d.pdf", customer, year, number)
				_, err := st.Bucket("scans").Write(t.Context(), key, strings.NewReader("%PDF-1.7"), -1, "application/pdf", nil)
				require.NoError(t, err)
			}
		}
	}
	return st.Snapshot()
}

func TestApply(t *testing.T) {
	fixture := scans(t)
	for name, tc := range map[string]struct {
		policy  Policy
		deleted int // directories of ten scans
	}{
		"everything":     {Policy{Since: 2015}, 0},
		"five years":     {Policy{Since: 2020}, 500},
		"nothing":        {Policy{Since: 2025}, 1000},
		"two customers":  {Policy{Since: 2025, Forever: map[string]bool{"customer-07": true, "customer-42": true}}, 980},
		"no such client": {Policy{Since: 2024, Forever: map[string]bool{"customer-7": true}}, 900},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := snaptest.Fork(t, fixture)
			deleted, err := tc.policy.Apply(t.Context(), st.Bucket("scans"))
			require.NoError(t, err)
			require.Equal(t, tc.deleted, deleted)
			require.Equal(t, 10_000-10*tc.deleted, st.Snapshot().Len())
		})
	}
}
