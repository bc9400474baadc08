package drivertest

import (
	"context"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

func s4TxIsClosed(h *harness) {
	st := h.rewindable()
	h.put("key", "content")
	for name, end := range map[string]error{"succeeded": nil, "failed": errGivenUp} {
		var tx storage.Storage
		var b storage.Bucket
		_ = st.Update(h.ctx, func(s storage.Storage) error {
			tx, b = s, s.Bucket(bucketName)
			return end
		})
		h.unchanged("S4: tx must be closed after an Update that "+name, func() {
			_, err := b.Write(h.ctx, "key", strings.NewReader("late"), 4, "", nil)
			require.ErrorIs(h, err, storage.ErrClosed, "S4: Write to tx after an Update that %s", name)
			_, err = b.Stat(h.ctx, "key", nil)
			require.ErrorIs(h, err, storage.ErrClosed, "S4: Stat in tx after an Update that %s", name)
			_, err = tx.Buckets(h.ctx, 0, 0, nil)
			require.ErrorIs(h, err, storage.ErrClosed, "S4: Buckets of tx after an Update that %s", name)
		})
	}
	err := st.Update(h.ctx, func(tx storage.Storage) error {
		putIn(h, tx.Bucket(bucketName), "key", "new")
		return tx.Close()
	})
	require.ErrorIs(h, err, storage.ErrClosed, "S4: an Update whose function closes tx must fail")
	require.Equal(h, "content", h.get("key"), "S4: an Update whose function closes tx must commit nothing")
}

func s4ReadersOutliveTx(h *harness) {
	h.rewindable()
	h.putKeys("key", "other")
	var rc interface {
		Read(p []byte) (int, error)
		Close() error
	}
	var it storage.ObjectIter
	h.update(func(tx storage.Storage) error {
		var err error
		rc, _, err = tx.Bucket(bucketName).Open(h.ctx, "key", 0, 0, nil)
		require.NoError(h, err)
		it, err = tx.Bucket(bucketName).List(h.ctx, "", 0, 0, nil)
		return err
	})
	require.Equal(h, "key", h.readAll(rc), "C2: a reader taken from tx must stay good")
	require.Equal(h, []string{"key", "other"}, h.names(it, nil), "C2: an iterator taken from tx must stay good")
}

func s4StoreClosedMeanwhile(h *harness) {
	st := h.rewindable()
	err := st.Update(h.ctx, func(tx storage.Storage) error {
		putIn(h, tx.Bucket(bucketName), "key", "content")
		return st.Close()
	})
	require.ErrorIs(h, err, storage.ErrClosed, "S4: Update of a store that is closed before the commit")
	ran := false
	err = st.Update(h.ctx, func(storage.Storage) error { ran = true; return nil })
	require.ErrorIs(h, err, storage.ErrClosed, "C2: Update after Close")
	require.False(h, ran, "C2: Update after Close must not run its function")
}

func s4DoneContext(h *harness) {
	st := h.rewindable()
	ctx, cancel := cancellable(h)
	cancel()
	ran := false
	err := st.Update(ctx, func(storage.Storage) error { ran = true; return nil })
	require.ErrorIs(h, err, context.Canceled, "C1: Update with a cancelled context")
	require.False(h, ran, "C1: Update with a cancelled context must not run its function")
}

func s4ContextDoneBetween(h *harness) {
	st := h.rewindable()
	ctx, cancel := cancellable(h)
	defer cancel()
	runs := 0
	err := st.Update(ctx, func(tx storage.Storage) error {
		if runs++; runs == 3 {
			cancel()
		}
		h.put("key", fmt.Sprint("another commit ", runs))
		putIn(h, tx.Bucket(bucketName), "new", "content")
		return nil
	})
	require.ErrorIs(h, err, context.Canceled, "S4: an Update that does not fit must end with its context")
	require.Equal(h, 3, runs, "S4: an Update must not run again once its context is done")
	h.gone("new", "S4: an Update that ends with its context must commit nothing")
}

func s4NilArguments(h *harness) {
	st := h.rewindable()
	require.ErrorIs(h, st.Update(h.ctx, nil), storage.ErrInvalid, "C3: Update with a nil function")
	var none context.Context
	err := st.Update(none, func(storage.Storage) error { return nil })
	require.ErrorIs(h, err, storage.ErrInvalid, "C3: Update with a nil context")
}

// s4Nested updates a store that is itself that of an Update, if it can be.
func s4Nested(h *harness) {
	h.rewindable()
	h.update(func(tx storage.Storage) error {
		inner, ok := tx.(snapshot.Store)
		if !ok {
			return nil
		}
		putIn(h, tx.Bucket(bucketName), "outer", "content")
		require.NoError(h, inner.Update(h.ctx, func(tx2 storage.Storage) error {
			putIn(h, tx2.Bucket(bucketName), "inner", "content")
			return nil
		}))
		err := inner.Update(h.ctx, func(tx2 storage.Storage) error {
			putIn(h, tx2.Bucket(bucketName), "discarded", "content")
			return errGivenUp
		})
		require.ErrorIs(h, err, errGivenUp)
		require.Equal(h, []string{"inner", "outer"}, h.names(tx.Bucket(bucketName).List(h.ctx, "", 0, 0, nil)), "S4: a nested Update commits to the outer one")
		require.Empty(h, h.list("", nil), "S4: a nested Update must not commit to the store")
		return nil
	})
	if len(h.list("", nil)) > 0 {
		require.Equal(h, []string{"inner", "outer"}, h.list("", nil), "S4: what a nested Update committed must be committed with the outer one")
	}
}

func s4Uploads(h *harness) {
	h.rewindable()
	begun, parts := h.upload("begun", "part")
	var mu *storage.MultipartUpload
	h.update(func(tx storage.Storage) error {
		m := tx.Bucket(bucketName).(storage.HasMultipart)
		_, err := m.CompleteMultipart(h.ctx, begun, parts, nil)
		require.NoError(h, err, "S4: an upload that was begun before must be usable in an Update")
		mu, err = m.InitMultipart(h.ctx, "later", "", nil)
		return err
	})
	h.holds(h.joined("part"), "begun", "S4: an Update must commit uploads that were completed")
	h.complete(mu, h.part(mu, 1, "late part"))
	h.holds(h.joined("late part"), "later", "S4: an upload that was begun in an Update must go on after it")
}
