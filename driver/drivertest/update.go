package drivertest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// updateCases check snapshot.Store's Update.
var updateCases = []testCase{
	{"S4_commits_everything", s4CommitsEverything},
	{"S4_starts_from_the_current_value", s4StartsFromTheCurrentValue},
	{"S4_nothing_is_seen_before_the_commit", s4NothingIsSeenBefore},
	{"S4_error_commits_nothing", s4ErrorCommitsNothing},
	{"S4_panic_commits_nothing", s4PanicCommitsNothing},
	{"S4_runs_again_after_another_commit", s4RunsAgain},
	{"S4_restore_is_a_commit", s4RestoreIsACommit},
	{"S4_needs_no_lock", s4NeedsNoLock},
	{"S4_tx_is_closed_afterwards", s4TxIsClosed},
	{"S4_readers_outlive_tx", s4ReadersOutliveTx},
	{"S4_store_closed_meanwhile", s4StoreClosedMeanwhile},
	{"S4_done_context", s4DoneContext},
	{"S4_context_done_between_two_runs", s4ContextDoneBetween},
	{"S4_nil_arguments", s4NilArguments},
	{"S4_nested", s4Nested},
	{"S4_uploads", s4Uploads},
	{"S4_no_update_is_lost", s4NoUpdateIsLost},
	{"S4_transfer_is_never_seen_half", s4TransferIsNeverSeenHalf},
}

// update runs an Update that must succeed.
func (h *harness) update(f func(tx storage.Storage) error) {
	require.NoError(h, h.rewindable().Update(h.ctx, f), "S4: Update must succeed")
}

// errGivenUp is the error of a function that Update is given.
var errGivenUp = errors.New("given up")

func s4CommitsEverything(h *harness) {
	h.rewindable()
	h.putKeys("old", "dir/a", "dir/b")
	h.update(func(tx storage.Storage) error {
		putIn(h, bucketIn(h, tx, "fresh"), "key", "new")
		b := tx.Bucket(bucketName)
		putIn(h, b, "new", "new")
		require.NoError(h, b.Delete(h.ctx, "old", nil))
		_, err := directoryIn(h, b, "dir").Move(h.ctx, "moved", nil)
		return err
	})
	require.Equal(h, []string{"moved/a", "moved/b", "new"}, h.list("", nil), "S4: Update must commit all that the function left")
	require.Equal(h, "new", getFrom(h, h.st.Bucket("fresh"), "key"), "S4: Update must commit all that the function left, in every bucket")
}

func s4StartsFromTheCurrentValue(h *harness) {
	st := h.rewindable()
	h.putKeys("a", "b/c")
	h.putRich("rich")
	before := h.dump(st)
	h.update(func(tx storage.Storage) error {
		require.Equal(h, before, h.dump(tx), "S4: the function must start from the current value")
		putIn(h, tx.Bucket(bucketName), "a", "changed")
		require.Equal(h, "changed", getFrom(h, tx.Bucket(bucketName), "a"), "S4: the function must see what it did")
		return tx.Bucket(bucketName).Delete(h.ctx, "a", nil)
	})
	h.gone("a", "S4: the last of several changes counts")
	h.update(func(storage.Storage) error { return nil })
}

func s4NothingIsSeenBefore(h *harness) {
	st := h.rewindable()
	h.put("key", "old")
	before := h.dump(st)
	h.update(func(tx storage.Storage) error {
		putIn(h, tx.Bucket(bucketName), "key", "new")
		putIn(h, tx.Bucket(bucketName), "other", "new")
		require.Equal(h, before, h.dump(st), "S4: nobody must see what an Update does before it is committed")
		require.Equal(h, before, h.dump(st.Snapshot().Storage()), "S4: a snapshot must not hold what is not committed")
		return nil
	})
	require.Equal(h, "new", h.get("key"))
}

// changeMuch is a function for Update that changes several things.
func (h *harness) changeMuch(tx storage.Storage) {
	putIn(h, bucketIn(h, tx, "fresh"), "key", "new")
	putIn(h, tx.Bucket(bucketName), "key", "new")
	require.NoError(h, tx.Bucket(bucketName).Delete(h.ctx, "other", nil))
}

func s4ErrorCommitsNothing(h *harness) {
	st := h.rewindable()
	h.putKeys("key", "other")
	h.unchanged("S4: a function that fails must commit nothing", func() {
		runs := 0
		err := st.Update(h.ctx, func(tx storage.Storage) error {
			runs++
			h.changeMuch(tx)
			return errGivenUp
		})
		require.ErrorIs(h, err, errGivenUp, "S4: Update must return the function's error")
		require.Equal(h, 1, runs, "S4: a function that fails must not be run again")
	})
	_, err := h.b.Stat(h.ctx, "missing", nil)
	err = st.Update(h.ctx, func(tx storage.Storage) error { return fmt.Errorf("wrapped: %w", err) })
	require.ErrorIs(h, err, storage.ErrNotExist, "S4: Update must return the function's error")
}

