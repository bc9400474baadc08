package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKeyset(t *testing.T) {
	for _, layout := range layouts {
		for _, n := range []int{100, 1000, 100_000, 1_000_000} {
			t.Run(fmt.Sprintf("%s/%d", layout, n), func(t *testing.T) {
				s := newKeyset(layout, n)
				assert.Len(t, s.keys, n+smallSize)
				assert.True(t, slices.IsSorted(s.keys))
				assert.Len(t, slices.Compact(slices.Clone(s.keys)), n+smallSize, "no key twice")
				assert.Equal(t, min(n/10, 10_000), count(s.keys, s.source+"/"))
				assert.Equal(t, smallSize, count(s.keys, s.small+"/"))
				assert.Zero(t, count(s.keys, s.target+"/"))
				if n >= 1000 {
					assert.GreaterOrEqual(t, len(withPrefix(s.keys, s.prefix)), pageSize)
				}
				assert.Equal(t, count(s.keys, s.prefix), len(withPrefix(s.keys, s.prefix)))
			})
		}
	}
}

func count(keys []string, prefix string) int {
	n := 0
	for _, key := range keys {
		if strings.HasPrefix(key, prefix) {
			n++
		}
	}
	return n
}

// TestDeep checks that the directories hold about a hundred objects each.
func TestDeep(t *testing.T) {
	objects := make(map[string]int)
	for i := range 100_000 {
		key := shape(deep, 100_000, i)
		assert.Equal(t, 3, strings.Count(key, "/"))
		objects[key[:strings.LastIndexByte(key, '/')]]++
	}
	assert.Len(t, objects, 1000)
	for dir, n := range objects {
		assert.Equal(t, 100, n, dir)
	}
}

func TestOrder(t *testing.T) {
	s := newKeyset(flat, 1000)
	for _, o := range []order{s.reads, s.writes} {
		seen := make(map[int]bool)
		for i := range s.keys {
			seen[o.at(i)] = true
		}
		assert.Len(t, seen, len(s.keys), "every index comes once")
		assert.Equal(t, o.at(0), o.at(len(s.keys)), "and then again")
	}
	assert.NotEqual(t, s.reads, s.writes)
}

func TestFresh(t *testing.T) {
	s := newKeyset(deep, 1000)
	for i := range s.keys {
		assert.NotContains(t, s.keys[:10], s.fresh(i))
		assert.True(t, strings.HasPrefix(s.fresh(i), s.keys[s.writes.at(i)]))
	}
}

func TestStamp(t *testing.T) {
	content := make([]byte, objectSize)
	stamp(content, 12)
	assert.NoError(t, checkStamp(content, 12))
	assert.EqualError(t, checkStamp(content, 13), "read the content of object 12, not 13")
}
