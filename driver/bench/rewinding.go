package main

import "fmt"

// prepareSnapshot takes snapshots and drops each of them, untimed.
func prepareSnapshot(f *fixture) (ops, error) {
	var taken Snapshot
	return ops{
		batch: 1,
		do: func(int, int) (err error) {
			taken, err = f.Snapshot()
			return err
		},
		undo: func() error { return taken.Drop() },
	}, nil
}

// changes is the number of objects that are overwritten, the number deleted and the
// number added before each restore.
const changes = 10

// measureRestore restores one snapshot repeatedly. Before each restore it changes
// some objects, untimed.
func measureRestore(f *fixture) ([]figure, error) {
	snap, err := f.Snapshot()
	if err != nil {
		return nil, err
	}
	change := func() error { return changeSome(f) }
	if err := change(); err != nil {
		return nil, err
	}
	c, err := measure(ops{
		batch: 1,
		do:    func(int, int) error { return snap.Restore() },
		undo:  change,
	}, f.budget)
	if err != nil {
		return nil, err
	}
	if err := snap.Restore(); err != nil {
		return nil, err
	}
	return []figure{c.figure(restoreOp)}, snap.Drop()
}

// changeSome overwrites, deletes and adds objects.
func changeSome(f *fixture) error {
	content := make([]byte, objectSize)
	for i := range changes {
		if err := f.Put(f.keys[f.writes.at(i)], content); err != nil {
			return fmt.Errorf("overwrite: %w", err)
		}
		if err := f.Delete(f.keys[f.writes.at(changes+i)]); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		if err := f.Put(f.fresh(2*changes+i), content); err != nil {
			return fmt.Errorf("add: %w", err)
		}
	}
	return nil
}
