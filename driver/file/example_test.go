package filedriver_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"open-lake.dev/lib/storage"
	filedriver "open-lake.dev/lib/storage/driver/file"
)

// Other programs find an object as a file.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	st, err := storage.Open(ctx, "file://"+filepath.ToSlash(dir)+"/data?create_dir=true")
	if err != nil {
		panic(err)
	}
	defer st.Close()
	_, err = st.Bucket("invoices").Write(ctx, "2026/11.txt", strings.NewReader("total 42"), -1, "text/plain", nil)
	if err != nil {
		panic(err)
	}

	text, err := os.ReadFile(filepath.Join(dir, "data", "invoices", "2026", "11.txt"))
	fmt.Println(string(text), err)
	// Output: total 42 <nil>
}

// A condition is kept among all processes that have the directory open.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	for range 2 {
		st, err := filedriver.Open(dir, filedriver.WithoutSync())
		if err != nil {
			panic(err)
		}
		_, err = st.Bucket("jobs").Write(ctx, "leader", strings.NewReader("me"), -1, "", storage.Options{storage.OptIfNoneMatch: "*"})
		fmt.Println(err)
		if err := st.Close(); err != nil {
			panic(err)
		}
	}
	// Output:
	// <nil>
	// storage: write bucket "jobs" key "leader": precondition failed: if_none_match *, but the ETag is "ab86a1e1ef70dff97959067b723c5c24"
}