func s4PanicCommitsNothing(h *harness) {
	st := h.rewindable()
	h.putKeys("key", "other")
	h.unchanged("S4: a function that panics must commit nothing", func() {
		err := survive(func() error {
			return st.Update(h.ctx, func(tx storage.Storage) error {
				h.changeMuch(tx)
				panic("the function panics")
			})
		})
		require.Error(h, err, "S4: an Update whose function panics must not succeed")
	})
	h.put("key", "after a panic")
	h.update(func(tx storage.Storage) error { return nil })
}

func s4RunsAgain(h *harness) {
	h.rewindable()
	h.put("counter", "0")
	runs := 0
	h.update(func(tx storage.Storage) error {
		b := tx.Bucket(bucketName)
		if runs++; runs < 4 {
			h.put("counter", strconv.Itoa(runs)) // another commit
		}
		putIn(h, b, fmt.Sprint("run-", runs), "content")
		putIn(h, b, "copy", getFrom(h, b, "counter"))
		return nil
	})
	require.Equal(h, 4, runs, "S4: the function must run again each time that another commit came between")
	require.Equal(h, "3", h.get("counter"), "S4: an Update must not undo another commit")
	require.Equal(h, "3", h.get("copy"), "S4: the function must run on the new value")
	require.Equal(h, []string{"copy", "counter", "run-4"}, h.list("", nil), "S4: only the last run must be committed")
}

func s4RestoreIsACommit(h *harness) {
	st := h.rewindable()
	h.put("kept", "content")
	snap := st.Snapshot()
	h.put("removed", "content")
	runs := 0
	h.update(func(tx storage.Storage) error {
		if runs++; runs == 1 {
			h.restore(snap)
		}
		putIn(h, tx.Bucket(bucketName), "new", "content")
		return nil
	})
	require.Equal(h, 2, runs, "S4: a Restore is a commit, after which the function must run again")
	require.Equal(h, []string{"kept", "new"}, h.list("", nil), "S2: an Update must not bring back what Restore removed")
}

// s4NeedsNoLock uses the store in every way while an Update is under way.
func s4NeedsNoLock(h *harness) {
	st := h.rewindable()
	h.put("key", "content")
	runs := 0
	h.update(func(tx storage.Storage) error {
		if runs++; runs > 1 {
			return nil
		}
		require.Equal(h, "content", h.get("key"))
		h.put("other", "content")
		h.list("", nil)
		require.NoError(h, st.Restore(st.Snapshot()))
		return st.Update(h.ctx, func(inner storage.Storage) error {
			putIn(h, inner.Bucket(bucketName), "another", "content")
			return nil
		})
	})
	require.Equal(h, []string{"another", "key", "other"}, h.list("", nil), "S4: a function may use the store itself")
}

func s4NoUpdateIsLost(h *harness) {
	st := h.rewindable()
	h.put("counter", "0")
	each := max(h.rounds/4, 1)
	h.parallel(8, func(int) {
		for range each {
			require.NoError(h, st.Update(h.ctx, func(tx storage.Storage) error {
				b := tx.Bucket(bucketName)
				n, err := strconv.Atoi(getFrom(h, b, "counter"))
				putIn(h, b, "counter", strconv.Itoa(n+1))
				return err
			}))
		}
	})
	require.Equal(h, strconv.Itoa(8*each), h.get("counter"), "S4: no update may be lost among eight writers")
}

// s4TransferIsNeverSeenHalf moves money between two accounts.
func s4TransferIsNeverSeenHalf(h *harness) {
	st := h.rewindable()
	const total = 100
	h.put("mine", strconv.Itoa(total))
	h.put("yours", "0")
	balance := func(b storage.Bucket, key string) int {
		n, err := strconv.Atoi(getFrom(h, b, key))
		require.NoError(h, err)
		return n
	}
	h.whileWriting(func(round int) {
		h.update(func(tx storage.Storage) error {
			b, amount := tx.Bucket(bucketName), round%7-3
			putIn(h, b, "mine", strconv.Itoa(balance(b, "mine")-amount))
			putIn(h, b, "yours", strconv.Itoa(balance(b, "yours")+amount))
			return nil
		})
	}, func() {
		b := st.Snapshot().Storage().Bucket(bucketName)
		require.Equal(h, total, balance(b, "mine")+balance(b, "yours"), "S4: a transfer must never be seen half")
		h.update(func(tx storage.Storage) error {
			b := tx.Bucket(bucketName)
			require.Equal(h, total, balance(b, "mine")+balance(b, "yours"), "S4: an Update must never see half of another")
			return nil
		})
	})
}
