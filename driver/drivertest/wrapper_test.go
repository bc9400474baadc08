package drivertest

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// fault makes a driver broken: it stands between the caller and a sound driver, and
// sees every call. It may change the arguments, make the call with do, or not, or
// more than once, and change the results.
type fault func(c *request, do func())

// request is one call of any method. The arguments and results that the method has
// are set.
type request struct {
	op   string // as in storage.Error; "bucket", "features", "close", "snapshot", "restore" for the rest
	st   storage.Storage
	b    soundBucket // nil if the method is not one of a bucket
	memo *sync.Map   // state that the fault keeps of this store

	ctx                  context.Context
	key, other           string // other: the source key, the new path of a directory
	bucket, otherBucket  string
	contentType          string
	src                  io.Reader
	size, offset, length int64
	limit, skip, number  int
	opts                 storage.Options
	mu                   *storage.MultipartUpload
	named                []*storage.PartInfo
	obj                  *storage.Object
	rc                   io.ReadCloser
	objects              storage.ObjectIter
	info                 *storage.BucketInfo
	buckets              storage.BucketIter
	part                 *storage.PartInfo
	parts                []*storage.PartInfo
	uploads              storage.UploadIter
	features             storage.Features
	limits               storage.Limits
	url                  string
	snap                 *snapshot.Snapshot
	update               func(tx storage.Storage) error
	err                  error
}

// soundBucket is all that a bucket of a sound driver can do.
type soundBucket interface {
	storage.Bucket
	storage.HasDirectories
	storage.HasMultipart
	storage.HasUploads
}

// brokenStore is a sound store with a fault.
type brokenStore struct {
	storage.Storage
	fault  fault
	limits storage.Limits
	memo   sync.Map
}

func (s *brokenStore) Limits() storage.Limits {
	c := &request{op: "limits"}
	s.run(c, func() {
		c.limits = s.limits
		c.limits.Relaxed = slices.Clone(c.limits.Relaxed)
	})
	return c.limits
}

// rewindableStore is a brokenStore that takes snapshots.
type rewindableStore struct {
	*brokenStore
	sound snapshot.Store
}

func (s *brokenStore) run(c *request, do func()) {
	c.st, c.memo = s.Storage, &s.memo
	s.fault(c, do)
}

func (s *brokenStore) Bucket(name string) storage.Bucket {
	c := &request{op: "bucket", bucket: name}
	s.run(c, func() {})
	return &brokenBucket{s.Storage.Bucket(c.bucket).(soundBucket), s}
}

func (s *brokenStore) Buckets(ctx context.Context, limit, offset int, opts storage.Options) (storage.BucketIter, error) {
	c := &request{op: "buckets", ctx: ctx, limit: limit, skip: offset, opts: opts}
	s.run(c, func() { c.buckets, c.err = s.Storage.Buckets(c.ctx, c.limit, c.skip, c.opts) })
	return c.buckets, c.err
}

func (s *brokenStore) CreateBucket(ctx context.Context, name string, opts storage.Options) (*storage.BucketInfo, error) {
	c := &request{op: "createbucket", ctx: ctx, bucket: name, opts: opts}
	s.run(c, func() { c.info, c.err = s.Storage.CreateBucket(c.ctx, c.bucket, c.opts) })
	return c.info, c.err
}

func (s *brokenStore) DeleteBucket(ctx context.Context, name string, opts storage.Options) error {
	c := &request{op: "deletebucket", ctx: ctx, bucket: name, opts: opts}
	s.run(c, func() { c.err = s.Storage.DeleteBucket(c.ctx, c.bucket, c.opts) })
	return c.err
}

func (s *brokenStore) Features() storage.Features {
	c := &request{op: "features"}
	s.run(c, func() { c.features = s.Storage.Features() })
	return c.features
}

func (s *brokenStore) Close() error {
	c := &request{op: "close"}
	s.run(c, func() { c.err = s.Storage.Close() })
	return c.err
}

func (s *rewindableStore) Snapshot() *snapshot.Snapshot {
	c := &request{op: "snapshot"}
	s.run(c, func() { c.snap = s.sound.Snapshot() })
	return c.snap
}

func (s *rewindableStore) Restore(snap *snapshot.Snapshot) error {
	c := &request{op: "restore", snap: snap}
	s.run(c, func() { c.err = s.sound.Restore(c.snap) })
	return c.err
}

