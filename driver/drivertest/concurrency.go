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
	{"D3_delete_is_seen_whole", d3DeleteIsSeenWhole},
	{"D4_no_reader_sees_half_a_move", d4NoHalfMove},
	{"L3_listing_is_one_state", l3ListingIsOneState},
	{"B3_one_creator_wins", b3OneCreatorWins},
	{"M1_parts_in_parallel", m1PartsInParallel},
	{"M2_one_completion_wins", m2OneCompletionWins},
	{"S1_snapshot_is_one_state", s1SnapshotIsOneState},
	{"O1_everything_at_once", o1EverythingAtOnce},
}

// whileWriting calls write again and again, and look in two more goroutines. It
// ends after h.rounds rounds, but not before readers have looked during a third of
// as many: a busy scheduler may run writer and readers one after another.
func (h *harness) whileWriting(write func(round int), look func()) {
	var looks atomic.Int64
	var done atomic.Bool
	h.parallel(3, func(i int) {
		if i == 0 {
			defer done.Store(true)
			observed, before := 0, looks.Load()
			for round := 0; (round < h.rounds || observed < h.rounds/3) && !h.failed(); round++ {
				write(round)
				if n := looks.Load(); n != before {
					observed, before = observed+1, n
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
	again := !h.limits.Relaxes(storage.RelaxedO3) // content that comes back has its old ETag
	h.whileWriting(func(round int) { h.put("key", versions[round%2]) }, func() {
		rc, o, err := h.b.Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err, "O1: an object must be there while it is overwritten")
		content := h.readAll(rc)
		i := slices.Index(versions, content)
		require.GreaterOrEqual(h, i, 0, "O1: a reader must see one Write's content, not a mixture of two")
		if again {
			require.Equal(h, etags[i], o.ETag, "O1: Open must describe the content that its reader gives")
		}
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

// condition skips a case if the driver relaxes O7 on Write and does not support
// the condition in opts for a new key.
func (h *harness) condition(opts storage.Options) {
	if !h.limits.Relaxes(storage.RelaxedO7Write) {
		return
	}
	if _, err := h.write("tried", "", opts); errors.Is(err, storage.ErrUnsupported) {
		h.strong(storage.RelaxedO7Write)
	}
}

func o7OneCreatorWins(h *harness) {
	for round := range max(h.rounds/6, 1) {
		for want, opts := range map[error]storage.Options{
			storage.ErrPrecondition: {storage.OptIfNoneMatch: "*"}, storage.ErrExist: {storage.OptUpsert: false},
		} {
			h.condition(opts)
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
	h.strong(storage.RelaxedO7Write)
	h.put("counter", "0")
	each := max(h.rounds/2, 1)
	h.parallel(4, func(int) {
		for range each {
			h.increment()
		}
	})
	require.Equal(h, strconv.Itoa(4*each), h.get("counter"), "O7: no update by if_match may be lost")
}

// putTogether writes n objects beneath a directory.
func (h *harness) putTogether(dir string, n int) {
	for i := range n {
		h.put(togetherKey(dir, i), "content")
	}
}

func togetherKey(dir string, i int) string { return fmt.Sprintf("%s/%c/%d", dir, 'a'+i%3, i) }

// wantDeletedAtOnce checks that nobody sees half of a recursive delete of "dir".
func (h *harness) wantDeletedAtOnce(rule string, del func() error) {
	h.strong(storage.RelaxedL3)
	const n = 40
	var epoch atomic.Int32 // odd while the directory is being filled
	h.whileWriting(func(int) {
		epoch.Add(1)
		h.putTogether("dir", n)
		epoch.Add(1)
		require.NoError(h, del())
	}, func() {
		began := epoch.Load()
		names := h.list("dir/", nil)
		if began%2 == 0 && began == epoch.Load() {
			require.Contains(h, []int{0, n}, len(names), "%s: no reader may see half a recursive Delete: %q", rule, names)
		}
	})
}

func o6DeleteIsSeenWhole(h *harness) {
	h.strong(storage.RelaxedO6)
	h.wantDeletedAtOnce("O6", func() error { return h.b.Delete(h.ctx, "dir", recursive) })
}

func d3DeleteIsSeenWhole(h *harness) {
	dir := h.directory("dir")
	h.strong(storage.RelaxedD3)
	h.wantDeletedAtOnce("D3", func() error { return dir.Delete(h.ctx, recursive) })
}

func d4NoHalfMove(h *harness) {
	h.directory("")
	h.strong(storage.RelaxedD4, storage.RelaxedL3)
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
	h.needs(storage.FeatureMove)
	h.strong(storage.RelaxedL3, storage.RelaxedMove)
	h.put("a/key", "content")
	places := []string{"a/key", "b/key"}
	h.whileWriting(func(round int) { h.move(places[1-round%2], places[round%2]) }, func() {
		for _, opts := range []storage.Options{nil, children} {
			names := h.list("", opts)
			require.Len(h, names, 1, "L3: a listing must be one state, in which a moved object is in one place: %q", names)
		}
	})
}

func b3OneCreatorWins(h *harness) {
	for round := range max(h.rounds/6, 1) {
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
	contents := make([]string, len(parts))
	for i := range contents {
		contents[i] = string(rune('a' + i))
	}
	h.parallel(8, func(i int) {
		for n := i; n < len(parts); n += 8 {
			parts[n] = h.part(mu, n+1, contents[n])
		}
	})
	h.complete(mu, parts...)
	h.holds(h.joined(contents...), "key", "M1: no part may be lost when many are uploaded at once")
}

func m2OneCompletionWins(h *harness) {
	for range max(h.rounds/6, 1) {
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

// randomRead reads something that random changes make. Its error is ErrNotExist if
// there is nothing to read.
func (h *harness) randomRead(r *rand.Rand) error {
	if r.IntN(2) == 0 {
		return listing(h.b.List(h.ctx, "", 0, 0, nil))
	}
	rc, o, err := h.b.Open(h.ctx, fmt.Sprintf("%c/%c/%c", 'a'+r.IntN(3), 'a'+r.IntN(3), 'a'+r.IntN(3)), 0, 0, nil)
	if err != nil {
		return err
	}
	scribble(o)
	_, err = io.Copy(io.Discard, rc)
	return errors.Join(err, rc.Close())
}

func o1EverythingAtOnce(h *harness) {
	h.parallel(6, func(i int) {
		r := rand.New(rand.NewPCG(uint64(i), 0))
		do := h.randomChange
		if i < 2 {
			do = h.randomRead
		}
		for range 2 * h.rounds {
			if err := do(r); err != nil {
				require.ErrorIs(h, err, storage.ErrNotExist, "an operation may fail only because another was quicker")
			}
		}
	})
	h.wantWhole()
}
