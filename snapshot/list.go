package snapshot

import (
	"context"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

func (h *bucketHandle) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (_ storage.ObjectIter, err error) {
	defer wrap("list", h.name, &prefix, &err)
	cur, err := h.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	clean, err := storage.CleanPrefix(prefix)
	if err != nil {
		return nil, err
	}
	prefix = clean
	return h.list(ctx, cur, tree.Walk{Prefix: prefix, Shallow: !opts.Bool(storage.OptRecursive, true)}, limit, offset, opts)
}

// list returns an iterator over what w visits and the options let through.
func (h *bucketHandle) list(ctx context.Context, cur *Snapshot, w tree.Walk, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	filesOnly, dirsOnly := opts.Bool(storage.OptFilesOnly, false), opts.Bool(storage.OptDirsOnly, false)
	if filesOnly && dirsOnly {
		filesOnly, dirsOnly = false, false // L1
	}
	w.Values = !dirsOnly
	w.Dirs = dirsOnly || w.Shallow && !filesOnly
	after, _ := opts.String(storage.OptStartAfter)
	var err error
	if w.After, err = storage.CleanPrefix(after); err != nil {
		return nil, err
	}
	it := &objectIter{ctx: ctx, bucket: h.name, limit: limit}
	if b := cur.bucket(h.name); b != nil {
		it.left = b.objects.Walk(w)
		it.left.Skip(offset)
	}
	return it, nil
}

// objectIter walks the objects and directories of one snapshot (L3).
type objectIter struct {
	ctx    context.Context
	bucket string
	left   *tree.Cursor[*object] // nil is none
	limit  int
	given  int
	closed bool
}

func (it *objectIter) Next() (_ *storage.Object, err error) {
	defer wrap("list", it.bucket, nil, &err)
	if err := mayGoOn(it.ctx, it.closed); err != nil {
		return nil, err
	}
	if it.left == nil || it.limit > 0 && it.given == it.limit {
		return nil, nil
	}
	e, ok := it.left.Next()
	switch {
	case !ok:
		return nil, nil
	case e.IsDir:
		it.given++
		return describeDir(it.bucket, strings.TrimSuffix(e.Key, "/"), e.Dir), nil
	}
	it.given++
	return e.Value.describe(new(storage.Object), it.bucket, e.Key), nil
}

func (it *objectIter) Close() error {
	it.closed = true
	return nil
}
