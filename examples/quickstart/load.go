package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"

	"open-lake.dev/lib/storage"
)

// load writes each regular file into the bucket, under its path as the key. It
// skips and counts files that it cannot load.
func (t *tour) load(ctx context.Context) ([]string, error) {
	var loaded, skipped int
	var example string // a skipped file and the reason
	err := fs.WalkDir(t.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			if entry.IsDir() {
				return nil
			}
			err = t.loadFile(ctx, name, entry)
		}
		if err != nil {
			skipped++
			example = fmt.Sprintf("%q: %v", name, cause(err))
			return ctx.Err()
		}
		if loaded++; loaded%100 == 0 {
			fmt.Fprintf(t.progress, "\rloading: %s", plural(loaded, "file"))
		}
		return nil
	})
	fmt.Fprintf(t.progress, "\r%30s\r", "") // clears the line
	switch {
	case err != nil:
		return nil, err
	case loaded == 0 && skipped == 0:
		return nil, errors.New("no file to load")
	case loaded == 0:
		return nil, fmt.Errorf("no file to load: skipped %d, such as %s", skipped, example)
	}
	megabytes := float64(t.store.Snapshot().Bytes()) / 1e6
	lines := []string{fmt.Sprintf("%s, %.3f MB", plural(loaded, "file"), megabytes)}
	if skipped > 0 {
		lines = append(lines, fmt.Sprintf("skipped %s, such as", plural(skipped, "file")), example)
	}
	return lines, nil
}

// loadFile writes a file into the bucket. Two names may clean to one key: the
// first file stays, and the second is storage.ErrExist.
func (t *tour) loadFile(ctx context.Context, name string, entry fs.DirEntry) error {
	if !entry.Type().IsRegular() {
		return errors.New("not a regular file")
	}
	f, err := t.files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	contentType := mime.TypeByExtension(path.Ext(name))
	_, err = t.bucket.Write(ctx, name, f, -1, contentType, storage.Options{storage.OptUpsert: false})
	return err
}

// cause returns the innermost error, without the path.
func cause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}
