package drivertest

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// sourceCases check what Write and UploadPart do with a caller's reader.
var sourceCases = []testCase{
	{"O1_short_source", o1ShortSource},
	{"O1_failing_source", o1FailingSource},
	{"O1_error_with_the_last_bytes", o1ErrorWithTheLastBytes},
	{"O1_error_after_the_last_bytes", o1ErrorAfterTheLastBytes},
	{"O1_tee_that_fails_with_the_last_bytes", o1TeeThatFails},
	{"O1_source_that_never_stops_failing", o1NeverStopsFailing},
	{"O1_archive_with_a_bad_checksum", o1BadArchives},
	{"O1_archive_with_a_good_checksum", o1GoodArchives},
	{"O1_last_bytes_come_with_EOF", o1LastBytesWithEOF},
	{"O1_source_in_small_pieces", o1SmallPieces},
	{"O1_cancelled_in_mid_body", o1CancelledInMidBody},
	{"O1_nil_source", o1NilSource},
	{"O1_source_that_panics", o1SourceThatPanics},
	{"O1_source_that_counts_wrong", o1SourceThatCountsWrong},
	{"O1_source_without_progress", o1SourceWithoutProgress},
	{"O1_source_that_pauses", o1SourceThatPauses},
	{"O1_claimed_size_is_not_allocated", o1ClaimedSize},
}

// receiver is a method that reads a caller's source: Write over an object, or
// UploadPart over a part.
type receiver struct {
	name    string
	receive func(ctx context.Context, src io.Reader, size int64) error
	wantOld func(message string) // checks that the old content is untouched
	content func() string        // returns what was received
}

// receivers returns the methods that read a source, each with old content.
func (h *harness) receivers() []receiver {
	old := h.put("key", "old content")
	all := []receiver{{
		name: "Write",
		receive: func(ctx context.Context, src io.Reader, size int64) error {
			_, err := h.b.Write(ctx, "key", src, size, "", nil)
			return err
		},
		wantOld: func(message string) {
			h.same(old, h.stat("key"), "%s", message)
			require.Equal(h, "old content", h.get("key"), message)
		},
		content: func() string { return h.get("key") },
	}}
	if m, ok := h.b.(storage.HasMultipart); ok {
		mu, parts := h.upload("big", "old content")
		all = append(all, receiver{
			name: "UploadPart",
			receive: func(ctx context.Context, src io.Reader, size int64) error {
				_, err := m.UploadPart(ctx, mu, 1, src, size, nil)
				return err
			},
			wantOld: func(message string) {
				list := h.listParts(mu, 0, 0)
				require.Len(h, list, 1, message)
				require.Equal(h, parts[0].ETag, list[0].ETag, message)
			},
			content: func() string {
				h.complete(mu, &storage.PartInfo{Number: 1})
				mu, parts = h.upload("big", "old content")
				return h.get("big")
			},
		})
	}
	return all
}

// wantReceiveFails checks that nothing of a source is stored whose error is want.
func (h *harness) wantReceiveFails(want error, reason string, src func() io.Reader, sizes ...int64) {
	receivers := h.receivers()
	before := h.list("", nil)
	for _, r := range receivers {
		for _, size := range sizes {
			err := r.receive(h.ctx, src(), size)
			require.ErrorIs(h, err, want, "O1: %s from %s (size %d)", r.name, reason, size)
			r.wantOld(fmt.Sprintf("O1: %s from %s must leave the old content untouched (size %d)", r.name, reason, size))
		}
	}
	require.Equal(h, before, h.list("", nil), "O1: %s must store nothing", reason)
}

// wantReceived checks that content is stored.
func (h *harness) wantReceived(content, reason string, src func() io.Reader, sizes ...int64) {
	for _, r := range h.receivers() {
		for _, size := range sizes {
			require.NoError(h, r.receive(h.ctx, src(), size), "O1: %s from %s (size %d)", r.name, reason, size)
			got := r.content()
			require.True(h, content == got, "O1: %s from %s (size %d) stores %s, want %s", r.name, reason, size, brief(got), brief(content))
		}
	}
}

func o1ShortSource(h *harness) {
	for _, given := range []string{"", "1", "123456789"} {
		for kind, wrap := range map[string]func(string) io.Reader{
			"strings.Reader": func(s string) io.Reader { return strings.NewReader(s) },
			"reader":         func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) },
			"EOF with data":  func(s string) io.Reader { return iotest.DataErrReader(strings.NewReader(s)) },
		} {
			h.wantReceiveFails(io.ErrUnexpectedEOF, fmt.Sprintf("a short source (%s, %d bytes)", kind, len(given)),
				func() io.Reader { return wrap(given) }, 10, 1<<20)
		}
	}
}

