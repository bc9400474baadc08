// Package snaptest helps tests of code that keeps its data in an object store.
//
// A store made by [New] lives in memory, one per test. From there on everything
// turns on the snapshot, the whole store as one immutable value:
//
//   - to roll back is to make an old snapshot current again: [Rollback] does it
//     when the test or subtest ends, so that subtests share a store and meet it
//     as they left it;
//   - to fork is to start another store from a snapshot: [Fork] costs the same
//     whatever the snapshot holds, so that a thousand parallel subtests share
//     one large fixture and never meet;
//   - a fixture is a snapshot made of files, their top directories being the
//     buckets: [Fixture] reads them from any [io/fs.FS] — an embed.FS, an
//     os.DirFS, a txtar archive by way of txtar.FS — and [Export] and [Archive]
//     write them back;
//   - a golden file is a store written as text: [Golden] compares the two;
//   - what changed between two snapshots is told by [Diff], and that nothing
//     did by [AssertUnchanged].
//
// [Golden] reads any storage.Storage, whatever its driver. [Rollback] needs a
// [snapshot.Store], such as the memory driver's.
//
// # Golden files
//
// A golden file is a txtar archive. Its comment has a line for each bucket, in
// order; then comes one entry for each object, in the order of the keys:
//
//	bucket gallery: 2 objects, 25 bytes
//	-- gallery/alps/index.html --
//	size: 14
//	type: text/html
//	etag: 636483f5bd048083
//	meta title: In the Alps
//
//	<h1>Alps</h1>
//	-- gallery/alps/peak.jpg --
//	size: 11
//	type: image/jpeg
//	etag: afe1b6d9ea30c258
//	content sha256: 37d42c8bead967fc53e7c9d1127ff3724b5b9b7732482fc77637ea3c3329cc35
//
// Content follows a blank line if it is text and short; else the entry ends with
// its digest. Text is valid UTF-8 without control characters other than tab and
// line feed, so Windows line ends are not text; nor are lines that would read as
// txtar. Content that does not end in a line feed is followed by the line
//
//	\ No newline at end of file
//
// Text with characters that cannot be seen or can be taken for others, such as
// U+200B, a no-break space or a combining accent, and text with a blank at the
// end of a line, is quoted as in Go, line by line:
//
//	content quoted:
//	"no\u00a0break\n"
//	"a blank at the end \n"
//
// A name or a value that would not be clear on a line is quoted, too. Two stores
// have the same golden file only if they agree in everything that it shows.
//
// To write golden files, or rewrite them after a change, run the tests with
// -update and read what came of it before you commit it:
//
//	go test ./gallery -update
//
// The flag exists only in tests that import this package: where the tests of
// other packages run as well, go test ./... -update fails in those. Set the
// environment variable SNAPTEST_UPDATE=1 there instead.
//
// A package that defines a flag -update of its own, such as another golden file
// library, can be linked into the same test: -update then sets both. To that end
// this package renames the argument -update in os.Args to -snaptest.update when
// it is initialised.
//
// # Caveats
//
// Rolling back restores the whole store, so do it in tests that have the store
// to themselves; parallel tests take forks.
//
// ETags are the same on every run and machine, but drivers derive them in ways
// of their own: to hold several drivers against one golden file, leave them out
// with [Show]. Times are left out unless asked for; they are the same on every
// run if the store's clock is a test's own (memdriver.WithClock, or the time
// parameter of mem://) or the test runs in a testing/synctest bubble.
//
// Uploads in progress are rolled back and forked, but no golden file, export or
// comparison shows them.
package snaptest
