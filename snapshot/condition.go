package snapshot

import (
	"fmt"
	"time"

	"open-lake.dev/lib/storage"
)

// permit returns the error of an operation that may not put an object at key:
// ErrExist if opts forbid to replace the one there, ErrPrecondition if a
// condition in them does not hold (O7).
func (s *Snapshot) permit(bucket, key string, opts storage.Options) error {
	if len(opts) == 0 {
		return nil
	}
	o := s.object(bucket, key)
	if o == nil {
		if want, ok := opts.String(storage.OptIfMatch); ok {
			return fmt.Errorf("%w: %s %q, but there is no object", storage.ErrPrecondition, storage.OptIfMatch, want)
		}
		return nil
	}
	if !opts.Bool(storage.OptUpsert, true) {
		return fmt.Errorf("%w, and %s is false", storage.ErrExist, storage.OptUpsert)
	}
	return judge(opts, o.etag, o.updated())
}

// judge holds the conditions in opts against something that exists.
func judge(opts storage.Options, etag string, updated time.Time) error {
	if len(opts) == 0 {
		return nil
	}
	failed := func(option string, want any) error {
		return fmt.Errorf("%w: %s %v, but the ETag is %q, updated %v",
			storage.ErrPrecondition, option, want, etag, updated)
	}
	if want, ok := opts.String(storage.OptIfMatch); ok && want != "*" && want != etag {
		return failed(storage.OptIfMatch, want)
	}
	if want, ok := opts.String(storage.OptIfNoneMatch); ok && (want == "*" || want == etag) {
		return failed(storage.OptIfNoneMatch, want)
	}
	if since, ok := opts.Time(storage.OptIfModifiedSince); ok && !updated.After(since) {
		return failed(storage.OptIfModifiedSince, since)
	}
	if since, ok := opts.Time(storage.OptIfUnmodifiedSince); ok && updated.After(since) {
		return failed(storage.OptIfUnmodifiedSince, since)
	}
	return nil
}
