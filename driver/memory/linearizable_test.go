package memdriver_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// TestLinearizable records the operations of concurrent clients of one store, and
// demands that there is an order of them, one after another, that explains every
// result.
func TestLinearizable(t *testing.T) {
	rounds := 150
	if raceEnabled() {
		rounds = 50
	}
	for _, procs := range []int{runtime.GOMAXPROCS(0), 8} {
		t.Run(fmt.Sprint("GOMAXPROCS ", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			for round := range rounds {
				h := newHistory(t, memdriver.Open())
				h.run(clients, uint64(round))
				if h.linearizable() {
					continue
				}
				for _, op := range h.ops {
					t.Logf("client %d, %d to %d: %+v -> %+v", op.ClientId, op.Call, op.Return, op.Input, op.Output)
				}
				t.Fatalf("round %d has no order of its operations that explains what they saw", round)
			}
		})
	}
}

// TestLinearizableRejects: the same clients detect a store that takes several steps
// for an operation. One client alone cannot.
func TestLinearizableRejects(t *testing.T) {
	for name, broken := range brokenStores {
		t.Run(name, func(t *testing.T) {
			alone := newHistory(t, broken(memdriver.Open()))
			alone.run(1, 0)
			require.True(t, alone.linearizable())
			const rounds = 500 // most fail in the first few
			for round := range rounds {
				h := newHistory(t, broken(memdriver.Open()))
				h.run(clients, uint64(round))
				if !h.linearizable() {
					return
				}
			}
			t.Fatalf("%d histories were taken for linearizable", rounds)
		})
	}
}
