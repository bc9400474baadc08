package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/thanos-io/objstore"
)

// objstoreStore is thanos-io/objstore's InMemBucket: a map and a mutex.
//
// It has two listings. Iter collects the objects with a prefix in two maps and
// sorts them. Objects returns a copy of the whole map, which is cheaper if all keys
// are needed.
type objstoreStore struct{ bucket *objstore.InMemBucket }

func openObjstore(int) (Store, error) { return objstoreStore{objstore.NewInMemBucket()}, nil }

func (s objstoreStore) Put(key string, content []byte) error {
	return s.bucket.Upload(ctx, key, bytes.NewReader(content))
}

func (s objstoreStore) Get(key string, buf []byte) error {
	r, err := s.bucket.Get(ctx, key)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadFull(r, buf)
	return err
}

func (s objstoreStore) Stat(key string) (int64, error) {
	attrs, err := s.bucket.Attributes(ctx, key)
	return attrs.Size, err
}

func (s objstoreStore) Delete(key string) error { return s.bucket.Delete(ctx, key) }

// Copy reads and writes, since the bucket has no copy operation.
func (s objstoreStore) Copy(dst, src string) error {
	r, err := s.bucket.Get(ctx, src)
	if err != nil {
		return err
	}
	defer r.Close()
	return s.bucket.Upload(ctx, dst, r)
}

// MoveDir copies and deletes each object, since there are no directories.
func (s objstoreStore) MoveDir(src, dst string) error {
	return s.bucket.Iter(ctx, src+"/", func(key string) error {
		if err := s.Copy(dst+strings.TrimPrefix(key, src), key); err != nil {
			return err
		}
		return s.Delete(key)
	}, objstore.WithRecursiveIter())
}

var errPageFull = errors.New("page full")

func (s objstoreStore) ListPrefix(prefix string, limit int, yield func(string)) error {
	err := s.bucket.Iter(ctx, prefix, func(key string) error {
		if limit == 0 {
			return errPageFull
		}
		limit--
		yield(key)
		return nil
	}, objstore.WithRecursiveIter())
	if errors.Is(err, errPageFull) {
		return nil
	}
	return err
}

// ListAfter sorts only the keys after the given one.
func (s objstoreStore) ListAfter(after string, limit int, yield func(string)) error {
	var keys []string
	for key := range s.bucket.Objects() {
		if key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	yieldAll(keys[:min(limit, len(keys))], yield)
	return nil
}

func (s objstoreStore) ListOffset(offset, limit int, yield func(string)) error {
	keys := s.keys()
	yieldAll(keys[min(offset, len(keys)):min(offset+limit, len(keys))], yield)
	return nil
}

func (s objstoreStore) ListAll(yield func(string)) error {
	yieldAll(s.keys(), yield)
	return nil
}

func (s objstoreStore) keys() []string {
	objs := s.bucket.Objects()
	keys := slices.AppendSeq(make([]string, 0, len(objs)), maps.Keys(objs))
	slices.Sort(keys)
	return keys
}

func yieldAll(keys []string, yield func(string)) {
	for _, key := range keys {
		yield(key)
	}
}

func (s objstoreStore) ListDir(dir string, yield func(string)) error {
	return s.bucket.Iter(ctx, dir+"/", func(key string) error {
		yield(strings.TrimSuffix(key, "/"))
		return nil
	})
}

// Upload keeps the parts and writes them as one object.
func (s objstoreStore) Upload(key string) (Upload, error) {
	put := func(key string, r io.Reader, _ int64) error { return s.bucket.Upload(ctx, key, r) }
	return &wholeUpload{put: put, key: key}, nil
}

// Snapshot keeps a copy of the map. It shares the content, which the bucket never
// changes in place. Restore takes another copy and uploads the objects whose slices
// differ.
func (s objstoreStore) Snapshot() (Snapshot, error) {
	return &objstoreSnapshot{of: s, before: s.bucket.Objects()}, nil
}

type objstoreSnapshot struct {
	noDrop
	of     objstoreStore
	before map[string][]byte
}

func (s *objstoreSnapshot) Restore() error {
	now := s.of.bucket.Objects()
	for key, content := range s.before {
		if !sameSlice(content, now[key]) {
			if err := s.of.Put(key, content); err != nil {
				return err
			}
		}
	}
	for key := range now {
		if _, ok := s.before[key]; !ok {
			if err := s.of.Delete(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameSlice reports whether a and b share their bytes. It returns false for empty
// slices, so empty objects are always written back.
func sameSlice(a, b []byte) bool {
	return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0]
}
