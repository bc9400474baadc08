package wrap_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
)

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wrap.Delay(memdriver.Open(),
			wrap.Latency{Op: "write", Delay: time.Hour}, wrap.Latency{Op: "write", Key: "slow", Delay: time.Minute}, wrap.Latency{Op: "stat"})
		took := func(do func()) time.Duration {
			start := time.Now()
			do()
			return time.Since(start)
		}
		assert.Equal(t, time.Hour, took(func() { put(t, w, "k", "") }))
		assert.Equal(t, time.Hour+time.Minute, took(func() { put(t, w, "slow", "") }))
		assert.Zero(t, took(func() { w.Bucket("b").Stat(t.Context(), "k", nil) }))
	})
}

// A context that is done ends the wait, and the call does not happen.
func TestDelayEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memdriver.Open()
		w := wrap.Delay(st, wrap.Latency{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := storage.WriteAll(ctx, w.Bucket("b"), "k", nil, "", nil)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		assert.Zero(t, st.Snapshot().Len())
	})
}

func TestDelayWithABadPattern(t *testing.T) {
	_, err := wrap.Delay(memdriver.Open(), wrap.Latency{Op: "["}).Bucket("b").Stat(t.Context(), "k", nil)
	assert.ErrorIs(t, err, storage.ErrInvalid)
}

// untimed returns a logger without times, and what it logs.
func untimed(level slog.Level) (*slog.Logger, *bytes.Buffer) {
	out := new(bytes.Buffer)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}})), out
}

func TestLog(t *testing.T) {
	logger, out := untimed(slog.LevelDebug)
	w := wrap.Log(memdriver.Open(), logger)
	put(t, w, "k", "content")
	data, _, err := storage.ReadAll(t.Context(), w.Bucket("b"), "k")
	require.NoError(t, err)
	require.Equal(t, "content", string(data))
	w.Bucket("b").Stat(t.Context(), "none", nil)
	drain(w.Buckets(t.Context(), 0, 0, nil))
	require.NoError(t, w.Close())
	assert.Equal(t, `level=INFO msg=storage op=write bucket=b key=k bytes=7
level=INFO msg=storage op=open bucket=b key=k
level=DEBUG msg=storage op=reader.read bucket=b key=k bytes=7
level=DEBUG msg=storage op=reader.read bucket=b key=k
level=DEBUG msg=storage op=reader.close bucket=b key=k
level=WARN msg=storage op=stat bucket=b key=none err="storage: stat bucket \"b\" key \"none\": file does not exist"
level=INFO msg=storage op=buckets
level=DEBUG msg=storage op=buckets.next
level=DEBUG msg=storage op=buckets.next
level=DEBUG msg=storage op=buckets.close
level=INFO msg=storage op=close
`, out.String())
}

func TestLogBelowItsLevel(t *testing.T) {
	logger, out := untimed(slog.LevelWarn)
	put(t, wrap.Log(memdriver.Open(), logger), "k", "content")
	assert.Empty(t, out.String())
}

func TestLogToTheDefault(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	logger, out := untimed(slog.LevelInfo)
	slog.SetDefault(logger)
	put(t, wrap.Log(memdriver.Open(), nil), "k", "content")
	assert.Contains(t, out.String(), "op=write")
}

func TestRecord(t *testing.T) {
	w, rec := wrap.Record(memdriver.Open())
	b := w.Bucket("b")
	_, err := b.Write(t.Context(), "/a key", strings.NewReader("content"), -1, "text/plain", storage.Options{
		storage.OptIfNoneMatch: "*", storage.OptMetadata: map[string]string{"k": "v"},
	})
	require.NoError(t, err)
	_, err = b.Copy(t.Context(), "copy", "", "a key", nil)
	require.NoError(t, err)
	_, err = b.Move(t.Context(), "moved", "b", "none", storage.Options{storage.OptIfUnmodifiedSince: time.Unix(0, 0)})
	require.ErrorIs(t, err, storage.ErrNotExist)
	_, _, err = storage.ReadAll(t.Context(), b, "copy")
	require.NoError(t, err)
	drain(b.List(t.Context(), "", 10, 2, storage.Options{storage.OptRecursive: false}))
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), "big", "", nil)
	require.NoError(t, err)
	_, err = m.UploadPart(t.Context(), mu, 3, strings.NewReader("x"), 1, nil)
	require.NoError(t, err)
	_, err = b.(storage.HasDirectories).Directory("d").Move(t.Context(), "e", nil)
	require.ErrorIs(t, err, storage.ErrNotExist)
	require.NoError(t, w.(snapshot.Store).Update(t.Context(), func(tx storage.Storage) error {
		return tx.Bucket("b").Delete(t.Context(), "copy", nil)
	}))
	assert.Equal(t, `write "b//a key" size=-1 type=text/plain if_none_match=* metadata=map[k:v]
copy b/copy from="a key"
move b/moved from=b/none if_unmodified_since=1970-01-01T00:00:00Z → source "none" in bucket "b": file does not exist
open b/copy
list b offset=2 limit=10 recursive=false
initmultipart b/big
uploadpart b/big part=3 size=1
directory.move b/d to=e → file does not exist
delete b/copy
update
`, rec.String())

	calls := rec.Calls()
	assert.Equal(t, wrap.Recorded{Op: "open", Bucket: "b", Key: "copy", Text: "open b/copy"}, calls[3])
	assert.True(t, calls[1].Writes)
	rec.Reset()
	assert.Empty(t, rec.Calls())
	assert.Empty(t, rec.String())
	assert.Len(t, calls, 10, "a list that was returned stays")
}

