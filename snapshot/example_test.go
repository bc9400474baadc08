package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

func ExampleSnapshot_Save() {
	st := gallery()
	st.Bucket("photos").Copy(ctx, "2026/cat.jpg", "", "2025/cat.jpg", nil)
	var file bytes.Buffer
	if err := st.Snapshot().Save(&file); err != nil {
		panic(err)
	}
	for r := tar.NewReader(&file); ; {
		h, err := r.Next()
		if err != nil {
			break
		}
		if h.Typeflag == tar.TypeLink {
			fmt.Println(h.Name, "is", h.Linkname)
		} else {
			fmt.Println(h.Name, h.Size)
		}
	}
	// Output:
	// .openlake/snapshot 21
	// photos/ 0
	// photos/2025/ 0
	// photos/2025/cat.jpg 4
	// photos/2025/dog.jpg 4
	// photos/2026/ 0
	// photos/2026/cat.jpg is photos/2025/cat.jpg
	// .openlake/xxh64 17
}

func ExampleLoad() {
	var file bytes.Buffer
	if err := gallery().Snapshot().Save(&file); err != nil {
		panic(err)
	}
	s, err := snapshot.Load(bytes.NewReader(file.Bytes()))
	fmt.Println(s, err)
	_, err = snapshot.Load(bytes.NewReader(file.Bytes()[:3000]))
	fmt.Println(err)
	// Output:
	// 1 bucket, 2 objects, 8 bytes <nil>
	// storage: load: after entry "photos/": invalid argument: the saved snapshot ends early
}

func ExampleSnapshot_SaveFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "gallery.tar")
	if err := gallery().Snapshot().SaveFile(path); err != nil {
		panic(err)
	}
	s, err := snapshot.LoadFile(path)
	fmt.Println(s, err)
	// Output: 1 bucket, 2 objects, 8 bytes <nil>
}

func ExampleLoadFile() {
	_, err := snapshot.LoadFile("missing.tar")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output: true
}

func ExampleSnapshot_String() {
	fmt.Println(gallery().Snapshot())
	// Output: 1 bucket, 2 objects, 8 bytes
}
