package drivertest

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"open-lake.dev/lib/storage"
)

// testCase is one subtest. Its name begins with the rule that it checks.
type testCase struct {
	name  string
	check func(h *harness)
}

// outcome is the result of a case, which passed if there is no failure and no
// skip.
type outcome struct {
	failures []string
	skipped  string
}

// run runs the case in a goroutine of its own, so that a driver that panics or
// hangs fails this case and no other. The stores of a case that hangs are not
// released: that might hang too.
func (c testCase) run(t *testing.T, config Config) outcome {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h := &harness{ctx: ctx, rounds: config.rounds(), exact: config.ExactKeys}
	h.open = func() (storage.Storage, func()) { return config.Factory(t) }
	h.st = h.another()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer h.release()
		defer h.catch()
		h.prepare()
		c.check(h)
	}()
	timer := time.NewTimer(config.patience())
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		h.Errorf("%s: no end within %v: the driver waits for a lock that is never released, or loops\n%s",
			c.name, config.patience(), stacksOf(c.check))
	}
	return h.finish()
}

// report passes the outcome on to the subtest.
func (o outcome) report(t *testing.T) {
	t.Helper()
	for _, f := range o.failures {
		t.Error(f)
	}
	if len(o.failures) == 0 && o.skipped != "" {
		t.Skip(o.skipped)
	}
}

// record is the part of a harness that testify and the cases report to. It
// replaces a *testing.T, which must not be used after its test has ended, as the
// goroutine of a case that hangs might.
type record struct {
	mu sync.Mutex // guards the rest
	outcome
	over     bool // later reports do not count
	releases []func()
}

// Errorf records a failure; testify calls it.
func (r *record) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.failures = append(r.failures, fmt.Sprintf(format, args...))
	}
}

// FailNow ends the goroutine of the case; testify calls it.
func (r *record) FailNow() { runtime.Goexit() }

// skip ends the case because the driver lacks what it checks.
func (r *record) skip(reason string) {
	r.mu.Lock()
	r.skipped = reason
	r.mu.Unlock()
	runtime.Goexit()
}

// failed reports whether there was a failure so far.
func (r *record) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

// finish closes the record and returns the outcome.
func (r *record) finish() outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	return r.outcome
}

// catch is deferred and turns a panic into a failure.
func (r *record) catch() {
	if p := recover(); p != nil {
		r.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// release releases the stores of the case.
func (r *record) release() {
	defer r.catch()
	r.mu.Lock()
	releases := r.releases
	r.mu.Unlock()
	for _, release := range releases {
		release()
	}
}

// stacksOf returns the stacks of the goroutines that run check.
func stacksOf(check func(*harness)) string {
	name := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, name) {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}