func TestReadOnly(t *testing.T) {
	st := memdriver.Open()
	put(t, st, "k", "content")
	before := st.Snapshot()
	w := wrap.ReadOnly(st).(snapshot.Store)
	everything(t.Context(), w)
	assert.ErrorIs(t, w.Restore(new(snapshot.Snapshot)), storage.ErrPermission)
	assert.ErrorIs(t, w.Update(t.Context(), func(storage.Storage) error { return nil }), storage.ErrPermission)
	assert.Same(t, before, st.Snapshot())

	data, _, err := storage.ReadAll(t.Context(), w.Bucket("b"), "k")
	require.NoError(t, err)
	assert.Equal(t, "content", string(data))
	assert.Len(t, drain(w.Bucket("b").List(t.Context(), "", 0, 0, nil)), 1)
	err = w.Bucket("b").Delete(t.Context(), "k", nil)
	assert.EqualError(t, err, `storage: delete bucket "b" key "k": permission denied`)
	assert.ErrorIs(t, w.Bucket("b").Delete(done(t), "k", nil), context.Canceled)

	require.NoError(t, w.Close())
	_, err = st.Bucket("b").Stat(t.Context(), "k", nil)
	assert.ErrorIs(t, err, storage.ErrClosed)
}

// signing is a store that signs URLs.
type signing struct{ storage.Storage }

func (s signing) Bucket(name string) storage.Bucket { return signingBucket{s.Storage.Bucket(name)} }

type signingBucket struct{ storage.Bucket }

func (signingBucket) SignedURL(context.Context, string, string, time.Duration, storage.Options) (string, error) {
	return "https://example.com", nil
}

func TestReadOnlySignsForReading(t *testing.T) {
	b := wrap.ReadOnly(signing{memdriver.Open()}).Bucket("b")
	for method, want := range map[string]error{"GET": nil, "HEAD": nil, "PUT": storage.ErrPermission, "": storage.ErrPermission} {
		_, err := b.SignedURL(t.Context(), "k", method, time.Hour, nil)
		assert.ErrorIs(t, err, want, method)
	}
}

// meter sums up what it is given.
type meter struct {
	calls, errs map[string]int
	bytes       map[string]int64
	took        time.Duration
}

func (m *meter) Measure(op string, took time.Duration, bytes int64, err error) {
	m.calls[op]++
	m.bytes[op] += bytes
	m.took += took
	if err != nil {
		m.errs[op]++
	}
}

func TestMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{map[string]int{}, map[string]int{}, map[string]int64{}, 0}
		w := wrap.Measure(wrap.Delay(memdriver.Open(), wrap.Latency{Op: "open", Delay: time.Hour}), m)
		put(t, w, "k", "content")
		data, _, err := storage.ReadAll(t.Context(), w.Bucket("b"), "k")
		require.NoError(t, err)
		require.Len(t, data, 7)
		r, _, err := w.Bucket("b").Open(t.Context(), "k", 0, 0, nil)
		require.NoError(t, err)
		_, err = r.(io.WriterTo).WriteTo(io.Discard)
		require.NoError(t, err)
		w.Bucket("b").Stat(t.Context(), "none", nil)
		mu, err := w.Bucket("b").(storage.HasMultipart).InitMultipart(t.Context(), "big", "", nil)
		require.NoError(t, err)
		_, err = w.Bucket("b").(storage.HasMultipart).UploadPart(t.Context(), mu, 1, strings.NewReader("xyz"), 3, nil)
		require.NoError(t, err)
		assert.Equal(t, map[string]int{
			"write": 1, "open": 2, "reader.read": 2, "reader.close": 1, "reader.writeto": 1, "stat": 1, "initmultipart": 1, "uploadpart": 1,
		}, m.calls)
		assert.Equal(t, map[string]int{"stat": 1}, m.errs)
		assert.Equal(t, map[string]int64{
			"write": 7, "open": 0, "reader.read": 7, "reader.close": 0, "reader.writeto": 7, "stat": 0, "initmultipart": 0, "uploadpart": 3,
		}, m.bytes)
		assert.Equal(t, 2*time.Hour, m.took)
	})
}