func (s *rewindableStore) Update(ctx context.Context, f func(tx storage.Storage) error) error {
	c := &request{op: "update", ctx: ctx, update: f}
	s.run(c, func() { c.err = s.sound.Update(c.ctx, c.update) })
	return c.err
}

// brokenBucket is a bucket of a brokenStore.
type brokenBucket struct {
	soundBucket
	st *brokenStore
}

func (b *brokenBucket) run(c *request, do func()) {
	c.b, c.bucket = b.soundBucket, b.Name()
	b.st.run(c, do)
}

func (b *brokenBucket) Features() storage.Features { return b.st.Features() }

func (b *brokenBucket) Info(ctx context.Context) (*storage.BucketInfo, error) {
	c := &request{op: "info", ctx: ctx}
	b.run(c, func() { c.info, c.err = b.soundBucket.Info(c.ctx) })
	return c.info, c.err
}

func (b *brokenBucket) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	c := &request{op: "write", ctx: ctx, key: key, src: src, size: size, contentType: contentType, opts: opts}
	b.run(c, func() { c.obj, c.err = b.soundBucket.Write(c.ctx, c.key, c.src, c.size, c.contentType, c.opts) })
	return c.obj, c.err
}

func (b *brokenBucket) Open(ctx context.Context, key string, offset, length int64, opts storage.Options) (io.ReadCloser, *storage.Object, error) {
	c := &request{op: "open", ctx: ctx, key: key, offset: offset, length: length, opts: opts}
	b.run(c, func() { c.rc, c.obj, c.err = b.soundBucket.Open(c.ctx, c.key, c.offset, c.length, c.opts) })
	return c.rc, c.obj, c.err
}

func (b *brokenBucket) Stat(ctx context.Context, key string, opts storage.Options) (*storage.Object, error) {
	c := &request{op: "stat", ctx: ctx, key: key, opts: opts}
	b.run(c, func() { c.obj, c.err = b.soundBucket.Stat(c.ctx, c.key, c.opts) })
	return c.obj, c.err
}

func (b *brokenBucket) Delete(ctx context.Context, key string, opts storage.Options) error {
	c := &request{op: "delete", ctx: ctx, key: key, opts: opts}
	b.run(c, func() { c.err = b.soundBucket.Delete(c.ctx, c.key, c.opts) })
	return c.err
}

func (b *brokenBucket) Copy(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	c := &request{op: "copy", ctx: ctx, key: dstKey, otherBucket: srcBucket, other: srcKey, opts: opts}
	b.run(c, func() { c.obj, c.err = b.soundBucket.Copy(c.ctx, c.key, c.otherBucket, c.other, c.opts) })
	return c.obj, c.err
}

func (b *brokenBucket) Move(ctx context.Context, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
	c := &request{op: "move", ctx: ctx, key: dstKey, otherBucket: srcBucket, other: srcKey, opts: opts}
	b.run(c, func() { c.obj, c.err = b.soundBucket.Move(c.ctx, c.key, c.otherBucket, c.other, c.opts) })
	return c.obj, c.err
}

func (b *brokenBucket) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	c := &request{op: "list", ctx: ctx, key: prefix, limit: limit, skip: offset, opts: opts}
	b.run(c, func() { c.objects, c.err = b.soundBucket.List(c.ctx, c.key, c.limit, c.skip, c.opts) })
	return c.objects, c.err
}

func (b *brokenBucket) SignedURL(ctx context.Context, key, method string, expires time.Duration, opts storage.Options) (string, error) {
	c := &request{op: "signedurl", ctx: ctx, key: key, contentType: method, opts: opts}
	b.run(c, func() { c.url, c.err = b.soundBucket.SignedURL(c.ctx, c.key, method, expires, c.opts) })
	return c.url, c.err
}

func (b *brokenBucket) InitMultipart(ctx context.Context, key, contentType string, opts storage.Options) (*storage.MultipartUpload, error) {
	c := &request{op: "initmultipart", ctx: ctx, key: key, contentType: contentType, opts: opts}
	b.run(c, func() { c.mu, c.err = b.soundBucket.InitMultipart(c.ctx, c.key, c.contentType, c.opts) })
	return c.mu, c.err
}

