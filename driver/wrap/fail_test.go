package wrap_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
)

// failures writes each key and reports which writes failed.
func failures(t *testing.T, fault wrap.Fault, keys ...string) (failed []string) {
	w := wrap.Fail(memdriver.Open(), fault)
	for _, key := range keys {
		_, err := storage.WriteAll(t.Context(), w.Bucket("b"), key, []byte("content"), "", nil)
		if err != nil {
			assert.ErrorIs(t, err, wrap.ErrInjected)
			failed = append(failed, key)
		}
	}
	return failed
}

func TestFailSelectsCalls(t *testing.T) {
	keys := []string{"a/1.jpg", "/a//2.jpg", "3.txt", "b/c/4.jpg"}
	for _, tc := range []struct {
		fault wrap.Fault
		want  []string
	}{
		{wrap.Fault{}, keys},
		{wrap.Fault{Op: "write"}, keys},
		{wrap.Fault{Op: "wr*"}, keys},
		{wrap.Fault{Op: "stat"}, nil},
		{wrap.Fault{Bucket: "b"}, keys},
		{wrap.Fault{Bucket: "c"}, nil},
		{wrap.Fault{Key: "a/*.jpg"}, keys[:2]},
		{wrap.Fault{Key: "*"}, keys[2:3]},
		{wrap.Fault{Key: "*/*/*"}, keys[3:]},
		{wrap.Fault{Nth: 2}, keys[1:2]},
		{wrap.Fault{Key: "*/*.jpg", Nth: 2}, keys[1:2]},
		{wrap.Fault{Nth: 5}, nil},
		{wrap.Fault{Cut: 3}, keys},
		{wrap.Fault{Cut: 7}, keys},
		{wrap.Fault{Cut: 8}, nil},
	} {
		assert.Equal(t, tc.want, failures(t, tc.fault, keys...), "%+v", tc.fault)
	}
}

// The Nth call is counted apart from other faults, and the first fault that
// selects a call decides.
func TestFailWithSeveralFaults(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	w := wrap.Fail(memdriver.Open(), wrap.Fault{Op: "write", Nth: 2, Err: first}, wrap.Fault{Op: "write", Err: second})
	for _, want := range []error{second, first, second} {
		_, err := storage.WriteAll(t.Context(), w.Bucket("b"), "k", nil, "", nil)
		assert.ErrorIs(t, err, want)
	}
}

func TestFailBeforeAndAfter(t *testing.T) {
	for _, after := range []bool{false, true} {
		st := memdriver.Open()
		w := wrap.Fail(st, wrap.Fault{Op: "write", After: after})
		o, err := storage.WriteAll(t.Context(), w.Bucket("b"), "k", nil, "", nil)
		assert.EqualError(t, err, `storage: write bucket "b" key "k": injected fault`)
		assert.Nil(t, o)
		ok, err := storage.Exists(t.Context(), st.Bucket("b"), "k")
		require.NoError(t, err)
		assert.Equal(t, after, ok)
	}
}

// A call that fails on its own account has its own error.
func TestFailAfterAFailure(t *testing.T) {
	w := wrap.Fail(memdriver.Open(), wrap.Fault{After: true})
	_, err := w.Bucket("b").Stat(t.Context(), "k", nil)
	assert.ErrorIs(t, err, storage.ErrNotExist)
}

func TestFailCutsABody(t *testing.T) {
	st := memdriver.Open()
	put(t, st, "k", "content")
	w := wrap.Fail(st, wrap.Fault{Cut: 3})
	for _, size := range []int64{-1, 6} {
		_, err := w.Bucket("b").Write(t.Context(), "k", strings.NewReader("longer"), size, "", nil)
		assert.ErrorIs(t, err, wrap.ErrInjected)
	}
	_, err := w.Bucket("b").Write(t.Context(), "new", nil, 0, "", nil)
	assert.NoError(t, err, "there is nothing to cut")

	r, o, err := w.Bucket("b").Open(t.Context(), "k", 0, 0, nil)
	require.NoError(t, err)
	assert.EqualValues(t, 7, o.Size)
	data, err := io.ReadAll(r)
	assert.ErrorIs(t, err, wrap.ErrInjected)
	assert.Equal(t, "con", string(data))
	assert.NoError(t, r.Close())
	_, seeks := r.(io.Seeker)
	assert.False(t, seeks)
}

// A call without a body is not cut, and does not count.
func TestFailCutsTheFirstBody(t *testing.T) {
	w := wrap.Fail(memdriver.Open(), wrap.Fault{Cut: 3, Nth: 1})
	w.Bucket("b").Stat(t.Context(), "k", nil)
	_, err := storage.WriteAll(t.Context(), w.Bucket("b"), "k", []byte("content"), "", nil)
	assert.ErrorIs(t, err, wrap.ErrInjected)
}

// A reader fails by its own calls, too.
func TestFailOfAReader(t *testing.T) {
	st := memdriver.Open()
	put(t, st, "k", "content")
	r, _, err := wrap.Fail(st, wrap.Fault{Op: "reader.read", Nth: 2}).Bucket("b").Open(t.Context(), "k", 0, 0, nil)
	require.NoError(t, err)
	one := make([]byte, 1)
	_, err = r.Read(one)
	assert.NoError(t, err)
	_, err = r.Read(one)
	assert.ErrorIs(t, err, wrap.ErrInjected)
	_, err = r.Read(one)
	assert.NoError(t, err)
	assert.Equal(t, "o", string(one))
}

// An update whose answer is lost is committed; one whose write fails is not.
func TestFailOfAnUpdate(t *testing.T) {
	for _, tc := range []struct {
		fault wrap.Fault
		want  int
	}{
		{wrap.Fault{Op: "update"}, 0},
		{wrap.Fault{Op: "write", Nth: 2, After: true}, 0},
		{wrap.Fault{Op: "update", After: true}, 2},
	} {
		st := memdriver.Open()
		w := wrap.Fail(st, tc.fault).(interface {
			Update(context.Context, func(storage.Storage) error) error
		})
		err := w.Update(t.Context(), func(tx storage.Storage) error {
			for _, key := range []string{"1", "2"} {
				if _, err := storage.WriteAll(t.Context(), tx.Bucket("b"), key, nil, "", nil); err != nil {
					return err
				}
			}
			return nil
		})
		assert.ErrorIs(t, err, wrap.ErrInjected)
		assert.Equal(t, tc.want, st.Snapshot().Len())
	}
}

func TestFailTellsWhatItHit(t *testing.T) {
	var hit []string
	w := wrap.Fail(memdriver.Open(), wrap.Fault{Nth: 2, Hit: func(c *wrap.Call) { hit = append(hit, c.String()) }})
	for _, key := range []string{"1", "2", "3"} {
		w.Bucket("b").Stat(t.Context(), key, nil)
	}
	assert.Equal(t, []string{"stat b/2"}, hit)
}

func TestFailWithABadPattern(t *testing.T) {
	for _, fault := range []wrap.Fault{{Op: "["}, {Bucket: "["}, {Key: "["}} {
		st := memdriver.Open()
		_, err := storage.WriteAll(t.Context(), wrap.Fail(st, fault).Bucket("b"), "k", nil, "", nil)
		assert.ErrorIs(t, err, storage.ErrInvalid)
		assert.ErrorContains(t, err, `pattern "[": syntax error in pattern`)
		assert.Zero(t, st.Snapshot().Len())
	}
}
