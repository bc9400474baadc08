package memdriver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func Example() {
	ctx := context.Background()
	st, err := storage.Open(ctx, "mem://?bucket=inbox&time=2026-01-02T15:04:05Z")
	if err != nil {
		panic(err)
	}
	defer st.Close()

	inbox := st.Bucket("")
	obj, err := inbox.Write(ctx, "mail/1.txt", strings.NewReader("hello"), 5, "text/plain", nil)
	fmt.Println(obj.Bucket, obj.Key, obj.Size, obj.Created, err)
	// Output: inbox mail/1.txt 5 2026-01-02 15:04:05 +0000 UTC <nil>
}

func ExampleOpen() {
	ctx := context.Background()
	st := memdriver.Open()
	defer st.Close()

	docs := st.Bucket("docs")
	docs.Write(ctx, "a.txt", strings.NewReader("a"), 1, "", nil)
	before := st.Snapshot()

	docs.Delete(ctx, "a.txt", nil)
	docs.Write(ctx, "b.txt", strings.NewReader("b"), 1, "", nil)
	fmt.Println(list(docs))

	st.Restore(before)
	fmt.Println(list(docs))
	// Output:
	// [b.txt]
	// [a.txt]
}

func ExampleWithSnapshot() {
	ctx := context.Background()
	fixture := memdriver.Open()
	fixture.Bucket("docs").Write(ctx, "a.txt", strings.NewReader("a"), 1, "", nil)

	// Both start from the fixture and never meet.
	one := memdriver.Open(memdriver.WithSnapshot(fixture.Snapshot()))
	two := memdriver.Open(memdriver.WithSnapshot(fixture.Snapshot()))
	one.Bucket("docs").Write(ctx, "one.txt", strings.NewReader("1"), 1, "", nil)
	two.Bucket("docs").Delete(ctx, "a.txt", nil)

	fmt.Println(list(one.Bucket("docs")), list(two.Bucket("docs")), list(fixture.Bucket("docs")))
	// Output: [a.txt one.txt] [] [a.txt]
}

func ExampleWithClock() {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	st := memdriver.Open(memdriver.WithClock(func() time.Time {
		day = day.AddDate(0, 0, 1)
		return day
	}))
	b := st.Bucket("docs")
	b.Write(context.Background(), "a", strings.NewReader("1"), 1, "", nil)
	obj, _ := b.Write(context.Background(), "a", strings.NewReader("2"), 1, "", nil)
	fmt.Println(obj.Created.Format(time.DateOnly), obj.Updated.Format(time.DateOnly))
	// Output: 2026-01-02 2026-01-03
}

func ExampleWithDefaultBucket() {
	st := memdriver.Open(memdriver.WithDefaultBucket("docs"))
	fmt.Println(st.Bucket("").Name(), memdriver.Open().Bucket("").Name())
	// Output: docs default
}

func ExampleWithMaxBytes() {
	st := memdriver.Open(memdriver.WithMaxBytes(10))
	_, err := st.Bucket("docs").Write(context.Background(), "a", strings.NewReader("eleven bytes"), -1, "", nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, storage.ErrQuota), st.Snapshot().Len())
	// Output:
	// storage: write bucket "docs" key "a": quota exceeded: 12 bytes, the limit is 10
	// true 0
}

func list(b storage.Bucket) (keys []string) {
	iter, err := b.List(context.Background(), "", 0, 0, nil)
	if err != nil {
		panic(err)
	}
	for obj, err := range storage.All(iter) {
		if err != nil {
			panic(err)
		}
		keys = append(keys, obj.Key)
	}
	return keys
}
