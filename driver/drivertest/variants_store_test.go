package drivertest

import (
	"cmp"
	"context"
	"errors"
	"io"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// storeVariants break the rules of contexts, Close, features and errors.
var storeVariants = []variant{{
	name: "a context is ignored", fails: "C1_cancelled_context",
	phrase: "with a cancelled context",
	fault: func(c *request, do func()) {
		if c.ctx != nil {
			c.ctx = context.WithoutCancel(c.ctx)
		}
		do()
	},
}, {
	name: "a context is looked at only before the body", fails: "C1_cancelled_in_mid_body",
	phrase: "in the middle of the body",
	fault: before("write", func(c *request) {
		if c.ctx.Err() == nil {
			c.ctx = context.WithoutCancel(c.ctx)
		}
	}),
}, {
	name: "an iterator ignores its context", fails: "C1_iterators_honour_their_context",
	phrase: "Next of the iterator of List",
	fault: before("list", func(c *request) {
		if c.ctx.Err() == nil {
			c.ctx = context.WithoutCancel(c.ctx)
		}
	}),
}, {
	name: "a closed store works", fails: "C2_every_operation_after_close",
	phrase: "after Close: buckets",
	fault:  on("close", func(*request, func()) {}),
}, {
	name: "a closed store still gives Info", fails: "C2_every_operation_after_close",
	phrase: "after Close: info",
	fault: on("info", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrClosed) {
			c.info, c.err = &storage.BucketInfo{Name: c.bucket}, nil
		}
	}),
}, {
	name: "closing twice fails", fails: "C2_close_again",
	phrase: "Close again must be nil",
	fault: on("close", func(c *request, do func()) {
		do()
		if _, again := c.memo.Swap("closed", true); again {
			c.fail(storage.ErrClosed)
		}
	}),
}, {
	name: "readers end with the store", fails: "C2_readers_outlive_close",
	phrase: "reading an object must succeed",
	fault:  readersEnd,
}, {
	name: "the features map is shared", fails: "F1_features_are_a_fresh_copy",
	phrase: "changing the map that Features returned",
	fault: on("features", func(c *request, do func()) {
		do()
		f, _ := c.memo.LoadOrStore("features", c.features)
		c.features = f.(storage.Features)
	}),
}, {
	name: "errors are bare", fails: "E_every_operation_names_itself",
	phrase: "must fail with a *storage.Error",
	fault: func(c *request, do func()) {
		var e *storage.Error
		if do(); errors.As(c.err, &e) {
			c.err = e.Err
		}
	},
}, {
	name: "errors lack the key", fails: "E_names_bucket_and_key",
	phrase: "must name the key, normalised",
	fault: func(c *request, do func()) {
		var e *storage.Error
		if do(); errors.As(c.err, &e) {
			c.err = &storage.Error{Op: e.Op, Bucket: e.Bucket, Err: e.Err}
		}
	},
}, {
	name: "a nil context is a panic", fails: "C3_nil_context",
	phrase: "stat with a nil context",
	fault: before("stat", func(c *request) {
		if c.ctx.Err() != nil {
			c.limit = 0
		}
	}),
}, {
	name: "a nil context is no context at all", fails: "C3_nil_context",
	phrase: "list with a nil context",
	fault: before("list", func(c *request) {
		if c.ctx == nil {
			c.ctx = background
		}
	}),
}, {
	name: "the limits are shared", fails: "F2_limits_are_a_fresh_copy",
	phrase: "changing the slice that Limits returned",
	fault: on("limits", func(c *request, do func()) {
		do()
		shared, _ := c.memo.LoadOrStore("limits", c.limits)
		c.limits = shared.(storage.Limits)
	}),
	limits: relaxing(storage.RelaxedL1),
}}

