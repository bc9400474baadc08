package memdriver_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// client does operations on a history's store and notes them. Clients share
// nothing but the store: anything else would order their operations for the race
// detector.
type client struct {
	*history
	id    int
	r     *rand.Rand
	ops   []porcupine.Operation
	snaps []*snapshot.Snapshot // this client's
	seen  string               // the last value read
}

// kinds are the operations, each as often as its weight.
var kinds = []string{
	"write", "write", "write", "open", "open", "stat", "delete", "move", "directory.move", "directory.move",
	"list", "list", "complete", "snapshot", "restore", "swap", "swap", "exchange", "exchange",
}

// step does the client's operation number n and notes it.
func (c *client) step(n int) {
	op := operation{kind: kinds[c.r.IntN(len(kinds))], key: c.r.IntN(len(historyKeys)), to: c.r.IntN(len(historyKeys))}
	var snap *snapshot.Snapshot
	switch op.kind {
	case "write":
		op.value = clientValue(c.id, n)
		op.option = []string{"", "", storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptUpsert}[c.r.IntN(5)]
		op.match = []string{c.seen, "*"}[c.r.IntN(2)]
	case "exchange":
		op.value = clientValue(c.id, n)
	case "directory.move":
		op.key %= len(historyDirs)
		op.to = 1 - op.key
	case "complete":
		op.upload = c.r.IntN(historyUploads)
	case "restore":
		snap = c.snaps[c.r.IntN(len(c.snaps))]
	}
	call := time.Since(c.start)
	out, taken := c.do(op, snap)
	done := time.Since(c.start)
	if taken != nil {
		c.snaps = append(c.snaps, taken)
		snap = taken
	}
	if out.value != "" {
		c.seen = out.value
	}
	c.ops = append(c.ops, porcupine.Operation{
		ClientId: c.id, Input: op, Call: int64(call), Output: out, Return: int64(done), Metadata: snap,
	})
}

// do does an operation.
func (c *client) do(op operation, snap *snapshot.Snapshot) (out outcome, taken *snapshot.Snapshot) {
	var err error
	ctx, b := context.Background(), c.store.Bucket(historyBucket)
	key, to := historyKeys[op.key], historyKeys[op.to]
	switch op.kind {
	case "write":
		_, err = b.Write(ctx, key, yielding{strings.NewReader(bodyOf(op.value))}, -1, "", op.options())
	case "open":
		return readAll(b, key), nil
	case "stat":
		var o *storage.Object
		if o, err = b.Stat(ctx, key, nil); err == nil {
			return outcome{value: byETag[o.ETag]}, nil
		}
	case "delete":
		err = b.Delete(ctx, key, nil)
	case "move":
		_, err = b.Move(ctx, to, "", key, nil)
	case "directory.move":
		_, err = b.(storage.HasDirectories).Directory(historyDirs[op.key]).Move(ctx, historyDirs[op.to], nil)
	case "list":
		return listAll(b), nil
	case "complete":
		up := c.uploads[op.upload]
		_, err = b.(storage.HasMultipart).CompleteMultipart(ctx, up.MultipartUpload, up.parts, nil)
	case "snapshot":
		taken = c.store.Snapshot()
	case "restore":
		err = c.store.Restore(snap)
	case "swap":
		err = c.store.Update(ctx, func(tx storage.Storage) error { return swap(tx.Bucket(historyBucket), key, to) })
	case "exchange":
		var seen string
		err = c.store.Update(ctx, func(tx storage.Storage) (err error) {
			seen, err = exchange(tx.Bucket(historyBucket), key, op.value)
			return err
		})
		return outcome{err: errorClass(err), value: seen}, nil
	}
	return outcome{err: errorClass(err)}, taken
}

// swap has two objects change their keys, in three steps. Either may be missing.
func swap(b storage.Bucket, key, to string) error {
	if key == to {
		return nil
	}
	for _, step := range [][2]string{{key, "swap"}, {to, key}, {"swap", to}} {
		if _, err := b.Move(context.Background(), step[1], "", step[0], nil); err != nil && !errors.Is(err, storage.ErrNotExist) {
			return err
		}
		runtime.Gosched()
	}
	return nil
}

// exchange writes a value in place of another, which it returns: "" is none.
func exchange(b storage.Bucket, key, value string) (seen string, err error) {
	o, err := b.Stat(context.Background(), key, nil)
	switch {
	case err == nil:
		seen = byETag[o.ETag]
	case !errors.Is(err, storage.ErrNotExist):
		return "", err
	}
	runtime.Gosched()
	_, err = b.Write(context.Background(), key, yielding{strings.NewReader(bodyOf(value))}, -1, "", nil)
	return seen, err
}

func (op operation) options() storage.Options {
	switch op.option {
	case storage.OptIfMatch, storage.OptIfNoneMatch:
		return storage.Options{op.option: etagsOf[op.match]}
	case storage.OptUpsert:
		return storage.Options{storage.OptUpsert: false}
	}
	return nil
}

func errorClass(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, storage.ErrNotExist):
		return "not exist"
	case errors.Is(err, storage.ErrExist):
		return "exist"
	case errors.Is(err, storage.ErrPrecondition):
		return "precondition"
	}
	return err.Error()
}

// readAll opens an object and reads it bit by bit. The content must be that which the
// object is said to be.
func readAll(b storage.Bucket, key string) outcome {
	rc, o, err := b.Open(context.Background(), key, 0, 0, nil)
	if err != nil {
		return outcome{err: errorClass(err)}
	}
	defer rc.Close()
	body, err := io.ReadAll(yielding{rc})
	value := valueOf(string(body))
	if byETag[o.ETag] != value {
		value += " under the ETag of " + byETag[o.ETag]
	}
	return outcome{err: errorClass(err), value: value}
}

// listAll lists everything. A listing that fails is an outcome that no model has.
func listAll(b storage.Bucket) (out outcome) {
	it, err := b.List(context.Background(), "", 0, 0, nil)
	if err != nil {
		return outcome{err: err.Error()}
	}
	for o, err := range storage.All(it) {
		if err != nil {
			return outcome{err: err.Error()}
		}
		runtime.Gosched()
		i := slices.Index(historyKeys[:], o.Key)
		if i < 0 {
			return outcome{err: "listed " + o.Key}
		}
		out.listed[i] = byETag[o.ETag]
	}
	return out
}

// yielding lets others run before every piece of a body.
type yielding struct{ io.Reader }

func (r yielding) Read(p []byte) (int, error) {
	runtime.Gosched()
	return r.Reader.Read(p[:min(len(p), 50<<10)])
}
