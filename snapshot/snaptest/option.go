package snaptest

import "time"

// Option configures what [Golden] shows.
type Option func(*dumper)

// Buckets shows only the named buckets, which must exist. The empty name means
// the store's default bucket.
func Buckets(names ...string) Option { return func(d *dumper) { d.buckets = names } }

// Prefixes shows and counts only objects whose keys begin with one of the
// prefixes, which are as in Bucket.List.
func Prefixes(prefixes ...string) Option { return func(d *dumper) { d.prefixes = prefixes } }

// Show shows these attributes instead of [Default].
func Show(attrs Attr) Option { return func(d *dumper) { d.show = attrs } }

// Times formats the times that are shown, which it passes in UTC. Without it they
// are exact. It can round them, or make them relative to the start of the test:
//
//	snaptest.Show(snaptest.Default|snaptest.Updated),
//	snaptest.Times(func(t time.Time) string { return t.Sub(start).String() })
//
// A nil format makes them exact.
func Times(format func(time.Time) string) Option {
	if format == nil {
		format = rfc3339
	}
	return func(d *dumper) { d.formatTime = format }
}

// InlineUpTo shows content that is text and at most n bytes long, and the digest
// of all other. The default is 1024. With 0 only empty content has no digest.
func InlineUpTo(n int) Option { return func(d *dumper) { d.maxInline = max(n, 0) } }
