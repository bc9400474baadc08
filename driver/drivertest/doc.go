// Package drivertest is the contract of package storage as a test suite, for
// any driver.
//
// The author of a driver writes:
//
//	package mydriver
//
//	import (
//		"testing"
//
//		"open-lake.dev/lib/storage"
//		"open-lake.dev/lib/storage/driver/drivertest"
//	)
//
//	func TestContract(t *testing.T) {
//		drivertest.ConformanceSuite(t, func(t *testing.T) (storage.Storage, func()) {
//			st := Open()
//			return st, func() { st.Close() }
//		})
//	}
//
// Each case is a subtest on a fresh store, named by the rule it checks:
// TestContract/O1_short_source, TestContract/D4_merges. Its failure says what
// the rule wants. Cases under E check errors and options; those under Trap, what
// stores like ours are known to have got wrong.
//
// What a driver may lack is looked for by interface, and skipped with the
// reason if it is missing: [storage.HasDirectories], [storage.HasMultipart],
// snapshot.Store.
//
// A case that panics or waits for ever fails alone; the rest of the suite goes
// on. Cases compare times by the store's own clock. A clock that stands still
// skips the cases that need it to move; one that is coarse makes them wait.
//
// [Benchmarks] measures the same driver.
package drivertest
