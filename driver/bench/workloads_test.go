package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFilledWorkloads checks that every workload runs on every store, returns
// figures and leaves the store unchanged.
func TestFilledWorkloads(t *testing.T) {
	for _, w := range filledWorkloads {
		t.Run(w.name, func(t *testing.T) {
			filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
				f.budget = time.Millisecond
				checkFigures(t, w, f)
				requireContents(t, f, want)
			})
		})
	}
}

func TestEmptyWorkloads(t *testing.T) {
	for _, w := range emptyWorkloads {
		t.Run(w.name, func(t *testing.T) {
			for _, c := range candidates {
				t.Run(c.name, func(t *testing.T) {
					store, err := c.open(1)
					require.NoError(t, err)
					checkFigures(t, w, &fixture{Store: store, budget: time.Millisecond, part: 8 << 10})
				})
			}
		})
	}
}

func TestBareCopy(t *testing.T) {
	for _, w := range emptyWorkloads[2:] {
		store, err := openBareCopy(1)
		require.NoError(t, err)
		checkFigures(t, w, &fixture{Store: store, budget: time.Millisecond, part: 8 << 10})
	}
}

func checkFigures(t *testing.T, w workload, f *fixture) {
	t.Helper()
	figures, err := w.run(f)
	require.NoError(t, err)
	if _, ok := f.Store.(merger); !ok && w.name == mergeName {
		require.Empty(t, figures)
		return
	}
	require.NotEmpty(t, figures)
	for _, fig := range figures {
		assert.NotEmpty(t, fig.name)
		assert.Positive(t, fig.cost, fig.name)
	}
}

func TestHeap(t *testing.T) {
	for _, c := range candidates {
		figures, err := measureHeap(c, newKeyset(deep, 2000))
		require.NoError(t, err)
		require.Len(t, figures, 1)
		assert.Equal(t, octets, figures[0].unit)
		assert.Greater(t, figures[0].cost, 20.0, "%s: a key alone takes more", c.name)
	}
}

// TestWorkloadsNotice checks that workloads fail on a store that does nothing.
func TestWorkloadsNotice(t *testing.T) {
	broken := func(sabotage func(s *brokenStore)) *fixture {
		set := newKeyset(flat, testSize)
		store, err := openMap(testSize)
		require.NoError(t, err)
		require.NoError(t, set.fill(store))
		s := &brokenStore{Store: store}
		sabotage(s)
		open := func(expect int) (Store, error) {
			empty, err := openMap(expect)
			return &brokenStore{empty, s.noPut, s.noGet, s.noStat, s.noList}, err
		}
		return &fixture{Store: s, keyset: set, open: open, budget: time.Millisecond}
	}
	for name, f := range map[string]*fixture{
		openRead:    broken(func(s *brokenStore) { s.noGet = true }),
		statOne:     broken(func(s *brokenStore) { s.noStat = true }),
		loadName:    broken(func(s *brokenStore) { s.noPut = true }),
		listAll:     broken(func(s *brokenStore) { s.noList = true }),
		churnName:   broken(func(s *brokenStore) { s.noPut = true }),
		latencyName: broken(func(s *brokenStore) { s.noList = true }),
	} {
		for _, w := range filledWorkloads {
			if w.name == name {
				_, err := w.run(f)
				assert.Error(t, err, name)
			}
		}
	}
}

// brokenStore returns success without doing anything.
type brokenStore struct {
	Store
	noPut, noGet, noStat, noList bool
}

func (s *brokenStore) Put(key string, content []byte) error {
	if s.noPut {
		return nil
	}
	return s.Store.Put(key, content)
}

func (s *brokenStore) Get(key string, buf []byte) error {
	if s.noGet {
		return nil
	}
	return s.Store.Get(key, buf)
}

func (s *brokenStore) Stat(key string) (int64, error) {
	if s.noStat {
		return 0, nil
	}
	return s.Store.Stat(key)
}

func (s *brokenStore) ListAll(yield func(string)) error {
	if s.noList {
		return nil
	}
	return s.Store.ListAll(yield)
}
