package main

import (
	"context"
	"errors"
	"os"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/snapshot"
)

// load returns the snapshot that a directory or a file holds.
func load(path string) (*snapshot.Snapshot, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return snapshot.LoadFile(path)
	}
	snap, err := snapshot.FromFS("", os.DirFS(path))
	if err != nil {
		return nil, err
	}
	return rewrite(snap.Storage())
}

// rewrite returns the buckets and objects of a store as a server would have stored
// them, with the ETags of S3.
func rewrite(from storage.Storage) (*snapshot.Snapshot, error) {
	ctx := context.Background()
	to := s3server.NewStore()
	defer to.Close()
	buckets, err := from.Buckets(ctx, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for info, err := range storage.All(buckets) {
		if err != nil {
			return nil, err
		}
		if _, err := to.CreateBucket(ctx, info.Name, nil); err != nil {
			return nil, err
		}
		if err := rewriteBucket(ctx, to.Bucket(info.Name), from.Bucket(info.Name)); err != nil {
			return nil, err
		}
	}
	return to.Snapshot(), nil
}

func rewriteBucket(ctx context.Context, to, from storage.Bucket) error {
	it, err := from.List(ctx, "", 0, 0, nil)
	if err != nil {
		return err
	}
	for o, err := range storage.All(it) {
		if err != nil {
			return err
		}
		r, _, err := from.Open(ctx, o.Key, 0, 0, nil)
		if err != nil {
			return err
		}
		_, err = to.Write(ctx, o.Key, r, o.Size, o.ContentType, nil)
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

// saveTo saves a snapshot at the end, if the flags ask for it.
func (s *settings) saveTo(snap *snapshot.Snapshot) error {
	if s.save == "" {
		return nil
	}
	return snap.SaveFile(s.save)
}
