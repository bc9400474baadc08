package main

import (
	"io"
	"io/fs"
	"iter"
	"time"
)

// batchSize is the number of objects in a batch of [measureBatch].
const batchSize = 1000

const (
	batchName = "overwrite 1,000 objects of 1 KiB"
	batchEach = batchName + ": one by one"
	batchOnce = batchName + ": in one batch"

	loadName = "load n files of 1 KiB into a new store"
	loadEach = loadName + ": one by one"
	loadOnce = loadName + ": at once"
	loadSave = loadName + ": from a saved snapshot"
)

// batcher is a store that can write many objects in one commit. PutAll may iterate
// over them more than once.
type batcher interface {
	PutAll(objects iter.Seq2[string, []byte]) error
}

// loader is a store that can load all files of a file system at once. They replace
// its contents.
type loader interface {
	Load(fsys fs.FS) error
}

// saver is a store that can be saved whole, and loaded from what was saved.
type saver interface {
	Save() ([]byte, error)
	LoadSaved(saved []byte) error
}

// measureBatch overwrites objects one by one and in one batch.
func measureBatch(f *fixture) ([]figure, error) {
	content := make([]byte, objectSize)
	objects := func(i int) iter.Seq2[string, []byte] {
		return func(yield func(string, []byte) bool) {
			for j := range batchSize {
				index := f.writes.at(i*batchSize + j)
				stamp(content, index)
				if !yield(f.keys[index], content) {
					return
				}
			}
		}
	}
	each := ops{do: func(_, i int) error { return putEach(f.Put, objects(i)) }}
	once := each
	b, ok := f.Store.(batcher)
	if ok {
		once.do = func(_, i int) error { return b.PutAll(objects(i)) }
	}
	return measureBulk([]string{batchEach, batchOnce}, each, once, ok, f.budget)
}

func putEach(put func(key string, content []byte) error, objects iter.Seq2[string, []byte]) error {
	for key, content := range objects {
		if err := put(key, content); err != nil {
			return err
		}
	}
	return nil
}

// measureLoad loads the files of a file system into new stores, one by one and at
// once, and the same objects from a saved snapshot. It then counts the objects of
// each store, untimed.
func measureLoad(f *fixture) ([]figure, error) {
	files := keysetFS{f.keyset}
	var loaded Store
	into := func(fill func(Store) error) ops {
		return ops{
			batch: 1,
			do: func(int, int) (err error) {
				if loaded, err = f.open(len(f.keys)); err != nil {
					return err
				}
				return fill(loaded)
			},
			undo: func() error {
				count, err := listing(len(f.keys), loaded.ListAll)
				if err != nil {
					return err
				}
				return count.do(0, 0)
			},
		}
	}
	each := into(func(s Store) error { return loadFiles(s, files) })
	once := into(func(s Store) error { return s.(loader).Load(files) })
	_, ok := f.Store.(loader)
	figures, err := measureBulk([]string{loadEach, loadOnce}, each, once, ok, f.budget)
	if err != nil {
		return nil, err
	}
	saved := figures[0]
	if s, ok := f.Store.(saver); ok {
		file, err := s.Save()
		if err != nil {
			return nil, err
		}
		c, err := measure(into(func(s Store) error { return s.(saver).LoadSaved(file) }), f.budget)
		if err != nil {
			return nil, err
		}
		saved = c.figure(loadSave)
	}
	saved.name = loadSave
	return append(figures, saved), nil
}

// loadFiles writes every file of a file system to a store. It reads them into one
// buffer, since every store copies the content.
func loadFiles(s Store, fsys fs.FS) error {
	buf := make([]byte, objectSize)
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := readFile(fsys, name, buf); err != nil {
			return err
		}
		return s.Put(name, buf)
	})
}

func readFile(fsys fs.FS, name string, buf []byte) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadFull(f, buf)
	return err
}

// measureBulk measures the same work done object by object and in bulk, and returns
// a figure of each name. If has is false, the store has no bulk operation: the work
// is measured once and both figures are the same.
func measureBulk(names []string, each, once ops, has bool, budget time.Duration) ([]figure, error) {
	single, err := measure(each, budget)
	bulk := single
	if err == nil && has {
		bulk, err = measure(once, budget)
	}
	return []figure{single.figure(names[0]), bulk.figure(names[1])}, err
}
