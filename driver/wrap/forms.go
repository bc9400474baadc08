package wrap

import (
	"context"
	"io"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// A program finds optional interfaces by type assertion, so a wrapper needs a type
// for each set of them. The tables below hold one function for each type. Bit i of
// the index says whether it has the optional interface i.

// mask returns the number that has bit i set if flag i is.
func mask(flags ...bool) (m int) {
	for i, flag := range flags {
		if flag {
			m |= 1 << i
		}
	}
	return m
}

type (
	stores   = storage.Storage
	limited  = storage.HasLimits
	exact    = storage.HasExactKeys
	rewinder interface {
		Snapshot() *snapshot.Snapshot
		Restore(*snapshot.Snapshot) error
		Update(context.Context, func(storage.Storage) error) error
	}
)

var storeForms = [...]func(s *store) storage.Storage{
	func(s *store) storage.Storage { return struct{ stores }{s} },
	func(s *store) storage.Storage {
		return struct {
			stores
			rewinder
		}{s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			limited
		}{s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			rewinder
			limited
		}{s, s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			exact
		}{s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			rewinder
			exact
		}{s, s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			limited
			exact
		}{s, s, s}
	},
	func(s *store) storage.Storage {
		return struct {
			stores
			rewinder
			limited
			exact
		}{s, s, s, s}
	},
}

type (
	buckets     = storage.Bucket
	directories = storage.HasDirectories
	multipart   = storage.HasMultipart
	uploads     = storage.HasUploads
)

var bucketForms = [...]func(b *bucket) storage.Bucket{
	func(b *bucket) storage.Bucket { return struct{ buckets }{b} },
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
		}{b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			multipart
		}{b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			multipart
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			uploads
		}{b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			uploads
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			multipart
			uploads
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			multipart
			uploads
		}{b, b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			exact
		}{b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			exact
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			multipart
			exact
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			multipart
			exact
		}{b, b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			uploads
			exact
		}{b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			uploads
			exact
		}{b, b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			multipart
			uploads
			exact
		}{b, b, b, b}
	},
	func(b *bucket) storage.Bucket {
		return struct {
			buckets
			directories
			multipart
			uploads
			exact
		}{b, b, b, b, b}
	},
}

type (
	closer   = io.ReadCloser
	seeker   = io.Seeker
	readerAt = io.ReaderAt
	writerTo = io.WriterTo
)

var readerForms = [...]func(r *reader) io.ReadCloser{
	func(r *reader) io.ReadCloser { return struct{ closer }{r} },
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			seeker
		}{r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			readerAt
		}{r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			seeker
			readerAt
		}{r, r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			writerTo
		}{r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			seeker
			writerTo
		}{r, r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			readerAt
			writerTo
		}{r, r, r}
	},
	func(r *reader) io.ReadCloser {
		return struct {
			closer
			seeker
			readerAt
			writerTo
		}{r, r, r, r}
	},
}
