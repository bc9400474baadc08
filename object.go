package storage

import "time"

// Hashes holds digests of content in lower-case hexadecimal, by algorithm.
type Hashes map[string]string

// BucketInfo describes a bucket.
type BucketInfo struct {
	Name      string            `json:"name,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	Public    bool              `json:"public,omitempty"`
	Metadata  map[string]string `json:"metadata,omitempty"`
}

// Object describes an object, or a directory if IsDir is set. It is the
// caller's own: changing it changes nothing in the store.
type Object struct {
	Bucket      string `json:"bucket,omitempty"`
	Key         string `json:"key,omitempty"`  // normalised, no trailing slash
	Size        int64  `json:"size,omitempty"` // bytes
	ContentType string `json:"content_type,omitempty"`

	// ETag names the content and is derived from it alone (O3): equal content
	// written in the same way has the same ETag on every run and machine.
	ETag string `json:"etag,omitempty"`

	// Version names this version of the object where the driver keeps
	// versions; else it is empty.
	Version string `json:"version,omitempty"`

	// Created and Updated are in UTC, from the store's clock (O2). A directory has
	// the times of the earliest and the latest change beneath it (D1).
	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`

	Hash     Hashes            `json:"hash,omitempty"` // what OptChecksumAlgorithms asked for
	Metadata map[string]string `json:"metadata,omitempty"`
	IsDir    bool              `json:"is_dir,omitempty"`
}
