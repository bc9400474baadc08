// Package storage is the contract between programs and object stores.
//
// A [Storage] holds buckets; a [Bucket] holds objects. An object is content under a
// key, with a content type, metadata, times and an ETag. A key is slash-separated
// text. Directories are not stored: one exists as long as a key lies beneath it.
//
// A driver implements the contract and registers a scheme; a program imports the
// driver for its side effect and opens a store by its data source name:
//
//	import (
//		"open-lake.dev/lib/storage"
//		_ "open-lake.dev/lib/storage/driver/memory"
//	)
//
//	st, err := storage.Open(ctx, "mem://")
//
// Optional capabilities are separate interfaces, found by type assertion:
// [HasDirectories], [HasMultipart], [HasUploads], [HasLimits]. [Features] reports
// what a driver supports.
//
// # Errors and options
//
// A failing operation returns an [*Error] around one of the sentinels
// ([ErrNotExist], [ErrInvalid], …), a context's error or the error of a caller's
// reader. [errors.Is] sees through it, to the twin in [io/fs] too.
//
// Operations take [Options], a map whose keys are the constants Opt…; nil is no
// options. A misspelt, misplaced or mistyped option is [ErrInvalid], so that a
// condition is never ignored; see [Options.Validate].
//
// # Concurrency
//
// Every method may be called from any number of goroutines, unless it says
// otherwise. An iterator or a reader belongs to one goroutine at a time.
//
// # Rules
//
// Every driver keeps these rules. Comments cite them by number, and the suite in
// driver/drivertest names its cases after them. A driver that cannot keep one says
// so in its [Limits].
//
// Keys and names:
//
//   - K1: A key is normalised by [CleanKey] on the way in, so every spelling of a
//     path is one object. A listed key normalises to itself and names what was
//     listed. An empty key, one of more than 1,024 bytes, a name of only white
//     space, a NUL and invalid UTF-8 are ErrInvalid; a way out by ".." is
//     ErrPermission.
//   - K2: A list prefix is a byte prefix of keys, normalised by [CleanPrefix]: "foo"
//     matches "foobar" and "foo/a", "foo/" only "foo/a", the empty prefix all.
//   - K3: A bucket's name is normalised by [CleanBucket] wherever one comes in. The
//     empty name is the default bucket for Bucket, and ErrInvalid for CreateBucket
//     and DeleteBucket.
//   - K4: A store with exact keys takes keys as S3 does: any valid UTF-8 of 1 to
//     1,024 bytes, each its own object, and prefixes as they are. Directories end at a
//     slash; one whose last name is empty ("/", "a//") is listed with it. Exactness
//     is part of the store's value: its snapshots, forks and files are exact too.
//
// Buckets:
//
//   - B1: Bucket returns a handle and creates nothing. Info of a bucket that was
//     never created is ErrNoBucket.
//   - B2: Write, Copy, Move and InitMultipart create a missing bucket in the same
//     commit. Open, Stat and Delete there are ErrNoBucket; List is empty.
//   - B3: CreateBucket of an existing bucket is ErrExist; DeleteBucket of one that
//     holds objects is ErrPermission without OptForce. Buckets are listed by name.
//
// Objects:
//
//   - O1: Write stores nothing unless it succeeds. A short source, an error of the
//     source, also one that comes with its last bytes, a done context, a failed
//     condition or checksum leave the old object. A size ≥ 0 reads exactly that
//     many bytes, a negative one to the end. A nil source is an empty one if
//     size ≤ 0. Memory grows with the bytes received, not with the size claimed.
//   - O2: Overwriting keeps Created and sets Updated, Copy sets both to now, Move
//     keeps both. Times are UTC, from the store's clock. Updated never goes back
//     while the object exists, and Created ≤ Updated.
//   - O3: The ETag is derived from the content alone; that of a multipart object
//     from its parts' ETags and their number ("…-N"). A store opened with MD5 ETags
//     has those of S3. Hash holds the digests that OptChecksumAlgorithms asks for,
//     and OptChecksum is verified: ErrChecksum.
//   - O4: Open: an offset < 0 is 0, one past the end gives an empty reader, a
//     length ≤ 0 is to the end. The reader keeps its content until it is closed,
//     whatever happens to the key; then neither it nor the Object keeps any.
//   - O5: Open of a name that is only a directory is ErrPermission. Stat of it has
//     IsDir set and the key without a trailing slash. Stat of "dir/" looks for the
//     directory first, and then for the object.
//   - O6: Delete of a missing key is ErrNotExist, of a name that is only a directory
//     ErrPermission. With OptRecursive it removes the object and everything beneath
//     in one commit.
//   - O7: The conditions OptIfMatch, OptIfNoneMatch, OptIfModifiedSince and
//     OptIfUnmodifiedSince are judged on the object that the operation reads or
//     replaces, within its commit if it writes; one that fails is ErrPrecondition.
//     OptUpsert false is ErrExist where the key exists. See [CheckConditions].
//   - O8: Nothing that a caller passes in or gets out is shared with the store. A
//     short string does not keep the long one alive that it was cut from, and no
//     caller's reader or writer sees another caller's bytes.
//
// Listings:
//
//   - L1: List is recursive and gives objects, unless OptRecursive is false; then it
//     gives the direct children, objects and directories. OptFilesOnly and
//     OptDirsOnly filter; both together filter nothing.
//   - L2: Entries come in byte order of key, a directory as its key plus "/". A
//     limit ≤ 0 is all, an offset < 0 is 0. OptStartAfter pages in O(log n), and
//     [Object.PageKey] is the value that continues a listing.
//   - L3: An iterator walks the value that was current when List was called, lazily,
//     whatever is written meanwhile.
//
// Directories:
//
//   - D1: A directory exists while an object lies beneath it; the root exists while
//     the bucket does. Info has the times of the earliest and the latest change beneath
//     since it appeared. A missing directory is ErrNotExist.
//   - D2: Directory.List gives the direct children; a missing directory lists empty.
//   - D3: Directory.Delete removes the objects directly in it or, with OptRecursive,
//     all beneath, in one commit. Nothing removed is ErrNotExist.
//   - D4: Directory.Move re-keys all beneath in one commit that no reader sees half
//     of, and keeps the objects' times. A missing source is ErrNotExist; a key that
//     would get too long is ErrInvalid, and nothing moves.
//
// Multipart uploads:
//
//   - M1: Part numbers are 1 to 10,000, else ErrInvalid. An unknown or finished
//     upload is ErrNotExist. Uploading a number again replaces the part. The bucket
//     and key of a handle are normalised like any. An upload's ID is unique: no
//     fork gives it out again, nor a store after Restore.
//   - M2: CompleteMultipart joins the named parts by ascending number. No parts, one
//     named twice, one never uploaded or one with another ETag (an empty one is not
//     compared) are ErrInvalid, and the upload stays. The object appears in one
//     commit. Parts that are not named do not matter.
//   - M3: What Features denies, and CopyPart without a source, is ErrUnsupported
//     whatever the arguments, unless the store is closed or the context nil or done.
//
// Snapshots:
//
//   - S1: Restore brings back everything that a snapshot held, uploads in progress
//     included, in one commit: any snapshot, any number of times, into any store.
//   - S2: A write that began before Restore and commits after it applies to the
//     restored state. It never brings back what Restore removed.
//   - S3: Save and Load carry everything that S1 names; a truncated or altered file
//     is an error and loads nothing.
//   - S4: Update runs a function on a store of its own and commits what it left in
//     one commit, or nothing if it returns an error or panics. If another commit
//     came between, the function runs again on the new value.
//
// Contexts, closing, bad arguments:
//
//   - C1: Every method with a context returns the context's error if it is done, and
//     stores nothing.
//   - C2: After Close every operation is ErrClosed; Close again is nil. Snapshots,
//     readers and iterators taken before stay good.
//   - C3: A nil or zero argument is an error, not a panic, wherever an error can be
//     returned.
//
// Features:
//
//   - F1: Features says what the driver does, in a fresh map.
//   - F2: A rule that a driver cannot keep is named in its [Limits]; the weak half
//     that is listed there still holds. A condition that cannot be judged atomically
//     is ErrUnsupported.
package storage
