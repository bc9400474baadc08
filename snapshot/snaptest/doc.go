// Package snaptest helps to test code that keeps its data in an object store.
//
// [New] makes a store in memory for one test. All else builds on the snapshot,
// the whole store as one immutable value:
//
//   - [Rollback] restores the store's snapshot when a test or subtest ends, so
//     subtests can share a store and each finds it unchanged.
//   - [Fork] starts another store from a snapshot in O(1), so a thousand parallel
//     subtests can share one large fixture without seeing each other's writes.
//   - A fixture is a snapshot made of files, whose top directories are the
//     buckets. [Fixture] reads it from any [io/fs.FS], such as an embed.FS, an
//     os.DirFS or a txtar archive opened with txtar.FS. [Export] and [Archive]
//     write it back. What files cannot carry, such as metadata and uploads, a saved
//     snapshot can ([snapshot.Snapshot.SaveFile]), which Fixture takes, too.
//   - A golden file is a store written as text. [Golden] compares a store with it.
//   - [Diff] lists the differences between two snapshots, and [AssertUnchanged]
//     fails the test if there are any.
//   - [Fail] makes calls fail, [Record] notes them, and [EachFault] lets every write
//     of the code under test fail in turn, each on a fork of its own.
//
// [Golden] reads any storage.Storage, whatever its driver. [Rollback] needs a
// [snapshot.Store], such as the memory driver's.
//
// A nil store, snapshot, file system or option ends the test with a message.
//
// # Golden files
//
// A golden file is a txtar archive. Its comment has a line for each bucket, by
// name. Then follows an entry for each object, by key:
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
// Content that is text and at most 1024 bytes long follows a blank line; all
// other content is shown by its digest. Text is valid UTF-8 without control
// characters other than tab and line feed, so content with Windows line ends is
// not text. Neither is content with lines that would read as txtar. Content that
// does not end in a line feed is followed by the line
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
// To write golden files, or to rewrite them after a change, run the tests with
// -update and review the files before you commit them:
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
// Rollback restores the whole store. Use it in tests that have the store to
// themselves, and Fork in parallel tests: where tests that overlap roll back one
// store, Rollback ends the later one.
//
// ETags are the same on every run and machine, but each driver derives them in
// its own way: to compare several drivers with one golden file, leave them out
// with [Show]. Times are left out by default. They are the same on every run if
// the test sets the store's clock (memdriver.WithClock, or the time parameter of
// mem://) or runs in a testing/synctest bubble.
//
// Uploads in progress are rolled back and forked, but golden files, exports and
// comparisons do not show them.
package snaptest
