// Package memdriver keeps an object store in memory, in a form that can be
// rewound. Importing it registers the scheme mem with package storage:
//
//	import _ "open-lake.dev/lib/storage/driver/memory"
//
//	st, err := storage.Open(ctx, "mem://")
//
// The store is an atomic pointer to an immutable value, a [snapshot.Snapshot],
// which implements every operation. This package holds the rest: the pointer, the
// lock that serialises commits, the clock, the limits and the data source name.
// Reads and listings load the pointer once and take no lock, except that the store
// within a [Store.Update] takes one for as long as it loads; [Store.Snapshot] and
// [Store.Restore] cost O(1) whatever the store holds. The whole contract of package
// storage is kept: directories, multipart uploads, conditions. CopyPart and
// SignedURL are storage.ErrUnsupported.
//
// # Data source names
//
//		mem:
//		mem://[name][/][?load=f&bucket=b&time=t&max_bytes=n&keys=exact&etag=md5&limits=s3]
//
//	  - load starts the store from a saved snapshot, as [snapshot.LoadFile] and
//	    [WithSnapshot] do. The file's path is relative to the working directory and
//	    escaped as in a URL's query, so a plus sign is %2B. The file is never written.
//	  - bucket is the bucket that Bucket("") means; see [WithDefaultBucket].
//	  - time, as in RFC 3339, stops the clock there, so that nothing differs between
//	    two runs of the same operations.
//	  - max_bytes limits the content held, in bytes; see [WithMaxBytes].
//	  - keys=exact takes keys as they are; see [WithExactKeys].
//	  - etag=md5 gives objects the ETags of S3; see [WithMD5ETags].
//	  - limits=s3 refuses what Amazon S3 refuses; see [WithLimits].
//
// An empty value is the default. The name is reserved: every Open makes a new
// store. An unknown parameter or a bad value is storage.ErrInvalid.
//
// Nothing is kept on disk: the content lives in the process, and is lost with it.
//
// Where to look: cell.go has the pointer and the lock, head.go the clock and the
// limits around it, update.go transactions, dsn.go the parameters of data source
// names, and this file the options of Open.
package memdriver

import (
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Option configures a store at [Open].
type Option func(*config)

type config struct {
	now           func() time.Time
	start         *snapshot.Snapshot
	defaultBucket string
	maxBytes      int64 // 0 is no limit
	exactKeys     bool
	md5ETags      bool
	limits        storage.Limits
}

// WithClock makes now the source of every time that the store sets. It is called
// once for a change, without a lock held, from any goroutine. The default is
// time.Now, which nil means too.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithSnapshot starts the store from a snapshot instead of empty. It costs O(1), so
// many stores can start from one large fixture. nil is empty.
func WithSnapshot(s *snapshot.Snapshot) Option { return func(c *config) { c.start = s } }

// WithDefaultBucket names the bucket that Bucket("") means. The default is
// [storage.DefaultBucket].
func WithDefaultBucket(name string) Option {
	name = strings.Clone(name) // which may be cut from a long one (O8)
	return func(c *config) { c.defaultBucket = name }
}

// WithMaxBytes limits the content that objects and uploaded parts hold, in bytes,
// copies counted each. A change that would exceed it is storage.ErrQuota and stores
// nothing. 0 is no limit. A snapshot that is larger may be restored; then the store
// can only shrink.
func WithMaxBytes(n int64) Option { return func(c *config) { c.maxBytes = n } }

// WithExactKeys makes the store take keys as S3 does: any valid UTF-8 of 1 to 1,024
// bytes, each its own object (contract rule K4). Exactness is part of the value: a
// store that is restored to a snapshot has the keys of that.
func WithExactKeys() Option { return func(c *config) { c.exactKeys = true } }

// WithMD5ETags makes the ETags those of S3: the MD5 of the content, and for an
// upload the MD5 of its parts' MD5s with their number (contract rule O3). Like
// exactness, it is part of the value.
func WithMD5ETags() Option { return func(c *config) { c.md5ETags = true } }

// WithLimits makes the store refuse what another engine with these limits refuses,
// so that a test meets what production will. Relaxed rules whose weak half cannot
// be told from the strong one in memory (D3, D4, O6, L3, Move, O3) stay strong.
func WithLimits(l storage.Limits) Option {
	l.Relaxed = slices.Clone(l.Relaxed)
	return func(c *config) { c.limits = l }
}

// Open returns a new store. A nil option is ignored.
func Open(opts ...Option) *Store {
	c := config{defaultBucket: storage.DefaultBucket}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.start == nil {
		c.start = new(snapshot.Snapshot)
	}
	if c.exactKeys {
		c.start = c.start.WithExactKeys()
	}
	if c.md5ETags {
		c.start = c.start.WithMD5ETags()
	}
	cell := new(published)
	cell.cur.Store(c.start)
	return newStore(&head{cell, c.now, c.maxBytes, c.limits}, c.defaultBucket)
}
