package memdriver_test

import (
	"context"
	"errors"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

var errPanic = errors.New("the function panics")

// updating is an Update under way. Its function does a few random operations, and
// then fails, panics or lets another commit come between, by its fields.
type updating struct {
	*machine
	t         *rapid.T
	of        *world
	end       string // of the function: "commit", "fail" or "panic"
	overtaken int    // how many commits are still to come between
	tx        *world // of the last run
	changed   bool   // whether that changed anything
	runs      int
	wantRuns  int
}

// update calls Update (S4).
func (m *machine) update(t *rapid.T) {
	w := m.world(t)
	c := call{ctx: context.Background(), op: "update"}
	if m.spoilContext(t, w, &c); c.ctx == nil {
		c.err = storage.ErrInvalid
	}
	u := &updating{machine: m, t: t, of: w, end: draw(t, "end", "commit", "commit", "commit", "fail", "panic"), wantRuns: 1}
	if chance(t, 3) {
		u.overtaken = rapid.IntRange(1, 2).Draw(t, "overtaken")
	}
	err := u.call(c.ctx)
	if c.err != nil {
		requireError(t, c, c.err, err)
		require.Zero(t, u.runs)
		return
	}
	require.Equal(t, u.wantRuns, u.runs)
	require.Nil(t, u.tx.store.Snapshot(), "tx is closed afterwards")
	u.judge(c, err)
}

// call calls Update, and returns errPanic for the panic of the function. A panic of
// rapid goes on.
func (u *updating) call(ctx context.Context) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case errPanic:
			err = errPanic
		default:
			panic(p)
		}
	}()
	return u.of.store.Update(ctx, u.run)
}

// run is the function.
func (u *updating) run(st storage.Storage) error {
	u.runs++
	u.tx = &world{store: st.(*memdriver.Store), model: u.of.model.clone()}
	u.tx.model.within = true
	start := u.tx.store.Snapshot()
	u.operate()
	u.changed = u.tx.store.Snapshot() != start
	u.tx.compare(u.t)
	if u.overtaken > 0 {
		u.overtaken--
		u.overtake()
	}
	switch u.end {
	case "fail":
		return errBoom
	case "panic":
		panic(errPanic)
	}
	return nil
}

// operate does operations on tx.
func (u *updating) operate() {
	defer func(outer *world) { u.within = outer }(u.within)
	u.within = u.tx
	for range rapid.IntRange(0, 6).Draw(u.t, "operations") {
		do := []func(*rapid.T){
			u.write, u.write, u.write, u.dirMove, u.dirMove, u.move, u.copy, u.delete, u.delete, u.dirDelete, u.openObject, u.stat,
			u.list, u.dirList, u.buckets, u.createBucket, u.deleteBucket, u.initMultipart, u.snapshot, u.update,
		}
		if len(u.kept) > 0 {
			do = append(do, u.restore)
		}
		if len(u.inProgress(u.tx)) > 0 {
			do = append(do, u.uploadPart, u.uploadPart, u.completeMultipart, u.listParts, u.abortMultipart, u.listUploads)
		}
		draw(u.t, "operation", do...)(u.t)
		u.between = nil
	}
}

// overtake commits a write to the store itself.
func (u *updating) overtake() {
	before := u.of.store.Snapshot()
	c := call{ctx: context.Background(), op: "write", bucket: "b", key: "k"}
	got, err := u.of.store.Bucket("b").Write(c.ctx, "k", nil, 0, "", nil)
	agree(u.t, c, got, err, func() (*storage.Object, error) {
		return u.of.model.write(u.at(u.of), "b", "k", source{}, "", nil)
	})
	if u.of.store.Snapshot() != before && u.changed && u.end == "commit" {
		u.wantRuns++
	}
}

// judge compares the result of Update with that of the model.
func (u *updating) judge(c call, err error) {
	keeps, bytes := u.of.model.setting, u.tx.model.bytes()
	switch {
	case u.end == "fail":
		require.Same(u.t, errBoom, err)
	case u.end == "panic":
		require.Same(u.t, errPanic, err)
	case !u.changed:
		require.NoError(u.t, err)
	case keeps.maxBytes > 0 && !keeps.within && bytes > keeps.maxBytes && bytes > u.of.model.bytes():
		requireError(u.t, c, storage.ErrQuota, err)
	default:
		require.NoError(u.t, err)
		u.of.model = u.tx.model
		u.of.model.setting = keeps
	}
}
