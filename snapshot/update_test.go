package snapshot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func at(second int64) time.Time { return time.Unix(second, 0).UTC() }

func changeAt(second int64, opts storage.Options) change {
	return change{at(second), rules{}, opts, new(storage.Limits)}
}

func textObject(text string) *object {
	return newObject(received{content: leaf(text), etag: etagOf([]byte(text), false)}, "text/plain", nil)
}

// filled returns a value with the objects of one bucket, put one after another at
// second 1, 2, ….
func filled(t *testing.T, keys ...string) *Snapshot {
	t.Helper()
	s := new(Snapshot)
	for i, key := range keys {
		next, err := s.put(address{"b", key}, textObject(key), changeAt(int64(i)+1, nil))
		require.NoError(t, err)
		s = next
	}
	return s
}

func keysOf(s *Snapshot) (keys []string) {
	for key := range s.objectsOf("b").All() {
		keys = append(keys, key)
	}
	return keys
}

// TestUpdatesLeaveTheirValue: whatever an update returns, the value it is called on
// stays as it was.
func TestUpdatesLeaveTheirValue(t *testing.T) {
	s := filled(t, "a", "d/x", "d/y")
	c := changeAt(9, storage.Options{storage.OptRecursive: true, storage.OptForce: true})
	a, b := address{"b", "a"}, address{"b", "b"}
	id := uploadID{"u", "id"}
	for name, update := range map[string]func() (*Snapshot, error){
		"put":          func() (*Snapshot, error) { return s.put(b, textObject("b"), c) },
		"copy":         func() (*Snapshot, error) { next, _, err := s.copy(b, a, nil, c); return next, err },
		"move":         func() (*Snapshot, error) { next, _, err := s.move(b, a, nil, c); return next, err },
		"remove":       func() (*Snapshot, error) { return s.remove(address{"b", "d"}, c) },
		"removeDir":    func() (*Snapshot, error) { return s.removeDir("b", "d/", c) },
		"moveDir":      func() (*Snapshot, error) { return s.moveDir("b", "e/", "d/", c) },
		"beginUpload":  func() (*Snapshot, error) { return s.beginUpload("b", id, new(upload), c) },
		"createBucket": func() (*Snapshot, error) { return s.createBucket("new", nil, c) },
		"deleteBucket": func() (*Snapshot, error) { return s.deleteBucket("b", c) },
	} {
		next, err := update()
		require.NoError(t, err, name)
		require.NotEqual(t, s, next, name)
		require.Equal(t, []string{"a", "d/x", "d/y"}, keysOf(s), name)
		require.Equal(t, 3, s.Len(), name)
		require.EqualValues(t, len("a"+"d/x"+"d/y"), s.Bytes(), name)
		require.Nil(t, s.bucket("b").uploads, name)
		require.Nil(t, s.bucket("new"), name)
	}
}

// TestPutTimes: an object that replaces another has its creation, and is no older,
// whichever clock was read first (O2).
func TestPutTimes(t *testing.T) {
	first := textObject("first")
	s, err := new(Snapshot).put(address{"b", "k"}, first, changeAt(5, nil))
	require.NoError(t, err)
	for _, test := range []struct{ now, updated int64 }{{7, 7}, {5, 5}, {3, 5}} {
		o := textObject("next")
		_, err := s.put(address{"b", "k"}, o, changeAt(test.now, nil))
		require.NoError(t, err)
		assert.Equal(t, at(5), o.created(), "at %d", test.now)
		assert.Equal(t, at(test.updated), o.updated(), "at %d", test.now)
	}
	s, copied, err := s.copy(address{"b", "k"}, address{"b", "k"}, nil, changeAt(3, nil))
	require.NoError(t, err)
	assert.Equal(t, at(3), copied.created())
	assert.Equal(t, at(5), copied.updated(), "a copy onto an object is no older either")
	assert.Equal(t, copied, s.object(address{"b", "k"}))
}

// TestMoveOntoItself changes at most the metadata.
func TestMoveOntoItself(t *testing.T) {
	s, k := filled(t, "k"), address{"b", "k"}
	next, o, err := s.move(k, k, nil, changeAt(9, nil))
	require.NoError(t, err)
	assert.Same(t, s, next)
	assert.Equal(t, at(1), o.updated())
	next, o, err = s.move(k, k, map[string]string{"a": "b"}, changeAt(9, nil))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "b"}, next.object(k).extra.metadata)
	assert.Equal(t, at(1), o.updated())
	assert.Equal(t, 1, next.Len())
}

// TestMoveDirTooLong: a key that would get longer than allowed moves nothing (D4).
func TestMoveDirTooLong(t *testing.T) {
	long := make([]byte, storage.MaxKey-2)
	for i := range long {
		long[i] = 'k'
	}
	s := filled(t, "d/"+string(long), "d/short")
	_, err := s.moveDir("b", "ee/", "d/", changeAt(9, nil))
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.ErrorContains(t, err, "ee/kkk")
	next, err := s.moveDir("b", "e/", "d/", changeAt(9, nil))
	require.NoError(t, err)
	assert.Equal(t, []string{"e/" + string(long), "e/short"}, keysOf(next))
}

func TestRelaxedUpdates(t *testing.T) {
	c := changeAt(1, nil)
	c.limits = &storage.Limits{Relaxed: []string{storage.RelaxedB2, storage.RelaxedTwins}, MaxName: 3}
	_, err := new(Snapshot).put(address{"b", "k"}, textObject("x"), c)
	require.ErrorIs(t, err, storage.ErrNoBucket)
	s := filled(t, "a/x", "b")
	for key, want := range map[string]error{"a": storage.ErrExist, "b/x": storage.ErrExist, "b": nil, "c": nil, "long": storage.ErrInvalid} {
		_, err := s.put(address{"b", key}, textObject("x"), c)
		require.ErrorIs(t, err, want, key)
	}
}
