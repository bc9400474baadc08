package drivertest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var concurrencyCases = []testCase{
	{"O1_no_reader_sees_a_mixture", o1NoMixture},
	{"O7_one_creator_wins", o7OneCreatorWins},
	{"O7_no_update_is_lost", o7NoUpdateIsLost},
	{"O6_recursive_delete_is_seen_whole", o6DeleteIsSeenWhole},
	{"D4_no_reader_sees_half_a_move", d4NoHalfMove},
	{"L3_listing_is_one_state", l3ListingIsOneState},
	{"B3_one_creator_wins", b3OneCreatorWins},
	{"M1_parts_in_parallel", m1PartsInParallel},
	{"M2_one_completion_wins", m2OneCompletionWins},
	{"S1_snapshot_is_one_state", s1SnapshotIsOneState},
	{"Trap_everything_at_once", trapEverythingAtOnce},
}

// A writer does its work at least so many rounds while others look on, and until
// they have looked in so many of them: on a busy machine they take turns.
const rounds, meetings = 60, 20

// whileWriting runs write again and again and calls look in two more goroutines
// meanwhile.
func (h *harness) whileWriting(write func(round int), look func()) {
	var looks atomic.Int64
	var done atomic.Bool
	h.parallel(3, func(i int) {
		if i == 0 {
			defer done.Store(true)
			met, seen := 0, looks.Load()
			for round := 0; (round < rounds || met < meetings) && !h.failed(); round++ {
				write(round)
				if n := looks.Load(); n != seen {
					met, seen = met+1, n
				}
			}
			return
		}
		for !done.Load() {
			look()
			looks.Add(1)
		}
	})
}

func o1NoMixture(h *harness) {
	versions := []string{strings.Repeat("a", 50_000), strings.Repeat("b", 70_000)}
	etags := []string{h.put("key", versions[0]).ETag, h.put("key", versions[1]).ETag}
	h.whileWriting(func(round int) { h.put("key", versions[round%2]) }, func() {
		rc, o, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err, "O1: an object must be there while it is overwritten")
		content := h.readAll(rc)
		i := slices.Index(versions, content)
		require.GreaterOrEqual(h, i, 0, "O1: a reader must see one Write's content, not a mixture of two")
		require.Equal(h, etags[i], o.ETag, "O1: Open must describe the content that its reader gives")
		require.EqualValues(h, len(content), o.Size, "O1: Open must describe the content that its reader gives")
	})
}

// winners runs do in parallel and counts its successes; all others must fail
// with want.
func (h *harness) winners(want error, message string, do func(i int) error) int {
	var won atomic.Int32
	h.parallel(8, func(i int) {
		err := do(i)
		if err == nil {
			won.Add(1)
			return
		}
		require.ErrorIs(h, err, want, message)
	})
	return int(won.Load())
}

func o7OneCreatorWins(h *harness) {
	for round := range 10 {
		for want, opts := range map[error]storage.Options{
			storage.ErrPrecondition: {storage.OptIfNoneMatch: "*"}, storage.ErrExist: {storage.OptUpsert: false},
		} {
			key := fmt.Sprint(round, want)
			won := h.winners(want, "O7: the losers of a race to create an object", func(i int) error {
				_, err := h.write(key, strconv.Itoa(i), opts)
				return err
			})
			require.Equal(h, 1, won, "O7: of many that create an object with %v exactly one must win", opts)
		}
	}
}

// increment adds one to the number in the object by compare and swap.
func (h *harness) increment() {
	for {
		rc, o, err := h.b.Open(h.ctx, "counter", 0, 0, nil)
		require.NoError(h, err)
		n, err := strconv.Atoi(h.readAll(rc))
		require.NoError(h, err)
		_, err = h.write("counter", strconv.Itoa(n+1), storage.Options{storage.OptIfMatch: o.ETag})
		if err == nil {
			return
		}
		require.ErrorIs(h, err, storage.ErrPrecondition, "O7: a compare and swap that loses")
	}
}

func o7NoUpdateIsLost(h *harness) {
	h.put("counter", "0")
	h.parallel(4, func(int) {
		for range 25 {
			h.increment()
		}
	})
	require.Equal(h, "100", h.get("counter"), "O7: no update by if_match may be lost")
}

// putTogether writes n objects beneath a directory.
func (h *harness) putTogether(dir string, n int) {
	for i := range n {
		h.put(fmt.Sprintf("%s/%c/%d", dir, 'a'+i%3, i), "content")
	}
}

func o6DeleteIsSeenWhole(h *harness) {
	const n = 40
	var epoch atomic.Int32 // odd while the directory is being filled
	h.whileWriting(func(int) {
		epoch.Add(1)
		h.putTogether("dir", n)
		epoch.Add(1)
		require.NoError(h, h.b.Delete(h.ctx, "dir", recursive))
	}, func() {
		began := epoch.Load()
		names := h.list("dir/", nil)
		if began%2 == 0 && began == epoch.Load() {
			require.Contains(h, []int{0, n}, len(names), "O6: no reader may see half a recursive Delete: %q", names)
		}
	})
}

