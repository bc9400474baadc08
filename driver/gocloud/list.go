package gocloud

import (
	"cmp"
	"context"
	"strings"

	"gocloud.dev/blob/driver"

	"open-lake.dev/lib/storage"
)

// defaultPageSize is the size of a page where the caller does not care.
const defaultPageSize = 1000

// ListPaged implements [driver.Bucket]. A page token is the PageKey of the last
// object of the page before, or of the first one in its last directory.
func (b *bucket) ListPaged(ctx context.Context, opts *driver.ListOptions) (*driver.ListPage, error) {
	l := lister{opts, b.keys()}
	listOpts := l.options()
	if err := before(opts.BeforeList, listOpts); err != nil {
		return nil, err
	}
	it, err := b.store.List(ctx, l.prefix(opts.Prefix), 0, 0, listOpts)
	if err != nil {
		return nil, err
	}
	return l.page(it)
}

// lister makes a page of a listing.
type lister struct {
	*driver.ListOptions
	keys
}

// options returns the options of a List that gives what is asked for, and maybe
// more. The store does all of the work where the delimiter is its own. Where keys
// are escaped, the blobs between two of a directory need not be in it, so with
// another delimiter each page walks the pages before it, to find their directories.
func (l lister) options() storage.Options {
	recursive := l.Delimiter != "/"
	opts := storage.Options{storage.OptRecursive: recursive}
	if l.exact || l.Delimiter == "" || !recursive {
		opts[storage.OptStartAfter] = string(l.PageToken)
	}
	return opts
}

// page collects the entries, and stops where it knows that there is another page.
func (l lister) page(it storage.ObjectIter) (*driver.ListPage, error) {
	size := cmp.Or(l.PageSize, defaultPageSize)
	page, token := &driver.ListPage{}, string(l.PageToken)
	dirs := l.dirOf(token)
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		entry := l.entry(obj)
		if entry == nil || dirs[entry.Key] {
			continue
		}
		if entry.IsDir {
			dirs[entry.Key] = true
		}
		if obj.PageKey() <= string(l.PageToken) {
			continue
		}
		if len(page.Objects) == size {
			page.NextPageToken = []byte(token)
			break
		}
		page.Objects, token = append(page.Objects, entry), obj.PageKey()
	}
	return page, nil
}

// dirOf returns a set that holds the directory in which the page with the token
// ended, if it ended in one.
func (l lister) dirOf(token string) map[string]bool {
	dirs := make(map[string]bool)
	key := strings.TrimSuffix(token, "\x00")
	if last := l.entry(&storage.Object{Key: key}); last != nil && last.IsDir {
		dirs[last.Key] = true
	}
	return dirs
}

// entry returns the entry of an object or directory: a directory if there is a
// delimiter after the prefix, and nil if it does not have the prefix.
func (l lister) entry(obj *storage.Object) *driver.ListObject {
	key := l.blob(obj.Key)
	if obj.IsDir {
		key = l.blob(obj.PageKey())
	}
	rest, found := strings.CutPrefix(key, l.Prefix)
	if !found {
		return nil
	}
	if l.Delimiter != "" {
		if _, after, found := strings.Cut(rest, l.Delimiter); found {
			dir := &driver.ListObject{Key: key[:len(key)-len(after)], IsDir: true}
			if obj.IsDir {
				dir.AsFunc = as(*obj)
			}
			return dir
		}
	}
	return &driver.ListObject{
		Key:     key,
		ModTime: obj.Updated,
		Size:    obj.Size,
		MD5:     md5Of(obj),
		AsFunc:  as(*obj),
	}
}
