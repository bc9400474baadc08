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
	fault  fault
}

// TestSuiteCatches: a driver that breaks a rule fails a case of that rule, with
// a message that leads to the fault.
func TestSuiteCatches(t *testing.T) {
	for _, v := range slices.Concat(nameVariants, objectVariants, conditionVariants, listVariants, directoryVariants, multipartVariants, storeVariants) {
		t.Run(v.rule+" "+v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, func() storage.Storage { return mapstore.New() })
		})
	}
	for _, v := range snapshotVariants {
		t.Run(v.rule+" "+v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, func() storage.Storage { return memdriver.Open() })
		})
	}
}

// check runs the cases of the rule on what sound makes, with the fault, until one
// says the phrase.
func (v variant) check(t *testing.T, sound func() storage.Storage) {
	config := Config{Factory: func(*testing.T) (storage.Storage, func()) {
		st := withFault(sound(), v.fault)
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
				t.Log(c.name, f) // what the driver's author would read
				return
			}
			said = append(said, c.name+f)
		}
	}
	require.NotEmpty(t, said, "the suite does not notice the fault")
	require.Fail(t, "the failures do not lead to the fault", "none says %q:\n%s", v.phrase, strings.Join(said, "\n"))
}
