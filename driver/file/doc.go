// Package filedriver keeps objects as files in a directory.
//
//	import _ "open-lake.dev/lib/storage/driver/file"
//
//	st, err := storage.Open(ctx, "file:///data?create_dir=true")
//
// The object "a/b" of the bucket "photos" is the file photos/a/b, so that other
// programs can look in. An object beside a directory of its name has the suffix
// "~object", and keeps it if the directory goes. The directory .storage holds the rest: content types, metadata, digests
// and times of creation, uploads in progress, temporary files and the lock. The bucket
// markers are in .buckets.
//
// A file that another program put there is an object, too. Its content type is guessed,
// and its ETag is made of its size and time. The same holds for an object whose file
// another program changed. A copy of the whole directory keeps everything if it keeps
// the times of files to the nanosecond, as "cp -a" and "rsync -a" do. A file directly
// in the directory is in no bucket. Links are followed to files within the directory
// only.
//
// # Parameters
//
//   - create_dir=true creates the directory if it is missing.
//   - fsync=false leaves out fsync. What was written then survives the end of the
//     process, but not always a loss of power.
//   - bucket=name names the default bucket.
//
// # Guarantees
//
// Any number of processes may use a directory at once, on a local file system. A write
// is visible whole or not at all, and what was acknowledged stays, whenever a process is
// killed. Changes are serialised by a lock that ends with its process. It is not held
// while a caller's reader is read. Reads take no lock. A change of a whole directory,
// which takes several steps, is written to a journal first; if it is cut off, the next
// to open or use the store finishes it. Until then nobody reads.
//
// A listing reads one directory at a time, and holds the names in it (L3 is relaxed); a
// page of a listing reads the whole directory that it begins in.
// Directories have no times (D1 is relaxed). Names in keys have at most 225 bytes and
// do not end in "~object". Where the file system does not distinguish case, a key that
// differs from another by case only is ErrExist. On Windows, characters that names
// cannot have are escaped as "%3A". A recursive delete of a directory also removes files
// in it that are no objects.
package filedriver
