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
	{"F1_features_are_the_map", f1Features},
	{"F1_features_tell_the_interfaces", f1FeaturesTellTheInterfaces},
	{"F1_features_are_a_fresh_copy", f1FeaturesAreACopy},
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
	ctx, cancel := context.WithCancel(h.ctx)
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

func c1Iterators(h *harness) {
	h.putKeys("a/1", "a/2", "a/3")
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	listed, err := h.b.List(ctx, "", 0, 0, nil)
	require.NoError(h, err)
	defer listed.Close()
	_, err = listed.Next()
	require.NoError(h, err)
	buckets, err := h.st.Buckets(ctx, 0, 0, nil)
	require.NoError(h, err)
	defer buckets.Close()
	cancel()
	_, err = listed.Next()
	require.ErrorIs(h, err, context.Canceled, "C1: Next of List's iterator when the context it was made with is done")
	_, err = buckets.Next()
	require.ErrorIs(h, err, context.Canceled, "C1: Next of Buckets' iterator when the context it was made with is done")
	require.NoError(h, listed.Close(), "C1: an iterator whose context is done can be closed")
}

func c1LiveContext(h *harness) {
	ctx, cancel := context.WithTimeout(h.ctx, time.Hour)
	for _, op := range h.operations() {
		switch err := op.do(ctx, nil); {
		case op.refuses:
			require.ErrorIs(h, err, storage.ErrUnsupported, "M3: %s", op.op)
		case op.op == "abortmultipart":
			require.ErrorIs(h, err, storage.ErrNotExist, "M1: %s of a completed upload", op.op)
		default:
			require.NoError(h, err, "C1: %s with a context that is not done must succeed", op.op)
		}
	}
	rc, _, err := h.b.Open(ctx, "copy", 0, 0, nil)
	require.NoError(h, err)
	cancel()
	require.Equal(h, "new", h.readAll(rc), "O4: a reader must stay good when the context of Open is cancelled")
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
	h.putMany()
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

// features is the map of the contract.
var features = storage.Features{
	"move": true, "server_side_move": true, "server_side_copy": true, "directories": true, "multipart": true,
	"hash:md5": false, "watch": false, "public_url": false, "signed_url": false,
}

func f1Features(h *harness) {
	require.Equal(h, features, h.st.Features(), "F1: Features of the store must be exactly this map")
	require.Equal(h, features, h.b.Features(), "F1: Features of a bucket must be exactly this map")
	require.Equal(h, features, h.st.Bucket("ghost").Features(), "F1: Features of a bucket that does not exist are the same")
}

func f1FeaturesTellTheInterfaces(h *harness) {
	_, directories := h.b.(storage.HasDirectories)
	require.Equal(h, directories, h.b.Features()["directories"], "F1: feature directories must tell whether the bucket is a storage.HasDirectories")
	_, multipart := h.b.(storage.HasMultipart)
	require.Equal(h, multipart, h.b.Features()["multipart"], "F1: feature multipart must tell whether the bucket is a storage.HasMultipart")
}

func f1FeaturesAreACopy(h *harness) {
	for _, get := range []func() storage.Features{h.st.Features, h.b.Features} {
		f := get()
		f["move"], f["scribbled"] = false, true
		require.Equal(h, features, h.st.Features(), "F1: changing the map that Features gave must not change the store's")
		require.Equal(h, features, h.b.Features(), "F1: changing the map that Features gave must not change the bucket's")
	}
}
