package drivertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// interruptionCases check what is left of an operation on many objects that its
// context ends half way, and what others see of one. Where that is not one commit,
// every object is at one of its places or at both, and the call can be repeated.
var interruptionCases = []testCase{
	{"O6_interrupted_recursive_delete_can_be_repeated", o6InterruptedDelete},
	{"D3_interrupted_delete_can_be_repeated", d3InterruptedDelete},
	{"D4_interrupted_move_can_be_repeated", d4InterruptedMove},
	{"D4_every_object_is_somewhere", d4EveryObjectIsSomewhere},
	{"O2_interrupted_move_can_be_repeated", o2InterruptedMove},
	{"O2_moved_object_is_somewhere", o2MovedObjectIsSomewhere},
	{"O2_move_is_one_commit", o2MoveIsOneCommit},
}

// fuse is a context that ends when it has been asked for its error often enough.
type fuse struct {
	context.Context
	left atomic.Int64
	end  func()
}

func (h *harness) fuse(looks int) (ctx *fuse, end func()) {
	inner, cancel := context.WithCancel(h.ctx)
	f := &fuse{Context: inner, end: cancel}
	f.left.Store(int64(looks))
	return f, cancel
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		f.end()
	}
	return f.Context.Err()
}

// interrupted repeats do, each time with a context that lasts a little longer,
// until it succeeds. After every failure it calls check.
func (h *harness) interrupted(do func(ctx context.Context) error, check func()) {
	for looks := range 10_000 {
		ctx, end := h.fuse(looks)
		err := do(ctx)
		end()
		if err == nil {
			return
		}
		require.ErrorIs(h, err, context.Canceled, "C1: an operation whose context ends half way")
		check()
	}
	require.Fail(h, "C1: an operation that is repeated with ever longer contexts must end")
}

func o6InterruptedDelete(h *harness) {
	keys := h.possible("dir", "dir/a", "dir/b/c", "dir/b/d", "dir/e", "dir2/x", "other")
	wantInterruptedDelete(h, storage.RelaxedO6, keys, func(ctx context.Context) error { return h.b.Delete(ctx, "dir", recursive) })
	require.Equal(h, []string{"dir2/x", "other"}, h.list("", nil), "O6: a repeated recursive Delete must remove all beneath, and nothing else")
}

func d3InterruptedDelete(h *harness) {
	dir := h.directory("dir")
	keys := []string{"dir/a", "dir/b/c", "dir/b/d", "dir/e", "dir2/x", "other"}
	wantInterruptedDelete(h, storage.RelaxedD3, keys, func(ctx context.Context) error { return dir.Delete(ctx, recursive) })
	require.Equal(h, []string{"dir2/x", "other"}, h.list("", nil), "D3: a repeated recursive Delete must remove all beneath, and nothing else")
}

func wantInterruptedDelete(h *harness, rule string, keys []string, do func(ctx context.Context) error) {
	h.putKeys(keys...)
	h.interrupted(func(ctx context.Context) error {
		err := do(ctx)
		if errors.Is(err, storage.ErrNotExist) && len(h.list("dir/", nil)) == 0 {
			return nil // the last call removed all, and then its context ended
		}
		return err
	}, func() {
		left := h.list("", nil)
		require.Subset(h, keys, left, "%s: an interrupted Delete must create nothing", rule)
		if !h.limits.Relaxes(rule) {
			require.Equal(h, keys, left, "%s: a Delete that fails must remove nothing", rule)
		}
		for _, key := range left {
			require.Equal(h, key, h.get(key), "%s: an interrupted Delete must leave objects whole", rule)
		}
	})
}

