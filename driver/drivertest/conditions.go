package drivertest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// conditioned is a method that takes conditions: prepare sets up what a call
// needs beside the key, and call makes it.
type conditioned struct {
	method  string
	prepare func(h *harness)
	call    func(h *harness, key string, opts storage.Options) error
	creates bool // it can put an object where there was none
}

var conditionedMethods = []conditioned{
	{"write", nothing, func(h *harness, key string, opts storage.Options) error {
		_, err := h.write(key, "new content", opts)
		return err
	}, true},
	{"open", nothing, func(h *harness, key string, opts storage.Options) error {
		rc, _, err := h.b.Open(h.ctx, key, 0, 0, opts)
		return closing(rc, err)
	}, false},
	{"stat", nothing, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Stat(h.ctx, key, opts)
		return err
	}, false},
	{"delete", nothing, func(h *harness, key string, opts storage.Options) error { return h.b.Delete(h.ctx, key, opts) }, false},
	{"copy", putSource, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Copy(h.ctx, key, "", "source", opts)
		return err
	}, true},
	{"move", putSource, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Move(h.ctx, key, "", "source", opts)
		return err
	}, true},
	{"complete_multipart", nothing, completeAt, true},
}

func nothing(*harness) {}

func putSource(h *harness) { h.put("source", "new content") }

// completeAt completes an upload to the key, and once more without conditions
// if they fail, so that the upload is seen to stay.
func completeAt(h *harness, key string, opts storage.Options) error {
	mu, parts := h.upload(key, "new content")
	_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, opts)
	if err != nil {
		_, again := h.multipart().ListParts(h.ctx, mu, 0, 0, nil)
		require.NoError(h, again, "M2: the upload must stay when a condition fails: %v", opts)
	}
	return err
}

// holding returns conditions that hold for the object.
func holding(o *storage.Object) []storage.Options {
	return []storage.Options{
		{storage.OptIfMatch: o.ETag}, {storage.OptIfMatch: "*"}, {storage.OptIfNoneMatch: "other"},
		{storage.OptIfModifiedSince: o.Updated.Add(-time.Hour)}, {storage.OptIfModifiedSince: time.Time{}},
		{storage.OptIfUnmodifiedSince: o.Updated}, {storage.OptIfUnmodifiedSince: o.Updated.Add(time.Hour)},
		{storage.OptIfMatch: o.ETag, storage.OptIfNoneMatch: "other", storage.OptIfUnmodifiedSince: o.Updated.In(time.FixedZone("far", 3600))},
		{storage.OptUpsert: true},
	}
}

// failing returns conditions that fail for the object.
func failing(o *storage.Object) []storage.Options {
	return []storage.Options{
		{storage.OptIfMatch: "other"}, {storage.OptIfMatch: ""}, {storage.OptIfMatch: o.ETag + "x"},
		{storage.OptIfNoneMatch: o.ETag}, {storage.OptIfNoneMatch: "*"},
		{storage.OptIfModifiedSince: o.Updated}, {storage.OptIfModifiedSince: o.Updated.Add(time.Hour)},
		{storage.OptIfUnmodifiedSince: o.Updated.Add(-time.Hour)},
		// all must hold, so one that fails is enough
		{storage.OptIfMatch: o.ETag, storage.OptIfNoneMatch: o.ETag},
		{storage.OptIfMatch: "other", storage.OptIfNoneMatch: "other"},
		{storage.OptIfMatch: o.ETag, storage.OptIfModifiedSince: o.Updated},
		{storage.OptIfMatch: "*", storage.OptIfUnmodifiedSince: o.Updated.Add(-time.Hour)},
	}
}

// conditionCases are cases of O7 for each method, and those of some method.
func conditionCases() []testCase {
	var cases []testCase
	for _, m := range conditionedMethods {
		cases = append(cases,
			testCase{"O7_" + m.method + "_if_conditions_hold", m.holds},
			testCase{"O7_" + m.method + "_if_a_condition_fails", m.fails},
			testCase{"O7_" + m.method + "_of_a_missing_key", m.missing})
		if m.creates {
			cases = append(cases,
				testCase{"O7_" + m.method + "_with_upsert_false_keeps_the_object", m.upsertFalseKeeps},
				testCase{"O7_" + m.method + "_with_upsert_false_creates", m.upsertFalseCreates})
		}
	}
	return append(cases,
		testCase{"O7_copy_and_move_judge_the_destination", o7JudgesTheDestination},
		testCase{"O7_recursive_delete_removes_nothing_if_a_condition_fails", o7RecursiveDelete},
		testCase{"O7_conditions_are_judged_in_the_commit", o7JudgedInTheCommit},
		testCase{"O7_upsert_false_is_judged_in_the_commit", o7UpsertJudgedInTheCommit},
	)
}

func (m conditioned) holds(h *harness) {
	for i := range holding(new(storage.Object)) {
		m.prepare(h)
		opts := holding(h.put("key", "old"))[i]
		require.NoError(h, m.call(h, "key", opts), "O7: %s must succeed if %v holds", m.method, opts)
		if m.creates {
			require.Equal(h, "new content", h.get("key"), "O7: %s must take effect if %v holds", m.method, opts)
		}
	}
}

