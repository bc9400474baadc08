package drivertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// bucketName is the bucket that exists, empty, when a case begins.
const bucketName = "test"

// harness gives a case a fresh store, a bucket in it, and helpers that fail the
// case if their operation fails.
type harness struct {
	record
	ctx    context.Context
	st     storage.Storage
	b      storage.Bucket
	open   func() (storage.Storage, func())
	limits storage.Limits // of st
	rounds int
	exact  bool // keys are not normalised (K4)

	probes atomic.Int64 // calls of now
}

// prepare creates the bucket, so that a driver that breaks or relaxes B2 can pass
// the other cases.
func (h *harness) prepare() {
	h.limits = storage.LimitsOf(h.st)
	_, err := h.st.CreateBucket(h.ctx, bucketName, nil)
	require.NoError(h, err, "B3: CreateBucket in an empty store must succeed")
	h.b = h.st.Bucket(bucketName)
}

// another makes one more store, apart from h.st.
func (h *harness) another() storage.Storage {
	st, release := h.open()
	h.mu.Lock()
	h.releases = append(h.releases, release)
	h.mu.Unlock()
	return st
}

// bucket returns a handle on a bucket of h.st and creates it if it is missing.
func (h *harness) bucket(name string) storage.Bucket { return bucketIn(h, h.st, name) }

func bucketIn(h *harness, st storage.Storage, name string) storage.Bucket {
	if _, err := st.CreateBucket(h.ctx, name, nil); err != nil {
		require.ErrorIs(h, err, storage.ErrExist, "B3: CreateBucket of %q must succeed unless the bucket exists", name)
	}
	return st.Bucket(name)
}

// write writes a text.
func (h *harness) write(key, content string, opts storage.Options) (*storage.Object, error) {
	return h.b.Write(h.ctx, key, strings.NewReader(content), int64(len(content)), "text/plain", opts)
}

// put writes a text that must be accepted.
func (h *harness) put(key, content string) *storage.Object {
	return h.putWith(key, content, nil)
}

// putWith is put with options.
func (h *harness) putWith(key, content string, opts storage.Options) *storage.Object {
	o, err := h.write(key, content, opts)
	require.NoError(h, err, "Write of %q must succeed", key)
	require.NotNil(h, o, "Write of %q must return the object", key)
	return o
}

// putIn writes a text into any bucket.
func putIn(h *harness, b storage.Bucket, key, content string) *storage.Object {
	o, err := b.Write(h.ctx, key, strings.NewReader(content), int64(len(content)), "text/plain", nil)
	require.NoError(h, err, "Write of %q to bucket %q must succeed", key, b.Name())
	return o
}

// putKeys writes objects that hold their own keys.
func (h *harness) putKeys(keys ...string) {
	for _, key := range keys {
		h.put(key, key)
	}
}

// get returns the content of an object that must exist.
func (h *harness) get(key string) string { return getFrom(h, h.b, key) }

func getFrom(h *harness, b storage.Bucket, key string) string {
	rc, _, err := b.Open(h.ctx, key, 0, 0, nil)
	require.NoError(h, err, "Open of %q must succeed", key)
	return h.readAll(rc)
}

// holds checks the content of an object, which may be long.
func (h *harness) holds(want, key, message string, args ...any) {
	got := h.get(key)
	require.True(h, want == got, "%s: %q holds %s, want %s", fmt.Sprintf(message, args...), key, brief(got), brief(want))
}

// brief quotes a text, or the ends of a long one.
func brief(s string) string {
	if len(s) <= 60 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…%q (%d bytes)", s[:20], s[len(s)-20:], len(s))
}

// readAll reads to the end and closes.
func (h *harness) readAll(rc io.ReadCloser) string {
	content, err := io.ReadAll(rc)
	require.NoError(h, err, "reading an object must succeed")
	require.NoError(h, rc.Close(), "closing a reader must succeed")
	return string(content)
}

// stat describes an object or directory that must exist.
func (h *harness) stat(key string) *storage.Object {
	o, err := h.b.Stat(h.ctx, key, nil)
	require.NoError(h, err, "Stat of %q must succeed", key)
	return o
}

// gone checks that there is nothing at the key.
func (h *harness) gone(key, message string) {
	_, err := h.b.Stat(h.ctx, key, nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "%s (Stat of %q)", message, key)
}

// delete deletes an object that must exist.
func (h *harness) delete(key string) {
	require.NoError(h, h.b.Delete(h.ctx, key, nil), "Delete of %q must succeed", key)
}

