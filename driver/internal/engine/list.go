package engine

import (
	"context"
	"errors"
	"iter"
	"strings"

	"open-lake.dev/lib/storage"
)

func (b *bucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	return run(ctx, b, "list", prefix, storage.CleanPrefix, opts, func(prefix string) (storage.ObjectIter, error) {
		return b.list(ctx, prefix, opts.Bool(storage.OptRecursive, true), limit, offset, opts)
	})
}

// list returns an iterator over what begins with a normalised prefix.
func (b *bucket) list(ctx context.Context, prefix string, recursive bool, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	files, dirs := opts.Bool(storage.OptFilesOnly, false), opts.Bool(storage.OptDirsOnly, false)
	if files == dirs {
		files, dirs = true, !recursive
	}
	after, orDir, err := opts.StartAfter(storage.CleanPrefix)
	if err != nil {
		return nil, err
	}
	w := walk{files: files, dirs: dirs, base: strings.LastIndexByte(prefix, '/') + 1}
	if w.mayGive(orDir, prefix, recursive) {
		found, err := b.holds(ctx, orDir)
		if err != nil {
			return nil, err
		}
		if found {
			after = orDir
		}
	}
	w.left = b.lister(prefix, ListOptions{Shallow: !recursive, After: b.after(after)})
	b.store.users.Add(1)
	return &objectIter{ctx: ctx, bucket: b, walk: w, after: after, offset: max(offset, 0), limit: limit}, nil
}

// lister lists the blobs of the bucket whose keys begin with prefix.
func (b *bucket) lister(prefix string, o ListOptions) Lister {
	return &objectLister{b.store.engine.List(b.blobKey(prefix), o), b.name + "/"}
}

// after returns the value of ListOptions for keys in the bucket.
func (b *bucket) after(key string) string {
	if key == "" {
		return ""
	}
	return b.blobKey(key)
}

// objectLister lists the blobs that are objects, and directories, by their keys in
// the bucket. Keys that are not normalised are those of other programs' blobs.
type objectLister struct {
	Lister
	bucket string // with a slash
}

func (l *objectLister) Next(ctx context.Context) (*Blob, error) {
	for {
		blob, err := l.Lister.Next(ctx)
		if blob == nil || err != nil {
			return nil, err
		}
		blob.Key = strings.TrimPrefix(blob.Key, l.bucket)
		key := blob.Key
		if blob.IsDir {
			key = strings.TrimSuffix(key, "/")
		}
		if clean, err := storage.CleanKey(key); err == nil && clean == key {
			return blob, nil
		}
	}
}

// holds reports whether there is an object whose key begins with prefix.
func (b *bucket) holds(ctx context.Context, prefix string) (bool, error) {
	blob, err := b.lister(prefix, ListOptions{}).Next(ctx)
	return blob != nil, err
}

// keys walks the keys of the objects that begin with prefix, and have a slash after
// it only if it is recursive.
func (b *bucket) keys(ctx context.Context, prefix string, recursive bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for blob, err := range entries(ctx, b.lister(prefix, ListOptions{Shallow: !recursive})) {
			if err != nil {
				yield("", err)
				return
			}
			if !blob.IsDir && !yield(blob.Key, nil) {
				return
			}
		}
	}
}

// entries ranges over the rest of a Lister. An error ends the loop.
func entries(ctx context.Context, l Lister) iter.Seq2[*Blob, error] {
	return func(yield func(*Blob, error) bool) {
		for {
			blob, err := l.Next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if blob == nil || !yield(blob, nil) {
				return
			}
		}
	}
}

// walk derives the entries of a listing from blobs.
type walk struct {
	left        Lister
	files, dirs bool
	base        int     // length of the prefix up to its last slash
	last        string  // key of the last blob
	queue       []*Blob // entries that the last blob made
}

// mayGive reports whether a directory, with its slash, is an entry if it exists.
func (w *walk) mayGive(dir, prefix string, recursive bool) bool {
	return w.dirs && dir != "" && strings.HasPrefix(dir, prefix) &&
		(recursive || strings.IndexByte(dir[w.base:], '/') == len(dir)-w.base-1)
}

// next returns the next entry, nil at the end.
func (w *walk) next(ctx context.Context) (*Blob, error) {
	for len(w.queue) == 0 {
		blob, err := w.left.Next(ctx)
		if blob == nil || err != nil {
			return nil, err
		}
		if w.dirs {
			w.addDirs(blob.Key)
		}
		if w.files && !blob.IsDir {
			w.queue = append(w.queue, blob)
		}
		w.last = blob.Key
	}
	entry := w.queue[0]
	w.queue = w.queue[1:]
	return entry, nil
}

// addDirs adds the directories that begin with key.
func (w *walk) addDirs(key string) {
	for i := w.base; i < len(key); i++ {
		if key[i] == '/' && !strings.HasPrefix(w.last, key[:i+1]) {
			w.queue = append(w.queue, &Blob{Key: key[:i+1], IsDir: true})
		}
	}
}

// objectIter describes the entries of a listing.
type objectIter struct {
	ctx    context.Context
	bucket *bucket
	walk   walk
	after  string
	offset int
	limit  int
	given  int
	closed bool
}

func (it *objectIter) Next() (*storage.Object, error) {
	if err := iterErr(it.ctx, it.closed); err != nil {
		return nil, fail("list", it.bucket.name, "", err)
	}
	for it.limit <= 0 || it.given < it.limit {
		o, err := it.next()
		if err != nil {
			return nil, fail("list", it.bucket.name, "", err)
		}
		if o == nil {
			break
		}
		if it.offset > 0 {
			it.offset--
			continue
		}
		it.given++
		return o, nil
	}
	return nil, nil
}

// next returns the next entry of the listing from its beginning.
func (it *objectIter) next() (*storage.Object, error) {
	for {
		blob, err := it.walk.next(it.ctx)
		if blob == nil || err != nil {
			return nil, err
		}
		if blob.Key <= it.after {
			continue
		}
		o, err := it.bucket.listed(it.ctx, blob)
		if !errors.Is(err, storage.ErrNotExist) {
			return o, err
		} // deleted since
	}
}

// listed describes an entry. A blob whose ETag is not in the listing
// is looked up.
func (b *bucket) listed(ctx context.Context, blob *Blob) (*storage.Object, error) {
	if blob.IsDir {
		return &storage.Object{Bucket: b.name, Key: strings.TrimSuffix(blob.Key, "/"), IsDir: true}, nil
	}
	key := strings.Clone(blob.Key)
	if blob.ETag == "" && blob.Version == "" {
		head, err := b.store.engine.Head(ctx, b.blobKey(key))
		if err != nil {
			return nil, err
		}
		blob = head
	}
	return objectOf(b.name, key, blob), nil
}

func (it *objectIter) Close() error {
	if it.closed {
		return nil
	}
	it.closed, it.walk = true, walk{}
	return it.bucket.store.release()
}
