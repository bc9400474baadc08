package main

import (
	"context"
)

// Store is the interface between the workloads and the measured stores. Each
// method uses the store's cheapest way. Listings yield keys in byte order;
// directories have no trailing slash. Put, Get, Stat and the listings are safe
// for concurrent use.
type Store interface {
	// Put writes an object, which may exist.
	Put(key string, content []byte) error

	// Get opens an object and reads it into buf. len(buf) is the object's size.
	Get(key string, buf []byte) error

	// Stat returns the size of an object.
	Stat(key string) (size int64, err error)

	Delete(key string) error
	Copy(dst, src string) error

	// MoveDir moves every object beneath the directory src to dst, which must
	// not exist.
	MoveDir(src, dst string) error

	// ListPrefix lists the first limit keys that begin with prefix.
	ListPrefix(prefix string, limit int, yield func(key string)) error

	// ListAfter lists the first limit keys greater than after, the last key of
	// the previous page.
	ListAfter(after string, limit int, yield func(key string)) error

	// ListOffset lists limit keys, starting at index offset. The caller has not
	// read the pages before.
	ListOffset(offset, limit int, yield func(key string)) error

	// ListAll lists every key.
	ListAll(yield func(key string)) error

	// ListDir lists the direct children of a directory.
	ListDir(dir string, yield func(key string)) error

	// Upload starts a multipart upload.
	Upload(key string) (Upload, error)

	// Snapshot saves the current state.
	Snapshot() (Snapshot, error)
}

// Upload is a multipart upload. Parts are given in order. The caller must not
// change them before Complete returns.
type Upload interface {
	Part(content []byte) error
	Complete() error
}

// Snapshot is a saved state of a store. While it exists, the store may list copies
// of objects that belong to it.
type Snapshot interface {
	// Restore returns the store to the state. It may be called any number of
	// times.
	Restore() error

	// Drop frees the resources that the snapshot holds in the store.
	Drop() error
}

// candidate is a store to measure.
type candidate struct {
	name string

	// open returns an empty store. expect is the approximate number of objects
	// that it will hold.
	open func(expect int) (Store, error)
}

// Names of stores: the one that the others are compared with, the plain map, and
// the copy of the bytes without a store.
const (
	ours     = "memdriver"
	baseline = "map"
	bare     = "bare copy"
)

// candidates lists the stores in the order of the table columns.
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

// noDrop implements Drop for a [Snapshot] that holds nothing in the store.
type noDrop struct{}

func (noDrop) Drop() error { return nil }
