// Command app is the program of examples/app for S3, too: it keeps invoices in the store
// that the environment variable STORAGE_URL names.
//
//	STORAGE_URL='s3://my-bucket?region=eu-west-1&prefix=app/' go run ./examples/app
//
// To try it without an account, start the service of driver/s3server there, export the
// variables that it prints, and run the program on its bucket:
//
//	go run ./cmd/s3mem -buckets photos   # in driver/s3server
//	STORAGE_URL='s3://photos' go run ./examples/app
package main

import (
	"context"
	"log"
	"os"

	_ "open-lake.dev/lib/storage/driver/file"
	_ "open-lake.dev/lib/storage/driver/memory"
	_ "open-lake.dev/lib/storage/driver/s3"
	"open-lake.dev/lib/storage/examples/app/archive"
)

func main() {
	if err := archive.Main(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}
