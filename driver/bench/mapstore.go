package main

import (
	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
)

// mapStore is the baseline: a map and a mutex, with the interface of the memory
// driver.
type mapStore struct {
	contract
	store  storage.Storage
	copies storage.Bucket
}

func openMap(int) (Store, error) {
	st := mapstore.New()
	c, err := newContract(st.Bucket("bench"))
	return &mapStore{c, st, st.Bucket("copies")}, err
}

// Snapshot copies every object into a second bucket, which shares the content,
// and keeps the listing. Restore lists again and copies back the objects that
// differ. The interface has nothing cheaper: it cannot copy a whole bucket.
func (s *mapStore) Snapshot() (Snapshot, error) {
	before, err := s.versions()
	if err != nil {
		return nil, err
	}
	for _, v := range before {
		if _, err := s.copies.Copy(ctx, v.key, s.bucket.Name(), v.key, nil); err != nil {
			return nil, err
		}
	}
	return &mapSnapshot{s, before}, nil
}

// versions lists every object with its modification time.
func (s *mapStore) versions() ([]version, error) {
	it, err := s.bucket.List(ctx, "", 0, 0, nil)
	if err != nil {
		return nil, err
	}
	var all []version
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		all = append(all, version{obj.Key, obj.Updated.UnixNano()})
	}
	return all, nil
}

type mapSnapshot struct {
	of     *mapStore
	before []version
}

func (s *mapSnapshot) Restore() error {
	now, err := s.of.versions()
	if err != nil {
		return err
	}
	putBack := func(key string) error {
		_, err := s.of.bucket.Copy(ctx, key, s.of.copies.Name(), key, nil)
		return err
	}
	return rewind(s.before, now, putBack, s.of.Delete)
}

func (s *mapSnapshot) Drop() error {
	return s.of.store.DeleteBucket(ctx, s.of.copies.Name(), storage.Options{storage.OptForce: true})
}
