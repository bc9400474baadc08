package snapshot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

var ctx = context.Background()

func write(tb testing.TB, b storage.Bucket, key, text string) {
	tb.Helper()
	_, err := b.Write(ctx, key, strings.NewReader(text), -1, "text/plain", storage.Options{
		storage.OptMetadata: map[string]string{"text": text},
	})
	require.NoError(tb, err)
}

// dump returns everything a store shows, by bucket and key.
func dump(tb testing.TB, st storage.Storage) map[string]string {
	tb.Helper()
	all := map[string]string{}
	buckets, err := st.Buckets(ctx, 0, 0, nil)
	require.NoError(tb, err)
	for info, err := range storage.All(buckets) {
		require.NoError(tb, err)
		b := st.Bucket(info.Name)
		objects, err := b.List(ctx, "", 0, 0, nil)
		require.NoError(tb, err)
		for obj, err := range storage.All(objects) {
			require.NoError(tb, err)
			rc, same, err := b.Open(ctx, obj.Key, 0, 0, nil)
			require.NoError(tb, err)
			require.Equal(tb, obj, same)
			body, err := io.ReadAll(rc)
			require.NoError(tb, err)
			text, err := json.Marshal(obj)
			require.NoError(tb, err)
			all[info.Name+"/"+obj.Key] = string(text) + string(body)
		}
		dirs, err := b.List(ctx, "", 0, 0, storage.Options{storage.OptDirsOnly: true})
		require.NoError(tb, err)
		for dir, err := range storage.All(dirs) {
			require.NoError(tb, err)
			text, err := json.Marshal(dir)
			require.NoError(tb, err)
			all[info.Name+"/"+dir.Key+"/"] = string(text)
		}
	}
	return all
}

// TestPersistence: after thousands of random updates every version that was
// kept reads exactly as it did when it was current, and Diff of any two says
// what their dumps say.
func TestPersistence(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { clock = clock.Add(time.Second); return clock }))
	type version struct {
		s    *snapshot.Snapshot
		dump map[string]string
	}
	var kept []version
	name := func() string { return string("abc"[r.IntN(3)]) }
	key := func() string {
		k := name()
		for range r.IntN(4) {
			k += "/" + name()
		}
		return k + fmt.Sprint(r.IntN(3))
	}
	for step := range 5000 {
		b := st.Bucket(name())
		dirs := b.(storage.HasDirectories)
		switch r.IntN(12) {
		default:
			write(t, b, key(), fmt.Sprint("text ", step))
		case 0:
			b.Delete(ctx, key(), storage.Options{storage.OptRecursive: r.IntN(2) == 0})
		case 1:
			b.Copy(ctx, key(), name(), key(), nil)
		case 2:
			b.Move(ctx, key(), name(), key(), nil)
		case 3:
			dirs.Directory(name()+"/"+name()).Move(ctx, key(), nil)
		case 4:
			dirs.Directory(name()+"/"+name()).Delete(ctx, storage.Options{storage.OptRecursive: true})
		case 5:
			if r.IntN(20) == 0 {
				st.DeleteBucket(ctx, b.Name(), storage.Options{storage.OptForce: true})
			}
		case 6:
			if len(kept) > 0 && r.IntN(20) == 0 {
				require.NoError(t, st.Restore(kept[r.IntN(len(kept))].s))
			}
		}
		if step%100 == 0 {
			s := st.Snapshot()
			kept = append(kept, version{s, dump(t, st)})
		}
	}
	for i, v := range kept {
		require.Equal(t, v.dump, dump(t, v.s.Storage()), "version %d", i)
		objects, size := 0, int64(0)
		for _, text := range v.dump {
			if !strings.Contains(text, `"is_dir":true`) {
				objects++
				var o storage.Object
				require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&o))
				size += o.Size
			}
		}
		require.Equal(t, objects, v.s.Len())
		require.Equal(t, size, v.s.Bytes())

		other := kept[r.IntN(len(kept))]
		want := map[string]bool{}
		for _, k := range slices.Concat(slices.Collect(maps.Keys(v.dump)), slices.Collect(maps.Keys(other.dump))) {
			want[k] = v.dump[k] != other.dump[k] && !strings.HasSuffix(k, "/")
		}
		maps.DeleteFunc(want, func(_ string, differs bool) bool { return !differs })
		got := map[string]bool{}
		for c := range snapshot.Diff(v.s, other.s) {
			k := c.Bucket + "/" + c.Key
			got[k] = true
			assert.Equal(t, v.dump[k] != "", c.Old != nil)
			assert.Equal(t, other.dump[k] != "", c.New != nil)
		}
		require.Equal(t, want, got)
	}
}

