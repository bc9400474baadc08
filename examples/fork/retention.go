// Package fork shows how parallel subtests share one large fixture: each of them
// changes a fork of it. The technique is in fork_test.go; the code under test
// works on any bucket and knows nothing of forks.
//
// The code under test deletes old scans, which are kept under
// CUSTOMER/YEAR/NUMBER.pdf.
package fork

import (
	"context"
	"path"
	"strconv"

	"open-lake.dev/lib/storage"
)

// Policy says which scans to keep.
type Policy struct {
	Since   int             // the first year to keep
	Forever map[string]bool // customers to keep all scans of
}

// Apply deletes the directories CUSTOMER/YEAR that the policy does not keep, and
// returns their number.
func (p Policy) Apply(ctx context.Context, b storage.Bucket) (deleted int, err error) {
	years, err := b.List(ctx, "", 0, 0, storage.Options{storage.OptDirsOnly: true})
	if err != nil {
		return 0, err
	}
	// The listing is a consistent view: deletions do not affect it.
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

// keeps reports whether the policy keeps a directory. It keeps those that are not
// of the form CUSTOMER/YEAR.
func (p Policy) keeps(dir string) bool {
	customer, name := path.Split(dir)
	year, err := strconv.Atoi(name)
	return err != nil || customer == "" || p.Forever[path.Clean(customer)] || year >= p.Since
}
