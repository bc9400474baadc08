package drivertest

import (
	"io"
	"math"
	"runtime"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var badInputCases = []testCase{
	{"O1_no_source", o1NoSource},
	{"O1_source_that_panics", o1SourceThatPanics},
	{"O1_part_that_panics", o1PartThatPanics},
	{"O1_source_that_counts_wrong", o1SourceThatCountsWrong},
	{"O1_source_without_progress", o1SourceWithoutProgress},
	{"O1_source_that_pauses", o1SourceThatPauses},
	{"O1_claimed_size_is_not_allocated", o1ClaimedSize},
	{"O1_claimed_size_of_a_part_is_not_allocated", o1ClaimedSizeOfAPart},
	{"K1_very_long_keys", k1VeryLongKeys},
	{"K1_hostile_keys_stay_in_the_bucket", k1HostileKeys},
}

// wantStored checks that the store still works and holds the old object alone.
func (h *harness) wantStored(message string) {
	require.Equal(h, "old", h.get("key"), message)
	require.Equal(h, []string{"key"}, h.list("", nil), message)
	h.put("key", "old")
}

func o1NoSource(h *harness) {
	h.put("key", "old")
	for _, size := range []int64{-1, 0, 3} {
		_, err := h.b.Write(h.ctx, "key", nil, size, "", nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "O1: Write with a nil source and size %d", size)
	}
	h.wantStored("O1: a Write without a source must leave the old object untouched")
}

func o1SourceThatPanics(h *harness) {
	h.put("key", "old")
	for _, size := range []int64{-1, 10} {
		err := survive(func() error {
			_, err := h.b.Write(h.ctx, "key", interrupted("0123456789", func() { panic("the source panics") }), size, "", nil)
			return err
		})
		require.Error(h, err, "O1: a Write whose source panics must not succeed")
		h.wantStored("O1: a source that panics must leave the old object untouched, and no lock behind")
	}
}

func o1PartThatPanics(h *harness) {
	mu, parts := h.upload("key", "old")
	err := survive(func() error {
		_, err := h.multipart().UploadPart(h.ctx, mu, 1, interrupted("0123456789", func() { panic("the source panics") }), 10, nil)
		return err
	})
	require.Error(h, err, "O1: an UploadPart whose source panics must not succeed")
	h.complete(mu, parts...)
	h.wantStored("O1: a source that panics must leave the old part untouched, and no lock behind")
}

func o1SourceThatCountsWrong(h *harness) {
	h.put("key", "old")
	for _, n := range []int{-1, math.MinInt, 1, 1000, math.MaxInt} {
		for _, size := range []int64{-1, 10} {
			wrong := source(func(p []byte) (int, error) {
				if n < 0 {
					return n, nil
				}
				return max(n, len(p)+n), nil // more than was asked for; MaxInt overflows
			})
			err := survive(func() error {
				_, err := h.b.Write(h.ctx, "key", wrong, size, "", nil)
				return err
			})
			require.Error(h, err, "O1: a source whose Read returns a count out of range (size %d)", size)
			require.NotErrorIs(h, err, errPanicked, "O1: a source whose Read returns a count out of range must be an error, not a panic")
			h.wantStored("O1: a source that counts wrong must leave the old object untouched")
		}
	}
}

func o1SourceWithoutProgress(h *harness) {
	h.put("key", "old")
	for _, size := range []int64{-1, 10} {
		reads := 0
		_, err := h.b.Write(h.ctx, "key", source(func([]byte) (int, error) {
			if reads++; reads > 100_000 {
				return 0, errSource // or it would go on for ever
			}
			return 0, nil
		}), size, "", nil)
		require.ErrorIs(h, err, io.ErrNoProgress, "O1: a source that gives neither bytes nor an error, a hundred times")
		h.wantStored("O1: a source without progress must leave the old object untouched")
	}
}

func o1SourceThatPauses(h *harness) {
	for _, size := range []int64{-1, 100} {
		left, pause := 100, false
		o, err := h.b.Write(h.ctx, "key", source(func(p []byte) (int, error) {
			if pause = !pause; pause {
				return 0, nil
			}
			if left == 0 {
				return 0, io.EOF
			}
			left--
			p[0] = 'x'
			return 1, nil
		}), size, "", nil)
		require.NoError(h, err, "O1: a source may give no bytes now and then")
		require.EqualValues(h, 100, o.Size, "O1: a source may give no bytes now and then")
	}
}

// allocates returns how many bytes are allocated while do runs.
func allocates(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// bearable is how much a driver may allocate for a body of ten bytes.
const bearable = 16 << 20

func o1ClaimedSize(h *harness) {
	h.put("key", "old")
	for _, size := range []int64{1 << 28, 1 << 32, 1 << 60, math.MaxInt64} {
		allocated := allocates(func() {
			_, err := h.b.Write(h.ctx, "key", strings.NewReader("ten bytes."), size, "", nil)
			require.ErrorIs(h, err, io.ErrUnexpectedEOF, "O1: ten bytes of a claimed %d", size)
		})
		require.Less(h, allocated, uint64(bearable), "O1: a claimed size of %d must not be allocated, memory grows with bytes received", size)
	}
	h.wantStored("O1: a short source must leave the old object untouched")
}

func o1ClaimedSizeOfAPart(h *harness) {
	mu, _ := h.upload("key")
	allocated := allocates(func() {
		_, err := h.multipart().UploadPart(h.ctx, mu, 1, strings.NewReader("ten bytes."), 1<<60, nil)
		require.ErrorIs(h, err, io.ErrUnexpectedEOF, "O1: ten bytes of a claimed 1<<60")
	})
	require.Less(h, allocated, uint64(bearable), "O1: a claimed size of a part must not be allocated, memory grows with bytes received")
}

func k1VeryLongKeys(h *harness) {
	deep, long := strings.Repeat("d/", 2000)+"key", strings.Repeat("k", 100_000)
	for _, key := range []string{deep, long, strings.Repeat("../", 1000) + "up", strings.Repeat("a/../", 1000) + "flat"} {
		_, err := h.write(key, "content", nil)
		if strings.HasPrefix(key, "../") {
			require.ErrorIs(h, err, storage.ErrPermission, "K1: a long key that climbs out of the bucket")
			continue
		}
		require.NoError(h, err, "K1: a key may be long")
		require.Equal(h, "content", h.get(key), "K1: a key may be long")
	}
	require.Equal(h, []string{deep, "flat", long}, h.list("", nil), "K1: a key may be long")
}

func k1HostileKeys(h *harness) {
	other := h.st.Bucket("other")
	_, err := other.Write(h.ctx, "secret", strings.NewReader("x"), 1, "", nil)
	require.NoError(h, err)
	for _, key := range []string{"../other/secret", "/../other/secret", `..\other\secret`, "a/../../other/secret", "./../other/secret", " ../other/secret"} {
		_, err := h.b.Stat(h.ctx, key, nil)
		require.ErrorIs(h, err, storage.ErrPermission, "K1: %q must not reach another bucket", key)
		require.ErrorIs(h, h.b.Delete(h.ctx, key, recursive), storage.ErrPermission, "K1: %q must not reach another bucket", key)
	}
	for _, key := range []string{"other/secret", "/etc/passwd", "~/x", "%2e%2e/other/secret", "..%2fother/secret"} {
		h.gone(key, "K1: a key means nothing outside its bucket")
	}
}
