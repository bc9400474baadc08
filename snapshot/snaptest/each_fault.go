package snaptest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
)

// EachFault tests what code leaves behind when it fails half way. It calls run once
// without a fault and then again and again, each time on a new fork of the store,
// and lets the first write fail, then the second, and so on, each in three ways:
//
//   - before: the call has no effect and returns an error;
//   - after: the call takes effect, but returns an error, as when an answer is lost;
//   - crash: the call has no effect, and neither has any later one, as when the
//     process ends.
//
// The errors are [wrap.ErrInjected]. After each run, check looks at the fork, which
// no longer fails, and reports to its t if what is left is not whole. It gets the
// error that run returned: nil if run got over the fault.
//
// Each run is a subtest, so a failure says which write failed, and -run selects it.
// A fork costs O(1) whatever the store holds, which must be a [snapshot.Store]. It
// has the store's limits and default bucket; opts can give it a clock. run must
// make the same writes in the same order each time, through the store that it gets.
func EachFault(t *testing.T, st storage.Storage, run func(t *testing.T, st snapshot.Store) error,
	check func(t *testing.T, st snapshot.Store, err error), opts ...memdriver.Option) {
	mustTB(t, "EachFault").Helper()
	must(t, "EachFault", !isNil(st), noStore)
	must(t, "EachFault", run != nil && check != nil, "run or check is nil; pass the code under test and a check of what it leaves")
	must(t, "EachFault", allSet(opts), noOption)
	snap := snapshotOf(t, "EachFault", st)
	opts = append([]memdriver.Option{memdriver.WithLimits(storage.LimitsOf(st)), memdriver.WithDefaultBucket(st.Bucket("").Name())}, opts...)
	try := func(name string, f *fault) bool {
		return t.Run(name, func(t *testing.T) {
			fork := Fork(t, snap, opts...)
			t.Cleanup(func() { t.Helper(); f.report(t) })
			f.err = run(t, wrap.Intercept(fork, f.around).(snapshot.Store))
			must(t, "EachFault", f.kind != noFault || f.err == nil, fmt.Sprintf("run fails without a fault: %v", f.err))
			check(t, fork, f.err)
		})
	}
	sound := new(fault)
	if !try("no fault", sound) {
		return
	}
	must(t, "EachFault", len(sound.writes) > 0, "run writes nothing; let it use the store that it gets")
	for i, write := range sound.writes {
		op, _, _ := strings.Cut(write, " ")
		for _, kind := range []kind{before, after, crash} {
			try(fmt.Sprintf("%d %s %s", i+1, kind, op), &fault{kind: kind, nth: i + 1})
		}
	}
}

// kind is the way in which a call fails.
type kind string

const (
	noFault kind = ""
	before  kind = "before"
	after   kind = "after"
	crash   kind = "crash"
)

var effects = map[kind]string{
	before: "had no effect and returned an error",
	after:  "took effect but returned an error",
	crash:  "had no effect, nor had any later one",
}

// fault lets the nth write of a run fail.
type fault struct {
	kind kind
	nth  int   // from 1
	err  error // of the run

	mu     sync.Mutex // guards the rest
	writes []string   // so far
}

// around is a [wrap.Around].
func (f *fault) around(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
	hit, crashed := f.note(c)
	switch {
	case crashed, hit && f.kind == before:
		return c.Fail(wrap.ErrInjected)
	case c.Op == "update" && c.Update != nil:
		c.Update = f.notInACrash(c, c.Update)
	}
	if err := next(ctx); err != nil || !hit {
		return err
	}
	return c.Fail(wrap.ErrInjected)
}

// note counts a call, and reports whether it is to fail, and whether it comes in or
// after a crash.
func (f *fault) note(c *wrap.Call) (hit, crashed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Writes() {
		f.writes = append(f.writes, c.String())
		hit = f.kind != noFault && len(f.writes) == f.nth
	}
	return hit, f.kind == crash && len(f.writes) >= f.nth
}

// notInACrash returns update with an error if a crash comes while it runs, so that
// nothing is committed.
func (f *fault) notInACrash(c *wrap.Call, update func(storage.Storage) error) func(storage.Storage) error {
	return func(tx storage.Storage) error {
		err := update(tx)
		if _, crashed := f.note(new(wrap.Call)); crashed {
			return c.Fail(wrap.ErrInjected)
		}
		return err
	}
}

// report logs what happened in a run whose check failed.
func (f *fault) report(t *testing.T) {
	t.Helper()
	if !t.Failed() || f.kind == noFault {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for i, write := range f.writes {
		if i+1 == f.nth {
			write += "   <- this call " + effects[f.kind]
		}
		lines = append(lines, fmt.Sprintf("    %d  %s", i+1, write))
	}
	t.Logf("snaptest.EachFault: write %d failed and left a store that is not whole:\n%s\nrun returned: %v", f.nth, shorten(lines), f.err)
}
