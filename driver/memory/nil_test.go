package memdriver_test

import (
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// TestZeroStore: a nil and a zero Store are closed (C3).
func TestZeroStore(t *testing.T) {
	update := func(storage.Storage) error { return nil }
	for name, st := range map[string]*memdriver.Store{"nil": nil, "zero": new(memdriver.Store)} {
		b := st.Bucket("b")
		require.Equal(t, "b", b.Name(), name)
		require.Equal(t, storage.DefaultBucket, st.Bucket("").Name(), name)
		for op, err := range map[string]error{
			"buckets":        second(st.Buckets(ctx, 0, 0, nil)),
			"createbucket":   second(st.CreateBucket(ctx, "b", nil)),
			"deletebucket":   st.DeleteBucket(ctx, "b", nil),
			"info":           second(b.Info(ctx)),
			"write":          second(b.Write(ctx, "k", nil, 0, "", nil)),
			"stat":           second(b.Stat(ctx, "k", nil)),
			"list":           second(b.List(ctx, "", 0, 0, nil)),
			"uploads":        second(b.(storage.HasUploads).Uploads(ctx, "", 0, 0, nil)),
			"initmultipart":  second(b.(storage.HasMultipart).InitMultipart(ctx, "k", "", nil)),
			"directory.info": second(b.(storage.HasDirectories).Directory("d").Info(ctx)),
			"update":         st.Update(ctx, update),
			"restore":        st.Restore(memdriver.Open().Snapshot()),
		} {
			assert.ErrorIs(t, err, storage.ErrClosed, "%s of a %s store", op, name)
		}
		assert.Nil(t, st.Snapshot(), name)
		assert.Equal(t, memdriver.Open().Features(), st.Features(), name)
		assert.Equal(t, storage.Limits{}, st.Limits(), name)
		assert.False(t, st.ExactKeys(), name)
		assert.NoError(t, st.Close(), name)
		assert.NoError(t, st.Close(), name)
	}
}

// TestZeroSnapshot: a nil and a zero Snapshot are empty stores (C3).
func TestZeroSnapshot(t *testing.T) {
	filled, _, _ := updated(t)
	for name, snap := range map[string]*snapshot.Snapshot{"nil": nil, "zero": new(snapshot.Snapshot)} {
		assert.Zero(t, snap.Len(), name)
		assert.Zero(t, snap.Bytes(), name)
		assert.False(t, snap.ExactKeys(), name)
		assert.True(t, snap.WithExactKeys().ExactKeys(), name)
		assert.Zero(t, snap.WithMD5ETags().Len(), name)
		_, err := snap.Storage().Bucket("b").Info(ctx)
		assert.ErrorIs(t, err, storage.ErrNoBucket, name)
		_, err = snap.BucketFS("b")
		assert.ErrorIs(t, err, storage.ErrNoBucket, name)
		entries, err := fs.ReadDir(snap.FS(), ".")
		assert.NoError(t, err, name)
		assert.Empty(t, entries, name)
		for change := range snapshot.Diff(snap, snap) {
			t.Error(name, change)
		}
		changes := 0
		for range snapshot.Diff(snap, filled.Snapshot()) {
			changes++
		}
		for range snapshot.Diff(filled.Snapshot(), snap) {
			changes++
		}
		assert.Equal(t, 2, changes, name)
		put(t, memdriver.Open(memdriver.WithSnapshot(snap)).Bucket("b"), "k")
	}
	require.NoError(t, filled.Restore(new(snapshot.Snapshot)))
	require.ErrorIs(t, filled.Restore(nil), storage.ErrInvalid)
}

// TestNilArguments: a nil argument is an error (C3), and a nil option is none.
func TestNilArguments(t *testing.T) {
	var none context.Context
	x := newFixture(t)
	before := x.st.Snapshot()
	uploads, parts := x.b.(storage.HasUploads), []*storage.PartInfo{x.part}
	_, _, openErr := x.b.Open(none, "d/k", 0, 0, nil)
	for op, err := range map[string]error{
		"open":              openErr,
		"buckets":           second(x.st.Buckets(none, 0, 0, nil)),
		"createbucket":      second(x.st.CreateBucket(none, "new", nil)),
		"deletebucket":      x.st.DeleteBucket(none, "b", storage.Options{storage.OptForce: true}),
		"info":              second(x.b.Info(none)),
		"write":             second(x.b.Write(none, "k", nil, 0, "", nil)),
		"write of nothing":  second(x.b.Write(ctx, "k", nil, 1, "", nil)),
		"nil bytes.Reader":  second(x.b.Write(ctx, "k", (*bytes.Reader)(nil), 1, "", nil)),
		"nil bytes.Buffer":  second(x.mp.UploadPart(ctx, x.mu, 2, (*bytes.Buffer)(nil), 1, nil)),
		"nil text":          second(x.b.Write(ctx, "k", (*strings.Reader)(nil), 1, "", nil)),
		"stat":              second(x.b.Stat(none, "d/k", nil)),
		"delete":            x.b.Delete(none, "d/k", nil),
		"copy":              second(x.b.Copy(none, "k", "", "d/k", nil)),
		"move":              second(x.b.Move(none, "k", "", "d/k", nil)),
		"list":              second(x.b.List(none, "", 0, 0, nil)),
		"signedurl":         second(x.b.SignedURL(none, "d/k", "GET", 0, nil)),
		"directory.info":    second(x.dir.Info(none)),
		"directory.list":    second(x.dir.List(none, 0, 0, nil)),
		"directory.delete":  x.dir.Delete(none, nil),
		"directory.move":    second(x.dir.Move(none, "e", nil)),
		"initmultipart":     second(x.mp.InitMultipart(none, "k", "", nil)),
		"uploadpart":        second(x.mp.UploadPart(none, x.mu, 2, nil, 0, nil)),
		"copypart":          second(x.mp.CopyPart(none, x.mu, 2, nil)),
		"listparts":         second(x.mp.ListParts(none, x.mu, 0, 0, nil)),
		"completemultipart": second(x.mp.CompleteMultipart(none, x.mu, parts, nil)),
		"abortmultipart":    x.mp.AbortMultipart(none, x.mu, nil),
		"uploads":           second(uploads.Uploads(none, "", 0, 0, nil)),
		"update":            x.st.Update(none, func(storage.Storage) error { return nil }),
		"update of nil":     x.st.Update(ctx, nil),
		"restore":           x.st.Restore(nil),
		"nil upload":        x.mp.AbortMultipart(ctx, nil, nil),
		"nil part":          second(x.mp.CompleteMultipart(ctx, x.mu, append(parts, nil), nil)),
		"no parts":          second(x.mp.CompleteMultipart(ctx, x.mu, nil, nil)),
		"zero part":         second(x.mp.CompleteMultipart(ctx, x.mu, []*storage.PartInfo{{}}, nil)),
	} {
		assert.ErrorIs(t, err, storage.ErrInvalid, op)
		var e *storage.Error
		assert.ErrorAs(t, err, &e, op)
	}
	assert.Same(t, before, x.st.Snapshot())
	put(t, memdriver.Open(nil, memdriver.WithClock(nil), memdriver.WithSnapshot(nil), nil).Bucket("b"), "k")
}
