package s3server

import (
	"net/http"
	"strings"

	"open-lake.dev/lib/storage/driver/s3server/internal/console"
)

// wantsPage reports whether a request asks for a page for people.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// steering is a server as the console controls it. It implements [console.Server].
type steering struct{ c *control }

func (s steering) Snapshots() []console.Snapshot {
	list := s.c.list()
	all := make([]console.Snapshot, len(list))
	for i, t := range list {
		all[i] = t.shown()
	}
	return all
}

func (s steering) Snapshot(name string) (console.Snapshot, error) { return shown(s.c.find(name)) }

func (s steering) Take(name string) (console.Snapshot, error) { return shown(s.c.take(name)) }

// Restore implements [console.Server]. What a client changes while it runs may be in
// neither state.
func (s steering) Restore(name string) error {
	t, err := s.c.find(name)
	if err != nil {
		return err
	}
	if _, err := s.c.take(console.BeforeRestore); err != nil {
		return err
	}
	return s.c.s.store.Restore(t.snap)
}

func (s steering) Delete(name string) error { return s.c.delete(name) }

func (s steering) Forks() []console.Fork {
	list := s.c.listForks()
	all := make([]console.Fork, len(list))
	for i, f := range list {
		all[i] = f.shown()
	}
	return all
}

func (s steering) Fork(from string) (console.Fork, error) {
	f, err := s.c.forkFrom(from)
	if err != nil {
		return console.Fork{}, err
	}
	return f.shown(), nil
}

func (s steering) Stop(name string) error { return s.c.closeFork(name) }

func shown(t *taken, err error) (console.Snapshot, error) {
	if err != nil {
		return console.Snapshot{}, err
	}
	return t.shown(), nil
}

func (t *taken) shown() console.Snapshot {
	return console.Snapshot{Name: t.Name, Time: t.Time, Value: t.snap}
}

func (f *forked) shown() console.Fork {
	shown := console.Fork{Name: f.Name, URL: f.URL}
	if snap := f.store.Snapshot(); snap != nil { // else the fork is being stopped
		shown.Objects, shown.Bytes = snap.Len(), snap.Bytes()
	}
	return shown
}
