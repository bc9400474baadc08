package main

import (
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// memory is our driver.
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

func (s *memory) Fork() (Store, error) {
	return newMemory(memdriver.WithSnapshot(s.store.Snapshot()))
}

func (s *memory) Snapshot() (Snapshot, error) {
	return &memorySnapshot{of: s.store, state: s.store.Snapshot()}, nil
}

type memorySnapshot struct {
	keepNothing
	of    *memdriver.Store
	state *snapshot.Snapshot
}

func (s *memorySnapshot) Restore() error { return s.of.Restore(s.state) }
