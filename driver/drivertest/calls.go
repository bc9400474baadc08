package drivertest

import (
	"io"
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// call is one way to pass a key or a path to the store.
type call struct {
	name string
	do   func(arg string) error
}

// storingCalls are the ways to pass a key for an object to be stored. The object
// "there" must exist.
func (h *harness) storingCalls() []call {
	calls := []call{{"Write", func(key string) error { _, err := h.write(key, "content", nil); return err }}}
	for _, t := range h.transfers() {
		calls = append(calls, call{t.name + " to", func(key string) error { _, err := t.do(h.b, key, "", "there", nil); return err }})
	}
	if m, ok := h.b.(storage.HasMultipart); ok {
		calls = append(calls, call{"InitMultipart", func(key string) error {
			_, err := m.InitMultipart(h.ctx, key, "", nil)
			return err
		}})
	}
	return calls
}

// lookingCalls are the ways to pass a key of an object that should exist.
func (h *harness) lookingCalls() []call {
	calls := []call{
		{"Open", func(key string) error {
			rc, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
			return closing(rc, err)
		}},
		{"Stat", func(key string) error { _, err := h.b.Stat(h.ctx, key, nil); return err }},
		{"Delete", func(key string) error { return h.b.Delete(h.ctx, key, nil) }},
		{"Delete recursive", func(key string) error { return h.b.Delete(h.ctx, key, recursive) }},
	}
	for _, t := range h.transfers() {
		calls = append(calls, call{t.name + " from", func(key string) error { _, err := t.do(h.b, "x", "", key, nil); return err }})
	}
	return calls
}

// keyCalls are all ways to pass a key. The object "there" must exist.
func (h *harness) keyCalls() []call { return slices.Concat(h.storingCalls(), h.lookingCalls()) }

// prefixCalls are all ways to pass a prefix, which may be empty.
func (h *harness) prefixCalls() []call {
	calls := []call{
		{"List", func(prefix string) error { return listing(h.b.List(h.ctx, prefix, 0, 0, nil)) }},
		{"List start_after", func(key string) error {
			return listing(h.b.List(h.ctx, "", 0, 0, storage.Options{storage.OptStartAfter: key}))
		}},
	}
	if u, ok := h.b.(storage.HasUploads); ok {
		calls = append(calls, call{"Uploads", func(prefix string) error { return listing(u.Uploads(h.ctx, prefix, 0, 0, nil)) }})
	}
	return calls
}

// directoryCalls are all ways to pass the path of a directory, which may be
// empty; none if the driver has no directories. The directory "there-too" must
// exist.
func (h *harness) directoryCalls() []call {
	d, ok := h.b.(storage.HasDirectories)
	if !ok {
		return nil
	}
	return []call{
		{"Directory.Info", func(path string) error { _, err := d.Directory(path).Info(h.ctx); return err }},
		{"Directory.List", func(path string) error { return listing(d.Directory(path).List(h.ctx, 0, 0, nil)) }},
		{"Directory.Delete", func(path string) error { return d.Directory(path).Delete(h.ctx, nil) }},
		{"Directory.Move", func(path string) error { _, err := d.Directory(path).Move(h.ctx, "x", nil); return err }},
		{"Directory.Move to", func(path string) error { _, err := d.Directory("there-too").Move(h.ctx, path, nil); return err }},
	}
}

// closing closes what an operation returned, if it did.
func closing(c io.Closer, err error) error {
	if err == nil {
		err = c.Close()
	}
	return err
}

// listing drains a listing and returns its error, wherever it occurs.
func listing[T any](it interface {
	Next() (*T, error)
	Close() error
}, err error) error {
	if err != nil {
		return err
	}
	for _, err := range storage.All(it) {
		if err != nil {
			return err
		}
	}
	return nil
}

// rejects checks that all calls fail with want for all args and change nothing.
func (h *harness) rejects(rule string, want error, calls []call, args ...string) {
	h.unchanged(rule+": a rejected name must change nothing", func() {
		for _, arg := range args {
			for _, c := range calls {
				require.ErrorIs(h, c.do(arg), want, "%s: %s of %s", rule, c.name, brief(arg))
			}
		}
	})
}
