package drivertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// conditioned is a method that takes conditions: prepare sets up what a call needs
// beside the key, and call makes it.
type conditioned struct {
	method  string
	prepare func(h *harness)
	call    func(h *harness, key string, opts storage.Options) error
	creates bool   // it can put an object where there was none
	relaxed string // the relaxation without which it judges them
}

var conditionedMethods = []conditioned{
	{"write", nothing, func(h *harness, key string, opts storage.Options) error {
		_, err := h.write(key, "new content", opts)
		return err
	}, true, storage.RelaxedO7Write},
	{"open", nothing, func(h *harness, key string, opts storage.Options) error {
		rc, _, err := h.b.Open(h.ctx, key, 0, 0, opts)
		return closing(rc, err)
	}, false, ""},
	{"stat", nothing, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Stat(h.ctx, key, opts)
		return err
	}, false, ""},
	{"delete", nothing, func(h *harness, key string, opts storage.Options) error { return h.b.Delete(h.ctx, key, opts) }, false, storage.RelaxedO7Delete},
	{"copy", putSource, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Copy(h.ctx, key, "", "source", opts)
		return err
	}, true, storage.RelaxedO7Copy},
	{"move", putMovable, func(h *harness, key string, opts storage.Options) error {
		_, err := h.b.Move(h.ctx, key, "", "source", opts)
		return err
	}, true, storage.RelaxedO7Copy},
	{"complete_multipart", nothing, completeAt, true, storage.RelaxedO7Complete},
}

func nothing(*harness) {}

func putSource(h *harness) { h.put("source", "new content") }

func putMovable(h *harness) {
	h.needs(storage.FeatureMove)
	putSource(h)
}

// completeAt completes an upload to the key, and checks that it stays if that
// fails.
func completeAt(h *harness, key string, opts storage.Options) error {
	mu, _ := h.upload(key)
	part := h.partAsItIs(mu, 1, "new content")
	_, err := h.multipart().CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, opts)
	if err != nil {
		_, again := h.multipart().ListParts(h.ctx, mu, 0, 0, nil)
		require.NoError(h, again, "M2: the upload must stay when a condition fails: %v", opts)
	}
	return err
}

// holding returns conditions that hold for the object.
func holding(o *storage.Object) []storage.Options {
	all := []storage.Options{
		{storage.OptIfModifiedSince: o.Updated.Add(-time.Hour)}, {storage.OptIfModifiedSince: time.Time{}},
		{storage.OptIfUnmodifiedSince: o.Updated}, {storage.OptIfUnmodifiedSince: o.Updated.Add(time.Hour)},
		{storage.OptIfMatch: o.ETag, storage.OptIfNoneMatch: "other", storage.OptIfUnmodifiedSince: o.Updated.In(time.FixedZone("far", 3600))},
	}
	for _, tags := range []string{"*", o.ETag, `"` + o.ETag + `"`, `W/"` + o.ETag + `"`, `"other", "` + o.ETag + `"`, "other," + o.ETag, ` W/"other",  ` + o.ETag + ` , "a,b"`} {
		all = append(all, storage.Options{storage.OptIfMatch: tags})
	}
	for _, tags := range []string{"other", `"other"`, `W/"other"`, `"other", "another"`, `"` + o.ETag + `,"`} {
		all = append(all, storage.Options{storage.OptIfNoneMatch: tags})
	}
	return all
}

// failing returns conditions that fail for the object.
func failing(o *storage.Object) []storage.Options {
	all := []storage.Options{
		{storage.OptIfModifiedSince: o.Updated}, {storage.OptIfModifiedSince: o.Updated.Add(time.Hour)},
		{storage.OptIfUnmodifiedSince: o.Updated.Add(-time.Hour)},
		// all must hold, so one that fails is enough
		{storage.OptIfMatch: o.ETag, storage.OptIfNoneMatch: o.ETag},
		{storage.OptIfMatch: "other", storage.OptIfNoneMatch: "other"},
		{storage.OptIfMatch: o.ETag, storage.OptIfModifiedSince: o.Updated},
		{storage.OptIfMatch: "*", storage.OptIfUnmodifiedSince: o.Updated.Add(-time.Hour)},
	}
	for _, tags := range []string{"other", "", `""`, `"other"`, `W/"other"`, `"other", another`, o.ETag + "x", `"` + o.ETag + `x"`, `"` + o.ETag + `,"`} {
		all = append(all, storage.Options{storage.OptIfMatch: tags})
	}
	for _, tags := range []string{"*", o.ETag, `"` + o.ETag + `"`, `W/"` + o.ETag + `"`, `"other", "` + o.ETag + `"`, "other," + o.ETag} {
		all = append(all, storage.Options{storage.OptIfNoneMatch: tags})
	}
	return all
}

// conditionCases are cases of O7 for each method, and those of several methods.
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
		if m.relaxed != "" {
			cases = append(cases, testCase{"O7_" + m.method + "_judges_conditions_or_refuses_them", m.judgesOrRefuses})
		}
	}
	return append(cases,
		testCase{"O7_copy_and_move_judge_the_destination", o7JudgesTheDestination},
		testCase{"O7_recursive_delete_removes_nothing_if_a_condition_fails", o7RecursiveDelete},
		testCase{"O7_conditions_are_judged_in_the_commit", o7JudgedInTheCommit},
		testCase{"O7_upsert_false_is_judged_in_the_commit", o7UpsertJudgedInTheCommit},
	)
}

// begin prepares a case that needs conditions to be judged.
func (m conditioned) begin(h *harness) {
	h.strong(m.relaxed)
	m.prepare(h)
}

