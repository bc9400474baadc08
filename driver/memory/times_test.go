package memdriver_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// racing is a store with a clock that hands out second 1, 2, …. If between is set,
// the first who asks gets his time, and then between happens before he commits.
type racing struct {
	*fixture
	second  int64
	between func()
}

func newRacing(t *testing.T) *racing {
	r := &racing{}
	r.fixture = newFixture(t, memdriver.WithClock(func() time.Time {
		r.second++
		at := time.Unix(r.second, 0)
		if f := r.between; f != nil {
			r.between = nil
			f()
		}
		return at
	}))
	return r
}

// TestWritersRaceForTheClock: a writer reads the clock, another does and commits, the
// first commits. Whatever the order, an object's Updated does not go back, and it is
// not before Created (O2).
func TestWritersRaceForTheClock(t *testing.T) {
	write := func(r *racing) (*storage.Object, error) {
		return r.b.Write(r.ctx, "d/new", strings.NewReader("x"), 1, "", nil)
	}
	for name, late := range map[string]func(r *racing) (*storage.Object, error){
		"write": write,
		"copy":  func(r *racing) (*storage.Object, error) { return r.b.Copy(r.ctx, "d/new", "", "d/k", nil) },
		"complete": func(r *racing) (*storage.Object, error) {
			mu, err := r.mp.InitMultipart(r.ctx, "d/new", "", nil)
			require.NoError(t, err)
			part, err := r.mp.UploadPart(r.ctx, mu, 1, strings.NewReader("x"), 1, nil)
			require.NoError(t, err)
			r.between = func() { require.NoError(t, second(write(r))) }
			return r.mp.CompleteMultipart(r.ctx, mu, []*storage.PartInfo{part}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRacing(t)
			var early *storage.Object
			if name != "complete" {
				r.between = func() {
					var err error
					early, err = write(r)
					require.NoError(t, err)
				}
			}
			obj, err := late(r)
			require.NoError(t, err)
			if early == nil {
				early = obj
			}
			assert.Equal(t, time.Unix(r.second, 0).UTC(), obj.Updated, "the later of the two times")
			assert.False(t, obj.Updated.Before(early.Updated), "Updated goes back")
			assert.False(t, obj.Updated.Before(obj.Created), "Updated is before Created")
			found, err := r.b.Stat(r.ctx, "d/new", nil)
			require.NoError(t, err)
			assert.Equal(t, obj, found)
			_, err = r.b.Stat(r.ctx, "d/new", storage.Options{storage.OptIfUnmodifiedSince: time.Unix(r.second-1, 0)})
			assert.ErrorIs(t, err, storage.ErrPrecondition, "it was changed after that")
			dir, err := r.dir.Info(r.ctx)
			require.NoError(t, err)
			assert.Equal(t, obj.Updated, dir.Updated)
			assert.False(t, dir.Updated.Before(dir.Created))
		})
	}
}

// TestClockIsSetBack: a test may set its clock back to make old objects. Directories
// then have the earliest and the latest time beneath (D1).
func TestClockIsSetBack(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
	b := st.Bucket("b")
	put(t, b, "d/new", "d/e/new")
	recent := at
	at = time.Date(2010, 1, 2, 0, 0, 0, 0, time.UTC)
	put(t, b, "d/old", "d/new")
	obj, err := b.Stat(ctx, "d/old", nil)
	require.NoError(t, err)
	assert.Equal(t, at, obj.Updated)
	obj, err = b.Stat(ctx, "d/new", nil)
	require.NoError(t, err)
	assert.Equal(t, recent, obj.Updated, "Updated of an object never goes back while it exists")
	dir, err := b.Stat(ctx, "d/", nil)
	require.NoError(t, err)
	assert.Equal(t, at, dir.Created)
	assert.Equal(t, recent, dir.Updated)
	require.NoError(t, b.Delete(ctx, "d/new", nil))
	put(t, b, "d/new")
	obj, err = b.Stat(ctx, "d/new", nil)
	require.NoError(t, err)
	assert.Equal(t, at, obj.Updated, "a new object is as old as the clock says")
}

// TestFromFSDirectoryTimes: of a file of 2020 and one of 2010 a directory was created
// in 2010 and changed in 2020, in whatever order they come.
func TestFromFSDirectoryTimes(t *testing.T) {
	old, recent := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, times := range [][2]time.Time{{old, recent}, {recent, old}} {
		snap, err := snapshot.FromFS("b", fstest.MapFS{
			"d/1": {Data: []byte("x"), ModTime: times[0]}, "d/2": {Data: []byte("x"), ModTime: times[1]}})
		require.NoError(t, err)
		b := memdriver.Open(memdriver.WithSnapshot(snap)).Bucket("b")
		for _, path := range []string{"d", ""} {
			dir, err := b.(storage.HasDirectories).Directory(path).Info(ctx)
			require.NoError(t, err)
			assert.Equal(t, recent, dir.Updated, "%q", path)
			assert.False(t, dir.Updated.Before(dir.Created), "%q", path)
		}
		dir, err := b.Stat(ctx, "d/", nil)
		require.NoError(t, err)
		assert.Equal(t, old, dir.Created)
	}
}