func (b *brokenBucket) UploadPart(ctx context.Context, mu *storage.MultipartUpload, number int, src io.Reader, size int64, opts storage.Options) (*storage.PartInfo, error) {
	c := &request{op: "uploadpart", ctx: ctx, mu: mu, number: number, src: src, size: size, opts: opts}
	b.run(c, func() { c.part, c.err = b.soundBucket.UploadPart(c.ctx, c.mu, c.number, c.src, c.size, c.opts) })
	return c.part, c.err
}

func (b *brokenBucket) CopyPart(ctx context.Context, mu *storage.MultipartUpload, number int, opts storage.Options) (*storage.PartInfo, error) {
	c := &request{op: "copypart", ctx: ctx, mu: mu, number: number, opts: opts}
	b.run(c, func() { c.part, c.err = b.soundBucket.CopyPart(c.ctx, c.mu, c.number, c.opts) })
	return c.part, c.err
}

func (b *brokenBucket) ListParts(ctx context.Context, mu *storage.MultipartUpload, limit, offset int, opts storage.Options) ([]*storage.PartInfo, error) {
	c := &request{op: "listparts", ctx: ctx, mu: mu, limit: limit, skip: offset, opts: opts}
	b.run(c, func() { c.parts, c.err = b.soundBucket.ListParts(c.ctx, c.mu, c.limit, c.skip, c.opts) })
	return c.parts, c.err
}

func (b *brokenBucket) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	c := &request{op: "completemultipart", ctx: ctx, mu: mu, named: parts, opts: opts}
	b.run(c, func() { c.obj, c.err = b.soundBucket.CompleteMultipart(c.ctx, c.mu, c.named, c.opts) })
	return c.obj, c.err
}

func (b *brokenBucket) AbortMultipart(ctx context.Context, mu *storage.MultipartUpload, opts storage.Options) error {
	c := &request{op: "abortmultipart", ctx: ctx, mu: mu, opts: opts}
	b.run(c, func() { c.err = b.soundBucket.AbortMultipart(c.ctx, c.mu, c.opts) })
	return c.err
}

func (b *brokenBucket) Uploads(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.UploadIter, error) {
	c := &request{op: "uploads", ctx: ctx, key: prefix, limit: limit, skip: offset, opts: opts}
	b.run(c, func() { c.uploads, c.err = b.soundBucket.Uploads(c.ctx, c.key, c.limit, c.skip, c.opts) })
	return c.uploads, c.err
}

func (b *brokenBucket) Directory(path string) storage.Directory {
	return &brokenDirectory{b.soundBucket.Directory(path), b}
}

// brokenDirectory is a directory of a brokenStore.
type brokenDirectory struct {
	storage.Directory
	b *brokenBucket
}

func (d *brokenDirectory) Bucket() storage.Bucket { return d.b }

func (d *brokenDirectory) run(c *request, do func()) {
	c.key = d.Path()
	d.b.run(c, do)
}

func (d *brokenDirectory) Info(ctx context.Context) (*storage.Object, error) {
	c := &request{op: "directory.info", ctx: ctx}
	d.run(c, func() { c.obj, c.err = d.Directory.Info(c.ctx) })
	return c.obj, c.err
}

func (d *brokenDirectory) List(ctx context.Context, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	c := &request{op: "directory.list", ctx: ctx, limit: limit, skip: offset, opts: opts}
	d.run(c, func() { c.objects, c.err = d.Directory.List(c.ctx, c.limit, c.skip, c.opts) })
	return c.objects, c.err
}

func (d *brokenDirectory) Delete(ctx context.Context, opts storage.Options) error {
	c := &request{op: "directory.delete", ctx: ctx, opts: opts}
	d.run(c, func() { c.err = d.Directory.Delete(c.ctx, c.opts) })
	return c.err
}

func (d *brokenDirectory) Move(ctx context.Context, dstPath string, opts storage.Options) (storage.Directory, error) {
	c := &request{op: "directory.move", ctx: ctx, other: dstPath, opts: opts}
	var moved storage.Directory
	d.run(c, func() { moved, c.err = d.Directory.Move(c.ctx, c.other, c.opts) })
	if c.err != nil {
		return nil, c.err
	}
	if moved == nil { // the fault did not make the call
		moved = d.b.soundBucket.Directory(c.other)
	}
	return &brokenDirectory{moved, d.b}, nil
}
