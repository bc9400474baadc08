package drivertest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// putMany writes n objects into the directory "many" and returns their keys in
// order.
func (h *harness) putMany(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("many/%04d", i)
		h.put(keys[i], "original")
	}
	return keys
}

// changeMost deletes, overwrites or renames three of every four of keys, and
// leaves the last. It inserts others between them, fewer than it deletes.
func (h *harness) changeMost(keys []string) {
	for i, key := range keys {
		switch i % 4 {
		case 0:
			h.delete(key)
		case 1:
			h.put(key, "overwritten, and longer than it was")
			if i%16 == 1 {
				h.put(key+"-", "inserted")
			}
		case 2:
			if h.has(storage.FeatureMove) {
				h.move(key+"-moved", key)
			}
		}
	}
}

// randomChange changes something among a few keys, each of three names. It returns
// an error that is ErrNotExist if there was nothing to change.
func (h *harness) randomChange(r *rand.Rand) error {
	path := func(names int) string {
		return fmt.Sprintf("%c/%c/%c", 'a'+r.IntN(3), 'a'+r.IntN(3), 'a'+r.IntN(3))[:2*names-1]
	}
	switch r.IntN(9) {
	case 0:
		return h.b.Delete(h.ctx, path(3), nil)
	case 1:
		return h.b.Delete(h.ctx, path(2), recursive)
	case 2:
		transfers := h.transfers()
		_, err := transfers[r.IntN(len(transfers))].do(h.b, path(3), "", path(3), nil)
		return err
	case 3:
		if d, ok := h.b.(storage.HasDirectories); ok {
			names := 1 + r.IntN(2)
			_, err := d.Directory(path(names)).Move(h.ctx, path(names), nil)
			return err
		}
		return nil
	}
	content := strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(200))
	o, err := h.write(path(3), content, storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
	if err == nil {
		scribble(o)
	}
	return err
}

// wantWhole checks every object after random changes.
func (h *harness) wantWhole() {
	for _, key := range h.list("", nil) {
		wantA(h, h.stat(key).Metadata, "O8: changing objects that were returned must change nothing")
		content := h.get(key)
		require.Equal(h, strings.Repeat(content[:1], len(content)), content, "O1: whatever is done at once, objects stay whole")
	}
}
