package gocloud

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

// flaky lists keys, and fails before each of them.
type flaky struct {
	keys   []string
	failed bool
}

var errFlaky = errors.New("flaky")

func (l *flaky) Next(context.Context) (*engine.Blob, error) {
	if l.failed = !l.failed; l.failed {
		return nil, errFlaky
	}
	if len(l.keys) == 0 {
		return nil, nil
	}
	key := l.keys[0]
	l.keys = l.keys[1:]
	return &engine.Blob{Key: key}, nil
}

// someKeys returns keys whose characters differ in their order.
func someKeys(r *rand.Rand) []string {
	alphabet := []rune("/a\ud7ff\ue000\uffee\U00010000\U0001f600")
	keys := make(map[string]bool)
	for range r.IntN(40) {
		var key []rune
		for range 1 + r.IntN(4) {
			key = append(key, alphabet[r.IntN(len(alphabet))])
		}
		keys[string(key)] = true
	}
	return slices.Collect(maps.Keys(keys))
}

// TestByteOrder checks that a listing of any order becomes one in byte order, and that
// errors lose nothing.
func TestByteOrder(t *testing.T) {
	byUTF16 := func(a, b string) int { return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b))) }
	for seed := range uint64(2000) {
		want := slices.Sorted(slices.Values(someKeys(rand.New(rand.NewPCG(seed, 0)))))
		for _, order := range []func(a, b string) int{strings.Compare, byUTF16} {
			keys := slices.SortedFunc(slices.Values(want), order)
			l := &byteOrder{Lister: &flaky{keys: slices.Clone(keys)}}
			got := []string{}
			for {
				b, err := l.Next(t.Context())
				if err != nil {
					require.ErrorIs(t, err, errFlaky)
					continue
				}
				if b == nil {
					break
				}
				got = append(got, b.Key)
			}
			require.Equal(t, append([]string{}, want...), got, "of %q (seed %d)", keys, seed)
		}
	}
}
