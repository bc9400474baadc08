// Package faults shows how to test what code leaves behind when it fails half way.
// The technique is in faults_test.go.
//
// The code under test publishes a site: pages that fit together only if they are
// of one release. Overwrite is not safe, Release is.
package faults

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"

	"open-lake.dev/lib/storage"
)

// Site is the pages of a release, by name.
type Site map[string]string

// names returns the names of the pages in order, so that two runs make the same
// writes.
func (s Site) names() []string { return slices.Sorted(maps.Keys(s)) }

// Overwrite puts the pages where readers find them, one after another. If it ends
// half way, readers see pages of two releases.
func Overwrite(ctx context.Context, b storage.Bucket, site Site) error {
	for _, name := range site.names() {
		if _, err := storage.WriteAll(ctx, b, name, []byte(site[name]), "text/html", nil); err != nil {
			return err
		}
	}
	return nil
}

// current is the key of the object that names the release which readers see.
const current = "current"

// Release puts the pages into a directory of their own, where nobody looks, and
// then makes that the current one by a single write. If somebody else has published
// meanwhile, it returns storage.ErrPrecondition.
func Release(ctx context.Context, b storage.Bucket, name string, site Site) error {
	_, before, err := storage.ReadAll(ctx, b, current)
	condition := storage.Options{storage.OptIfNoneMatch: "*"}
	switch {
	case err == nil:
		condition = storage.Options{storage.OptIfMatch: before.ETag}
	case !errors.Is(err, storage.ErrNotExist):
		return err
	}
	for _, page := range site.names() {
		if _, err := storage.WriteAll(ctx, b, path.Join("releases", name, page), []byte(site[page]), "text/html", nil); err != nil {
			return err
		}
	}
	_, err = storage.WriteAll(ctx, b, current, []byte(name), "text/plain", condition)
	return err
}

// Page returns a page of the current release.
func Page(ctx context.Context, b storage.Bucket, page string) (string, error) {
	name, _, err := storage.ReadAll(ctx, b, current)
	if err != nil {
		return "", err
	}
	content, _, err := storage.ReadAll(ctx, b, path.Join("releases", string(name), page))
	return string(content), err
}
