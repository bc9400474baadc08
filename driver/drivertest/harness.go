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
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// bucketName is the bucket that every case finds, created and empty.
const bucketName = "test"

// harness is what a case works with: a fresh store, a bucket in it, and helpers
// that fail the case if what they do does not succeed.
type harness struct {
	record
	ctx  context.Context
	st   storage.Storage
	b    storage.Bucket
	open func() (storage.Storage, func())

	probes atomic.Int64 // how often now was called
}

// prepare creates the bucket, so that a driver that breaks B2 can pass the rest.
func (h *harness) prepare() {
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

// putKeys writes objects that hold their own keys.
func (h *harness) putKeys(keys ...string) {
	for _, key := range keys {
		h.put(key, key)
	}
}

// get returns the content of an object that must exist.
func (h *harness) get(key string) string {
	rc, _, err := h.b.Open(h.ctx, key, 0, 0, nil)
	require.NoError(h, err, "Open of %q must succeed", key)
	return h.readAll(rc)
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

// entries drains an iterator and closes it.
func (h *harness) entries(it storage.ObjectIter, err error) []*storage.Object {
	require.NoError(h, err, "listing must succeed")
	var list []*storage.Object
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
		return o.Key + "/"
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

// buckets drains an iterator of buckets and closes it.
func (h *harness) buckets(it storage.BucketIter, err error) []*storage.BucketInfo {
	require.NoError(h, err, "Buckets must succeed")
	var list []*storage.BucketInfo
	for info, err := range storage.All(it) {
		require.NoError(h, err, "Next must succeed")
		list = append(list, info)
	}
	return list
}

// bucketNames returns the names of a page of Storage.Buckets.
func (h *harness) bucketNames(limit, offset int) []string {
	names := []string{}
	for _, info := range h.buckets(h.st.Buckets(h.ctx, limit, offset, nil)) {
		names = append(names, info.Name)
	}
	return names
}

// dump renders all that a store holds as sorted lines, so that states can be
// compared whatever the order of listings.
func (h *harness) dump(st storage.Storage) []string {
	var lines []string
	for _, info := range h.buckets(st.Buckets(h.ctx, 0, 0, nil)) {
		lines = append(lines, fmt.Sprintf("%s: created %v public %v %v", info.Name, stamp(info.CreatedAt), info.Public, info.Metadata))
		b := st.Bucket(info.Name)
		for _, o := range h.entries(b.List(h.ctx, "", 0, 0, nil)) {
			rc, _, err := b.Open(h.ctx, o.Key, 0, 0, nil)
			require.NoError(h, err, "a listed key must open: %q", o.Key)
			lines = append(lines, fmt.Sprintf("%s: %q %v %q", info.Name, o.Key, plain(o), h.readAll(rc)))
		}
	}
	slices.Sort(lines)
	return lines
}

// unchanged checks that what do does leaves the whole store as it was.
func (h *harness) unchanged(message string, do func()) {
	before := h.dump(h.st)
	do()
	require.Equal(h, before, h.dump(h.st), message)
}

// same compares two descriptions of an object.
func (h *harness) same(want, got *storage.Object, message string, args ...any) {
	require.NotNil(h, got, "an operation that succeeds must return its object")
	require.Equal(h, plain(want), plain(got), append([]any{message}, args...)...)
}

// plain returns the object in the one form that can be compared with ==.
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

// stamp strips a time of its zone and its monotonic reading.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }

// now asks the store's clock, by a write to a bucket that no case looks at.
func (h *harness) now() time.Time {
	b := h.st.Bucket("clock")
	o, err := b.Write(h.ctx, fmt.Sprint("probe-", h.probes.Add(1)), strings.NewReader(""), 0, "", nil)
	require.NoError(h, err, "Write must succeed")
	require.False(h, o.Updated.IsZero(), "O2: Write must set Updated")
	return o.Updated
}

// tick waits until the store's clock has moved on.
func (h *harness) tick() {
	start := h.now()
	for range 150 {
		time.Sleep(time.Millisecond)
		if h.now().After(start) {
			return
		}
		time.Sleep(9 * time.Millisecond)
	}
	h.skip("the store's clock stands still")
}

// between checks that a time lies between two readings of the store's clock.
func (h *harness) between(before, t, after time.Time, message string) {
	require.False(h, t.Before(before) || t.After(after), "%s: got %v, not between %v and %v", message, t, before, after)
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

// multipart returns the bucket's multipart methods.
func (h *harness) multipart() storage.HasMultipart {
	m, ok := h.b.(storage.HasMultipart)
	if !ok {
		h.skip("the driver's buckets take no multipart uploads (storage.HasMultipart)")
	}
	return m
}

// upload begins an upload and gives it parts, numbered from 1.
func (h *harness) upload(key string, parts ...string) (*storage.MultipartUpload, []*storage.PartInfo) {
	mu, err := h.multipart().InitMultipart(h.ctx, key, "text/plain", nil)
	require.NoError(h, err, "InitMultipart must succeed")
	require.NotNil(h, mu, "InitMultipart must return the upload")
	infos := make([]*storage.PartInfo, len(parts))
	for i, part := range parts {
		infos[i] = h.part(mu, i+1, part)
	}
	return mu, infos
}

// part uploads a part that must be accepted.
func (h *harness) part(mu *storage.MultipartUpload, number int, content string) *storage.PartInfo {
	info, err := h.multipart().UploadPart(h.ctx, mu, number, strings.NewReader(content), int64(len(content)), nil)
	require.NoError(h, err, "UploadPart %d must succeed", number)
	require.NotNil(h, info, "UploadPart must return the part")
	return info
}

// complete completes an upload that must succeed.
func (h *harness) complete(mu *storage.MultipartUpload, parts ...*storage.PartInfo) *storage.Object {
	o, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, nil)
	require.NoError(h, err, "CompleteMultipart must succeed")
	require.NotNil(h, o, "CompleteMultipart must return the object")
	return o
}

// rewindable returns the store as one that takes snapshots.
func (h *harness) rewindable() snapshot.Store {
	st, ok := h.st.(snapshot.Store)
	if !ok {
		h.skip("the driver takes no snapshots (snapshot.Store)")
	}
	return st
}

// restore restores a snapshot that must be accepted.
func (h *harness) restore(snap *snapshot.Snapshot) {
	require.NoError(h, h.rewindable().Restore(snap), "S1: Restore must succeed")
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

// survive runs what may panic in the caller's reader and returns the panic, if
// any, as an error.
func survive(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Join(errPanicked, fmt.Errorf("%v", p))
		}
	}()
	return do()
}

var errPanicked = errors.New("panicked")
