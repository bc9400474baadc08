package main

import "strings"

// version tells one version of an object from another by when it was written.
type version struct {
	key     string
	written int64 // nanoseconds since 1970
}

// rewind finds out what was changed between two listings, both in key order, and
// undoes it. It is the cheapest restore for a store that shares content with its
// snapshots or can copy it back one by one: reading two listings costs less than
// writing every object.
func rewind(before, now []version, putBack, remove func(key string) error) error {
	for len(before) > 0 || len(now) > 0 {
		var err error
		switch order := compareFirst(before, now); {
		case order < 0: // deleted since
			err = putBack(before[0].key)
			before = before[1:]
		case order > 0: // new since
			err = remove(now[0].key)
			now = now[1:]
		default:
			if before[0].written != now[0].written {
				err = putBack(before[0].key)
			}
			before, now = before[1:], now[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// compareFirst compares the first keys of two listings, of which not both are
// at their end; the end comes after every key.
func compareFirst(a, b []version) int {
	if len(a) == 0 {
		return 1
	}
	if len(b) == 0 {
		return -1
	}
	return strings.Compare(a[0].key, b[0].key)
}