func TestDiffReportsOnlyWhatCanBeSeen(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
	write(t, st.Bucket("b"), "k", "same")
	write(t, st.Bucket("b"), "l", "same")
	before := st.Snapshot()
	write(t, st.Bucket("b"), "k", "same")
	md5 := []string{storage.HashMD5}
	for _, opts := range []storage.Options{
		{storage.OptChecksumAlgorithms: md5},
		{storage.OptChecksumAlgorithms: md5, storage.OptMetadata: map[string]string{}},
	} {
		_, err := st.Bucket("b").Write(ctx, "m", strings.NewReader(""), 0, "", opts)
		require.NoError(t, err)
		if opts[storage.OptMetadata] == nil {
			before = st.Snapshot()
		}
	}
	_, err := st.CreateBucket(ctx, "empty", nil)
	require.NoError(t, err)
	for c := range snapshot.Diff(before, st.Snapshot()) {
		t.Errorf("reported %+v", c)
	}
	write(t, st.Bucket("b"), "k", "other")
	write(t, st.Bucket("a"), "k", "new")
	require.NoError(t, st.Bucket("b").Delete(ctx, "l", nil))
	var got []string
	for c := range snapshot.Diff(before, st.Snapshot()) {
		got = append(got, fmt.Sprintf("%s/%s %v %v", c.Bucket, c.Key, c.Old != nil, c.New != nil))
	}
	assert.Equal(t, []string{"a/k false true", "b/k true true", "b/l true false"}, got)
	for range snapshot.Diff(before, st.Snapshot()) {
		break // stopping early must not panic
	}
}

func TestStorageViewIsReadOnly(t *testing.T) {
	st := memdriver.Open()
	write(t, st.Bucket("b"), "d/k", "text")
	mp := st.Bucket("b").(storage.HasMultipart)
	mu, err := mp.InitMultipart(ctx, "m", "", nil)
	require.NoError(t, err)
	part, err := mp.UploadPart(ctx, mu, 1, strings.NewReader("x"), 1, nil)
	require.NoError(t, err)
	s := st.Snapshot()
	before := dump(t, st)

	view := s.Storage()
	b := view.Bucket("b")
	vmp, dir := b.(storage.HasMultipart), b.(storage.HasDirectories).Directory("d")
	for op, try := range map[string]func() error{
		"write":        func() error { _, err := b.Write(ctx, "k", untouchable{t}, -1, "", nil); return err },
		"copy":         func() error { _, err := b.Copy(ctx, "x", "", "d/k", nil); return err },
		"move":         func() error { _, err := b.Move(ctx, "x", "", "d/k", nil); return err },
		"delete":       func() error { return b.Delete(ctx, "d/k", nil) },
		"createbucket": func() error { _, err := view.CreateBucket(ctx, "c", nil); return err },
		"deletebucket": func() error { return view.DeleteBucket(ctx, "b", storage.Options{storage.OptForce: true}) },
		"dir.delete":   func() error { return dir.Delete(ctx, nil) },
		"dir.move":     func() error { _, err := dir.Move(ctx, "e", nil); return err },
		"init":         func() error { _, err := vmp.InitMultipart(ctx, "n", "", nil); return err },
		"uploadpart":   func() error { _, err := vmp.UploadPart(ctx, mu, 1, untouchable{t}, -1, nil); return err },
		"abort":        func() error { return vmp.AbortMultipart(ctx, mu, nil) },
		"complete":     func() error { _, err := vmp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part}, nil); return err },
	} {
		assert.ErrorIs(t, try(), storage.ErrPermission, op)
	}
	assert.Equal(t, before, dump(t, view))
	parts, err := vmp.ListParts(ctx, mu, 0, 0, nil)
	require.NoError(t, err)
	assert.Len(t, parts, 1)

	require.NoError(t, view.Close())
	_, err = b.Stat(ctx, "d/k", nil)
	assert.ErrorIs(t, err, storage.ErrClosed)
	assert.Equal(t, before, dump(t, s.Storage()), "closing a view closes only it")
}

// untouchable fails the test if it is read.
type untouchable struct{ tb testing.TB }

func (u untouchable) Read([]byte) (int, error) {
	u.tb.Error("a body that cannot be stored was read")
	return 0, io.EOF
}

func TestZeroSnapshotIsEmpty(t *testing.T) {
	s := new(snapshot.Snapshot)
	assert.Zero(t, s.Len())
	assert.Zero(t, s.Bytes())
	assert.Empty(t, dump(t, s.Storage()))
	_, err := s.BucketFS("b")
	assert.ErrorIs(t, err, storage.ErrNotExist)
	for range snapshot.Diff(s, new(snapshot.Snapshot)) {
		t.Error("nothing differs from nothing")
	}
}

// TestDiffSkipsSharedBuckets: what it costs does not grow with the buckets that two
// snapshots share.
func TestDiffSkipsSharedBuckets(t *testing.T) {
	st := memdriver.Open()
	for i := range 10_000 {
		write(t, st.Bucket(fmt.Sprintf("b%05d", i)), "k", "text")
	}
	before := st.Snapshot()
	write(t, st.Bucket("b05000"), "k", "other")
	after := st.Snapshot()
	for _, c := range []struct {
		old  *snapshot.Snapshot
		want int
	}{{after, 0}, {before, 1}} {
		changes := 0
		allocs := testing.AllocsPerRun(1, func() {
			changes = 0
			for range snapshot.Diff(c.old, after) {
				changes++
			}
		})
		assert.Equal(t, c.want, changes)
		assert.Less(t, allocs, 200.0)
	}
}
