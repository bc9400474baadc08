package wrap_test

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"os"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
)

var ctx = context.Background()

// save is the code under test.
func save(st storage.Storage, key, content string) error {
	_, err := storage.WriteAll(ctx, st.Bucket("docs"), key, []byte(content), "text/plain", nil)
	return err
}

func ExampleIntercept() {
	st := wrap.Intercept(memdriver.Open(), func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		err := next(ctx)
		fmt.Println(c, err)
		return err
	})
	save(st, "a.txt", "hello")
	// Output: write docs/a.txt size=5 type=text/plain <nil>
}

// A failed call is tried again.
func ExampleIntercept_retry() {
	flaky := wrap.Fail(memdriver.Open(), wrap.Fault{Op: "stat", Nth: 1})
	st := wrap.Intercept(flaky, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		err := next(ctx)
		if errors.Is(err, wrap.ErrInjected) && !c.Writes() {
			err = next(ctx)
		}
		return err
	})
	_, err := st.Bucket("docs").Stat(ctx, "a.txt", nil)
	fmt.Println(err)
	// Output: storage: stat bucket "docs" key "a.txt": bucket does not exist
}

func ExampleFail() {
	st := wrap.Fail(memdriver.Open(), wrap.Fault{Op: "write", Key: "*.txt", Nth: 2})
	fmt.Println(save(st, "a.txt", "1"))
	fmt.Println(save(st, "b.txt", "2"))
	fmt.Println(save(st, "b.txt", "2"))
	// Output:
	// <nil>
	// storage: write bucket "docs" key "b.txt": injected fault
	// <nil>
}

// The write takes effect, but the caller does not learn it.
func ExampleFail_after() {
	inner := memdriver.Open()
	st := wrap.Fail(inner, wrap.Fault{Op: "write", After: true, Err: context.DeadlineExceeded})
	fmt.Println(save(st, "a.txt", "1"))
	fmt.Println(inner.Snapshot().Len())
	// Output:
	// storage: write bucket "docs" key "a.txt": context deadline exceeded
	// 1
}

// The connection breaks after three bytes.
func ExampleFail_cut() {
	inner := memdriver.Open()
	save(inner, "a.txt", "hello")
	st := wrap.Fail(inner, wrap.Fault{Op: "open", Cut: 3})
	_, _, err := storage.ReadAll(ctx, st.Bucket("docs"), "a.txt")
	fmt.Println(err)
	// Output: storage: open bucket "docs" key "a.txt": injected fault
}

func ExampleDelay() {
	st := wrap.Delay(memdriver.Open(), wrap.Latency{Op: "write", Delay: time.Hour})
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err := storage.WriteAll(ctx, st.Bucket("docs"), "a.txt", nil, "", nil)
	fmt.Println(err)
	// Output: storage: write bucket "docs" key "a.txt": context deadline exceeded
}

func ExampleLog() {
	withoutTimes := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTimes}))
	st := wrap.Log(memdriver.Open(), logger)
	save(st, "a.txt", "hello")
	st.Bucket("docs").Delete(ctx, "b.txt", nil)
	// Output:
	// level=INFO msg=storage op=write bucket=docs key=a.txt bytes=5
	// level=WARN msg=storage op=delete bucket=docs key=b.txt err="storage: delete bucket \"docs\" key \"b.txt\": file does not exist"
}

func ExampleRecord() {
	st, rec := wrap.Record(memdriver.Open())
	save(st, "a.txt", "hello")
	st.Bucket("docs").Delete(ctx, "b.txt", nil)
	fmt.Print(rec)
	// Output:
	// write docs/a.txt size=5 type=text/plain
	// delete docs/b.txt → file does not exist
}

func ExampleReadOnly() {
	inner := memdriver.Open()
	save(inner, "a.txt", "hello")
	st := wrap.ReadOnly(inner)
	data, _, err := storage.ReadAll(ctx, st.Bucket("docs"), "a.txt")
	fmt.Println(string(data), err)
	fmt.Println(save(st, "a.txt", "bye"))
	// Output:
	// hello <nil>
	// storage: write bucket "docs" key "a.txt": permission denied
}

// expvarMeter publishes the numbers of calls, errors and bytes.
type expvarMeter struct{ *expvar.Map }

func (m expvarMeter) Measure(op string, _ time.Duration, bytes int64, err error) {
	m.Add(op, 1)
	if err != nil {
		m.Add(op+".errors", 1)
	}
	if bytes > 0 {
		m.Add(op+".bytes", bytes)
	}
}

func ExampleMeasure() {
	m := expvarMeter{expvar.NewMap("storage")} // served at /debug/vars
	st := wrap.Measure(memdriver.Open(), m)
	save(st, "a.txt", "hello")
	save(st, "b.txt", "bye")
	st.Bucket("docs").Delete(ctx, "c.txt", nil)
	fmt.Println(m)
	// Output: {"delete": 1, "delete.errors": 1, "write": 2, "write.bytes": 8}
}

func ExamplePrefix() {
	inner := memdriver.Open()
	st := wrap.Prefix(inner, "tenants/42")
	save(st, "a.txt", "hello")
	obj, _ := inner.Bucket("docs").Stat(ctx, "tenants/42/a.txt", nil)
	fmt.Println(obj.Key)
	fmt.Println(save(st, "../43/a.txt", "hello"))
	// Output:
	// tenants/42/a.txt
	// storage: write bucket "docs" key "../43/a.txt": permission denied: .. leads out of the bucket
}

func ExampleCall_Fail() {
	st := wrap.Intercept(memdriver.Open(), func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if c.Op == "delete" {
			return c.Fail(storage.ErrPermission)
		}
		return next(ctx)
	})
	fmt.Println(st.Bucket("docs").Delete(ctx, "a.txt", nil))
	// Output: storage: delete bucket "docs" key "a.txt": permission denied
}

// A store that can be frozen.
func ExampleCall_Writes() {
	frozen := false
	st := wrap.Intercept(memdriver.Open(), func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		if frozen && c.Writes() {
			return c.Fail(storage.ErrPermission)
		}
		return next(ctx)
	})
	fmt.Println(save(st, "a.txt", "hello"))
	frozen = true
	fmt.Println(save(st, "a.txt", "bye"))
	// Output:
	// <nil>
	// storage: write bucket "docs" key "a.txt": permission denied
}

func ExampleCall_Bytes() {
	written := int64(0)
	st := wrap.Intercept(memdriver.Open(), func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
		err := next(ctx)
		written += c.Bytes()
		return err
	})
	save(st, "a.txt", "hello")
	save(st, "b.txt", "bye")
	fmt.Println(written)
	// Output: 8
}

// A recording can be looked through for what must not happen.
func ExampleRecording_Calls() {
	st, rec := wrap.Record(memdriver.Open())
	save(st, "a.txt", "hello")
	rec.Reset()
	storage.ReadAll(ctx, st.Bucket("docs"), "a.txt")
	for _, c := range rec.Calls() {
		fmt.Println(c.Op, c.Key, c.Writes)
	}
	// Output: open a.txt false
}
