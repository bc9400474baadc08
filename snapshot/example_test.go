package snapshot_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// gallery returns a store with two photos.
func gallery() *memdriver.Store {
	st := memdriver.Open()
	photos := st.Bucket("photos")
	photos.Write(ctx, "2025/cat.jpg", strings.NewReader("meow"), 4, "image/jpeg", nil)
	photos.Write(ctx, "2025/dog.jpg", strings.NewReader("woof"), 4, "image/jpeg", nil)
	return st
}

func ExampleStore() {
	// st may be any store that can be rewound.
	var st snapshot.Store = gallery()
	before := st.Snapshot()
	st.DeleteBucket(ctx, "photos", storage.Options{storage.OptForce: true})
	fmt.Println(st.Snapshot().Len())
	st.Restore(before)
	fmt.Println(st.Snapshot().Len())
	// Output:
	// 0
	// 2
}

func ExampleDiff() {
	st := gallery()
	before := st.Snapshot()
	photos := st.Bucket("photos")
	photos.Move(ctx, "2026/cat.jpg", "", "2025/cat.jpg", nil)
	photos.Write(ctx, "2025/dog.jpg", strings.NewReader("bark!"), 5, "image/jpeg", nil)
	for c := range snapshot.Diff(before, st.Snapshot()) {
		switch {
		case c.Old == nil:
			fmt.Println("created", c.Bucket, c.Key, c.New.Size)
		case c.New == nil:
			fmt.Println("removed", c.Bucket, c.Key)
		default:
			fmt.Println("changed", c.Bucket, c.Key, c.Old.Size, "to", c.New.Size)
		}
	}
	// Output:
	// removed photos 2025/cat.jpg
	// changed photos 2025/dog.jpg 4 to 5
	// created photos 2026/cat.jpg 4
}

func ExampleSnapshot_Storage() {
	view := gallery().Snapshot().Storage()
	obj, err := view.Bucket("photos").Stat(ctx, "2025/cat.jpg", nil)
	fmt.Println(obj.Size, err)
	fmt.Println(view.Bucket("photos").Delete(ctx, "2025/cat.jpg", nil))
	// Output:
	// 4 <nil>
	// storage: delete bucket "photos" key "2025/cat.jpg": permission denied
}

func ExampleSnapshot_FS() {
	fs.WalkDir(gallery().Snapshot().FS(), ".", func(path string, d fs.DirEntry, err error) error {
		fmt.Println(path)
		return err
	})
	// Output:
	// .
	// photos
	// photos/2025
	// photos/2025/cat.jpg
	// photos/2025/dog.jpg
}

func ExampleSnapshot_BucketFS() {
	photos, err := gallery().Snapshot().BucketFS("photos")
	if err != nil {
		panic(err)
	}
	text, err := fs.ReadFile(photos, "2025/cat.jpg")
	fmt.Printf("%s %v\n", text, err)
	// Output: meow <nil>
}

func ExampleFromFS() {
	files := fstest.MapFS{"2025/owl.jpg": {Data: []byte("hoot")}}
	s, err := snapshot.FromFS("photos", files)
	if err != nil {
		panic(err)
	}
	st := memdriver.Open(memdriver.WithSnapshot(s))
	obj, err := st.Bucket("photos").Stat(ctx, "2025/owl.jpg", nil)
	fmt.Println(s.Len(), s.Bytes(), obj.Size, err)
	// Output: 1 4 4 <nil>
}
