package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testSize = 100

// filled runs a test on every store in every layout.
func filled(t *testing.T, test func(t *testing.T, f *fixture, want map[string][]byte)) {
	for _, layout := range layouts {
		set := newKeyset(layout, testSize)
		for _, c := range candidates {
			t.Run(c.name+"/"+layout, func(t *testing.T) {
				store, err := c.open(len(set.keys))
				require.NoError(t, err)
				require.NoError(t, set.fill(store))
				test(t, &fixture{Store: store, keyset: set, open: c.open}, set.contents())
			})
		}
	}
}

// contents returns the objects that the set fills a store with.
func (s *keyset) contents() map[string][]byte {
	contents := make(map[string][]byte)
	for i, key := range s.keys {
		contents[key] = make([]byte, objectSize)
		stamp(contents[key], i)
	}
	return contents
}

// requireContents checks that a store holds the wanted objects and no others.
func requireContents(t *testing.T, store Store, want map[string][]byte) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want)), keysOf(t, store.ListAll))
	for key, content := range want {
		size, err := store.Stat(key)
		require.NoError(t, err, key)
		require.EqualValues(t, len(content), size, key)
		got := make([]byte, len(content))
		require.NoError(t, store.Get(key, got), key)
		require.True(t, bytes.Equal(content, got), "content of %s", key)
	}
}

func keysOf(t *testing.T, list func(yield func(string)) error) []string {
	t.Helper()
	var keys []string
	require.NoError(t, list(func(key string) { keys = append(keys, key) }))
	return keys
}

func TestFilled(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) { requireContents(t, f, want) })
}

func TestListings(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, _ map[string][]byte) {
		for _, limit := range []int{1, 7, 1000} {
			name := fmt.Sprintf("limit %d", limit)
			first := func(keys []string) []string { return keys[:min(limit, len(keys))] }
			for _, prefix := range []string{f.prefix, f.keys[0][:2], f.small + "/", f.source + "/"} {
				var with []string
				for _, key := range f.keys {
					if strings.HasPrefix(key, prefix) {
						with = append(with, key)
					}
				}
				assert.Equal(t, first(with), keysOf(t, func(yield func(string)) error {
					return f.ListPrefix(prefix, limit, yield)
				}), "%s, prefix %s", name, prefix)
			}
			for _, at := range []int{0, 50, 100, 150, len(f.keys) - 2} {
				assert.Equal(t, first(f.keys[at:]), keysOf(t, func(yield func(string)) error {
					return f.ListOffset(at, limit, yield)
				}), "%s, offset %d", name, at)
				assert.Equal(t, first(f.keys[at+1:]), keysOf(t, func(yield func(string)) error {
					return f.ListAfter(f.keys[at], limit, yield)
				}), "%s, after %s", name, f.keys[at])
			}
		}
	})
}

func TestListDir(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, _ map[string][]byte) {
		for _, dir := range []string{f.small, f.source} {
			var children []string
			for _, key := range f.keys {
				if rest, ok := strings.CutPrefix(key, dir+"/"); ok {
					child, _, _ := strings.Cut(rest, "/")
					children = append(children, dir+"/"+child)
				}
			}
			assert.Equal(t, slices.Compact(children), keysOf(t, func(yield func(string)) error {
				return f.ListDir(dir, yield)
			}), dir)
		}
	})
}

func TestPut(t *testing.T) {
	for _, size := range []int{objectSize, 10, 3000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
				for _, key := range []string{f.keys[0], f.fresh(1)} {
					want[key] = bytes.Repeat([]byte{7}, size)
					require.NoError(t, f.Put(key, want[key]))
				}
				requireContents(t, f, want)
			})
		})
	}
}

func TestDeleteAndCopy(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		require.NoError(t, f.Copy(f.fresh(0), f.keys[3]))
		want[f.fresh(0)] = want[f.keys[3]]
		require.NoError(t, f.Delete(f.keys[3]))
		delete(want, f.keys[3])
		requireContents(t, f, want)
	})
}

func TestMoveDir(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		require.NoError(t, f.MoveDir(f.source, f.target))
		for key, content := range maps.Clone(want) {
			if rest, ok := strings.CutPrefix(key, f.source+"/"); ok {
				delete(want, key)
				want[f.target+"/"+rest] = content
			}
		}
		requireContents(t, f, want)
	})
}

func TestUpload(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		parts := [][]byte{random(700), random(300), []byte("end")}
		up, err := f.Upload("multipart")
		require.NoError(t, err)
		for _, part := range parts {
			require.NoError(t, up.Part(part))
		}
		require.NoError(t, up.Complete())
		want["multipart"] = bytes.Join(parts, nil)
		requireContents(t, f, want)
	})
}

// TestSnapshot restores a snapshot more than once, after changes of each kind to
// the same objects.
func TestSnapshot(t *testing.T) {
	filled(t, func(t *testing.T, f *fixture, want map[string][]byte) {
		snap, err := f.Snapshot()
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, changeSome(f))
			require.NoError(t, f.Put(f.keys[f.writes.at(changes)], []byte("deleted and new")))
			require.NoError(t, f.Delete(f.keys[f.writes.at(0)]))
			require.NoError(t, snap.Restore())
			require.NoError(t, snap.Restore())
		}
		require.NoError(t, snap.Drop())
		requireContents(t, f, want)
	})
}