// move moves an object that must exist. It skips the case if the driver has no
// Move.
func (h *harness) move(dst, src string) *storage.Object {
	h.needs(storage.FeatureMove)
	o, err := h.b.Move(h.ctx, dst, "", src, nil)
	require.NoError(h, err, "Move of %q to %q must succeed", src, dst)
	return o
}

// entries drains an iterator and closes it.
func (h *harness) entries(it storage.ObjectIter, err error) []*storage.Object {
	return drain(h, it, err)
}

func drain[T any](h *harness, it interface {
	Next() (*T, error)
	Close() error
}, err error) []*T {
	require.NoError(h, err, "listing must succeed")
	var list []*T
	for o, err := range storage.All(it) {
		require.NoError(h, err, "Next must succeed")
		list = append(list, o)
	}
	return list
}

// names drains an iterator into keys, those of directories with a slash.
func (h *harness) names(it storage.ObjectIter, err error) []string {
	names := []string{}
	for _, o := range h.entries(it, err) {
		names = append(names, name(o))
	}
	return names
}

// name returns an entry's key, with a slash if it is a directory.
func name(o *storage.Object) string {
	if o.IsDir {
		return o.PageKey()
	}
	return o.Key
}

// list returns the names of all that Bucket.List gives.
func (h *harness) list(prefix string, opts storage.Options) []string {
	return h.names(h.b.List(h.ctx, prefix, 0, 0, opts))
}

// page returns the names of a page of Bucket.List.
func (h *harness) page(prefix string, limit, offset int, opts storage.Options) []string {
	return h.names(h.b.List(h.ctx, prefix, limit, offset, opts))
}

// bucketNames returns the names of a page of Storage.Buckets.
func (h *harness) bucketNames(limit, offset int) []string {
	names := []string{}
	it, err := h.st.Buckets(h.ctx, limit, offset, nil)
	for _, info := range drain(h, it, err) {
		names = append(names, info.Name)
	}
	return names
}

// dump renders the content of a store as sorted lines, so that states can be
// compared whatever the order of listings.
func (h *harness) dump(st storage.Storage) []string {
	var lines []string
	it, err := st.Buckets(h.ctx, 0, 0, nil)
	for _, info := range drain(h, it, err) {
		lines = append(lines, fmt.Sprintf("%s: created %v public %v %v", info.Name, stamp(info.CreatedAt), info.Public, info.Metadata))
		b := st.Bucket(info.Name)
		for _, key := range h.names(b.List(h.ctx, "", 0, 0, nil)) {
			rc, o, err := b.Open(h.ctx, key, 0, 0, nil)
			require.NoError(h, err, "a listed key must open: %q", key)
			lines = append(lines, fmt.Sprintf("%s: %q %v %q", info.Name, key, plain(o), h.readAll(rc)))
		}
	}
	slices.Sort(lines)
	return lines
}

// unchanged checks that do leaves the whole store as it was.
func (h *harness) unchanged(message string, do func()) {
	before := h.dump(h.st)
	do()
	require.Equal(h, before, h.dump(h.st), message)
}

// same compares two descriptions of an object.
func (h *harness) same(want, got *storage.Object, message string, args ...any) {
	require.NotNil(h, got, "an operation that succeeds must return its object")
	message = fmt.Sprintf(message, args...)
	w, g := plain(want), plain(got)
	h.sameTime(w.Created, g.Created, message+" (Created)")
	h.sameTime(w.Updated, g.Updated, message+" (Updated)")
	w.Created, w.Updated = g.Created, g.Updated
	require.Equal(h, w, g, message)
}

// plain returns the object in one form that can be compared.
func plain(o *storage.Object) storage.Object {
	c := *o
	c.Created, c.Updated = stamp(o.Created), stamp(o.Updated)
	c.Hash, c.Metadata = maps.Clone(o.Hash), maps.Clone(o.Metadata)
	if len(c.Hash) == 0 {
		c.Hash = nil
	}
	if len(c.Metadata) == 0 {
		c.Metadata = nil
	}
	return c
}

// directory returns a handle on a directory of the bucket.
func (h *harness) directory(path string) storage.Directory {
	return directoryIn(h, h.b, path)
}

func directoryIn(h *harness, b storage.Bucket, path string) storage.Directory {
	d, ok := b.(storage.HasDirectories)
	if !ok {
		h.skip("the driver's buckets have no directories (storage.HasDirectories)")
	}
	return d.Directory(path)
}

// parallel runs do in n goroutines and waits for them.
func (h *harness) parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer h.catch()
			do(i)
		})
	}
	wg.Wait()
	if h.failed() {
		h.FailNow()
	}
}

// survive returns the error of do, or one for its panic.
func survive(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Join(errPanicked, fmt.Errorf("%v", p))
		}
	}()
	return do()
}

var errPanicked = errors.New("panicked")
