// Package retention deletes what need not be kept: of the scans in a store,
// kept under CUSTOMER/YEAR/NUMBER.pdf, those of years gone by.
//
// Its test tries many policies at the same time on one large store: each has a
// fork of it.
package retention

import (
	"context"
	"path"
	"strconv"

	"open-lake.dev/lib/storage"
)

// Policy says what to keep.
type Policy struct {
	Since   int             // the first year whose scans are kept
	Forever map[string]bool // customers whose scans are all kept
}

// Apply deletes what the policy does not keep, by the year, and returns how many
// years of customers it deleted.
func (p Policy) Apply(ctx context.Context, b storage.Bucket) (deleted int, err error) {
	years, err := b.List(ctx, "", 0, 0, storage.Options{storage.OptDirsOnly: true})
	if err != nil {
		return 0, err
	}
	// The listing is of the state it began with, so deleting does not disturb it.
	for dir, err := range storage.All(years) {
		if err != nil {
			return deleted, err
		}
		if p.keeps(dir.Key) {
			continue
		}
		if err := b.Delete(ctx, dir.Key, storage.Options{storage.OptRecursive: true}); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}

// keeps reports whether a directory stays; one that is not of a year does.
func (p Policy) keeps(dir string) bool {
	customer, name := path.Split(dir)
	year, err := strconv.Atoi(name)
	return err != nil || customer == "" || p.Forever[path.Clean(customer)] || year >= p.Since
}
