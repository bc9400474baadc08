package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory" // registers mem://
	"open-lake.dev/lib/storage/snapshot"
)

// tour is what its steps share.
type tour struct {
	files    fs.FS
	progress *progress

	store  snapshot.Store
	bucket storage.Bucket

	largest file               // of the files loaded
	first   []*storage.Object  // the first listing
	plan    plan               // what to change
	before  *snapshot.Snapshot // the store before the changes
}

// step is a step of the tour: its title, what it shows, and its function.
type step struct {
	title, shows string
	do           func(context.Context) (result, error)
}

// result is what a step touched, and what else there is to say.
type result struct {
	touched
	lines []string
}

func (t *tour) steps() []step {
	return []step{
		{"Load the files", "Each regular file becomes an object in a bucket; its path is its key.", t.load},
		{"List everything", "All objects in the order of their keys, to be compared in the last step.", t.listAll},
		{"List one directory", "Keys that begin alike form a directory. This is what lies directly in one.", t.listDir},
		{"Take a snapshot", "It keeps the whole store as it is now, and copies nothing.", t.snapshot},
		{"Move a directory", "One commit changes all keys in it, so no reader can see half of it moved.", t.move},
		{"Overwrite objects", "Some objects get new content; the snapshot still has the old.", t.overwrite},
		{"Delete objects", "Some objects go; the snapshot still has them.", t.delete},
		{"Upload in parts", "The object appears when the upload is completed, and then whole.", t.upload},
		{"Compare with the snapshot", "A moved object counts as removed at its old key and created at its new one.", t.diff},
		{"Restore the snapshot", "One commit takes all of that back, and again copies nothing.", t.restore},
		{"List everything again", "Compared with the listing of step 2, entry by entry.", t.verify},
	}
}

// takeTour opens a store and takes the steps, on the files given.
func takeTour(ctx context.Context, files fs.FS, out *report, p *progress) error {
	st, err := storage.Open(ctx, "mem://")
	if err != nil {
		return err
	}
	defer st.Close()
	// A store that can be rewound says so by its interface.
	t := &tour{files: files, progress: p, store: st.(snapshot.Store), bucket: st.Bucket("files")}
	for _, s := range t.steps() {
		start := time.Now()
		res, err := s.do(ctx)
		if err != nil {
			return err
		}
		if err := out.step(s, res, time.Since(start)); err != nil {
			return err
		}
	}
	return out.end()
}

func (t *tour) listAll(ctx context.Context) (res result, err error) {
	t.first, err = collect(t.bucket.List(ctx, "", 0, 0, nil))
	res.addAll(t.first)
	t.plan = newPlan(t.first)
	return res, err
}

// collect reads a listing to its end.
func collect(it storage.ObjectIter, err error) ([]*storage.Object, error) {
	if err != nil {
		return nil, err
	}
	var all []*storage.Object
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		all = append(all, obj)
	}
	return all, nil
}

func (t *tour) listDir(ctx context.Context) (res result, err error) {
	dir := t.bucket.(storage.HasDirectories).Directory(t.plan.dir + "/")
	children, err := collect(dir.List(ctx, 0, 0, nil))
	res.addAll(children)
	res.lines = listing(t.plan.dir, children)
	return res, err
}

func (t *tour) snapshot(context.Context) (res result, err error) {
	t.before = t.store.Snapshot()
	return result{touched: all(t.before)}, nil
}

func (t *tour) move(ctx context.Context) (res result, err error) {
	if t.plan.dir == "" {
		return say("There is none to move here."), nil
	}
	dir := t.bucket.(storage.HasDirectories).Directory(t.plan.dir + "/")
	moved, err := dir.Move(ctx, t.plan.dst, nil)
	if err != nil {
		return res, err
	}
	res = say("%s/ is now %s/", printable(dir.Path()), printable(moved.Path()))
	res.touched = t.plan.moving
	return res, nil
}

func (t *tour) overwrite(ctx context.Context) (res result, err error) {
	const text = "This object was overwritten.\n"
	for _, key := range t.plan.overwrite {
		obj, err := t.bucket.Write(ctx, key, strings.NewReader(text), int64(len(text)), "text/plain", nil)
		if err != nil {
			return res, err
		}
		res.add(obj)
	}
	return res, nil
}

func (t *tour) delete(ctx context.Context) (res result, err error) {
	for _, key := range t.plan.delete {
		obj, err := t.bucket.Stat(ctx, key, nil)
		if err != nil {
			return res, err
		}
		if err := t.bucket.Delete(ctx, key, nil); err != nil {
			return res, err
		}
		res.add(obj)
	}
	return res, nil
}

func (t *tour) upload(ctx context.Context) (res result, err error) {
	f, err := t.files.Open(t.largest.path)
	if err != nil {
		return res, err
	}
	defer f.Close()
	bucket := t.bucket.(storage.HasMultipart)
	mu, err := bucket.InitMultipart(ctx, "uploads/"+path.Base(t.largest.Key), t.largest.ContentType, nil)
	if err != nil {
		return res, err
	}
	var parts []*storage.PartInfo
	each := partSize(t.largest.Size)
	for left := t.largest.Size; left > 0 || len(parts) == 0; left -= each {
		part, err := bucket.UploadPart(ctx, mu, len(parts)+1, f, min(left, each), nil)
		if err != nil {
			return res, err
		}
		parts = append(parts, part)
	}
	obj, err := bucket.CompleteMultipart(ctx, mu, parts, nil)
	if err != nil {
		return res, err
	}
	res = say("The largest file, as %s; parts of up to %s: %s", printable(obj.Key), size(each), count(len(parts)))
	res.add(obj)
	return res, nil
}

// partSize returns how large the parts of an upload are, so that they are not
// too many.
func partSize(whole int64) int64 { return max(256<<10, whole/storage.MaxParts+1) }

func (t *tour) diff(context.Context) (result, error) {
	var d differences
	for change := range snapshot.Diff(t.before, t.store.Snapshot()) {
		switch {
		case change.Old == nil:
			d.created.add(change.New)
		case change.New == nil:
			d.removed.add(change.Old)
		default:
			d.changed.add(change.New)
		}
	}
	return d.result(), nil
}

func (t *tour) restore(context.Context) (result, error) {
	return result{touched: all(t.before)}, t.store.Restore(t.before)
}

func (t *tour) verify(ctx context.Context) (res result, err error) {
	now, err := collect(t.bucket.List(ctx, "", 0, 0, nil))
	if err == nil {
		err = identical(t.first, now)
	}
	if err != nil {
		return res, err
	}
	res = say("Identical: %s entries, each the same in key, size, type, ETag and times.", count(len(now)))
	res.addAll(now)
	return res, nil
}

// identical returns an error that names the first difference of two listings.
func identical(first, now []*storage.Object) error {
	for i, obj := range first[:min(len(first), len(now))] {
		if !reflect.DeepEqual(obj, now[i]) {
			return fmt.Errorf("the restored listing differs from the first: %+v became %+v", *obj, *now[i])
		}
	}
	if len(first) != len(now) {
		return fmt.Errorf("the restored listing differs from the first: %d entries became %d", len(first), len(now))
	}
	return nil
}
