// Command app is one program for any engine. It keeps invoices in the store that the
// environment variable STORAGE_URL names:
//
//	go run ./examples/app
//	STORAGE_URL='file:///tmp/invoices?create_dir=true' go run ./examples/app
//
// A program opens the engines whose drivers it imports. The same program with driver/s3
// is driver/s3/examples/app, in the module of that driver, so that this module does not
// depend on the AWS SDK.
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
