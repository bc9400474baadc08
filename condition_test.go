package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

func TestMatchETag(t *testing.T) {
	for _, c := range []struct {
		tags, etag string
		want       bool
	}{
		{"*", "a", true},
		{" * ", "a", true},
		{"a", "a", true},
		{"a", "b", false},
		{"A", "a", false},
		{"a", "ab", false},
		{"ab", "a", false},
		{`"a"`, "a", true},
		{"a", `"a"`, true},
		{`"a"`, `"a"`, true},
		{`W/"a"`, "a", true},
		{"a", `W/"a"`, true},
		{"a, b", "b", true},
		{`"a","b" , W/"c"`, "c", true},
		{`"a", *`, "b", true},
		{"a,b", "c", false},
		{",, a ,,", "a", true},
		{`"a,b"`, "a", false}, // a comma within quotes
		{`"a,b"`, `"a,b"`, true},
		{`"*"`, "a", false}, // only a bare star is any ETag
		{`"", "a"`, "a", true},
		{`"a`, "a", true}, // never closed
		{"7c8e3f-2", "7c8e3f-2", true},
		{"", "a", false},
		{`""`, "a", false},
		{",", "a", false},
		{"*", "", true}, // a directory has no ETag
		{`""`, "", false},
		{`"", "a"`, "", false},
	} {
		assert.Equal(t, c.want, storage.MatchETag(c.tags, c.etag), "MatchETag(%q, %q)", c.tags, c.etag)
	}
}

func TestCheckConditions(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := &storage.Object{ETag: "e1", Updated: at}
	const (
		match, none       = storage.OptIfMatch, storage.OptIfNoneMatch
		modified, unmodif = storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince
	)
	for _, c := range []struct {
		opts        storage.Options
		there, gone error // where the object is there, and where it is not
	}{
		{nil, nil, nil},
		{storage.Options{"of my own": 1}, nil, nil},
		{storage.Options{match: nil, none: nil, modified: nil, unmodif: nil, storage.OptUpsert: nil}, nil, nil},
		{storage.Options{match: "e1"}, nil, storage.ErrPrecondition},
		{storage.Options{match: `"e0", W/"e1"`}, nil, storage.ErrPrecondition},
		{storage.Options{match: "e2"}, storage.ErrPrecondition, storage.ErrPrecondition},
		{storage.Options{match: "*"}, nil, storage.ErrPrecondition},
		{storage.Options{match: ""}, storage.ErrPrecondition, storage.ErrPrecondition},
		{storage.Options{none: "e1"}, storage.ErrPrecondition, nil},
		{storage.Options{none: `"e0", "e1"`}, storage.ErrPrecondition, nil},
		{storage.Options{none: "e2"}, nil, nil},
		{storage.Options{none: "*"}, storage.ErrPrecondition, nil},
		{storage.Options{modified: at.Add(-1)}, nil, nil},
		{storage.Options{modified: at}, storage.ErrPrecondition, nil},
		{storage.Options{modified: at.Add(1)}, storage.ErrPrecondition, nil},
		{storage.Options{modified: "2026-01-02T03:04:04Z"}, nil, nil},
		{storage.Options{modified: "2026-01-02T04:04:05+01:00"}, storage.ErrPrecondition, nil},
		{storage.Options{unmodif: at.Add(-1)}, storage.ErrPrecondition, nil},
		{storage.Options{unmodif: at}, nil, nil},
		{storage.Options{unmodif: at.Add(1)}, nil, nil},
		{storage.Options{storage.OptUpsert: true}, nil, nil},
		{storage.Options{storage.OptUpsert: false}, storage.ErrExist, nil},
		{storage.Options{storage.OptUpsert: false, match: "e2"}, storage.ErrExist, storage.ErrPrecondition},
		{storage.Options{match: "e1", none: "e1"}, storage.ErrPrecondition, storage.ErrPrecondition},
		{storage.Options{match: "e1", none: "e2", modified: at.Add(-1), unmodif: at}, nil, storage.ErrPrecondition},
		{storage.Options{match: "e1", unmodif: at.Add(-1)}, storage.ErrPrecondition, storage.ErrPrecondition},
	} {
		assert.ErrorIs(t, storage.CheckConditions(c.opts, o), c.there, "%v", c.opts)
		assert.ErrorIs(t, storage.CheckConditions(c.opts, nil), c.gone, "%v without an object", c.opts)
	}
}

// TestConditionErrors: an error shows both sides in one form (O7).
func TestConditionErrors(t *testing.T) {
	east := time.FixedZone("east", 3600)
	o := &storage.Object{ETag: "e1", Updated: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
	for _, c := range []struct {
		opts storage.Options
		o    *storage.Object
		want string
	}{
		{storage.Options{storage.OptIfMatch: `e2, W/"e3"`}, o, `precondition failed: if_match "e2", "e3", but the ETag is "e1"`},
		{storage.Options{storage.OptIfMatch: "*"}, nil, `precondition failed: if_match *, but there is no object`},
		{storage.Options{storage.OptIfMatch: `"*",""`}, o, `precondition failed: if_match "*", "", but the ETag is "e1"`},
		{storage.Options{storage.OptIfNoneMatch: "e1"}, o, `precondition failed: if_none_match "e1", but the ETag is "e1"`},
		{storage.Options{storage.OptIfModifiedSince: time.Date(2026, 1, 2, 4, 4, 5, 7, east)}, o,
			"precondition failed: if_modified_since 2026-01-02T03:04:05.000000007Z, but the object was updated 2026-01-02T03:04:05.000000006Z"},
		{storage.Options{storage.OptIfUnmodifiedSince: "2026-01-02T04:04:05+01:00"}, o,
			"precondition failed: if_unmodified_since 2026-01-02T03:04:05Z, but the object was updated 2026-01-02T03:04:05.000000006Z"},
		{storage.Options{storage.OptUpsert: false}, o, "file already exists, and upsert is false"},
	} {
		assert.EqualError(t, storage.CheckConditions(c.opts, c.o), c.want)
	}
}

func ExampleMatchETag() {
	fmt.Println(storage.MatchETag(`"5f36b2", W/"9a0364"`, "9a0364"))
	fmt.Println(storage.MatchETag("*", "9a0364"))
	fmt.Println(storage.MatchETag("5f36b2", "9a0364"))
	// Output:
	// true
	// true
	// false
}

func ExampleCheckConditions() {
	o := &storage.Object{Key: "cat.jpg", ETag: "9a0364"}
	fmt.Println(storage.CheckConditions(storage.Options{storage.OptIfMatch: `"9a0364"`}, o))
	fmt.Println(storage.CheckConditions(storage.Options{storage.OptIfMatch: `"5f36b2"`}, o))
	fmt.Println(storage.CheckConditions(storage.Options{storage.OptIfNoneMatch: "*"}, nil))
	// Output:
	// <nil>
	// precondition failed: if_match "5f36b2", but the ETag is "9a0364"
	// <nil>
}
