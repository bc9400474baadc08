// Package storage is the contract between programs and object stores.
//
// A [Storage] holds buckets; a [Bucket] holds objects. An object is a piece of
// content under a key, with a content type, metadata, times and an ETag. A key
// is slash-separated text; a directory is no thing of its own but what keys
// have in common: it exists while an object lies beneath it.
//
// A driver implements the contract and registers a scheme; a program imports
// the driver for its side effect and opens a store by its data source name:
//
//	import (
//		"open-lake.dev/lib/storage"
//		_ "open-lake.dev/lib/storage/driver/memory"
//	)
//
//	st, err := storage.Open(ctx, "mem://")
//
// What a driver may lack is an interface of its own, found by assertion:
// [HasDirectories], [HasMultipart]. What it does is told by [Features].
//
// # Rules
//
// Every method of every driver obeys the same rules; comments cite them by
// number (K1, O7, …) as "contract rule O7", and the suite in
// driver/drivertest checks each by that name.
//
// Keys are normalised by [CleanKey] on the way in, so every spelling of a path
// is one object. A failing operation returns an [*Error] around one of the
// sentinels ([ErrNotExist], [ErrInvalid], …), a context's error or the error of
// a caller's reader; [errors.Is] sees through it, to the twin in [io/fs] too.
// Nothing a caller passes in or gets out is shared with the store. Every method
// may be called from any number of goroutines, unless it says otherwise; an
// iterator or a reader belongs to one goroutine at a time.
//
// # Options
//
// Operations take [Options], a map whose keys are the constants Opt…; nil is no
// options. A known key with a value of the wrong type is [ErrInvalid] wherever
// it is given; an unknown key is ignored, so drivers may have their own.
package storage
