package drivertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestMapStore: the suite tests the contract and not one implementation.
func TestMapStore(t *testing.T) {
	ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
		st := mapstore.New()
		return st, func() { assert.NoError(t, st.Close()) }
	})
}

// variant is a driver with one fault.
type variant struct {
	name   string
	fails  string // the case that fails …
	phrase string // … and says this, which leads to the fault
	hangs  bool   // the case ends only because it lasts too long
	exact  bool   // the driver has exact keys
	fault  fault

	// limits are what the driver says of itself. If it relaxes rules, the fault is
	// in what is left of them.
	limits storage.Limits
}

// TestSuiteCatches: a driver that breaks a rule fails the case for it, with a
// message that leads to the fault.
func TestSuiteCatches(t *testing.T) {
	onMaps := slices.Concat(nameVariants, sourceVariants, objectVariants, readerVariants, conditionVariants, sharingVariants,
		listVariants, directoryVariants, multipartVariants, uploadVariants, storeVariants, optionVariants, limitVariants,
		weakVariants, silentVariants(), trapVariants)
	for _, v := range onMaps {
		t.Run(v.fails+" "+v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, mapstore.New)
		})
	}
	for _, v := range slices.Concat(snapshotVariants, updateVariants, exactKeyVariants) {
		t.Run(v.fails+" "+v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, v.memory)
		})
	}
}

// memory returns a sound store with snapshots, and exact keys if v has them.
func (v variant) memory() storage.Storage {
	if v.exact {
		return memdriver.Open(memdriver.WithExactKeys())
	}
	return memdriver.Open()
}

// store returns a store with the fault.
func (v variant) store(sound storage.Storage) storage.Storage {
	st := &brokenStore{Storage: sound, fault: both(v.fault, lacking(v.limits)), limits: v.limits}
	if s, ok := sound.(snapshot.Store); ok {
		return &rewindableStore{st, s}
	}
	return st
}

// check runs the case on what sound makes, with the fault.
func (v variant) check(t *testing.T, sound func() storage.Storage) {
	config := Config{ExactKeys: v.exact, Patience: time.Minute, Factory: func(*testing.T) (storage.Storage, func()) {
		st := v.store(sound())
		return st, func() { st.Close() }
	}}
	if v.hangs {
		config.Patience = time.Second
	}
	cases := config.cases()
	i := slices.IndexFunc(cases, func(c testCase) bool { return c.name == v.fails })
	require.GreaterOrEqual(t, i, 0, "there is no case %q", v.fails)
	said := cases[i].run(t, config).failures
	require.NotEmpty(t, said, "the suite does not notice the fault")
	if !strings.Contains(strings.Join(said, "\n"), v.phrase) {
		require.Fail(t, "the failures do not lead to the fault", "none says %q:\n%s", v.phrase, strings.Join(said, "\n"))
	}
}
