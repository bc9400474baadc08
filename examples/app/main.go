// Command app is one program for any engine. It keeps invoices in the store that the
// environment variable STORAGE_URL names:
//
//	go run ./examples/app
//	STORAGE_URL='file:///tmp/invoices?create_dir=true' go run ./examples/app
//
// Which engines a program can open, its imports say. The same program with driver/s3 is
// in driver/s3/examples/app, which is in the module of that driver, so that this one
// does without the AWS SDK:
//
//	STORAGE_URL='s3://my-bucket?region=eu-west-1&prefix=app/' go run ./examples/app   # in driver/s3
package main

import (
	"context"
	"log"
	"os"

	_ "open-lake.dev/lib/storage/driver/file"
	_ "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/examples/app/archive"
)

func main() {
	if err := archive.Main(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}
