package storage

import "context"

// HasDirectories is a [Bucket] that works on whole directories.
type HasDirectories interface {
	// Directory returns a handle on the directory at path, normalised like a
	// key (K1) except that an empty path is the root. It creates nothing and
	// cannot fail; a bad path is reported by the handle's methods.
	Directory(path string) Directory
}

// Directory is a handle on all objects whose keys begin with its path and a
// slash. It exists while there is one; the root exists while the bucket does
// (D1). An object of the same name is not part of it.
type Directory interface {
	// Bucket returns the bucket the directory is in.
	Bucket() Bucket

	// Path returns the normalised path, empty for the root, or the path as it
	// was given if it is invalid.
	Path() string

	// Info describes the directory, with the times of the earliest and the latest
	// change beneath it since it appeared; ErrNotExist if there is none (D1).
	Info(ctx context.Context) (*Object, error)

	// List walks the direct children, as Bucket.List does with OptRecursive
	// false; a missing directory lists empty (D2).
	// Options: OptFilesOnly, OptDirsOnly, OptStartAfter.
	List(ctx context.Context, limit, offset int, opts Options) (ObjectIter, error)

	// Delete removes the objects directly in the directory or, with
	// OptRecursive, all beneath it, in one commit; ErrNotExist if that removes
	// nothing (D3). Options: OptRecursive.
	Delete(ctx context.Context, opts Options) error

	// Move re-keys everything beneath to dstPath in one commit that no reader
	// can see half of, and returns a handle on dstPath. Objects keep their
	// times; what is already at dstPath stays unless a moved object has its key. A
	// missing source is ErrNotExist; a key that would get longer than MaxKey is
	// ErrInvalid, and nothing moves (D4).
	Move(ctx context.Context, dstPath string, opts Options) (Directory, error)
}
