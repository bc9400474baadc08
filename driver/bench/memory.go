package main

import (
	"bytes"
	"io/fs"
	"iter"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// memory is the memory driver.
type memory struct {
	contract
	store *memdriver.Store
}

func openMemory(int) (Store, error) { return newMemory() }

func newMemory(opts ...memdriver.Option) (*memory, error) {
	st := memdriver.Open(opts...)
	c, err := newContract(st.Bucket("bench"))
	return &memory{c, st}, err
}

// PutAll writes all objects in one commit.
func (s *memory) PutAll(objects iter.Seq2[string, []byte]) error {
	return s.store.Update(ctx, func(tx storage.Storage) error {
		return putEach(contract{bucket: tx.Bucket(s.bucket.Name())}.Put, objects)
	})
}

// Load restores a snapshot of the files.
func (s *memory) Load(fsys fs.FS) error {
	state, err := snapshot.FromFS(s.bucket.Name(), fsys)
	if err != nil {
		return err
	}
	return s.store.Restore(state)
}

// Save returns a saved snapshot.
func (s *memory) Save() ([]byte, error) {
	var b bytes.Buffer
	err := s.store.Snapshot().Save(&b)
	return b.Bytes(), err
}

// LoadSaved restores a saved snapshot.
func (s *memory) LoadSaved(saved []byte) error {
	state, err := snapshot.Load(bytes.NewReader(saved))
	if err != nil {
		return err
	}
	return s.store.Restore(state)
}

func (s *memory) Fork() (Store, error) {
	return newMemory(memdriver.WithSnapshot(s.store.Snapshot()))
}

func (s *memory) Snapshot() (Snapshot, error) {
	return &memorySnapshot{of: s.store, state: s.store.Snapshot()}, nil
}

type memorySnapshot struct {
	noDrop
	of    *memdriver.Store
	state *snapshot.Snapshot
}

func (s *memorySnapshot) Restore() error { return s.of.Restore(s.state) }
