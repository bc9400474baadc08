package storage

import (
	"fmt"
	"iter"
)

// BucketIter walks buckets. Next returns nil at the end. Close may be called
// any number of times; Next after Close is ErrClosed.
type BucketIter interface {
	Next() (*BucketInfo, error)
	Close() error
}

// ObjectIter walks objects and directories. Next returns nil at the end. Close
// may be called any number of times; Next after Close is ErrClosed.
type ObjectIter interface {
	Next() (*Object, error)
	Close() error
}

// UploadIter walks uploads in progress. Next returns nil at the end. Close may be
// called any number of times; Next after Close is ErrClosed.
type UploadIter interface {
	Next() (*UploadInfo, error)
	Close() error
}

// All ranges over the rest of a [BucketIter], an [ObjectIter] or an [UploadIter]
// and closes it when the loop ends, however it ends. An error is yielded once,
// with a nil value, and ends the loop; a nil iterator yields ErrInvalid.
func All[T any](it interface {
	Next() (*T, error)
	Close() error
}) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if it == nil {
			yield(nil, fmt.Errorf("%w: the iterator is nil", ErrInvalid))
			return
		}
		defer it.Close()
		for {
			v, err := it.Next()
			if err != nil {
				yield(nil, err)
				return
			}
			if v == nil || !yield(v, nil) {
				return
			}
		}
	}
}
