// This file is named to sort after snapshot.go, whose package comment it continues.

// # Saved snapshots
//
// [Snapshot.Save] writes a snapshot as a tar archive, which [Load] reads. The goals
// of the format are:
//
//   - It carries all that can be observed of a snapshot: buckets, objects with both
//     times, content type, metadata, digests and ETag, the times of directories, and
//     uploads in progress with their parts.
//   - The same snapshot is the same bytes, so a saved snapshot can be committed and
//     compared.
//   - tar shows it (tar tvf) and unpacks it (tar xf), with a directory for each
//     bucket. It never writes outside the directory that it is unpacked in.
//   - A file that was cut off or altered is not loaded.
//
// It is no goal that archives of other programs can be loaded, or that a saved
// snapshot can be edited or appended to. It is neither compressed nor encrypted:
// pass a gzip.Writer to Save and a gzip.Reader to Load. The checksum is against
// accidents and no signature. Keys that differ only in letter case, or that Windows
// does not take as file names, are unpacked where the file system can hold them.
//
// The archive consists of these entries, in this order:
//
//	snapshot  = head { bucket { directory | object } { upload { part } } } sum
//
//	head      = file ".openlake/snapshot": "open-lake snapshot 1\n"
//	            [ "exact keys\n" ] [ "MD5 ETags\n" ]
//	bucket    = directory BUCKET "/"
//	directory = directory BUCKET "/" KEY "/"
//	object    = file or link BUCKET "/" KEY
//	upload    = directory ".openlake/uploads/" N "/"
//	part      = file ".openlake/uploads/" N "/" NUMBER
//	sum       = file ".openlake/xxh64": the XXH64 of all bytes before this
//	            content, as 16 hexadecimal digits, "\n"
//
// Buckets are in order of name, directories and objects in order of key, a directory
// counting as its path with the slash and before what is in it, uploads in order of
// key and ID, and parts in order of number. Two blocks of zeros end the archive, and
// nothing follows.
//
// An object whose content was written with an object before is a hard link to that.
//
// A bucket, directory or object that could not be unpacked to its path is instead
// ".openlake/buckets/" N "/", ".openlake/directories/" N "/" or
// ".openlake/objects/" N, with the attributes bucket and key. These are: a bucket
// named ".openlake" and all that is in it, a key that is not normalised (contract
// rule K4), a name longer than 255 bytes, and an object with a directory of the same
// name beside it. N counts these and the uploads from 1.
//
// Headers are POSIX ustar with extended headers (pax) before them as needed. The
// modification time is an object's Updated, a directory's latest change, an upload's
// creation. An extended header has these records, in this order, each only if the
// header cannot say it or the attribute is not empty:
//
//	path, linkpath, size, mtime      as in POSIX
//	SCHILY.xattr.user.openlake.NAME  an attribute:
//
//	modified     the modification time, if no tar header can hold it
//	created      of a bucket, directory or object, if it is not modified
//	born         when a bucket got its first object, if it is not created
//	bucket, key  of an upload, and see above
//	upload       the ID of an upload
//	type         the content type
//	etag         of an object or a part
//	public       "true" for a public bucket
//	hash.NAME    a digest
//	meta.KEY     metadata, the key escaped as in the query of a URL
//
// Times are seconds since 1970 with up to nine decimals. The attributes are named
// like extended attributes of files, so that tar ignores them without a word, and
// tar --xattrs sets them on the files that it unpacks.
package snapshot