func (m conditioned) fails(h *harness) {
	m.prepare(h)
	for _, opts := range failing(h.putRich("key")) {
		h.unchanged(fmt.Sprintf("O7: a failed condition of %s must leave everything untouched: %v", m.method, opts), func() {
			require.ErrorIs(h, m.call(h, "key", opts), storage.ErrPrecondition, "O7: %s must fail if %v does not hold", m.method, opts)
		})
	}
}

func (m conditioned) missing(h *harness) {
	m.prepare(h)
	h.put("beneath/x", "content")
	require.NoError(h, h.b.Delete(h.ctx, "beneath/x", nil))
	wrong := storage.ErrNotExist
	if m.creates {
		wrong = storage.ErrPrecondition
	}
	for _, opts := range []storage.Options{{storage.OptIfMatch: "*"}, {storage.OptIfMatch: "other"}} {
		h.unchanged("O7: a failed condition must leave everything untouched", func() {
			require.ErrorIs(h, m.call(h, "missing", opts), wrong, "O7: %s of a missing key with %v", m.method, opts)
		})
	}
	for i, opts := range []storage.Options{
		{storage.OptIfNoneMatch: "*"}, {storage.OptIfNoneMatch: "other"},
		{storage.OptIfModifiedSince: time.Now()}, {storage.OptIfUnmodifiedSince: time.Time{}},
	} {
		m.prepare(h)
		err := m.call(h, fmt.Sprint("missing-", i), opts)
		if m.creates {
			require.NoError(h, err, "O7: %s of a missing key: %v holds where there is no object", m.method, opts)
		} else {
			require.ErrorIs(h, err, storage.ErrNotExist, "O7: %s of a missing key comes before conditions: %v", m.method, opts)
		}
	}
}

func (m conditioned) upsertFalseKeeps(h *harness) {
	h.putRich("key")
	m.prepare(h)
	h.unchanged("O7: upsert: false must leave everything untouched", func() {
		err := m.call(h, "key", storage.Options{storage.OptUpsert: false})
		require.ErrorIs(h, err, storage.ErrExist, "O7: %s with upsert: false onto an object", m.method)
	})
}

func (m conditioned) upsertFalseCreates(h *harness) {
	h.put("dir/x", "content")
	for _, key := range []string{"new", "dir"} { // a directory of the name is no object to protect
		m.prepare(h)
		err := m.call(h, key, storage.Options{storage.OptUpsert: false})
		require.NoError(h, err, "O7: %s with upsert: false where there is no object", m.method)
		require.Equal(h, "new content", h.get(key))
	}
}

func o7JudgesTheDestination(h *harness) {
	for _, t := range h.transfers() {
		source := h.put("source", "new content")
		target := h.put("target", "old content")
		_, err := t.do(h.b, "target", "", "source", storage.Options{storage.OptIfMatch: source.ETag})
		require.ErrorIs(h, err, storage.ErrPrecondition, "O7: conditions of %s must judge the destination, not the source", t.name)
		_, err = t.do(h.b, "target", "", "source", storage.Options{storage.OptIfMatch: target.ETag})
		require.NoError(h, err, "O7: conditions of %s must judge the destination, not the source", t.name)
	}
}

func o7RecursiveDelete(h *harness) {
	h.putKeys("a", "a/b")
	h.unchanged("O7: a failed condition must leave everything untouched", func() {
		err := h.b.Delete(h.ctx, "a", storage.Options{storage.OptRecursive: true, storage.OptIfMatch: "other"})
		require.ErrorIs(h, err, storage.ErrPrecondition, "O7: recursive Delete with a condition that fails")
	})
}

// writeMeanwhile writes with opts, while another Write to the key succeeds in
// the middle of the body.
func (h *harness) writeMeanwhile(key string, opts storage.Options) error {
	_, err := h.b.Write(h.ctx, key, interrupted("the slow one", func() { h.put(key, "the quick one") }), 12, "", opts)
	return err
}

func o7JudgedInTheCommit(h *harness) {
	err := h.writeMeanwhile("new", storage.Options{storage.OptIfNoneMatch: "*"})
	require.ErrorIs(h, err, storage.ErrPrecondition, "O7: if_none_match must be judged in the commit, when the key has come to be")
	require.Equal(h, "the quick one", h.get("new"), "O7: a Write whose condition no longer holds must store nothing")
	old := h.put("old", "old")
	err = h.writeMeanwhile("old", storage.Options{storage.OptIfMatch: old.ETag})
	require.ErrorIs(h, err, storage.ErrPrecondition, "O7: if_match must be judged in the commit, when the object is another")
	require.Equal(h, "the quick one", h.get("old"), "O7: a Write whose condition no longer holds must store nothing")
}

func o7UpsertJudgedInTheCommit(h *harness) {
	err := h.writeMeanwhile("new", storage.Options{storage.OptUpsert: false})
	require.ErrorIs(h, err, storage.ErrExist, "O7: upsert: false must be judged in the commit, when the key has come to be")
	require.Equal(h, "the quick one", h.get("new"), "O7: a Write that upsert: false forbids must store nothing")
}
