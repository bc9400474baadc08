package gocloud_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/gocloud"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

func ExampleOpenBucket() {
	ctx := context.Background()
	st := memdriver.Open()
	bucket := gocloud.OpenBucket(st.Bucket("uploads"), nil)
	defer bucket.Close()

	if err := bucket.WriteAll(ctx, "greetings/en.txt", []byte("hello"), nil); err != nil {
		log.Fatal(err)
	}
	data, err := bucket.ReadAll(ctx, "greetings/en.txt")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", data)

	// The blob is an object of the store.
	obj, err := st.Bucket("uploads").Stat(ctx, "greetings/en.txt", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(obj.Key, obj.ContentType, obj.Size)
	// Output:
	// hello
	// greetings/en.txt text/plain; charset=utf-8 5
}

// The store is rewound while the bucket stays open.
func ExampleOpenBucket_snapshot() {
	ctx := context.Background()
	st := memdriver.Open()
	bucket := gocloud.OpenBucket(st.Bucket("uploads"), nil)
	defer bucket.Close()
	if err := bucket.WriteAll(ctx, "invoice.txt", []byte("100 EUR"), nil); err != nil {
		log.Fatal(err)
	}

	before := st.Snapshot()

	// The code under test changes things.
	if err := bucket.WriteAll(ctx, "invoice.txt", []byte("0 EUR"), nil); err != nil {
		log.Fatal(err)
	}
	if err := bucket.Copy(ctx, "archive/invoice.txt", "invoice.txt", nil); err != nil {
		log.Fatal(err)
	}
	for c := range snapshot.Diff(before, st.Snapshot()) {
		fmt.Println("changed:", c.Key)
	}

	if err := st.Restore(before); err != nil {
		log.Fatal(err)
	}
	data, err := bucket.ReadAll(ctx, "invoice.txt")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("restored: %s\n", data)
	// Output:
	// changed: archive/invoice.txt
	// changed: invoice.txt
	// restored: 100 EUR
}

// A hook sets a condition of the store's on the options of an operation.
func ExampleOpenBucket_as() {
	ctx := context.Background()
	bucket := gocloud.OpenBucket(memdriver.Open().Bucket("uploads"), nil)
	defer bucket.Close()
	if err := bucket.WriteAll(ctx, "counter", []byte("1"), nil); err != nil {
		log.Fatal(err)
	}
	attrs, err := bucket.Attributes(ctx, "counter")
	if err != nil {
		log.Fatal(err)
	}

	// Of two writes only the first finds the version that was read.
	replace := &blob.WriterOptions{BeforeWrite: func(as func(any) bool) error {
		var opts storage.Options
		if as(&opts) {
			opts[storage.OptIfMatch] = attrs.ETag
		}
		return nil
	}}
	fmt.Println(gcerrors.Code(bucket.WriteAll(ctx, "counter", []byte("2"), replace)))
	fmt.Println(gcerrors.Code(bucket.WriteAll(ctx, "counter", []byte("3"), replace)))
	// Output:
	// OK
	// FailedPrecondition
}

// A program that opens its buckets by URL gets those of a store.
func ExampleURLOpener() {
	ctx := context.Background()
	st := memdriver.Open()
	var mux blob.URLMux // the program's; or blob.DefaultURLMux()
	mux.RegisterBucket("s3", &gocloud.URLOpener{Storage: st})

	bucket, err := mux.OpenBucket(ctx, "s3://uploads?prefix=2024/")
	if err != nil {
		log.Fatal(err)
	}
	defer bucket.Close()
	if err := bucket.WriteAll(ctx, "report.txt", []byte("fine"), nil); err != nil {
		log.Fatal(err)
	}

	obj, err := st.Bucket("uploads").Stat(ctx, "2024/report.txt", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(obj.Bucket, obj.Key)
	// Output: uploads 2024/report.txt
}

func ExampleOpen() {
	ctx := context.Background()
	b := memblob.OpenBucket(nil)
	defer b.Close()
	st := gocloud.Open(b)
	defer st.Close()

	obj, err := st.Bucket("uploads").Write(ctx, "greetings/en.txt", strings.NewReader("hello"), 5, "text/plain", nil)
	if err != nil {
		log.Fatal(err)
	}
	data, err := b.ReadAll(ctx, "uploads/greetings/en.txt")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s\n", obj.Key, data)
	// Output: greetings/en.txt hello
}

func ExampleRegister() {
	blob.DefaultURLMux().RegisterBucket("example", new(memblob.URLOpener)) // by a driver of gocloud.dev
	gocloud.Register("example")

	st, err := storage.Open(context.Background(), "example://?bucket=uploads")
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	fmt.Println(st.Bucket("").Name())
	// Output: uploads
}

func ExampleURLOpener_OpenBucketURL() {
	u, err := url.Parse("mem://uploads")
	if err != nil {
		log.Fatal(err)
	}
	opener := gocloud.URLOpener{Storage: memdriver.Open()}
	bucket, err := opener.OpenBucketURL(context.Background(), u)
	if err != nil {
		log.Fatal(err)
	}
	defer bucket.Close()
	fmt.Println(bucket.Exists(context.Background(), "report.txt"))
	// Output: false <nil>
}
