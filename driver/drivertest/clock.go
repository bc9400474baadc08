package drivertest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// stamp strips a time of its zone and its monotonic reading.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }

// now reads the store's clock: it writes to a bucket that no case looks at.
func (h *harness) now() time.Time {
	key := fmt.Sprint("probe-", h.probes.Add(1))
	write := func() (*storage.Object, error) {
		return h.st.Bucket("clock").Write(h.ctx, key, strings.NewReader(""), 0, "", nil)
	}
	o, err := write()
	if errors.Is(err, storage.ErrNoBucket) {
		h.bucket("clock")
		o, err = write()
	}
	require.NoError(h, err, "Write must succeed")
	require.False(h, o.Updated.IsZero(), "O2: Write must set Updated")
	return o.Updated
}

// tick waits until the store's clock has advanced.
func (h *harness) tick() {
	start := h.now()
	const step = 10 * time.Millisecond
	time.Sleep(time.Millisecond)
	for waited := time.Duration(0); waited < 1500*time.Millisecond+2*h.limits.TimeResolution; waited += step {
		if h.now().After(start) {
			return
		}
		time.Sleep(step)
	}
	h.skip("the store's clock stands still")
}

// between checks that a time lies between two readings of the store's clock.
func (h *harness) between(before, t, after time.Time, message string) {
	before, after = before.Add(-h.limits.TimeResolution), after.Add(h.limits.TimeResolution)
	require.False(h, t.Before(before) || t.After(after), "%s: got %v, not between %v and %v", message, t, before, after)
}

// asStated returns an object that was just written as Stat describes it. Its times may
// be others, within the resolution of the store's.
func (h *harness) asStated(o *storage.Object) *storage.Object {
	if h.limits.TimeResolution == 0 {
		return o
	}
	return h.stat(o.Key)
}

// sameTime checks that a time is as expected.
func (h *harness) sameTime(want, got time.Time, message string) {
	apart := want.Sub(got).Abs()
	require.True(h, apart == 0 || apart < h.limits.TimeResolution, "%s: want %v, got %v", message, want, got)
}
