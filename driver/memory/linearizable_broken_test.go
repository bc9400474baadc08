package memdriver_test

import (
	"context"
	"io"
	"runtime"
	"strings"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// brokenStores are stores of which one operation takes several steps, as it may in a
// store without snapshots.
var brokenStores = map[string]func(*memdriver.Store) snapshot.Store{
	"a directory moves object by object": broken(func(b whole) storage.Bucket { return movesOneByOne{b} }),
	"a write judges and then writes":     broken(func(b whole) storage.Bucket { return judgesFirst{b} }),
	"a move copies and then deletes":     broken(func(b whole) storage.Bucket { return copiesAndDeletes{b} }),
	"a reader follows the key":           broken(func(b whole) storage.Bucket { return readsTwice{b} }),
	"a listing follows the store":        broken(func(b whole) storage.Bucket { return listsTwice{b} }),
	"an upload is joined in place":       broken(func(b whole) storage.Bucket { return joinsInPlace{b} }),
	"a restore empties and then fills":   func(st *memdriver.Store) snapshot.Store { return restoresTwice{st} },
	"an update works in place":           func(st *memdriver.Store) snapshot.Store { return updatesInPlace{st} },
	"an update commits whatever came":    func(st *memdriver.Store) snapshot.Store { return updatesBlindly{st} },
}

// whole is a bucket of the memory driver.
type whole interface {
	storage.Bucket
	storage.HasDirectories
	storage.HasMultipart
}

// brokenStore is a memory store with other buckets.
type brokenStore struct {
	*memdriver.Store
	wrap func(whole) storage.Bucket
}

func (s brokenStore) Bucket(name string) storage.Bucket {
	return s.wrap(s.Store.Bucket(name).(whole))
}

func broken(wrap func(whole) storage.Bucket) func(*memdriver.Store) snapshot.Store {
	return func(st *memdriver.Store) snapshot.Store { return brokenStore{st, wrap} }
}

// gap lets other goroutines run between two steps.
func gap() {
	for range 20 {
		runtime.Gosched()
	}
}

type movesOneByOne struct{ whole }

func (b movesOneByOne) Directory(path string) storage.Directory {
	return dirMovedOneByOne{b.whole.Directory(path), b.whole}
}

type dirMovedOneByOne struct {
	storage.Directory
	bucket whole
}

func (d dirMovedOneByOne) Move(ctx context.Context, dst string, opts storage.Options) (storage.Directory, error) {
	moved := false
	for _, name := range []string{"/x", "/y"} {
		_, err := d.bucket.Move(ctx, dst+name, "", d.Path()+name, nil)
		moved = moved || err == nil
		gap()
	}
	if !moved {
		return nil, storage.ErrNotExist
	}
	return d.bucket.Directory(dst), nil
}

type judgesFirst struct{ whole }

func (b judgesFirst) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	match, ok := opts.String(storage.OptIfMatch)
	if !ok {
		return b.whole.Write(ctx, key, src, size, contentType, opts)
	}
	if _, err := b.whole.Stat(ctx, key, storage.Options{storage.OptIfMatch: match}); err != nil {
		return nil, storage.ErrPrecondition
	}
	gap()
	return b.whole.Write(ctx, key, src, size, contentType, nil)
}

type copiesAndDeletes struct{ whole }

func (b copiesAndDeletes) Move(ctx context.Context, key, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	o, err := b.whole.Copy(ctx, key, srcBucket, srcKey, opts)
	if err != nil || key == srcKey {
		return o, err
	}
	gap()
	return o, b.whole.Delete(ctx, srcKey, nil)
}

type readsTwice struct{ whole }

func (b readsTwice) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	head, o, err := b.whole.Open(ctx, key, 0, 100<<10, opts)
	if err != nil {
		return nil, nil, err
	}
	gap()
	tail, _, err := b.whole.Open(ctx, key, 100<<10, 0, nil)
	if err != nil {
		return head, o, nil
	}
	return io.NopCloser(io.MultiReader(head, tail)), o, nil
}

type listsTwice struct{ whole }

func (b listsTwice) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	head, err := b.whole.List(ctx, historyDirs[0], 0, 0, nil)
	if err != nil {
		return nil, err
	}
	gap()
	tail, err := b.whole.List(ctx, historyDirs[1], 0, 0, nil)
	return &chain{head, tail}, err
}

// chain is one iterator after another.
type chain struct {
	storage.ObjectIter
	tail storage.ObjectIter
}

func (c *chain) Next() (*storage.Object, error) {
	o, err := c.ObjectIter.Next()
	if o != nil || err != nil || c.tail == nil {
		return o, err
	}
	c.ObjectIter, c.tail = c.tail, nil
	return c.Next()
}

type joinsInPlace struct{ whole }

func (b joinsInPlace) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	if _, err := b.whole.ListParts(ctx, mu, 0, 0, nil); err != nil {
		return nil, err
	}
	if _, err := b.whole.Write(ctx, mu.Key, strings.NewReader("half"), -1, "", nil); err != nil {
		return nil, err
	}
	gap()
	return b.whole.CompleteMultipart(ctx, mu, parts, opts)
}

type restoresTwice struct{ *memdriver.Store }

func (s restoresTwice) Restore(to *snapshot.Snapshot) error {
	if err := s.Store.Restore(new(snapshot.Snapshot)); err != nil {
		return err
	}
	gap()
	return s.Store.Restore(to)
}

type updatesInPlace struct{ *memdriver.Store }

func (s updatesInPlace) Update(_ context.Context, f func(tx storage.Storage) error) error {
	return f(s.Store)
}

type updatesBlindly struct{ *memdriver.Store }

func (s updatesBlindly) Update(_ context.Context, f func(tx storage.Storage) error) error {
	fork := memdriver.Open(memdriver.WithSnapshot(s.Snapshot()))
	if err := f(fork); err != nil {
		return err
	}
	gap()
	return s.Restore(fork.Snapshot())
}
