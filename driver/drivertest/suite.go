package drivertest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"open-lake.dev/lib/storage"
)

// Factory makes a fresh, empty store for one test, and a function that releases
// it. A case may call it more than once; the stores must not share anything.
type Factory = func(t *testing.T) (storage.Storage, func())

// Config describes a driver to [Run]. Only Factory is needed.
type Config struct {
	Factory Factory

	// Patience is the time after which a case counts as deadlocked. Zero is ten
	// seconds, which a store over a network may exceed.
	Patience time.Duration

	// Rounds is how often a race is repeated. Zero is 60. Fewer make the suite
	// faster, and less likely to notice a driver that is not atomic.
	Rounds int

	// ExactKeys says that the stores take keys as they are (K4). The cases of K4
	// are run, and those that need keys to be normalised are skipped.
	ExactKeys bool
}

// Run runs every case of the contract, each as a subtest named after its rule and
// on a store of its own. Cases of what the driver lacks, or denies in its
// [storage.Features] or [storage.Limits], are skipped with the reason.
func Run(t *testing.T, c Config) {
	t.Helper()
	for _, tc := range c.cases() {
		t.Run(tc.name, func(t *testing.T) { tc.run(t, c).report(t) })
	}
}

// ConformanceSuite is [Run] with nothing but a factory.
func ConformanceSuite(t *testing.T, factory Factory) {
	t.Helper()
	Run(t, Config{Factory: factory})
}

func (c Config) patience() time.Duration { return cmp.Or(c.Patience, 10*time.Second) }

func (c Config) rounds() int { return cmp.Or(c.Rounds, 60) }

// cases returns the cases for a driver, in the order of the contract.
func (c Config) cases() []testCase {
	cases := slices.Concat(
		keyCases, prefixCases, bucketNameCases, bucketCases, writeCases, sourceCases, timeCases, digestCases,
		readCases, deleteCases, copyCases, conditionCases(), sharingCases, listCases, snapshotListCases,
		pagingCases, directoryCases, directoryMoveCases, interruptionCases, multipartCases, completeCases,
		uploadCases, snapshotCases, savingCases, updateCases, lifecycleCases, nilCases, featureCases, limitCases, errorCases, optionCases,
		concurrencyCases, trapCases,
	)
	if c.ExactKeys {
		cases = append(cases, exactKeyCases...)
	}
	return cases
}
