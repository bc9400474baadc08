package storage

import "iter"

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

// All ranges over what is left of a [BucketIter] or an [ObjectIter] and closes
// it when the loop ends, however it ends. An error is yielded once, with a nil
// value, and ends the loop.
func All[T any](it interface {
	Next() (*T, error)
	Close() error
}) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
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