func o1FailingSource(h *harness) {
	for _, given := range []string{"", "12345", strings.Repeat("x", 100_000)} {
		h.wantReceiveFails(errSource, fmt.Sprintf("a source that fails after %d bytes", len(given)),
			func() io.Reader { return broken(given, errSource) }, -1, int64(len(given))+1, 1<<20)
	}
	h.wantReceiveFails(io.ErrUnexpectedEOF, "a source that itself fails with ErrUnexpectedEOF",
		func() io.Reader { return broken("12345", io.ErrUnexpectedEOF) }, -1)
}

func o1LastBytesWithEOF(h *harness) {
	h.wantReceived("123456", "a source that returns its last bytes together with io.EOF",
		func() io.Reader { return iotest.DataErrReader(strings.NewReader("123456")) }, -1, 6)
}

func o1SmallPieces(h *harness) {
	content := strings.Repeat("0123456789", 100)
	h.wantReceived(content, "a source that gives a byte at a time",
		func() io.Reader { return iotest.OneByteReader(strings.NewReader(content)) }, -1, 1000)
	h.wantReceived(content, "a source that gives half of what it could",
		func() io.Reader { return iotest.HalfReader(strings.NewReader(content)) }, -1, 1000)
}

func o1CancelledInMidBody(h *harness) {
	for _, r := range h.receivers() {
		for _, size := range []int64{-1, 10} {
			ctx, cancel := context.WithCancel(h.ctx)
			err := r.receive(ctx, interrupted("0123456789", cancel), size)
			require.ErrorIs(h, err, context.Canceled, "O1: %s whose context is cancelled while it reads (size %d)", r.name, size)
			r.wantOld("O1: a cancelled context must leave the old object untouched")
		}
	}
}

func o1NilSource(h *harness) {
	h.wantReceived("", "a nil source", func() io.Reader { return nil }, 0, -1)
	h.wantReceiveFails(storage.ErrInvalid, "a nil source", func() io.Reader { return nil }, 3)
}

func o1SourceThatPanics(h *harness) {
	for _, r := range h.receivers() {
		for _, size := range []int64{-1, 10} {
			err := survive(func() error {
				return r.receive(h.ctx, interrupted("0123456789", func() { panic("the source panics") }), size)
			})
			require.Error(h, err, "O1: %s whose source panics must not succeed", r.name)
			r.wantOld("O1: a source that panics must leave the old content untouched")
		}
		err := r.receive(h.ctx, strings.NewReader("new content"), -1)
		require.NoError(h, err, "O1: a source that panics must leave no lock behind: %s", r.name)
	}
}

func o1SourceThatCountsWrong(h *harness) {
	for _, n := range []int{-1, math.MinInt, 1, 1000, math.MaxInt} {
		wrong := source(func(p []byte) (int, error) {
			if n < 0 {
				return n, nil
			}
			return max(n, len(p)+n), nil // more than was asked for; MaxInt overflows
		})
		for _, r := range h.receivers() {
			for _, size := range []int64{-1, 10} {
				err := survive(func() error { return r.receive(h.ctx, wrong, size) })
				require.Error(h, err, "O1: %s from a source whose Read returns %d (size %d)", r.name, n, size)
				require.NotErrorIs(h, err, errPanicked, "O1: a source whose Read returns a count out of range must be an error, not a panic")
				r.wantOld("O1: a source that counts wrong must leave the old content untouched")
			}
		}
	}
}

func o1SourceWithoutProgress(h *harness) {
	h.wantReceiveFails(io.ErrNoProgress, "a source that gives neither bytes nor an error, a hundred times", func() io.Reader {
		reads := 0
		return source(func([]byte) (int, error) {
			if reads++; reads > 100_000 {
				return 0, errSource // or it would never end
			}
			return 0, nil
		})
	}, -1, 10)
}

func o1SourceThatPauses(h *harness) {
	h.wantReceived(strings.Repeat("x", 100), "a source that gives no bytes now and then", func() io.Reader {
		left, pause := 100, false
		return source(func(p []byte) (int, error) {
			if pause = !pause; pause || len(p) == 0 {
				return 0, nil
			}
			if left == 0 {
				return 0, io.EOF
			}
			left--
			p[0] = 'x'
			return 1, nil
		})
	}, -1, 100)
}

// allocated returns how many bytes are allocated while do runs.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// maxAllocated is the most that a driver may allocate for a body of ten bytes, beside
// the parts of MinPart bytes that the case stores.
const maxAllocated = 16 << 20

func o1ClaimedSize(h *harness) {
	for _, size := range []int64{1 << 28, 1 << 32, 1 << 60, math.MaxInt64} {
		if h.limits.MaxObject > 0 && size > h.limits.MaxObject {
			break
		}
		n := allocated(func() {
			h.wantReceiveFails(io.ErrUnexpectedEOF, "ten bytes", func() io.Reader { return strings.NewReader("ten bytes.") }, size)
		})
		require.Less(h, n, uint64(maxAllocated+8*h.limits.MinPart), "O1: a claimed size of %d must not be allocated, memory grows with bytes received", size)
	}
}
