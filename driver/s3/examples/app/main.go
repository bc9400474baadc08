// Command app is the program of examples/app for S3, too: it keeps invoices in the store
// that the environment variable STORAGE_URL names.
//
//	STORAGE_URL='s3://my-bucket?region=eu-west-1&prefix=app/' go run ./examples/app
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
