// Package storageblob opens a gocloud.dev [blob.Bucket] on any
// [storage.Bucket]. A program written for gocloud.dev can then be tested on a
// store that is rewound, forked and compared between tests:
//
//	st := memdriver.Open()
//	bucket := storageblob.OpenBucket(st.Bucket("uploads"), nil)
//	before := st.Snapshot()
//	…                       // the program writes into bucket
//	err := st.Restore(before) // and bucket is as it was
//
// A blob is an object, a blob's key is an object's key, and the two buckets
// are views of one: what is written into either is seen in both at once.
// Closing the [blob.Bucket] leaves the store open.
//
// # Keys
//
// A gocloud.dev key is any text; a storage key is a clean path
// ([storage.CleanKey]). A clean key is stored as it is. In any other key, what
// CleanKey would change is written as __0x…__ around the character's
// hexadecimal code, segment by segment:
//
//	an empty segment         a//b      a/__0x__/b
//	                         dir/      dir/__0x__
//	the segments . and ..    a/../b    a/.__0x2e__/b
//	backslash and NUL        a\b       a__0x5c__b
//	outer white space        "a "      a__0x20__
//
// A literal __0x is itself escaped where it would read as an escape. Every blob
// has one key and every object is one blob, those stored by other means too.
//
// # Attributes
//
// Cache-Control, Content-Disposition, Content-Encoding and Content-Language
// are kept in the object's metadata under those names. They cannot meet a key
// of the user's, which gocloud.dev puts in lower case. The ETag is the
// object's, in quotes. The MD5 is that of a write through this package, unless
// [Options].NoMD5 is set; an object stored by other means has one if its writer
// asked for it.
//
// # As
//
// storageblob exposes these types for As:
//
//   - Bucket: [storage.Bucket]
//   - Error: *[storage.Error]
//   - ListObject, Attributes: [storage.Object]
//   - Reader: [storage.Object], [io.ReadCloser]
//   - WriterOptions.BeforeWrite, ReaderOptions.BeforeRead,
//     CopyOptions.BeforeCopy, DeleteOptions.BeforeDelete,
//     ListOptions.BeforeList, SignedURLOptions.BeforeSign: [storage.Options],
//     the options of the operation to come; what is set in the map counts,
//     for instance a condition
//
// # URLs
//
// A [URLOpener] opens URLs like "s3://uploads" on the bucket "uploads" of a
// store of yours. It is registered under no scheme; register it on the
// [blob.URLMux] that the program under test opens its URLs with.
//
// # Caveats
//
// A listing is in the order of stored keys, in which an escape sorts as an
// underscore. A page is one state of the store; the next page is that of a later
// state.
//
// A bucket that does not exist reads as empty, and the first write creates it;
// IsAccessible is therefore never false.
//
// Seeking backwards in a [blob.Reader] opens the blob anew, as it is then.
//
// When a write fails half way, cancel the context of the [blob.Writer] before
// closing it, as gocloud.dev demands: Close stores what was written. Upload
// stores nothing if its reader fails.
package storageblob