func d4NoHalfMove(h *harness) {
	h.putTogether("left", 20)
	places := []string{"left", "right"}
	h.whileWriting(func(round int) { h.moveDirectory(places[round%2], places[1-round%2]) }, func() {
		names := h.list("", nil)
		require.Len(h, names, 20, "D4: no reader may see half a move: %q", names)
		place := names[0][:5]
		for _, name := range names {
			require.True(h, strings.HasPrefix(name, place), "D4: no reader may see half a move: %q and %q", names[0], name)
		}
		require.Contains(h, []int{0, 20}, len(h.list("left/", nil)), "D4: no reader may see half a move")
	})
}

func l3ListingIsOneState(h *harness) {
	h.put("a/key", "content")
	places := []string{"a/key", "b/key"}
	h.whileWriting(func(round int) {
		_, err := h.b.Move(h.ctx, places[1-round%2], "", places[round%2], nil)
		require.NoError(h, err)
	}, func() {
		for _, opts := range []storage.Options{nil, children} {
			names := h.list("", opts)
			require.Len(h, names, 1, "L3: a listing must be one state, in which a moved object is in one place: %q", names)
		}
	})
}

func b3OneCreatorWins(h *harness) {
	for round := range 10 {
		name := fmt.Sprint("bucket-", round)
		won := h.winners(storage.ErrExist, "B3: the losers of a race to create a bucket", func(int) error {
			_, err := h.st.CreateBucket(h.ctx, name, nil)
			return err
		})
		require.Equal(h, 1, won, "B3: of many that create a bucket exactly one must win")
	}
}

func m1PartsInParallel(h *harness) {
	mu, _ := h.upload("key")
	parts := make([]*storage.PartInfo, 24)
	h.parallel(8, func(i int) {
		for n := i; n < len(parts); n += 8 {
			parts[n] = h.part(mu, n+1, string(rune('a'+n)))
		}
	})
	h.complete(mu, parts...)
	require.Equal(h, "abcdefghijklmnopqrstuvwx", h.get("key"), "M1: no part may be lost when many are uploaded at once")
}

func m2OneCompletionWins(h *harness) {
	for range 10 {
		mu, parts := h.upload("key", "one", "two")
		won := h.winners(storage.ErrNotExist, "M1: the losers of a race to complete an upload", func(i int) error {
			if i%2 == 0 {
				return h.multipart().AbortMultipart(h.ctx, mu, nil)
			}
			_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, nil)
			return err
		})
		require.Equal(h, 1, won, "M2: an upload must be finished once")
	}
}

func s1SnapshotIsOneState(h *harness) {
	st := h.rewindable()
	h.putTogether("left", 20)
	empty := st.Snapshot()
	places := []string{"left", "right"}
	h.whileWriting(func(round int) {
		if round%2 == 0 {
			h.moveDirectory(places[0], places[1])
		} else {
			h.restore(empty)
		}
	}, func() {
		view := st.Snapshot().Storage().Bucket(bucketName)
		names := h.names(view.List(h.ctx, "", 0, 0, nil))
		require.Len(h, names, 20, "S1: a snapshot must be one state: %q", names)
		require.Equal(h, names[0][:4], names[19][:4], "S1: a snapshot must be one state: %q", names)
	})
}

// atOnce are things that can be done at once; each must succeed or find that
// another was quicker.
func (h *harness) atOnce(r *rand.Rand) error {
	key := func() string { return fmt.Sprintf("%c/%c", 'a'+r.IntN(3), 'a'+r.IntN(3)) }
	switch r.IntN(9) {
	case 0:
		return h.b.Delete(h.ctx, key(), nil)
	case 1:
		_, err := h.b.Copy(h.ctx, key(), "", key(), nil)
		return err
	case 2:
		_, err := h.b.Move(h.ctx, key(), "", key(), nil)
		return err
	case 3:
		if d, ok := h.b.(storage.HasDirectories); ok {
			_, err := d.Directory(key()[:1]).Move(h.ctx, key()[:1], nil)
			return err
		}
		return nil
	case 4:
		return listing(h.b.List(h.ctx, "", 0, 0, nil))
	case 5:
		rc, o, err := h.b.Open(h.ctx, key(), 0, 0, nil)
		if err != nil {
			return err
		}
		scribble(o)
		_, err = io.Copy(io.Discard, rc)
		return errors.Join(err, rc.Close())
	default:
		o, err := h.write(key(), "content", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
		if err == nil {
			scribble(o)
		}
		return err
	}
}

func trapEverythingAtOnce(h *harness) {
	h.parallel(6, func(i int) {
		r := rand.New(rand.NewPCG(uint64(i), 0))
		for range 100 {
			if err := h.atOnce(r); err != nil {
				require.ErrorIs(h, err, storage.ErrNotExist, "an operation may fail only because another was quicker")
			}
		}
	})
	for _, o := range h.entries(h.b.List(h.ctx, "", 0, 0, nil)) {
		wantA(h, o.Metadata, "O8: changing objects that were given out must change nothing")
		require.Equal(h, "content", h.get(o.Key), "O1: whatever is done at once, objects stay whole")
	}
}
