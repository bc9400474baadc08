package mapstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

func (b *bucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (it storage.ObjectIter, err error) {
	err = b.runClean(ctx, "list", prefix, storage.CleanPrefix, opts, func(prefix string) error {
		it, err = b.list(ctx, "list", prefix, opts.Bool(storage.OptRecursive, true), limit, offset, opts)
		return err
	})
	return it, err
}

// list lists the entries that begin with a normalised prefix.
func (b *bucket) list(ctx context.Context, op, prefix string, recursive bool, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	after, orDir, err := opts.StartAfter(storage.CleanPrefix)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", storage.OptStartAfter, err)
	}
	files, dirs := opts.Bool(storage.OptFilesOnly, false), opts.Bool(storage.OptDirsOnly, false)
	if files == dirs {
		files, dirs = true, !recursive
	}
	found := b.find(prefix, recursive, files, dirs)
	if slices.ContainsFunc(found, func(o *storage.Object) bool { return o.IsDir && sortKey(o) == orDir }) {
		after = orDir
	}
	found = slices.DeleteFunc(found, func(o *storage.Object) bool { return sortKey(o) <= after })
	slices.SortFunc(found, func(a, b *storage.Object) int { return cmp.Compare(sortKey(a), sortKey(b)) })
	return &iterator[storage.Object]{ctx: ctx, op: op, bucket: b.name, items: page(found, limit, offset), clone: cloneObject}, nil
}

// find returns the entries that begin with prefix, in no order: objects if files
// is set and directories if dirs is. Unless recursive, they are the direct
// children of the directory that prefix ends in.
func (b *bucket) find(prefix string, recursive, files, dirs bool) []*storage.Object {
	base := strings.LastIndexByte(prefix, '/') + 1
	var found []*storage.Object
	seen := make(map[string]*storage.Object)
	b.mu.RLock()
	defer b.mu.RUnlock()
	for key, e := range b.objects {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		depth := 0
		for i := base; i < len(key); i++ {
			if key[i] != '/' {
				continue
			}
			if depth++; dirs && (recursive || depth == 1) {
				widen(seen, key[:i], e)
			}
		}
		if files && (recursive || depth == 0) {
			found = append(found, &e.obj)
		}
	}
	for _, dir := range seen {
		found = append(found, dir)
	}
	return found
}

// widen adds the directory at path to dirs and extends its times to those of e,
// which lies beneath it (contract rule D1).
func widen(dirs map[string]*storage.Object, path string, e *entry) {
	dir := dirs[path]
	if dir == nil {
		dir = &storage.Object{Bucket: e.obj.Bucket, Key: path, IsDir: true, Created: e.obj.Created, Updated: e.obj.Updated}
		dirs[path] = dir
	}
	if e.obj.Created.Before(dir.Created) {
		dir.Created = e.obj.Created
	}
	if e.obj.Updated.After(dir.Updated) {
		dir.Updated = e.obj.Updated
	}
}

// sortKey returns the key that orders an entry of a listing (contract rule L2).
func sortKey(o *storage.Object) string {
	if o.IsDir {
		return o.Key + "/"
	}
	return o.Key
}

// page returns at most limit items from offset on.
func page[T any](items []T, limit, offset int) []T {
	items = items[min(max(offset, 0), len(items)):]
	if limit > 0 {
		items = items[:min(limit, len(items))]
	}
	return items
}

// iterator walks items, which never change, and returns clones of them.
type iterator[T any] struct {
	ctx        context.Context
	op, bucket string
	items      []*T
	clone      func(*T) *T
	closed     bool
}

func (it *iterator[T]) Next() (*T, error) {
	if it.closed {
		return nil, fail(it.op, it.bucket, "", storage.ErrClosed)
	}
	if err := it.ctx.Err(); err != nil {
		return nil, fail(it.op, it.bucket, "", err)
	}
	if len(it.items) == 0 {
		return nil, nil
	}
	item := it.items[0]
	it.items = it.items[1:]
	return it.clone(item), nil
}

func (it *iterator[T]) Close() error {
	it.closed, it.items = true, nil
	return nil
}
