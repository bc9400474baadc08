package snapshot

import (
	"context"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

func (h *bucketHandle) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	return run(ctx, h, "list", prefix, rules.cleanPrefix, opts, func(cur *Snapshot, prefix string) (storage.ObjectIter, error) {
		w := tree.Walk{Prefix: prefix, Shallow: !opts.Bool(storage.OptRecursive, true)}
		return h.list(ctx, cur, w, limit, offset, opts)
	})
}

// list returns an iterator over what w visits and the options let through.
func (h *bucketHandle) list(ctx context.Context, cur *Snapshot, w tree.Walk, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	if h.store.limits.Relaxes(storage.RelaxedB2) && cur.bucket(h.name) == nil {
		return nil, storage.ErrNoBucket
	}
	filesOnly, dirsOnly := opts.Bool(storage.OptFilesOnly, false), opts.Bool(storage.OptDirsOnly, false)
	if filesOnly && dirsOnly {
		filesOnly, dirsOnly = false, false // L1
	}
	w.Values = !dirsOnly
	w.Dirs = dirsOnly || w.Shallow && !filesOnly
	objects := cur.objectsOf(h.name)
	after, orDir, err := opts.StartAfter(cur.cleanPrefix)
	if err != nil {
		return nil, err
	}
	if w.Dirs && len(orDir) > len(w.Prefix) && strings.HasPrefix(orDir, w.Prefix) {
		if _, ok := objects.Dir(orDir); ok {
			after = orDir
		}
	}
	w.After = after
	it := &objectIter{ctx: ctx, bucket: h, exact: cur.exactKeys, left: objects.Walk(w), limit: limit}
	it.left.Skip(offset)
	return it, nil
}

// objectIter walks the objects and directories of one snapshot (L3).
type objectIter struct {
	ctx    context.Context
	bucket *bucketHandle
	left   *tree.Cursor[*object] // nil once closed
	exact  bool                  // K4
	limit  int
	given  int
	closed bool
}

func (it *objectIter) Next() (*storage.Object, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("list", it.bucket.name, "", err)
	}
	if it.limit > 0 && it.given == it.limit {
		return nil, nil
	}
	e, ok := it.left.Next()
	if !ok {
		return nil, nil
	}
	it.given++
	return it.describe(e), nil
}

func (it *objectIter) describe(e tree.Entry[*object]) *storage.Object {
	var o *storage.Object
	if e.IsDir {
		o = describeDir(it.bucket.name, dirKey(e.Key, it.exact), e.Dir)
	} else {
		o = e.Value.describe(it.bucket.name, e.Key)
	}
	if l := &it.bucket.store.limits; len(l.Relaxed) > 0 {
		relaxListed(l, o)
	}
	return o
}

// Close ends the walk and releases the snapshot (O4).
func (it *objectIter) Close() error {
	it.left, it.closed = nil, true
	return nil
}
