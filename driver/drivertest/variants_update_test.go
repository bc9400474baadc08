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
	name: "Update works on the store itself", rule: "S4",
	phrase: "nobody must see what an Update does before it is committed",
	fault:  on("update", func(c *request, _ func()) { c.err = c.update(c.st) }),
}, {
	name: "an error is lost", rule: "S4",
	phrase: "Update must return the function's error",
	fault: on("update", func(c *request, do func()) {
		do()
		c.err = nil
	}),
}, {
	name: "a function that fails is committed", rule: "S4",
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
	name: "a function that panics is committed", rule: "S4",
	phrase: "an Update whose function panics must not succeed",
	fault: before("update", func(c *request) {
		f := c.update
		c.update = func(tx storage.Storage) (err error) {
			defer func() { recover() }()
			return f(tx)
		}
	}),
}, {
	name: "an Update overwrites other commits", rule: "S4",
	phrase: "must run again each time that another commit came between",
	fault:  on("update", overwriting),
}, {
	name: "updates are lost", rule: "S4",
	phrase: "no update may be lost",
	fault:  on("update", overwriting),
}, {
	name: "a function runs under a lock", rule: "S4", hangs: true,
	phrase: "no end within",
	fault: func(c *request, do func()) {
		if c.op == "close" || c.op == "bucket" || c.lock() {
			do()
			if c.op != "close" && c.op != "bucket" {
				c.unlock()
			}
		}
	},
}, {
	name: "tx stays open", rule: "S4",
	phrase: "to tx after an Update",
	fault: on("update", func(c *request, do func()) {
		f := c.update
		c.update = func(tx storage.Storage) error { return f(unclosed{c.st}) }
		do()
	}),
}, {
	name: "a nil function is a panic", rule: "S4",
	phrase: "panic:",
	fault:  before("update", func(c *request) { f := c.update; c.update = func(tx storage.Storage) error { return f(tx) } }),
}, {
	name: "Update ignores its context", rule: "S4",
	phrase: "Update with a cancelled context",
	fault:  before("update", func(c *request) { c.ctx = context.Background() }),
}, {
	name: "an upload does not survive an Update", rule: "S4",
	phrase: "UploadPart 1 must succeed",
	fault: onSuccess("update", func(c *request) {
		it, err := c.st.Bucket(bucketName).(storage.HasUploads).Uploads(background, "", 0, 0, nil)
		if err == nil {
			for _, u := range collect(it) {
				c.st.Bucket(bucketName).(storage.HasMultipart).AbortMultipart(background, &u.MultipartUpload, nil)
			}
		}
	}),
}, {
	name: "uploads are numbered in each store", rule: "M1",
	phrase: "two forks must not give out the same ID",
	fault:  numberedUploads(func(*request) bool { return false }),
}, {
	name: "uploads are numbered again after Restore", rule: "M1",
	phrase: "an ID must not be given out again after Restore",
	fault:  numberedUploads(func(c *request) bool { return c.op == "restore" }),
}, {
	name: "a snapshot has no uploads", rule: "S1",
	phrase: "Restore must bring back the uploads in progress",
	fault: onSuccess("restore", func(c *request) {
		it, err := c.st.Bucket(bucketName).(storage.HasUploads).Uploads(background, "", 0, 0, nil)
		if err == nil {
			for _, u := range collect(it) {
				c.st.Bucket(bucketName).(storage.HasMultipart).AbortMultipart(background, &u.MultipartUpload, nil)
			}
		}
	}),
}}

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
	name: "keys are normalised", rule: "K4", exact: true,
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
	name: "a trailing slash is dropped", rule: "K4", exact: true,
	phrase: "a key must be taken as it is",
	fault: before(keyOps, func(c *request) {
		if len(c.key) > 1 && c.key[len(c.key)-1] == '/' {
			c.key = c.key[:len(c.key)-1]
		}
	}),
}, {
	name: "prefixes are normalised", rule: "K4", exact: true,
	phrase: "must be taken as it is",
	fault: before("list", func(c *request) {
		if clean, err := storage.CleanPrefix(c.key); err == nil {
			c.key = clean
		}
	}),
}, {
	name: "an empty key is taken", rule: "K4", exact: true,
	phrase: "an empty key, one too long or not UTF-8",
	fault: before("write", func(c *request) {
		if c.key == "" {
			c.key = "empty"
		}
	}),
}, {
	name: "the key of an upload is normalised", rule: "K4", exact: true,
	phrase: "InitMultipart must take its key as it is",
	fault: before("initmultipart", func(c *request) {
		if clean, err := storage.CleanKey(c.key); err == nil {
			c.key = clean
		}
	}),
}, {
	name: "start_after is normalised", rule: "K4", exact: true,
	phrase: "L2: a loop of pages must end",
	fault: before("list", func(c *request) {
		place, _ := c.opts.String(storage.OptStartAfter)
		if clean, err := storage.CleanPrefix(place); err == nil && place != "" {
			c.set(storage.OptStartAfter, clean)
		}
	}),
}}