func d4InterruptedMove(h *harness) {
	names := []string{"a", "b/c", "b/d", "e", "f/g/h"}
	for _, name := range names {
		h.put("left/"+name, name)
	}
	h.put("other", "content")
	dir := h.directory("left")
	h.interrupted(func(ctx context.Context) error {
		_, err := dir.Move(ctx, "right", nil)
		if errors.Is(err, storage.ErrNotExist) && len(h.list("right/", nil)) == len(names) {
			return nil // the last call moved all, and then its context ended
		}
		return err
	}, func() {
		for _, name := range names {
			h.wantSomewhere(name, "left/"+name, "right/"+name)
		}
		if !h.limits.Relaxes(storage.RelaxedD4) {
			require.Empty(h, h.list("right/", nil), "D4: a Move that fails must move nothing")
		}
	})
	require.Equal(h, []string{"other", "right/a", "right/b/c", "right/b/d", "right/e", "right/f/g/h"}, h.list("", nil), "D4: a repeated Move must move all")
	for _, name := range names {
		require.Equal(h, name, h.get("right/"+name), "D4: a repeated Move must keep the content")
	}
}

// wantSomewhere checks that an object is at one of two places or at both, whole.
func (h *harness) wantSomewhere(content, src, dst string) {
	found := false
	for _, key := range []string{src, dst} {
		if _, err := h.b.Stat(h.ctx, key, nil); err == nil {
			require.Equal(h, content, h.get(key), "D4: an object that is being moved must be whole at %q", key)
			found = true
		}
	}
	require.True(h, found, "D4: an object that is being moved must be at %q or at %q", src, dst)
}

// watchMoves calls move again and again, and meanwhile look with the places that
// the present move goes from and to. What look returns counts only if no other move
// has begun by then.
func (h *harness) watchMoves(places [2]string, move func(src, dst string), look func(src, dst string) (failure string)) {
	var moves atomic.Int64
	h.whileWriting(func(round int) {
		moves.Store(int64(round))
		move(places[round%2], places[1-round%2])
	}, func() {
		round := moves.Load()
		if failure := look(places[round%2], places[1-round%2]); failure != "" && moves.Load() == round {
			require.Fail(h, failure)
		}
	})
}

// missing reports whether there is no object at the key.
func (h *harness) missing(key string) bool {
	_, err := h.b.Stat(h.ctx, key, nil)
	return errors.Is(err, storage.ErrNotExist)
}

func d4EveryObjectIsSomewhere(h *harness) {
	h.directory("")
	h.putTogether("left", 10)
	h.watchMoves([2]string{"left", "right"}, func(src, dst string) { h.moveDirectory(src, dst) }, func(src, dst string) string {
		for i := range 10 {
			key := togetherKey("", i)
			if h.missing(src+key) && h.missing(dst+key) {
				return fmt.Sprintf("D4: while a directory is moved, %q must be at one of its places or at both", key)
			}
		}
		return ""
	})
}

func o2InterruptedMove(h *harness) {
	h.needs(storage.FeatureMove)
	h.put("left", "content")
	h.interrupted(func(ctx context.Context) error {
		_, err := h.b.Move(ctx, "right", "", "left", nil)
		if errors.Is(err, storage.ErrNotExist) && !h.missing("right") {
			return nil
		}
		return err
	}, func() {
		h.wantSomewhere("content", "left", "right")
		if !h.limits.Relaxes(storage.RelaxedMove) {
			require.Equal(h, []string{"left"}, h.list("", nil), "O2: a Move that fails must move nothing")
		}
	})
	require.Equal(h, []string{"right"}, h.list("", nil), "O2: a repeated Move must take the source away")
}

func o2MovedObjectIsSomewhere(h *harness) {
	content := strings.Repeat("content", 1_000)
	h.put("left", content)
	h.needs(storage.FeatureMove)
	h.watchMoves([2]string{"left", "right"}, func(src, dst string) { h.move(dst, src) }, func(src, dst string) string {
		if h.missing(src) && h.missing(dst) {
			return "O2: while an object is moved it must be at one of its places or at both"
		}
		rc, _, err := h.b.Open(h.ctx, dst, 0, 0, nil)
		if err == nil && h.readAll(rc) != content {
			return "O2: a moved object must be whole when it appears"
		}
		return ""
	})
}

func o2MoveIsOneCommit(h *harness) {
	h.needs(storage.FeatureMove)
	h.strong(storage.RelaxedMove)
	h.put("left", "content")
	h.watchMoves([2]string{"left", "right"}, func(src, dst string) { h.move(dst, src) }, func(src, dst string) string {
		if !h.missing(dst) && !h.missing(src) {
			return "O2: no reader may see a moved object at both places"
		}
		return ""
	})
}
