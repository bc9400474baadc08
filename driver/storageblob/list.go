package storageblob

import (
	"cmp"
	"context"
	"strings"

	"gocloud.dev/blob/driver"
	"open-lake.dev/lib/storage"
)

// defaultPageSize is the size of a page where the caller does not care.
const defaultPageSize = 1000

// ListPaged implements [driver.Bucket]. A page token is the stored name of the
// last entry of the page before.
func (b *bucket) ListPaged(ctx context.Context, opts *driver.ListOptions) (*driver.ListPage, error) {
	prefix, listOpts := listArgs(opts)
	if err := before(opts.BeforeList, listOpts); err != nil {
		return nil, err
	}
	it, err := b.store.List(ctx, prefix, 0, 0, listOpts)
	if err != nil {
		return nil, err
	}
	return readPage(it, opts)
}

// readPage collects what opts ask for, and stops where it knows that there is
// another page.
func readPage(it storage.ObjectIter, opts *driver.ListOptions) (*driver.ListPage, error) {
	size := cmp.Or(opts.PageSize, defaultPageSize)
	page, last := &driver.ListPage{}, ""
	dirs := make(map[string]bool) // met so far
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		name := storedName(obj)
		entry := listObject(decodeKey(name), obj, opts)
		if entry == nil || dirs[entry.Key] {
			continue
		}
		if entry.IsDir {
			dirs[entry.Key] = true
		}
		if name <= string(opts.PageToken) {
			continue
		}
		if len(page.Objects) == size {
			page.NextPageToken = []byte(last)
			break
		}
		page.Objects, last = append(page.Objects, entry), name
	}
	return page, nil
}

// listArgs returns the arguments of a List that gives what opts ask for, and
// maybe more. The store does all of the work where the delimiter is its own;
// else each page walks all beneath the prefix anew, to tell which directories
// were in the pages before.
func listArgs(opts *driver.ListOptions) (prefix string, listOpts storage.Options) {
	prefix, recursive := encodePrefix(opts.Prefix), opts.Delimiter != "/"
	if !isPlain(prefix) {
		prefix, recursive = "", true
	}
	listOpts = storage.Options{storage.OptRecursive: recursive}
	token := string(opts.PageToken)
	if isPlain(token) && (opts.Delimiter == "" || !recursive) {
		listOpts[storage.OptStartAfter] = token
	}
	return prefix, listOpts
}

// isPlain tells whether List takes a prefix as it is. It would trim the white
// space in "a /", and refuse what is not UTF-8.
func isPlain(prefix string) bool {
	clean, err := storage.CleanPrefix(prefix)
	return err == nil && clean == prefix
}

// storedName returns the name by which an entry is sorted: its key, and a slash
// if it is a directory.
func storedName(obj *storage.Object) string {
	if obj.IsDir {
		return obj.Key + "/"
	}
	return obj.Key
}

// listObject returns the entry of the blob or directory at key: a directory if
// there is a delimiter after the prefix, and nil if the prefix is not its own.
func listObject(key string, obj *storage.Object, opts *driver.ListOptions) *driver.ListObject {
	rest, found := strings.CutPrefix(key, opts.Prefix)
	if !found {
		return nil
	}
	if opts.Delimiter != "" {
		if _, after, found := strings.Cut(rest, opts.Delimiter); found {
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
