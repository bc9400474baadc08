package drivertest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var lifecycleCases = []testCase{
	{"C1_cancelled_context", c1CancelledContext},
	{"C1_deadline_exceeded", c1DeadlineExceeded},
	{"C1_cancelled_context_reads_no_source", c1ReadsNoSource},
	{"C1_cancelled_in_mid_body", c1CancelledInMidBody},
	{"C1_cancelled_in_the_middle_of_a_part", c1CancelledInMidPart},
	{"C1_cancelled_in_an_endless_body", c1CancelledInAnEndlessBody},
	{"C1_iterators_honour_their_context", c1Iterators},
	{"C1_live_context", c1LiveContext},
	{"C2_every_operation_after_close", c2EveryOperation},
	{"C2_close_again", c2CloseAgain},
	{"C2_readers_outlive_close", c2ReadersOutliveClose},
	{"C2_iterators_outlive_close", c2IteratorsOutliveClose},
	{"C2_snapshots_outlive_close", c2SnapshotsOutliveClose},
	{"C2_handles_after_close", c2HandlesAfterClose},
}

// allFail checks that every operation fails with want.
func (h *harness) allFail(ctx context.Context, ops []operation, want error, rule string) {
	for _, op := range ops {
		require.ErrorIs(h, op.do(ctx, nil), want, "%s: %s", rule, op.op)
	}
}

func c1CancelledContext(h *harness) {
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	ops := h.operations()
	h.unchanged("C1: an operation whose context is done must change nothing", func() {
		h.allFail(ctx, ops, context.Canceled, "C1: with a cancelled context")
	})
}

func c1DeadlineExceeded(h *harness) {
	ctx, cancel := context.WithDeadline(h.ctx, time.Now().Add(-time.Hour))
	defer cancel()
	ops := h.operations()
	h.unchanged("C1: an operation whose context is done must change nothing", func() {
		h.allFail(ctx, ops, context.DeadlineExceeded, "C1: with a deadline that has passed")
	})
}

func c1ReadsNoSource(h *harness) {
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	read := false
	_, err := h.b.Write(ctx, "key", endless(func(int) error { read = true; return errSource }), -1, "", nil)
	require.ErrorIs(h, err, context.Canceled, "C1: Write with a cancelled context")
	require.False(h, read, "C1: Write must look at its context before it reads the source")
}

func c1CancelledInMidBody(h *harness) {
	ctx, cancel := cancellable(h)
	h.unchanged("C1: an operation whose context is done must store nothing", func() {
		_, err := h.b.Write(ctx, "key", interrupted("0123456789", cancel), 10, "", nil)
		require.ErrorIs(h, err, context.Canceled, "C1: Write whose context is cancelled in the middle of the body")
	})
}

func c1CancelledInMidPart(h *harness) {
	mu, _ := h.upload("key")
	ctx, cancel := context.WithCancel(h.ctx)
	_, err := h.multipart().UploadPart(ctx, mu, 1, interrupted("0123456789", cancel), 10, nil)
	require.ErrorIs(h, err, context.Canceled, "C1: UploadPart whose context is cancelled in the middle of the body")
	require.Empty(h, h.listParts(mu, 0, 0), "C1: UploadPart whose context is done must store nothing")
}

func c1CancelledInAnEndlessBody(h *harness) {
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	const enough, tooMuch = 1 << 16, 32 << 20
	_, err := h.b.Write(ctx, "key", endless(func(given int) error {
		if given >= enough {
			cancel()
		}
		if given >= tooMuch {
			return errSource
		}
		return nil
	}), -1, "", nil)
	require.ErrorIs(h, err, context.Canceled, "C1: Write must look at its context while it reads, and end soon after it is cancelled")
	h.gone("key", "C1: a Write whose context is cancelled must store nothing")
}

// cancellable returns a context that ends with the case at the latest.
func cancellable(h *harness) (context.Context, context.CancelFunc) { return context.WithCancel(h.ctx) }

// wantCancelled checks an iterator of several entries whose context is cancelled.
func wantCancelled[T any](h *harness, it interface {
	Next() (*T, error)
	Close() error
}, cancel func(), method string) {
	_, err := it.Next()
	require.NoError(h, err)
	cancel()
	_, err = it.Next()
	require.ErrorIs(h, err, context.Canceled, "C1: Next of the iterator of %s when the context that it was made with is done", method)
	require.NoError(h, it.Close(), "C1: an iterator whose context is done can be closed")
}

func c1Iterators(h *harness) {
	h.putKeys("a/1", "a/2", "a/3")
	ctx, cancel := cancellable(h)
	listed, err := h.b.List(ctx, "", 0, 0, nil)
	require.NoError(h, err)
	wantCancelled(h, listed, cancel, "List")
	h.bucket("other")
	ctx, cancel = cancellable(h)
	buckets, err := h.st.Buckets(ctx, 0, 0, nil)
	require.NoError(h, err)
	wantCancelled(h, buckets, cancel, "Buckets")
}

func c1LiveContext(h *harness) {
	ctx, cancel := context.WithTimeout(h.ctx, time.Hour)
	for _, op := range h.operations() {
		h.wantDone(op, op.do(ctx, nil), "C1: with a context that is not done")
	}
	h.put("key", "content")
	rc, _, err := h.b.Open(ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	cancel()
	require.Equal(h, "content", h.readAll(rc), "O4: a reader must stay good when the context of Open is cancelled")
}

func c2EveryOperation(h *harness) {
	ops := h.operations()
	require.NoError(h, h.st.Close(), "C2: Close must succeed")
	h.allFail(h.ctx, ops, storage.ErrClosed, "C2: after Close")
}

func c2CloseAgain(h *harness) {
	for range 3 {
		require.NoError(h, h.st.Close(), "C2: Close again must be nil")
	}
}

func c2ReadersOutliveClose(h *harness) {
	h.put("key", "content")
	rc, _, err := h.b.Open(h.ctx, "key", 0, 0, nil)
	require.NoError(h, err)
	require.NoError(h, h.st.Close())
	require.Equal(h, "content", h.readAll(rc), "C2: a reader taken before Close must stay good")
}

func c2IteratorsOutliveClose(h *harness) {
	h.putMany(400)
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 0, 0, nil) },
		func() { require.NoError(h, h.st.Close()) }, "C2: an iterator taken before Close must stay good")
}

func c2SnapshotsOutliveClose(h *harness) {
	st := h.rewindable()
	h.put("key", "content")
	snap, before := st.Snapshot(), h.dump(st)
	require.NoError(h, st.Close())
	require.Equal(h, before, h.dump(snap.Storage()), "C2: a snapshot taken before Close must stay good")
	require.ErrorIs(h, st.Restore(snap), storage.ErrClosed, "C2: Restore after Close")
}

func c2HandlesAfterClose(h *harness) {
	require.NoError(h, h.st.Close())
	b := h.st.Bucket(bucketName)
	require.Equal(h, bucketName, b.Name(), "C2: a handle made after Close still has its name")
	_, err := b.Stat(h.ctx, "key", nil)
	require.ErrorIs(h, err, storage.ErrClosed, "C2: Stat by a handle made after Close")
}
