package s3server

import (
	"context"
	"slices"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
	"open-lake.dev/lib/storage/snapshot"
)

// NewStore opens a store in memory that a server can serve: with exact keys and the
// ETags of S3. The options are the memory driver's.
func NewStore(opts ...memdriver.Option) *memdriver.Store {
	return memdriver.Open(append(slices.Clip(opts), memdriver.WithExactKeys(), memdriver.WithMD5ETags())...)
}

// IsHidden reports whether a bucket of the store is one that S3 clients do not see:
// ".s3" and those that begin with ".s3.".
func IsHidden(bucket string) bool { return gateway.Hidden(bucket) }

// Visible returns a snapshot without what S3 clients do not see as buckets, objects
// and metadata: the hidden buckets, and the metadata whose keys begin with a colon.
// It takes time for each object; s is left as it is.
func Visible(s *snapshot.Snapshot) *snapshot.Snapshot {
	ctx := context.Background()
	st := memdriver.Open(memdriver.WithSnapshot(s))
	defer st.Close()
	must(st.Update(ctx, func(tx storage.Storage) error {
		it, err := tx.Buckets(ctx, 0, 0, nil)
		must(err)
		for info, err := range storage.All(it) {
			must(err)
			if IsHidden(info.Name) {
				must(tx.DeleteBucket(ctx, info.Name, storage.Options{storage.OptForce: true}))
			} else {
				strip(ctx, tx.Bucket(info.Name))
			}
		}
		return nil
	}))
	return st.Snapshot()
}

// strip removes the system metadata of a bucket's objects.
func strip(ctx context.Context, b storage.Bucket) {
	it, err := b.List(ctx, "", 0, 0, nil)
	must(err)
	for o, err := range storage.All(it) {
		must(err)
		user := make(map[string]string)
		for key, value := range o.Metadata {
			if !gateway.IsSystem(key) {
				user[key] = value
			}
		}
		if len(user) < len(o.Metadata) {
			_, err := b.Move(ctx, o.Key, "", o.Key, storage.Options{storage.OptMetadata: user})
			must(err)
		}
	}
}

// must panics with the error of a store of its own in memory, which has none.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
