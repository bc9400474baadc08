package drivertest

import (
	"slices"
	"testing"

	"open-lake.dev/lib/storage"
)

// Factory makes a fresh, empty store for one test, and a function that releases
// it. It is called once or twice in a case; the stores must not share anything.
type Factory = func(t *testing.T) (storage.Storage, func())

// ConformanceSuite runs every case of the contract, each as a subtest named by
// its rule and on a store of its own. What the driver lacks is skipped with the
// reason.
func ConformanceSuite(t *testing.T, factory Factory) {
	t.Helper()
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) {
			c.run(func() (storage.Storage, func()) { return factory(t) }).report(t)
		})
	}
}

// allCases returns the whole suite in the order of the contract.
func allCases() []testCase {
	return slices.Concat(
		keyCases, bucketCases, writeCases, timeCases, digestCases, readCases, deleteCases,
		copyCases, conditionCases(), sharingCases, listCases, pagingCases, directoryCases,
		directoryMoveCases, multipartCases, completeCases, snapshotCases, lifecycleCases,
		errorCases, concurrencyCases, badInputCases, trapCases,
	)
}
