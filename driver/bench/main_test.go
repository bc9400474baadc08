package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunWritesFiles(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, run([]string{"-sizes", "100", "-stores", "map,memdriver", "-workloads", "^stat$", "-repeat", "2", "-o", dir}))
	data, err := os.ReadFile(filepath.Join(dir, "results.json"))
	require.NoError(t, err)
	var list []result
	require.NoError(t, json.Unmarshal(data, &list))
	var cells []cell
	for _, r := range list {
		cells = append(cells, r.cell)
		assert.Len(t, r.Samples, 2)
	}
	assert.Equal(t, []cell{
		{statOne, flat, 100, ours}, {statOne, flat, 100, baseline},
		{statOne, deep, 100, ours}, {statOne, deep, 100, baseline},
	}, cells)
	assert.FileExists(t, filepath.Join(dir, "RESULTS.md"))
	assert.FileExists(t, filepath.Join(dir, "chart.svg"))
}

func TestRunRejects(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-sizes", "1000,ten"}, `-sizes: "ten" is not an integer of at least 100`},
		{[]string{"-sizes", "99"}, `-sizes: "99" is not an integer of at least 100`},
		{[]string{"-stores", "map,redis"}, `-stores: unknown store "redis"; the stores are memdriver, map, memblob, afero, s3mem, objstore`},
		{[]string{"-workloads", "("}, "error parsing regexp: missing closing ): `(`"},
		{[]string{"-repeat", "0"}, "-repeat 0: must be at least 1"},
	} {
		assert.EqualError(t, run(tt.args), tt.want)
	}
}

func TestRotated(t *testing.T) {
	assert.Equal(t, []int{0, 1, 2}, rotated(3, 0))
	assert.Equal(t, []int{2, 0, 1}, rotated(3, 5))
}

// TestTurns checks that stores too large to be held together are filled again in
// each round, and that every workload is measured in each round.
func TestTurns(t *testing.T) {
	fills := 0
	c := candidate{ours, func(expect int) (Store, error) {
		fills++
		return openMap(expect)
	}}
	r := &runner{
		stores: []candidate{c}, sizes: []int{100}, rounds: 5, together: 1,
		match: regexp.MustCompile("^(stat|list everything)$"), budget: time.Millisecond,
		progress: func(string, ...any) {},
	}
	require.NoError(t, r.run())
	assert.Equal(t, maxTurns*len(layouts), fills)
	require.Len(t, r.results.list, 2*len(layouts))
	for _, res := range r.results.list {
		assert.Len(t, res.Samples, maxTurns)
	}
}
