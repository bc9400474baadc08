package storage_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func ExampleNewWriter() {
	ctx := context.Background()
	b := memdriver.Open().Bucket("reports")

	export := func() error {
		w := storage.NewWriter(ctx, b, "2026.csv", "text/csv", nil)
		defer w.CloseWithError(nil) // does nothing after Close
		table := csv.NewWriter(w)
		table.Write([]string{"month", "sales"})
		table.Write([]string{"January", "42"})
		table.Flush()
		if err := table.Error(); err != nil {
			return err
		}
		return w.Close()
	}
	fmt.Println(export())

	data, obj, _ := storage.ReadAll(ctx, b, "2026.csv")
	fmt.Printf("%s %q\n", obj.ContentType, data)
	// Output:
	// <nil>
	// text/csv "month,sales\nJanuary,42\n"
}

func ExampleWriter_CloseWithError() {
	ctx := context.Background()
	b := memdriver.Open().Bucket("reports")
	w := storage.NewWriter(ctx, b, "2026.csv", "text/csv", nil)
	io.WriteString(w, "month,sales\n")
	w.CloseWithError(errors.New("the database is gone"))
	fmt.Println(w.Close())
	fmt.Println(storage.Exists(ctx, b, "2026.csv"))
	// Output:
	// storage: write bucket "reports" key "2026.csv": the database is gone
	// false <nil>
}

func ExampleWriter_Object() {
	w := storage.NewWriter(context.Background(), memdriver.Open().Bucket("b"), "k", "", nil)
	io.WriteString(w, "content")
	fmt.Println(w.Object())
	w.Close()
	fmt.Println(w.Object().Size)
	// Output:
	// <nil>
	// 7
}

func TestWriterStoresAtClose(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	for _, content := range []string{"", "x", strings.Repeat("0123456789", 300_000)} {
		w := storage.NewWriter(t.Context(), b, "k/"+fmt.Sprint(len(content)), "text/plain", storage.Options{storage.OptUpsert: false})
		for rest := content; rest != ""; {
			n, err := io.WriteString(w, rest[:min(len(rest), 70_000)])
			require.NoError(t, err)
			rest = rest[n:]
		}
		assert.Nil(t, w.Object())
		require.NoError(t, w.Close())
		data, o, err := storage.ReadAll(t.Context(), b, "k/"+fmt.Sprint(len(content)))
		require.NoError(t, err)
		assert.True(t, content == string(data))
		assert.Equal(t, o, w.Object())
	}
}

func TestWriterAfterClose(t *testing.T) {
	st := memdriver.Open()
	w := storage.NewWriter(t.Context(), st.Bucket("b"), "k", "", nil)
	require.NoError(t, w.Close())
	after := st.Snapshot()
	for range 2 {
		assert.NoError(t, w.Close())
		assert.NoError(t, w.CloseWithError(errTorn))
		_, err := io.WriteString(w, "more")
		assert.ErrorIs(t, err, storage.ErrClosed)
	}
	assert.NotNil(t, w.Object())
	assert.Same(t, after, st.Snapshot())
}

// A Writer that is not closed well stores nothing, whenever it ends.
func TestWriterStoresNothing(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(w *storage.Writer, cancel func())
		want error
	}{
		"error":       {func(w *storage.Writer, _ func()) { w.CloseWithError(errTorn) }, errTorn},
		"nil error":   {func(w *storage.Writer, _ func()) { w.CloseWithError(nil) }, context.Canceled},
		"io.EOF":      {func(w *storage.Writer, _ func()) { w.CloseWithError(io.EOF) }, io.ErrUnexpectedEOF},
		"cancelled":   {func(_ *storage.Writer, cancel func()) { cancel() }, context.Canceled},
		"error twice": {func(w *storage.Writer, _ func()) { w.CloseWithError(errTorn); w.CloseWithError(nil) }, errTorn},
	} {
		for _, begun := range []bool{false, true} {
			t.Run(fmt.Sprint(name, begun), func(t *testing.T) {
				st := memdriver.Open()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w := storage.NewWriter(ctx, st.Bucket("b"), "k", "", nil)
				if begun {
					_, err := io.WriteString(w, "half")
					require.NoError(t, err)
				}
				end.do(w, cancel)
				assert.ErrorIs(t, w.Close(), end.want)
				assert.ErrorIs(t, w.Close(), end.want)
				assert.Nil(t, w.Object())
				assert.Zero(t, st.Snapshot().Len())
			})
		}
	}
}

