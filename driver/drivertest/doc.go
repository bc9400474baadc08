// Package drivertest tests a driver against the contract of package storage.
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
// Each case is a subtest on a fresh store, named after the rule that it checks:
// TestContract/O1_short_source, TestContract/D4_merges. Its failure says what the
// rule demands. Cases under E check errors and options; those under Trap, faults
// that other stores had. The package comment of storage lists the rules.
//
// # Drivers with limits
//
// Few engines can keep the whole contract. A driver that says so passes:
//
//   - Optional capabilities are found by interface: [storage.HasDirectories],
//     [storage.HasMultipart], [storage.HasUploads], snapshot.Store. The cases of one
//     that is missing are skipped. Features must agree with the interfaces.
//   - [storage.Features] are held to their word. Each that is true is used, as far
//     as the contract has a method for it: a signed URL of HTTP is fetched. What is
//     denied must be ErrUnsupported.
//   - [storage.Limits] change what the cases do. Parts are padded to MinPart; keys,
//     names, metadata and objects stay within their limits, and one byte more must
//     be ErrInvalid; buckets have names that BucketName permits; times are compared
//     within TimeResolution.
//   - A rule in Limits.Relaxed has two halves. The cases of the strong half are
//     skipped. Those of the weak half, which [storage.Limits] lists, run for every
//     driver: a directory move need not be one commit, but no object may be missing
//     from both places (D4_every_object_is_somewhere), and a move that was
//     interrupted can be repeated (D4_interrupted_move_can_be_repeated).
//
// A skipped subtest gives the reason. A driver that promises everything skips
// nothing, and a rule that is relaxed in silence is a failure.
//
// A store with exact keys, and one over a network, need [Run]:
//
//	drivertest.Run(t, drivertest.Config{
//		Factory:  newStore,
//		Patience: time.Minute,
//		Rounds:   10,
//	})
//
// # How cases run
//
// A case that panics or never ends fails alone; the rest of the suite goes on.
// Cases compare times by the store's own clock. A clock that stands still skips the
// cases that need it to move; a coarse one makes them wait. Listings are of more
// than a thousand entries where a driver that fetches pages could go wrong.
//
// [Benchmarks] measures the same driver.
package drivertest
