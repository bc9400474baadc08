package main

import (
	"context"
)

// Store is what the workloads do, as each store does it best. Listings yield
// keys in byte order; a directory in one has no trailing slash. Put, Get, Stat
// and the listings may be called from any number of goroutines.
type Store interface {
	// Put writes an object whole, new or not.
	Put(key string, content []byte) error

	// Get opens an object and reads it into buf, which is as long as it is.
	Get(key string, buf []byte) error

	// Stat returns the size of an object.
	Stat(key string) (size int64, err error)

	Delete(key string) error
	Copy(dst, src string) error

	// MoveDir re-keys all that lies beneath the directory src to dst, where
	// there is nothing.
	MoveDir(src, dst string) error

	// ListPrefix lists the first limit keys that begin with prefix.
	ListPrefix(prefix string, limit int, yield func(key string)) error

	// ListAfter lists the limit keys that follow after, the last key of the
	// page before.
	ListAfter(after string, limit int, yield func(key string)) error

	// ListOffset lists limit keys from the offset-th on; no page before it has
	// been read.
	ListOffset(offset, limit int, yield func(key string)) error

	// ListAll lists every key.
	ListAll(yield func(key string)) error

	// ListDir lists the direct children of a directory.
	ListDir(dir string, yield func(key string)) error

	// Upload begins an object that comes in parts.
	Upload(key string) (Upload, error)

	// Snapshot remembers the present state.
	Snapshot() (Snapshot, error)
}

// Upload is an object that comes in parts, in order. The parts do not change
// until it is completed.
type Upload interface {
	Part(content []byte) error
	Complete() error
}

// Snapshot is a remembered state of a store. While there is one, the store's
// root may list copies that belong to it.
type Snapshot interface {
	// Restore brings the state back, any number of times.
	Restore() error

	// Drop frees what the snapshot holds in the store.
	Drop() error
}

// candidate is a store to be measured.
type candidate struct {
	name string

	// open returns an empty store that is to hold about expect objects.
	open func(expect int) (Store, error)
}

// ours is the name of the store that the others are compared with, baseline that
// of the plain map, bare that of what only copies bytes.
const (
	ours     = "memdriver"
	baseline = "map"
	bare     = "bare copy"
)

// candidates are the stores in the order of the tables' columns.
var candidates = []candidate{
	{ours, openMemory},
	{baseline, openMap},
	{"memblob", openMemblob},
	{"afero", openAfero},
	{"s3mem", openS3},
	{"objstore", openObjstore},
}

const contentType = "application/octet-stream"

var ctx = context.Background()

// keepNothing is a [Snapshot]'s Drop where the garbage collector does it.
type keepNothing struct{}

func (keepNothing) Drop() error { return nil }
