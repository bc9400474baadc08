package s3server

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// current is the name of the current state where a snapshot is asked for, and
// initial that of the one taken when the server started.
const (
	current = "current"
	initial = "start"
)

// control holds the snapshots and the forks of a server.
type control struct {
	s *Server

	mu     sync.Mutex // guards the rest; no code of a user's runs under it
	taken  []*taken
	forks  map[string]*forked
	serial int
	closed bool
}

// taken is a snapshot that is kept.
type taken struct {
	Name    string    `json:"name"`
	Time    time.Time `json:"time"`
	Objects int       `json:"objects"`
	Bytes   int64     `json:"bytes"`
	snap    *snapshot.Snapshot
}

// forked is a fork of the server.
type forked struct {
	*Server `json:"-"`
	Name    string `json:"name"`
	URL     string `json:"url"`
	serial  int
}

func newControl(s *Server) *control {
	c := &control{s: s, forks: make(map[string]*forked)}
	c.take(initial)
	return c
}

// take keeps the current state as a snapshot, under a name or, if that is empty, a
// number. It replaces a snapshot of that name.
func (c *control) take(name string) (*taken, error) {
	snap := c.s.store.Snapshot()
	switch {
	case snap == nil:
		return nil, storage.ErrClosed
	case name == current:
		return nil, fmt.Errorf("%w: a snapshot cannot be called %q", storage.ErrInvalid, name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if name == "" {
		c.serial++
		name = fmt.Sprint(c.serial)
	}
	kept := slices.DeleteFunc(slices.Clone(c.taken), func(old *taken) bool { return old.Name == name })
	if len(kept) >= c.s.config.maxSnapshots {
		return nil, fmt.Errorf("%w: there are %d snapshots; delete some", storage.ErrQuota, len(kept))
	}
	t := &taken{name, time.Now().UTC(), snap.Len(), snap.Bytes(), snap}
	c.taken = append(kept, t)
	return t, nil
}

// list returns the snapshots, the oldest first.
func (c *control) list() []*taken {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.taken)
}

// find returns a snapshot by name.
func (c *control) find(name string) (*taken, error) {
	if name == current {
		snap := c.s.store.Snapshot()
		if snap == nil {
			return nil, storage.ErrClosed
		}
		return &taken{current, time.Now().UTC(), snap.Len(), snap.Bytes(), snap}, nil
	}
	for _, t := range c.list() {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: no snapshot %q", storage.ErrNotExist, name)
}

func (c *control) delete(name string) error {
	if _, err := c.find(name); err != nil || name == current {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = slices.DeleteFunc(c.taken, func(t *taken) bool { return t.Name == name })
	return nil
}

func (c *control) restore(name string) error {
	t, err := c.find(name)
	if err != nil {
		return err
	}
	return c.s.store.Restore(t.snap)
}

// fork starts a server of its own from a snapshot.
func (c *control) fork(snap *snapshot.Snapshot) (*forked, error) {
	c.mu.Lock()
	full := len(c.forks) >= c.s.config.maxForks
	c.mu.Unlock()
	if full {
		return nil, fmt.Errorf("%w: there are %d forks; delete some", storage.ErrQuota, c.s.config.maxForks)
	}
	config := c.s.config
	config.addr = c.s.config.forkAddr()
	server, err := start(c.s.forkStore(snap), config)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errors.Join(storage.ErrClosed, server.Close())
	}
	c.serial++
	f := &forked{server, fmt.Sprint("fork-", c.serial), server.URL(), c.serial}
	c.forks[f.Name] = f
	return f, nil
}

// forkStore opens the store of a fork.
func (s *Server) forkStore(snap *snapshot.Snapshot) snapshot.Store {
	return memdriver.Open(append(slices.Clip(s.config.storeOptions), memdriver.WithSnapshot(snap))...)
}

// listForks returns the forks by age.
func (c *control) listForks() []*forked {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*forked, 0, len(c.forks))
	for _, f := range c.forks {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *forked) int { return cmp.Compare(a.serial, b.serial) })
	return all
}

func (c *control) closeFork(name string) error {
	c.mu.Lock()
	f := c.forks[name]
	delete(c.forks, name)
	c.mu.Unlock()
	if f == nil {
		return fmt.Errorf("%w: no fork %q", storage.ErrNotExist, name)
	}
	return errors.Join(f.Close(), f.store.Close())
}

func (c *control) close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	var err error
	for _, f := range c.listForks() {
		err = errors.Join(err, c.closeFork(f.Name))
	}
	return err
}
