package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/snapshot"
)

// load returns the snapshot that a directory or a file holds, as a server would have
// stored it.
func load(path string) (*snapshot.Snapshot, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		snap, err := snapshot.FromFS("", os.DirFS(path))
		if err != nil {
			return nil, err
		}
		return rewrite(snap.Storage())
	}
	snap, err := snapshot.LoadFile(path)
	if err != nil {
		return nil, err
	}
	st := snap.Storage()
	if e, ok := st.(storage.HasExactKeys); ok && e.ExactKeys() {
		return snap, nil
	}
	return rewrite(st)
}

// rewriter writes the buckets and objects of a store to one that a server can serve,
// with the ETags of S3, which share the content. Uploads in progress are left out.
type rewriter struct {
	to  *memdriver.Store
	now time.Time // on the clock of to
}

func rewrite(from storage.Storage) (*snapshot.Snapshot, error) {
	r := new(rewriter)
	r.to = s3server.NewStore(memdriver.WithClock(func() time.Time { return r.now }))
	defer r.to.Close()
	ctx := context.Background()
	buckets, err := from.Buckets(ctx, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for info, err := range storage.All(buckets) {
		if err != nil {
			return nil, err
		}
		r.now = info.CreatedAt
		opts := storage.Options{storage.OptPublic: info.Public, storage.OptMetadata: info.Metadata}
		if _, err := r.to.CreateBucket(ctx, info.Name, opts); err != nil {
			return nil, err
		}
		if err := r.bucket(ctx, from.Bucket(info.Name)); err != nil {
			return nil, err
		}
	}
	return r.to.Snapshot(), nil
}

func (r *rewriter) bucket(ctx context.Context, from storage.Bucket) error {
	it, err := from.List(ctx, "", 0, 0, nil)
	if err != nil {
		return err
	}
	for o, err := range storage.All(it) {
		if err != nil {
			return err
		}
		body, _, err := from.Open(ctx, o.Key, 0, 0, nil)
		if err != nil {
			return err
		}
		r.now = o.Updated
		_, err = r.to.Bucket(from.Name()).Write(ctx, o.Key, body, o.Size, o.ContentType, storage.Options{storage.OptMetadata: o.Metadata})
		if err := errors.Join(err, body.Close()); err != nil {
			return err
		}
	}
	return nil
}

// checkSave returns the error of a file that nothing could be saved to at the end.
func (s *settings) checkSave() error {
	if s.save == "" {
		return nil
	}
	if info, err := os.Stat(s.save); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("-save: %s is not a file", s.save)
	}
	f, err := os.CreateTemp(filepath.Dir(s.save), ".s3mem-*")
	if err != nil {
		return fmt.Errorf("-save: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// saveTo saves a snapshot at the end, if the flags ask for it.
func (s *settings) saveTo(snap *snapshot.Snapshot) error {
	if s.save == "" {
		return nil
	}
	return snap.SaveFile(s.save)
}
