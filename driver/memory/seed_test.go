package memdriver_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory"
)

// The code blocks of the driver's original description, as they stand there;
// what a block leaves open stands in for its "// ...".

func Example_basicOperations() {
	ctx := context.Background()

	// Open memory storage
	st, err := storage.Open(ctx, "mem://")
	if err != nil {
		panic(err)
	}
	defer st.Close()

	// Create a bucket
	_, err = st.CreateBucket(ctx, "test-bucket", nil)

	// Get bucket handle
	bucket := st.Bucket("test-bucket")

	// Write object
	_, err = bucket.Write(ctx, "key.txt", strings.NewReader("content"), 7, "text/plain", nil)

	// Read object
	rc, obj, err := bucket.Open(ctx, "key.txt", 0, 0, nil)
	// ...
	if err != nil {
		panic(err)
	}
	defer rc.Close()
	content, err := io.ReadAll(rc)
	fmt.Printf("%s %d %q %v\n", obj.Key, obj.Size, content, err)
	// Output: key.txt 7 "content" <nil>
}

func Example_multipartUploads() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	bucket := st.Bucket("test")
	reader1, reader2, partSize := strings.NewReader("first."), strings.NewReader("second"), int64(6)

	mp := bucket.(storage.HasMultipart)

	// Start upload
	mu, _ := mp.InitMultipart(ctx, "large.bin", "application/octet-stream", nil)

	// Upload parts
	part1, _ := mp.UploadPart(ctx, mu, 1, reader1, partSize, nil)
	part2, _ := mp.UploadPart(ctx, mu, 2, reader2, partSize, nil)

	// Complete
	obj, _ := mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{part1, part2}, nil)

	fmt.Println(obj.Key, obj.Size, obj.ContentType, obj.ETag)
	// Output: large.bin 12 application/octet-stream e0fbc47264367ea4-2
}

func Example_directoryOperations() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	bucket := st.Bucket("test")
	for _, key := range []string{"path/to/dir/a", "path/to/dir/b/c", "path/to/dir2"} {
		bucket.Write(ctx, key, strings.NewReader(""), 0, "", nil)
	}

	dirs := bucket.(storage.HasDirectories)

	// Get directory handle
	dir := dirs.Directory("path/to/dir")

	// List contents
	iter, _ := dir.List(ctx, 100, 0, nil)

	for obj := range storage.All(iter) {
		fmt.Println(obj.Key, obj.IsDir)
	}

	// Move directory
	newDir, _ := dir.Move(ctx, "new/path", nil)

	all, _ := bucket.List(ctx, "", 0, 0, nil)
	for obj := range storage.All(all) {
		fmt.Println(obj.Key)
	}

	// Delete directory
	dir.Delete(ctx, storage.Options{"recursive": true})

	fmt.Println(newDir.Path(), newDir.Delete(ctx, storage.Options{"recursive": true}))
	// Output:
	// path/to/dir/a false
	// path/to/dir/b true
	// new/path/a
	// new/path/b/c
	// path/to/dir2
	// new/path <nil>
}

func TestMyFeature(t *testing.T) {
	ctx := context.Background()

	// Create isolated storage for this test
	st, _ := storage.Open(ctx, "mem://")
	defer st.Close()

	// Run tests against st
	bucket := st.Bucket("test")
	// ...
	_, err := bucket.Write(ctx, "key", strings.NewReader(""), 0, "", nil)
	require.NoError(t, err)
	other, _ := storage.Open(ctx, "mem://")
	defer other.Close()
	_, err = other.Bucket("test").Info(ctx)
	require.ErrorIs(t, err, storage.ErrNotExist, "every Open is a store of its own")
}

func TestSeedFeatures(t *testing.T) {
	st, err := storage.Open(context.Background(), "mem://test")
	require.NoError(t, err)
	features := st.Features()
	// Returns:
	require.Equal(t, storage.Features{
		"move":             true,
		"server_side_move": true,
		"server_side_copy": true,
		"directories":      true,
		"multipart":        true,
		"hash:md5":         false,
		"watch":            false,
		"public_url":       false,
		"signed_url":       false,
	}, features)
}
