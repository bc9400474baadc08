package main

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPutAll(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		b, ok := f.Store.(batcher)
		if !ok {
			t.Skip("has no batches")
		}
		some := map[string][]byte{f.keys[0]: []byte("old"), f.fresh(1): []byte("new")}
		maps.Copy(want, some)
		require.NoError(t, b.PutAll(maps.All(some)))
		requireContents(t, f, want)
	})
}

func TestLoad(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		store, err := f.open(len(f.keys))
		require.NoError(t, err)
		require.NoError(t, loadFiles(store, keysetFS{f.keyset}))
		requireContents(t, store, want)
		if l, ok := store.(loader); ok {
			require.NoError(t, store.Put("before", nil))
			require.NoError(t, l.Load(keysetFS{f.keyset}))
			requireContents(t, store, want)
		}
		if s, ok := store.(saver); ok {
			saved, err := s.Save()
			require.NoError(t, err)
			require.NoError(t, store.Put("before", nil))
			require.NoError(t, s.LoadSaved(saved))
			requireContents(t, store, want)
		}
	})
}

// TestBulkOperations checks which stores have bulk operations, as listed in
// README.md.
func TestBulkOperations(t *testing.T) {
	for _, c := range candidates {
		store, err := c.open(1)
		require.NoError(t, err)
		_, batches := store.(batcher)
		_, loads := store.(loader)
		assert.Equal(t, c.name == ours, batches, c.name)
		assert.Equal(t, c.name == ours, loads, c.name)
	}
}

// TestBatches checks the size of batches and that they go through all keys.
func TestBatches(t *testing.T) {
	set := newKeyset(flat, 5000)
	writes := make(map[string]int)
	for _, key := range set.keys {
		writes[key] = 0
	}
	_, err := measureBatch(&fixture{Store: &countingStore{puts: writes}, keyset: set, budget: time.Millisecond})
	require.NoError(t, err)
	counts := slices.Sorted(maps.Values(writes))
	least, most := counts[0], counts[len(counts)-1]
	assert.LessOrEqual(t, most-least, 1)
	total := 0
	for _, n := range counts {
		total += n
	}
	assert.Positive(t, total)
	assert.Zero(t, total%batchSize)
}

// countingStore counts the writes of each key.
type countingStore struct {
	Store
	puts map[string]int
}

func (s *countingStore) Put(key string, _ []byte) error {
	s.puts[key]++
	return nil
}

func TestMeasureBulk(t *testing.T) {
	calls := make(map[string]int)
	does := func(name string, err error) ops {
		return ops{do: func(int, int) error {
			calls[name]++
			time.Sleep(time.Millisecond)
			return err
		}}
	}
	names := []string{"single", "bulk"}
	figures, err := measureBulk(names, does("each", nil), does("once", nil), false, 10*time.Microsecond)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"each": 1}, calls, "measured once")
	assert.Equal(t, figures[0].cost, figures[1].cost)
	assert.Equal(t, names, []string{figures[0].name, figures[1].name})

	_, err = measureBulk(names, does("each", nil), does("once", nil), true, 10*time.Microsecond)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"each": 2, "once": 1}, calls)

	broken := errors.New("broken")
	for _, o := range [][2]ops{{does("", broken), does("", nil)}, {does("", nil), does("", broken)}} {
		_, err = measureBulk(names, o[0], o[1], true, 10*time.Microsecond)
		assert.ErrorIs(t, err, broken)
	}
}

func TestPutEachStops(t *testing.T) {
	broken := errors.New("broken")
	var objects iter.Seq2[string, []byte] = maps.All(map[string][]byte{"a": nil, "b": nil})
	puts := 0
	err := putEach(func(string, []byte) error { puts++; return broken }, objects)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, 1, puts)
}

func TestKeysetFS(t *testing.T) {
	for _, layout := range layouts {
		set := newKeyset(layout, testSize)
		assert.NoError(t, fstest.TestFS(keysetFS{set}, set.keys...), layout)
	}
}
