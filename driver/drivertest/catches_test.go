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
	rule   string // the rule it breaks: a case named so fails …
	phrase string // … and says this, which leads to the fault
	hangs  bool   // a case ends only because it lasts too long
	exact  bool   // the driver has exact keys
	fault  fault

	// limits are what the driver says of itself. If it relaxes rules, the fault is
	// in what is left of them.
	limits storage.Limits
}

// TestSuiteCatches: a driver that breaks a rule fails a case of that rule, with
// a message that leads to the fault.
func TestSuiteCatches(t *testing.T) {
	onMaps := slices.Concat(nameVariants, sourceVariants, objectVariants, readerVariants, conditionVariants, sharingVariants,
		listVariants, directoryVariants, multipartVariants, uploadVariants, storeVariants, optionVariants, limitVariants,
		weakVariants, silentVariants(), trapVariants)
	for _, v := range onMaps {
		t.Run(v.rule+" "+v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, mapstore.New)
		})
	}
	for _, v := range slices.Concat(snapshotVariants, updateVariants, exactKeyVariants) {
		t.Run(v.rule+" "+v.name, func(t *testing.T) {
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

// check runs the cases of the rule on what sound makes, with the fault, until one
// says the phrase.
func (v variant) check(t *testing.T, sound func() storage.Storage) {
	config := Config{ExactKeys: v.exact, Factory: func(*testing.T) (storage.Storage, func()) {
		st := v.store(sound())
		return st, func() { st.Close() }
	}}
	if v.hangs {
		config.Patience = time.Second
	}
	var said []string
	for _, c := range config.cases() {
		if !strings.HasPrefix(c.name, v.rule+"_") {
			continue
		}
		for _, f := range c.run(t, config).failures {
			if strings.Contains(f, v.phrase) {
				t.Log(c.name, f) // the message to the driver's author
				return
			}
			said = append(said, c.name+f)
		}
	}
	require.NotEmpty(t, said, "the suite does not notice the fault")
	require.Fail(t, "the failures do not lead to the fault", "none says %q:\n%s", v.phrase, strings.Join(said, "\n"))
}
