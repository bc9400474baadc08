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

func openMemory(int) (Store, error) {
	st := memdriver.Open()
	c, err := newContract(st.Bucket("bench"))
	return &memory{c, st}, err
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
