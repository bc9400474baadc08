// Package gocloud connects package storage with [gocloud.dev/blob], in both
// directions: [OpenBucket] opens a bucket of a store as a [blob.Bucket], and [Open]
// opens a store in a [blob.Bucket].
//
// # A bucket as a blob.Bucket
//
// A program written for
// gocloud.dev can then be tested on a store that is rewound, forked and compared
// between tests:
//
//	st := memdriver.Open()
//	bucket := gocloud.OpenBucket(st.Bucket("uploads"), nil)
//	before := st.Snapshot()
//	…                         // the program writes into bucket
//	err := st.Restore(before) // and bucket is as it was
//
// A blob is an object. What is written into either bucket is seen in both at once.
// Closing the [blob.Bucket] leaves the store open.
//
// # Keys of a blob.Bucket
//
// A gocloud.dev key is any text. A store with exact keys (contract rule K4), such as
// one that memdriver.WithExactKeys opens, takes it as it is.
//
// Other stores take clean keys ([storage.CleanKey]). A clean key is stored as it
// is. In any other key, what CleanKey would change or refuse is written as __0x…__
// around the character's hexadecimal code, name by name:
//
//	an empty name            a//b      a/__0x__/b
//	                         dir/      dir/__0x__
//	the names . and ..       a/../b    a/.__0x2e__/b
//	a name of white space    a/ /b     a/__0x20__/b
//	backslash and NUL        a\b       a__0x5c__b
//
// A literal __0x is escaped where it would read as an escape. Keys of blobs and
// keys of objects correspond one to one, also those of objects stored by other
// means.
//
// # Attributes
//
// Cache-Control, Content-Disposition, Content-Encoding and Content-Language are
// kept in the object's metadata under those names. They cannot clash with a key of
// the user's, which gocloud.dev puts in lower case.
//
// The ETag is the object's, in quotes. The options if_match and if_none_match take
// it with or without them. The MD5 is computed by a write through this package,
// unless [Options].NoMD5 is set. An object stored by other means has one if its
// writer asked for it.
//
// # As
//
// This package exposes the following types for As:
//
//   - Bucket: [storage.Bucket]
//   - Error: *[storage.Error]
//   - ListObject, Attributes: [storage.Object]
//   - Reader: [storage.Object], [io.ReadCloser]
//   - WriterOptions.BeforeWrite, ReaderOptions.BeforeRead,
//     CopyOptions.BeforeCopy, DeleteOptions.BeforeDelete,
//     ListOptions.BeforeList, SignedURLOptions.BeforeSign: [storage.Options], the
//     options of the operation, which a hook may change, for instance to set a
//     condition
//
// # URLs
//
// A [URLOpener] opens URLs like "s3://uploads" on the bucket "uploads" of a store.
// It is registered under no scheme; register it on the [blob.URLMux] that the
// program under test opens its URLs with.
//
// # Caveats
//
// Without exact keys a listing is in the order of the stored keys, in which an
// escape sorts as an underscore. A page shows one state of the store, and the next
// page a later one.
//
// A bucket that does not exist reads as empty, and the first write creates it;
// IsAccessible is then true. A store whose limits relax rule B2 reports it as
// missing.
//
// Seeking backwards in a [blob.Reader] opens the blob again, in its current state.
//
// When a write fails half way, cancel the context of the [blob.Writer] before
// closing it, as gocloud.dev demands: Close stores what was written. Upload stores
// nothing if its reader fails.
//
// # Stores in a blob.Bucket
//
// A program written for package storage runs on every service that gocloud.dev has a
// driver for:
//
//	import (
//		_ "gocloud.dev/blob/gcsblob"
//		_ "open-lake.dev/lib/storage/driver/gocloud"
//	)
//
//	st, err := storage.Open(ctx, "gs://container?prefix=app/&bucket=data")
//
// The schemes gs and azblob are registered; [Register] adds others. A bucket of the
// store is a top directory of the blob.Bucket, so the object "a/b" of the bucket
// "data" is the blob "data/a/b". The blob ".buckets/data" holds what CreateBucket was
// given. Blobs that others wrote are objects too, if their keys are clean.
//
// The ETag is the MD5 of the content, and on a foreign blob without one that of the
// service. Metadata, content types and digests that a header cannot hold are kept in
// the metadata entry "openlake". A body is read to its end before it is sent, into
// memory up to 8 MiB and from there into a temporary file. Write makes two requests,
// Stat one, Open three.
//
// # What a store in a blob.Bucket cannot do
//
// [storage.Limits] has the list. There are no multipart uploads and no signed URLs:
// use the blob.Bucket. Directory operations, Move and recursive deletes are not one
// commit. Listings are read page by page, and start_after walks what comes before.
// Keys that differ first in characters from U+E000 on, one of them past U+FFFF, are
// listed together, because services differ in their order. Times are to the second.
//
// A condition on Open and Stat is judged, and so is one of Write where there is no
// object: then the write creates one only if there still is none. A Write whose
// condition fails says so. A Write whose condition holds for an object is
// storage.ErrUnsupported, because gocloud.dev cannot tell whether the object is still
// the same when it is replaced. Delete, Copy and Move take no conditions at all.
//
// On gocloud.dev's fileblob no condition of Write that holds is supported, an object
// cannot lie beside a directory of its name, each listing reads all that it lists at
// once, and a key must not end in ".attrs". Programs that share the directory may see
// the content of one version with the attributes of another.
package gocloud
