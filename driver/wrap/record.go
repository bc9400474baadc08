package wrap

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"open-lake.dev/lib/storage"
)

// Record returns a store that notes its calls in a recording, each when it ends.
// It leaves out those of readers and iterators.
func Record(st storage.Storage) (storage.Storage, *Recording) {
	r := new(Recording)
	return Intercept(st, func(ctx context.Context, c *Call, next func(context.Context) error) error {
		text := c.String() // before next, which may change what it shows
		err := next(ctx)
		if !c.isStep() {
			r.add(Recorded{Op: c.Op, Bucket: c.Bucket, Key: c.Key, Text: text, Writes: c.Writes(), Err: err})
		}
		return err
	}), r
}

// Recorded is a call in a [Recording].
type Recorded struct {
	Op, Bucket, Key string // as in Call
	Text            string // the whole call, as by Call.String
	Writes          bool   // as Call.Writes
	Err             error  // that the call returned
}

// String returns the call and, if it failed, an arrow and the cause.
func (r Recorded) String() string {
	if r.Err == nil {
		return r.Text
	}
	err := r.Err
	if e := (*storage.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return r.Text + " → " + err.Error()
}

// Recording is a list of calls. Its methods may be called from any number of
// goroutines.
type Recording struct {
	mu    sync.Mutex // guards calls
	calls []Recorded
}

func (r *Recording) add(c Recorded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

// Calls returns the calls so far.
func (r *Recording) Calls() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Reset empties the recording.
func (r *Recording) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

// String returns the calls, one on each line. It is the same for the same calls on
// every run, so it can be a golden file.
func (r *Recording) String() string {
	var b strings.Builder
	for _, c := range r.Calls() {
		b.WriteString(c.String())
		b.WriteByte('\n')
	}
	return b.String()
}