// snapshotVariants break the rules of snapshots.
var snapshotVariants = []variant{{
	name: "Restore does nothing", fails: "S1_restores_objects",
	phrase: "must bring back every object as it was",
	fault: on("restore", func(c *request, do func()) {
		if c.snap == nil {
			do()
		}
	}),
}, {
	name: "Restore forgets uploads", fails: "S1_restores_uploads",
	phrase: "ListParts of an upload in progress must succeed",
	fault: both(onSuccess("initmultipart", func(c *request) {
		c.memo.Store(c.mu.UploadID, c.mu)
	}), onSuccess("restore", func(c *request) {
		c.memo.Range(func(_, mu any) bool {
			m := mu.(*storage.MultipartUpload)
			c.st.Bucket(m.Bucket).(soundBucket).AbortMultipart(background, m, nil)
			return true
		})
	})),
}, {
	name: "Restore keeps what is new", fails: "S1_restores_objects",
	phrase: "and remove what is newer",
	fault: on("restore", func(c *request, do func()) {
		now := c.st.(snapshot.Store).Snapshot().Storage()
		if do(); c.err != nil {
			return
		}
		infos, _ := now.Buckets(background, 0, 0, nil)
		for _, info := range collect(infos) {
			it, _ := now.Bucket(info.Name).List(background, "", 0, 0, nil)
			for _, o := range collect(it) {
				rc, _, _ := now.Bucket(info.Name).Open(background, o.Key, 0, 0, nil)
				c.st.Bucket(info.Name).Write(background, o.Key, rc, -1, o.ContentType, storage.Options{storage.OptUpsert: false})
			}
		}
	}),
}, {
	name: "a snapshot follows the store", fails: "S1_snapshot_never_changes",
	phrase: "a snapshot must never change",
	fault: func(c *request, do func()) {
		st := c.st.(snapshot.Store)
		if c.op == "snapshot" {
			do()
			kept, _ := c.memo.LoadOrStore("snapshot", c.snap)
			c.snap = kept.(*snapshot.Snapshot)
			return
		}
		do()
		if kept, ok := c.memo.Load("snapshot"); ok && c.op != "restore" && c.op != "close" {
			*kept.(*snapshot.Snapshot) = *st.Snapshot()
		}
	},
}, {
	name: "a snapshot can be restored once", fails: "S1_restores_uploads",
	phrase: "Restore must succeed",
	fault: on("restore", func(c *request, do func()) {
		if _, again := c.memo.LoadOrStore(c.snap, true); again {
			c.fail(storage.ErrInvalid)
			return
		}
		do()
	}),
}, {
	name: "a snapshot of another store is refused", fails: "S1_into_another_store",
	phrase: "a snapshot may be restored into another store",
	fault: both(onSuccess("snapshot", func(c *request) { c.memo.Store(c.snap, true) }),
		refuses("restore", storage.ErrInvalid, func(c *request) bool {
			_, own := c.memo.Load(c.snap)
			return !own
		})),
}, {
	name: "a loaded snapshot is refused", fails: "S3_carries_everything",
	phrase: "Restore must succeed",
	fault: both(onSuccess("snapshot", func(c *request) { c.memo.Store(c.snap, true) }),
		refuses("restore", storage.ErrInvalid, func(c *request) bool {
			_, own := c.memo.Load(c.snap)
			return !own
		})),
}, {
	name: "uploads of a loaded snapshot are forgotten", fails: "S3_carries_uploads",
	phrase: "CompleteMultipart must succeed",
	fault:  onSuccess("restore", abortUploads),
}, {
	name: "Restore of nil empties the store", fails: "C3_nil_snapshot",
	phrase: "Restore of nil",
	fault: before("restore", func(c *request) {
		if c.snap == nil {
			c.snap = new(snapshot.Snapshot)
		}
	}),
}, {
	name: "a write brings back what Restore removed", fails: "S2_write_across_a_restore",
	phrase: "must not resurrect what Restore removed",
	fault: on("write", func(c *request, do func()) {
		st := c.st.(snapshot.Store)
		began := st.Snapshot()
		content, err := io.ReadAll(c.src)
		c.src = broken(string(content), cmp.Or(err, io.EOF))
		if st.Snapshot() != began {
			st.Restore(began)
		}
		do()
	}),
}}

// readersEnd is a fault that ends readers when the store is closed.
var readersEnd = both(before("close", func(c *request) { c.memo.Store("closed", true) }), onSuccess("open", func(c *request) {
	rc := c.rc
	c.rc = struct {
		io.Reader
		io.Closer
	}{source(func(p []byte) (int, error) {
		if _, closed := c.memo.Load("closed"); closed {
			return 0, storage.ErrClosed
		}
		return rc.Read(p)
	}), rc}
}))

// abortUploads aborts the uploads in progress.
func abortUploads(c *request) {
	b := c.st.Bucket(bucketName).(soundBucket)
	it, err := b.Uploads(background, "", 0, 0, nil)
	if err != nil {
		return
	}
	for _, u := range collect(it) {
		b.AbortMultipart(background, &u.MultipartUpload, nil)
	}
}
