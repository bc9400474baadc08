package storage

import (
	"fmt"
	"strings"
	"time"
)

// CheckConditions returns nil if o may be read, replaced or deleted under the
// conditions in opts, OptUpsert included (contract rule O7). A nil o stands for no
// object. Otherwise it returns ErrPrecondition, or ErrExist where OptUpsert
// forbids to replace o. Drivers call it within the commit; it looks at the ETag
// and Updated of o and keeps nothing.
func CheckConditions(opts Options, o *Object) error {
	if len(opts) == 0 {
		return nil
	}
	ifMatch, hasIfMatch := opts.String(OptIfMatch)
	if o == nil {
		if hasIfMatch {
			return fmt.Errorf("%w: %s %s, but there is no object", ErrPrecondition, OptIfMatch, showETags(ifMatch))
		}
		return nil
	}
	if !opts.Bool(OptUpsert, true) {
		return fmt.Errorf("%w, and %s is false", ErrExist, OptUpsert)
	}
	if hasIfMatch && !MatchETag(ifMatch, o.ETag) {
		return failedETag(OptIfMatch, ifMatch, o.ETag)
	}
	if tags, ok := opts.String(OptIfNoneMatch); ok && MatchETag(tags, o.ETag) {
		return failedETag(OptIfNoneMatch, tags, o.ETag)
	}
	if since, ok := opts.Time(OptIfModifiedSince); ok && !o.Updated.After(since) {
		return failedTime(OptIfModifiedSince, since, o.Updated)
	}
	if since, ok := opts.Time(OptIfUnmodifiedSince); ok && o.Updated.After(since) {
		return failedTime(OptIfUnmodifiedSince, since, o.Updated)
	}
	return nil
}

func failedETag(option, tags, etag string) error {
	return fmt.Errorf("%w: %s %s, but the ETag is %s", ErrPrecondition, option, showETags(tags), showETags(etag))
}

func failedTime(option string, since, updated time.Time) error {
	show := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	return fmt.Errorf("%w: %s %s, but the object was updated %s", ErrPrecondition, option, show(since), show(updated))
}

// MatchETag reports whether etag is among tags: "*", which any ETag matches, or a
// list of ETags with commas between, as the headers If-Match and If-None-Match
// have it. On both sides an ETag may be quoted, weak (W/"…") or bare.
func MatchETag(tags, etag string) bool {
	etag, _ = cutETag(etag)
	for tag, rest := cutETag(tags); tag != ""; tag, rest = cutETag(rest) {
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// cutETag returns the first ETag of a list in quotes, or the star as it is, and
// the rest of the list. Only a quoted ETag may hold a comma.
func cutETag(list string) (tag, rest string) {
	list = strings.TrimLeft(list, ", \t")
	list = strings.TrimPrefix(list, "W/")
	if list == "" {
		return "", ""
	}
	if quoted, ok := strings.CutPrefix(list, `"`); ok {
		tag, rest, _ = strings.Cut(quoted, `"`)
		return `"` + tag + `"`, rest
	}
	tag, rest, _ = strings.Cut(list, ",")
	if tag = strings.TrimSpace(tag); tag == "*" {
		return tag, rest
	}
	return `"` + tag + `"`, rest
}

// showETags returns a list of ETags in one form, whichever way it was given.
func showETags(list string) string {
	var shown []string
	for tag, rest := cutETag(list); tag != ""; tag, rest = cutETag(rest) {
		shown = append(shown, tag)
	}
	return strings.Join(shown, ", ")
}