// careless is a bucket whose Write does not look at its context.
type careless struct{ storage.Bucket }

func (b careless) Write(ctx context.Context, key string, src io.Reader, size int64, contentType string, opts storage.Options) (*storage.Object, error) {
	return b.Bucket.Write(context.WithoutCancel(ctx), key, src, size, contentType, opts)
}

// The goroutine of a Writer that nobody closes ends with the context, whatever the
// driver: TestMain demands it.
func TestWriterEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := storage.NewWriter(ctx, careless{memdriver.Open().Bucket("b")}, "k", "", nil)
	_, err := io.WriteString(w, "half")
	require.NoError(t, err)
	cancel()
	for range 1000 {
		if _, err = io.WriteString(w, "more"); err != nil {
			break
		}
		runtime.Gosched()
	}
	assert.ErrorIs(t, err, context.Canceled)
}

// Close looks at the context itself, for the driver may not.
func TestWriterClosedAfterItsContext(t *testing.T) {
	st := memdriver.Open()
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		w := storage.NewWriter(ctx, careless{st.Bucket("b")}, "k", "", nil)
		_, err := io.WriteString(w, "half")
		require.NoError(t, err)
		cancel()
		assert.ErrorIs(t, w.Close(), context.Canceled)
	}
	assert.Zero(t, st.Snapshot().Len())
}

// What Bucket.Write returns comes from the next Write, and from Close.
func TestWriterFailsEarly(t *testing.T) {
	b := memdriver.Open(memdriver.WithMaxBytes(10)).Bucket("b")
	w := storage.NewWriter(t.Context(), b, "k", "", nil)
	var err error
	for err == nil {
		_, err = io.WriteString(w, "0123456789")
	}
	assert.ErrorIs(t, err, storage.ErrQuota)
	assert.ErrorIs(t, w.Close(), storage.ErrQuota)

	w = storage.NewWriter(t.Context(), b, "k", "", storage.Options{storage.OptIfMatch: "*"})
	assert.ErrorIs(t, w.Close(), storage.ErrPrecondition)
}

func TestWriterOfBadArguments(t *testing.T) {
	closed := memdriver.Open()
	require.NoError(t, closed.Close())
	b := memdriver.Open().Bucket("b")
	var none context.Context
	for name, tc := range map[string]struct {
		w    *storage.Writer
		want error
	}{
		"nil bucket":   {storage.NewWriter(t.Context(), nil, "k", "", nil), storage.ErrInvalid},
		"nil context":  {storage.NewWriter(none, b, "k", "", nil), storage.ErrInvalid},
		"bad key":      {storage.NewWriter(t.Context(), b, "", "", nil), storage.ErrInvalid},
		"done context": {storage.NewWriter(done(t), b, "k", "", nil), context.Canceled},
		"closed store": {storage.NewWriter(t.Context(), closed.Bucket("b"), "k", "", nil), storage.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := io.WriteString(tc.w, "content")
			assert.ErrorIs(t, err, tc.want)
			assert.ErrorIs(t, tc.w.Close(), tc.want)
			assert.NoError(t, tc.w.CloseWithError(nil))
			assert.Nil(t, tc.w.Object())
		})
	}
}

// The options are read when NewWriter is called.
func TestWriterKeepsItsOptions(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	opts := storage.Options{storage.OptIfNoneMatch: "*"}
	w := storage.NewWriter(t.Context(), b, "k", "", opts)
	delete(opts, storage.OptIfNoneMatch)
	opts[storage.OptIfMatch] = "*"
	assert.NoError(t, w.Close())
}

// TestZeroWriter: a Writer that NewWriter did not make is an error (C3).
func TestZeroWriter(t *testing.T) {
	var w storage.Writer
	_, err := w.Write([]byte("x"))
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.ErrorIs(t, w.Close(), storage.ErrInvalid)
	require.ErrorIs(t, w.CloseWithError(nil), storage.ErrInvalid)
	require.Nil(t, w.Object())
}
