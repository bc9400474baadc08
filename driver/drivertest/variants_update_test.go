package drivertest

import (
	"context"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// updateVariants break the rules of Update, and of snapshots of uploads.
var updateVariants = []variant{{
	name: "Update works on the store itself", fails: "S4_nothing_is_seen_before_the_commit",
	phrase: "nobody must see what an Update does before it is committed",
	fault:  on("update", func(c *request, _ func()) { c.err = c.update(c.st) }),
}, {
	name: "an error is lost", fails: "S4_error_commits_nothing",
	phrase: "Update must return the function's error",
	fault: on("update", func(c *request, do func()) {
		do()
		c.err = nil
	}),
}, {
	name: "a function that fails is committed", fails: "S4_error_commits_nothing",
	phrase: "a function that fails must commit nothing",
	fault: on("update", func(c *request, do func()) {
		var failed error
		f := c.update
		c.update = func(tx storage.Storage) error {
			failed = f(tx)
			return nil
		}
		if do(); c.err == nil {
			c.err = failed
		}
	}),
}, {
	name: "a function that panics is committed", fails: "S4_panic_commits_nothing",
	phrase: "an Update whose function panics must not succeed",
	fault: before("update", func(c *request) {
		f := c.update
		c.update = func(tx storage.Storage) (err error) {
			defer func() { recover() }()
			return f(tx)
		}
	}),
}, {
	name: "an Update overwrites other commits", fails: "S4_runs_again_after_another_commit",
	phrase: "must run again each time that another commit came between",
	fault:  on("update", overwriting),
}, {
	name: "updates are lost", fails: "S4_no_update_is_lost",
	phrase: "no update may be lost",
	fault:  on("update", overwriting),
}, {
	name: "a function runs under a lock", fails: "S4_nothing_is_seen_before_the_commit", hangs: true,
	phrase: "no end within",
	fault:  locked,
}, {
	name: "tx stays open", fails: "S4_tx_is_closed_afterwards",
	phrase: "to tx after an Update",
	fault: on("update", func(c *request, do func()) {
		f := c.update
		c.update = func(tx storage.Storage) error { return f(unclosed{c.st}) }
		do()
	}),
}, {
	name: "a nil function is a panic", fails: "S4_nil_arguments",
	phrase: "panic:",
	fault:  before("update", func(c *request) { f := c.update; c.update = func(tx storage.Storage) error { return f(tx) } }),
}, {
	name: "Update ignores its context", fails: "S4_done_context",
	phrase: "Update with a cancelled context",
	fault:  before("update", func(c *request) { c.ctx = context.Background() }),
}, {
	name: "an upload does not survive an Update", fails: "S4_uploads",
	phrase: "UploadPart 1 must succeed",
	fault:  onSuccess("update", abortUploads),
}, {
	name: "uploads are numbered in each store", fails: "M1_upload_ids_are_unique_across_forks",
	phrase: "two forks must not give out the same ID",
	fault:  numberedUploads(func(*request) bool { return false }),
}, {
	name: "uploads are numbered again after Restore", fails: "M1_upload_ids_are_unique_after_restore",
	phrase: "an ID must not be given out again after Restore",
	fault:  numberedUploads(func(c *request) bool { return c.op == "restore" }),
}, {
	name: "a snapshot has no uploads", fails: "S1_listed_uploads_are_restored",
	phrase: "Restore must bring back the uploads in progress",
	fault:  onSuccess("restore", abortUploads),
}, {
	name: "Update commits no deletions", fails: "S4_commits_everything",
	phrase: "must commit all that the function left",
	fault: onSuccess("update", func(c *request) {
		c.st.Bucket(bucketName).Write(background, "old", nil, 0, "", nil)
	}),
}, {
	name: "tx is empty at first", fails: "S4_starts_from_the_current_value",
	phrase: "must start from the current value",
	fault: on("update", func(c *request, _ func()) {
		tx := memdriver.Open()
		defer tx.Close()
		c.err = c.update(tx)
	}),
}, {
	name: "a Restore is overwritten", fails: "S4_restore_is_a_commit",
	phrase: "after which the function must run again",
	fault:  on("update", overwriting),
}, {
	name: "a function cannot use the store", fails: "S4_needs_no_lock", hangs: true,
	phrase: "no end within",
	fault:  locked,
}, {
	name: "readers end with tx", fails: "S4_readers_outlive_tx",
	phrase: "reading an object must succeed",
	fault: on("update", func(c *request, do func()) {
		f := c.update
		var tx *brokenStore
		c.update = func(sound storage.Storage) error {
			tx = &brokenStore{Storage: sound, fault: readersEnd}
			return f(tx)
		}
		if do(); tx != nil {
			tx.memo.Store("closed", true)
		}
	}),
}, {
	name: "Update of a closed store succeeds", fails: "S4_store_closed_meanwhile",
	phrase: "Update of a store that is closed before the commit",
	fault:  insteadOf("update", storage.ErrClosed, nil),
}, {
	name: "Update tries for ever", fails: "S4_context_done_between_two_runs", hangs: true,
	phrase: "no end within",
	fault:  before("update", func(c *request) { c.ctx = context.WithoutCancel(c.ctx) }),
}, {
	name: "a nested Update is lost", fails: "S4_nested",
	phrase: "a nested Update commits to the outer one",
	fault: before("update", func(c *request) {
		f := c.update
		c.update = func(tx storage.Storage) error {
			inner := tx.(snapshot.Store)
			return f(&rewindableStore{&brokenStore{Storage: tx, fault: on("update", func(c *request, _ func()) {
				fork := memdriver.Open(memdriver.WithSnapshot(inner.Snapshot()))
				defer fork.Close()
				c.err = c.update(fork)
			})}, inner})
		}
	}),
}, {
	name: "a transfer is made on the store itself", fails: "S4_transfer_is_never_seen_half",
	phrase: "must never",
	fault:  on("update", func(c *request, _ func()) { c.err = c.update(c.st) }),
}}

// locked is a fault that holds one lock in every operation.
func locked(c *request, do func()) {
	if c.ctx == nil {
		do()
	} else if c.lock() {
		defer c.unlock()
		do()
	}
}

// overwriting is a fault that commits what the function left, whatever was
// committed meanwhile.
func overwriting(c *request, do func()) {
	if c.update == nil || c.ctx == nil || c.ctx.Err() != nil {
		do()
		return
	}
	st := c.st.(snapshot.Store)
	tx := memdriver.Open(memdriver.WithSnapshot(st.Snapshot()))
	defer tx.Close()
	if c.err = c.update(tx); c.err == nil {
		time.Sleep(100 * time.Microsecond)
		c.err = st.Restore(tx.Snapshot())
	}
}

// unclosed is a store that Close leaves open.
type unclosed struct{ storage.Storage }

func (unclosed) Close() error { return nil }

// exactKeyVariants get keys wrong that a store with exact keys takes as they are.
var exactKeyVariants = []variant{{
	name: "keys are normalised", fails: "K4_keys_are_taken_as_they_are", exact: true,
	phrase: "is a good key",
	fault: on(keyOps, func(c *request, do func()) {
		clean, err := storage.CleanKey(c.key)
		if c.key = clean; err != nil {
			c.fail(err)
			return
		}
		do()
	}),
}, {
	name: "a trailing slash is dropped", fails: "K4_keys_are_taken_as_they_are", exact: true,
	phrase: "a key must be taken as it is",
	fault: before(keyOps, func(c *request) {
		if len(c.key) > 1 && c.key[len(c.key)-1] == '/' {
			c.key = c.key[:len(c.key)-1]
		}
	}),
}, {
	name: "prefixes are normalised", fails: "K4_prefixes_are_taken_as_they_are", exact: true,
	phrase: "must be taken as it is",
	fault: before("list", func(c *request) {
		if clean, err := storage.CleanPrefix(c.key); err == nil {
			c.key = clean
		}
	}),
}, {
	name: "an empty key is taken", fails: "K4_bad_keys", exact: true,
	phrase: "an empty key, one too long or not UTF-8",
	fault: before("write", func(c *request) {
		if c.key == "" {
			c.key = "empty"
		}
	}),
}, {
	name: "the key of an upload is normalised", fails: "K4_copy_move_and_multipart", exact: true,
	phrase: "InitMultipart must take its key as it is",
	fault: before("initmultipart", func(c *request) {
		if clean, err := storage.CleanKey(c.key); err == nil {
			c.key = clean
		}
	}),
}, {
	name: "start_after is normalised", fails: "K4_pages", exact: true,
	phrase: "L2: a loop of pages must end",
	fault: before("list", func(c *request) {
		place, _ := c.opts.String(storage.OptStartAfter)
		if clean, err := storage.CleanPrefix(place); err == nil && place != "" {
			c.set(storage.OptStartAfter, clean)
		}
	}),
}, {
	name: "Directory.Move leaves the object that has its name and a slash", fails: "K4_directories_end_at_a_slash", exact: true,
	phrase: "must re-key all that begins with a/",
	fault:  onSuccess("directory.move", func(c *request) { c.b.Move(background, c.key+"/", "", c.other+"/", nil) }),
}, {
	name: "exactness is lost with Restore", fails: "K4_snapshots_are_exact", exact: true,
	phrase: "a store must have exact keys after such a snapshot is restored",
	fault: both(onSuccess("restore", func(c *request) { c.memo.Store("restored", true) }), before("stat", func(c *request) {
		if _, restored := c.memo.Load("restored"); restored {
			c.key, _ = storage.CleanKey(c.key)
		}
	})),
}}
