package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory" // registers mem://
	"open-lake.dev/lib/storage/snapshot"
)

// tour holds what the steps share.
type tour struct {
	files    fs.FS
	progress io.Writer

	store  snapshot.Store
	bucket storage.Bucket

	first  []*storage.Object  // the first listing
	before *snapshot.Snapshot // the store before the changes
}

// takeTour opens a store, takes the steps and prints a few lines for each, at most
// 40 columns wide but for the names of files.
func takeTour(ctx context.Context, files fs.FS, out, progress io.Writer) error {
	st, err := storage.Open(ctx, "mem://")
	if err != nil {
		return err
	}
	defer st.Close()
	// The memory driver's stores implement snapshot.Store.
	t := &tour{files: files, progress: progress, store: st.(snapshot.Store), bucket: st.Bucket("files")}
	for i, step := range []struct {
		title string
		do    func(context.Context) (lines []string, err error)
	}{
		{"Load the files", t.load},
		{"List all objects", t.listAll},
		{"Take a snapshot", t.snapshot},
		{"Move a directory", t.moveDir},
		{"Overwrite some", t.overwrite},
		{"Delete some", t.delete},
		{"Compare to snapshot", t.diff},
		{"Restore the snapshot", t.restore},
		{"List all again", t.verify},
	} {
		start := time.Now()
		lines, err := step.do(ctx)
		took := time.Since(start)
		if err != nil {
			return err
		}
		heading := fmt.Sprintf("%2d %-21s%11.4f ms", i+1, step.title, took.Seconds()*1e3)
		text := strings.Join(append([]string{heading}, lines...), "\n   ")
		if _, err := fmt.Fprintln(out, text); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, "\nThe code: examples/quickstart/tour.go")
	return err
}

func (t *tour) listAll(ctx context.Context) (lines []string, err error) {
	t.first, err = collect(t.bucket.List(ctx, "", 0, 0, nil))
	return []string{plural(len(t.first), "object") + " in the order of keys"}, err
}

func (t *tour) snapshot(context.Context) ([]string, error) {
	t.before = t.store.Snapshot()
	return []string{"the whole store, without a copy"}, nil
}

// moveDir moves the top-level directory that holds the most objects.
func (t *tour) moveDir(ctx context.Context) ([]string, error) {
	name, n := largestDir(t.first)
	if n == 0 {
		return []string{"there is none"}, nil
	}
	dir := t.bucket.(storage.HasDirectories).Directory(name + "/")
	moved, err := dir.Move(ctx, name+".moved", nil)
	if err != nil {
		return nil, err
	}
	paths := fmt.Sprintf("%q to %q:", dir.Path(), moved.Path())
	return []string{paths, plural(n, "object") + " in one commit"}, nil
}

// largestDir returns the top-level directory with the most objects, and their
// number.
func largestDir(objects []*storage.Object) (largest string, n int) {
	counts := map[string]int{}
	for _, obj := range objects {
		dir, _, inside := strings.Cut(obj.Key, "/")
		if !inside {
			continue
		}
		if counts[dir]++; counts[dir] > n {
			largest, n = dir, counts[dir]
		}
	}
	return largest, n
}

// some returns the number of objects to overwrite and to delete: 1 in 100.
func (t *tour) some() int { return (len(t.first) + 99) / 100 }

// overwrite overwrites the first objects of the bucket.
func (t *tour) overwrite(ctx context.Context) ([]string, error) {
	objects, err := collect(t.bucket.List(ctx, "", t.some(), 0, nil))
	if err != nil {
		return nil, err
	}
	const text = "This object was overwritten.\n"
	for _, obj := range objects {
		_, err := t.bucket.Write(ctx, obj.Key, strings.NewReader(text), int64(len(text)), "text/plain", nil)
		if err != nil {
			return nil, err
		}
	}
	return []string{plural(len(objects), "object") + ", the first by key"}, nil
}

// delete deletes the last objects of the bucket.
func (t *tour) delete(ctx context.Context) ([]string, error) {
	n := t.some()
	objects, err := collect(t.bucket.List(ctx, "", n, t.store.Snapshot().Len()-n, nil))
	if err != nil {
		return nil, err
	}
	for _, obj := range objects {
		if err := t.bucket.Delete(ctx, obj.Key, nil); err != nil {
			return nil, err
		}
	}
	return []string{plural(len(objects), "object") + ", the last by key"}, nil
}

// diff compares the store with the snapshot. A moved object counts as removed
// and created.
func (t *tour) diff(context.Context) ([]string, error) {
	counts := map[string]int{}
	examples := map[string]string{}
	add := func(kind string, obj *storage.Object) {
		if counts[kind]++; counts[kind] == 1 {
			examples[kind] = fmt.Sprintf(", such as\n     %q", obj.Key)
		}
	}
	for change := range snapshot.Diff(t.before, t.store.Snapshot()) {
		switch {
		case change.Old == nil:
			add("created", change.New)
		case change.New == nil:
			add("removed", change.Old)
		default:
			add("changed", change.New)
		}
	}
	var lines []string
	for _, kind := range []string{"created", "changed", "removed"} {
		lines = append(lines, fmt.Sprintf("%s: %d%s", kind, counts[kind], examples[kind]))
	}
	return lines, nil
}

func (t *tour) restore(context.Context) ([]string, error) {
	return []string{"all changes undone in one commit"}, t.store.Restore(t.before)
}

// verify compares the objects with the first listing.
func (t *tour) verify(ctx context.Context) ([]string, error) {
	now, err := collect(t.bucket.List(ctx, "", 0, 0, nil))
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(now, t.first) {
		return nil, errors.New("the restored store differs from the snapshot")
	}
	return []string{plural(len(now), "object") + " as in step 2"}, nil
}

// collect reads a listing to its end.
func collect(it storage.ObjectIter, err error) ([]*storage.Object, error) {
	if err != nil {
		return nil, err
	}
	var objects []*storage.Object
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		objects = append(objects, obj)
	}
	return objects, nil
}

// plural returns n and the noun, in the plural unless n is 1.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
