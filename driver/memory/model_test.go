package memdriver_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// TestModel drives stores and plain models of them through the same random
// operations and compares every result, every error and, every few steps, the whole
// state. At the end every snapshot ever taken still reads as its store did when it was
// taken.
//
// It takes the flags of rapid: a long run is
//
//	go test -run TestModel -timeout 0 -rapid.checks 10000 -rapid.steps 1000
func TestModel(t *testing.T) {
	steps := 0
	rapid.Check(t, func(t *rapid.T) { steps += runModel(t) })
	t.Logf("%d steps", steps)
}

// runModel is one run of many steps, of which it returns the number.
func runModel(t *rapid.T) (steps int) {
	m := newMachine(t)
	t.Repeat(m.actions())
	m.finish(t)
	return m.steps
}

// machine is a run of TestModel.
type machine struct {
	now     time.Time // by every store's clock
	between func()    // happens when the clock is asked next
	steps   int
	wide    bool // keys in few wide directories instead of many narrow ones
	worlds  []*world
	within  *world                     // of the function of an Update that runs, else nil
	kept    []version                  // every snapshot taken
	uploads []*storage.MultipartUpload // every handle got
	issued  map[string]bool            // their IDs
	readers []openReader
	iters   []openIter
}

// world is a store and its model.
type world struct {
	store  *memdriver.Store
	model  *model
	closed bool
}

// version is a snapshot and its model.
type version struct {
	snap  *snapshot.Snapshot
	model *model
}

// openReader is a reader and the content that is left in it.
type openReader struct {
	io.ReadCloser
	left string
}

// openIter is an iterator and the entries that are left in it.
type openIter struct {
	storage.ObjectIter
	left []*storage.Object
}

func newMachine(t *rapid.T) *machine {
	zone := time.FixedZone("east", 3600) // whatever the clock's, times come out in UTC
	m := &machine{now: time.Date(2026, 1, 2, 12, 0, 0, 0, zone), wide: chance(t, 4), issued: map[string]bool{}}
	m.worlds = append(m.worlds, m.open(t, newModel(), nil))
	return m
}

// open opens a store that starts from a snapshot, now and then one with exact keys
// or MD5 ETags if the snapshot has none.
func (m *machine) open(t *rapid.T, state *model, snap *snapshot.Snapshot) *world {
	opts := []memdriver.Option{
		memdriver.WithClock(m.clock), memdriver.WithSnapshot(snap), memdriver.WithMaxBytes(state.maxBytes), memdriver.WithLimits(state.limits),
	}
	if chance(t, 4) {
		opts, state.exact = append(opts, memdriver.WithExactKeys()), true
	}
	if chance(t, 4) {
		opts, state.md5 = append(opts, memdriver.WithMD5ETags()), true
	}
	return &world{store: memdriver.Open(opts...), model: state}
}

// clock is called between an operation's first look at the state and its commit, so
// it is the place to let something else happen in between.
func (m *machine) clock() time.Time {
	if f := m.between; f != nil {
		m.between = nil
		f()
	}
	return m.now
}

// at is the time of the current step as a store should give it.
func (m *machine) at(w *world) time.Time {
	t := m.now.UTC()
	if r := w.model.limits.TimeResolution; r > 0 {
		t = t.Truncate(r)
	}
	return t
}

// actions are the operations, each as often as its weight. rapid prefers those whose
// names sort first.
func (m *machine) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){"": m.check}
	for _, a := range []struct {
		weight int
		name   string
		do     func(*rapid.T)
	}{
		{10, "write", m.write}, {4, "directory.move", m.dirMove}, {4, "move", m.move}, {3, "copy", m.copy},
		{4, "list", m.list}, {1, "pages", m.pages}, {3, "delete", m.delete}, {2, "open", m.openObject}, {2, "stat", m.stat},
		{2, "snapshot", m.snapshot}, {2, "restore", m.restore}, {2, "fork", m.fork},
		{4, "update", m.update}, {2, "initmultipart", m.initMultipart}, {6, "uploadpart", m.uploadPart}, {4, "completemultipart", m.completeMultipart},
		{1, "listparts", m.listParts}, {1, "uploads", m.listUploads}, {1, "abortmultipart", m.abortMultipart}, {1, "copypart", m.copyPart},
		{2, "directory.delete", m.dirDelete}, {1, "directory.info", m.dirInfo}, {2, "directory.list", m.dirList},
		{1, "info", m.info}, {1, "buckets", m.buckets}, {1, "createbucket", m.createBucket}, {1, "deletebucket", m.deleteBucket},
		{2, "read on", m.readOn}, {4, "iterate on", m.iterateOn}, {1, "fill", m.fill},
		{1, "view", m.view}, {1, "signedurl", m.signedURL}, {1, "close", m.close},
	} {
		for range a.weight {
			all[fmt.Sprintf("%02d %s", len(all), a.name)] = a.do
		}
	}
	return all
}

// check moves the clock, most often on and now and then back. Every few steps it
// compares the whole state of a store, one store after another.
func (m *machine) check(t *rapid.T) {
	m.between = nil
	m.steps++
	switch {
	case m.steps%9 == 0:
		m.now = m.now.Add(-3 * time.Second)
	case m.steps%4 > 0:
		m.now = m.now.Add(time.Second)
	}
	if m.steps%16 == 0 {
		m.worlds[m.steps/16%len(m.worlds)].compare(t)
	}
}

func (w *world) compare(t *rapid.T) {
	if w.closed {
		require.Nil(t, w.store.Snapshot())
		return
	}
	compareStore(t, w.store, w.model)
	require.Equal(t, w.model.len(), w.store.Snapshot().Len())
	require.Equal(t, w.model.bytes(), w.store.Snapshot().Bytes())
}

// finish compares everything once more, and what was kept on the way.
func (m *machine) finish(t *rapid.T) {
	for _, w := range m.worlds {
		w.compare(t)
	}
	for i, v := range m.kept {
		compareStore(t, v.snap.Storage(), v.model)
		compareDiff(t, v, m.kept[(i+1)%len(m.kept)])
	}
	if i := len(m.kept) - 1; i >= 0 && !m.kept[i].model.exact { // exact keys need not be paths
		compareFS(t, m.kept[i].snap.FS(), m.kept[i].model)
	}
	for _, r := range m.readers {
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, r.left, string(rest))
	}
	for _, it := range m.iters {
		requireObjects(t, it.left, it.ObjectIter)
	}
}