func (m conditioned) holds(h *harness) {
	m.begin(h)
	for i := range holding(new(storage.Object)) {
		m.prepare(h)
		opts := with(holding(h.asStated(h.put("key", "old")))[i], storage.OptUpsert, true)
		if !m.creates {
			delete(opts, storage.OptUpsert)
		}
		require.NoError(h, m.call(h, "key", opts), "O7: %s must succeed if %v holds", m.method, opts)
		if m.creates {
			require.Equal(h, "new content", h.get("key"), "O7: %s must take effect if %v holds", m.method, opts)
		}
	}
}

func (m conditioned) fails(h *harness) {
	m.begin(h)
	for _, opts := range failing(h.asStated(h.putRich("key"))) {
		h.unchanged(fmt.Sprintf("O7: a failed condition of %s must leave everything untouched: %v", m.method, opts), func() {
			require.ErrorIs(h, m.call(h, "key", opts), storage.ErrPrecondition, "O7: %s must fail if %v does not hold", m.method, opts)
		})
	}
}

// judgesOrRefuses checks that a condition that fails is never ignored. Where the
// driver relaxes the rule, the operation may be unsupported with it.
func (m conditioned) judgesOrRefuses(h *harness) {
	m.prepare(h)
	o := h.asStated(h.putRich("key"))
	conditions := failing(o)
	if m.creates {
		conditions = append(conditions, storage.Options{storage.OptUpsert: false})
	}
	for _, opts := range conditions {
		want := storage.ErrPrecondition
		if !opts.Bool(storage.OptUpsert, true) {
			want = storage.ErrExist
		}
		h.unchanged(fmt.Sprintf("O7: %s with %v must leave everything untouched", m.method, opts), func() {
			h.failsCondition(m.relaxed, want, m.call(h, "key", opts), "O7: %s must not ignore %v", m.method, opts)
		})
	}
	require.NoError(h, m.call(h, "key", nil), "O7: %s without conditions must succeed", m.method)
}

// failsCondition checks the error of an operation under a condition that fails: want, or
// ErrUnsupported if the driver relaxes the rule.
func (h *harness) failsCondition(rule string, want, err error, message string, args ...any) {
	if h.limits.Relaxes(rule) && errors.Is(err, storage.ErrUnsupported) {
		return
	}
	require.ErrorIs(h, err, want, append([]any{message}, args...)...)
}

func (m conditioned) missing(h *harness) {
	m.begin(h)
	h.put("beneath/x", "content")
	h.delete("beneath/x")
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
	m.begin(h)
	h.putRich("key")
	h.unchanged("O7: upsert: false must leave everything untouched", func() {
		err := m.call(h, "key", storage.Options{storage.OptUpsert: false})
		require.ErrorIs(h, err, storage.ErrExist, "O7: %s with upsert: false onto an object", m.method)
	})
}

func (m conditioned) upsertFalseCreates(h *harness) {
	h.put("dir/x", "content")
	keys := []string{"new", "dir"} // a directory of the name is no object to protect
	if h.limits.Relaxes(storage.RelaxedTwins) {
		keys = keys[:1]
	}
	for _, key := range keys {
		if m.relaxed == storage.RelaxedO7Write {
			h.condition(storage.Options{storage.OptUpsert: false})
		} else {
			h.strong(m.relaxed)
		}
		m.prepare(h)
		err := m.call(h, key, storage.Options{storage.OptUpsert: false})
		require.NoError(h, err, "O7: %s with upsert: false where there is no object", m.method)
		require.Equal(h, "new content", h.get(key))
	}
}

func o7JudgesTheDestination(h *harness) {
	h.strong(storage.RelaxedO7Copy)
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
	h.strong(storage.RelaxedO7Delete)
	h.putKeys(h.possible("a", "a/b", "dir/c")...)
	h.unchanged("O7: a failed condition must leave everything untouched", func() {
		for _, key := range []string{"a", "dir"} {
			for _, opts := range []storage.Options{{storage.OptIfMatch: "other"}, {storage.OptIfNoneMatch: "*"}} {
				err := h.b.Delete(h.ctx, key, with(opts, storage.OptRecursive, true))
				require.ErrorIs(h, err, storage.ErrPrecondition, "O7: recursive Delete of %q with %v, which fails", key, opts)
			}
		}
	})
}

// writeMeanwhile writes with opts, while another Write to the key succeeds in
// the middle of the body.
func (h *harness) writeMeanwhile(key string, opts storage.Options) error {
	_, err := h.b.Write(h.ctx, key, interrupted("the slow one", func() { h.put(key, "the quick one") }), 12, "", opts)
	return err
}

func o7JudgedInTheCommit(h *harness) {
	h.strong(storage.RelaxedO7Write)
	err := h.writeMeanwhile("new", storage.Options{storage.OptIfNoneMatch: "*"})
	require.ErrorIs(h, err, storage.ErrPrecondition, "O7: if_none_match must be judged in the commit, when the key has come to be")
	require.Equal(h, "the quick one", h.get("new"), "O7: a Write whose condition no longer holds must store nothing")
	old := h.put("old", "old")
	err = h.writeMeanwhile("old", storage.Options{storage.OptIfMatch: old.ETag})
	require.ErrorIs(h, err, storage.ErrPrecondition, "O7: if_match must be judged in the commit, when the object is another")
	require.Equal(h, "the quick one", h.get("old"), "O7: a Write whose condition no longer holds must store nothing")
}

func o7UpsertJudgedInTheCommit(h *harness) {
	h.strong(storage.RelaxedO7Write)
	err := h.writeMeanwhile("new", storage.Options{storage.OptUpsert: false})
	require.ErrorIs(h, err, storage.ErrExist, "O7: upsert: false must be judged in the commit, when the key has come to be")
	require.Equal(h, "the quick one", h.get("new"), "O7: a Write that upsert: false forbids must store nothing")
}
