package main

import "strings"

// version identifies a version of an object by the time of its write.
type version struct {
	key     string
	written int64 // nanoseconds since 1970
}

// rewind undoes the changes between two listings, both sorted by key. It is the
// cheapest restore for a store that copies objects back one by one: reading two
// listings costs less than writing every object.
func rewind(before, now []version, putBack, remove func(key string) error) error {
	for len(before) > 0 || len(now) > 0 {
		var err error
		switch order := compareFirst(before, now); {
		case order < 0: // deleted
			err = putBack(before[0].key)
			before = before[1:]
		case order > 0: // new
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

// compareFirst compares the first keys of two listings. The end of a listing sorts
// after every key. At least one listing must not be at its end.
func compareFirst(a, b []version) int {
	if len(a) == 0 {
		return 1
	}
	if len(b) == 0 {
		return -1
	}
	return strings.Compare(a[0].key, b[0].key)
}
