package snaptest_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// tb stands for the *testing.T of a test. It prints how the test fails.
var tb testing.TB = exampleTB{}

var ctx = context.Background()

type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                           {}
func (exampleTB) Name() string                      { return "TestGallery" }
func (exampleTB) Cleanup(func())                    {}
func (exampleTB) Failed() bool                      { return false }
func (exampleTB) Logf(format string, args ...any)   { fmt.Printf(format+"\n", args...) }
func (exampleTB) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (exampleTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// subtest runs f as a subtest does, cleanups included.
func subtest(f func(tb testing.TB)) {
	tb := new(subtestTB)
	f(tb)
	for _, cleanup := range tb.cleanups {
		cleanup()
	}
}

type subtestTB struct {
	exampleTB
	cleanups []func()
}

func (t *subtestTB) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// gallery is a fixture.
var gallery = fstest.MapFS{
	"photos/2025/cat.txt": {Data: []byte("meow\n")},
	"photos/2025/dog.txt": {Data: []byte("woof\n")},
}

// upload is the code under test.
func upload(st storage.Storage, key, content string) {
	if _, err := st.Bucket("photos").Write(ctx, key, strings.NewReader(content), -1, "text/plain; charset=utf-8", nil); err != nil {
		panic(err)
	}
}

func ExampleNew() {
	st := snaptest.New(tb, memdriver.WithDefaultBucket("photos"))
	upload(st, "2026/cat.txt", "purr\n")
	fmt.Println(st.Snapshot().Len())
	// Output: 1
}

func ExampleFixture() {
	snap := snaptest.Fixture(tb, gallery)
	fmt.Println(snap.Len(), "objects,", snap.Bytes(), "bytes")
	// Output: 2 objects, 10 bytes
}

// A fixture can be a saved snapshot.
func ExampleFixture_saved() {
	dir, err := os.MkdirTemp("", "snaptest") // testdata/gallery
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := snaptest.Fixture(tb, gallery).SaveFile(filepath.Join(dir, "gallery.tar")); err != nil {
		panic(err)
	}
	fmt.Println(snaptest.Fixture(tb, os.DirFS(dir)))
	// Output: 1 bucket, 2 objects, 10 bytes
}

// A fixture can stand in the test as txtar.
func ExampleFixture_txtar() {
	fsys, err := txtar.FS(txtar.Parse([]byte(`
-- photos/2025/cat.txt --
meow
-- photos/2025/dog.txt --
woof
`)))
	if err != nil {
		panic(err)
	}
	fmt.Println(snaptest.Fixture(tb, fsys).Len())
	// Output: 2
}

func ExampleFork() {
	snap := snaptest.Fixture(tb, gallery)
	for _, content := range []string{"purr\n", "hiss\n"} {
		st := snaptest.Fork(tb, snap) // in a parallel subtest, for example
		upload(st, "2026/cat.txt", content)
		fmt.Println(snaptest.Diff(tb, snap, st.Snapshot()))
	}
	fmt.Println(snap.Len())
	// Output:
	// [created photos/2026/cat.txt]
	// [created photos/2026/cat.txt]
	// 2
}

func ExampleRollback() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	subtest(func(tb testing.TB) { // t.Run("upload", func(t *testing.T) {
		snaptest.Rollback(tb, st)
		upload(st, "2026/cat.txt", "purr\n")
		fmt.Println(st.Snapshot().Len())
	})
	fmt.Println(st.Snapshot().Len())
	// Output:
	// 3
	// 2
}

func ExampleDiff() {
	snap := snaptest.Fixture(tb, gallery)
	st := snaptest.Fork(tb, snap)
	upload(st, "2025/cat.txt", "purr\n")
	st.Bucket("photos").Move(ctx, "2026/dog.txt", "photos", "2025/dog.txt", nil)
	for _, line := range snaptest.Diff(tb, snap, st.Snapshot()) {
		fmt.Println(line)
	}
	// Output:
	// changed photos/2025/cat.txt
	// 	@@ -1,1 +1,1 @@
	// 	-meow
	// 	+purr
	// removed photos/2025/dog.txt
	// created photos/2026/dog.txt
}

func ExampleAssertUnchanged() {
	snap := snaptest.Fixture(tb, gallery)
	st := snaptest.Fork(tb, snap)
	upload(st, "2025/cat.txt", "purrs\n")
	snaptest.AssertUnchanged(tb, snap, st.Snapshot(), snaptest.Created, snaptest.Updated)
	// Output:
	// snaptest.AssertUnchanged: the store has changed:
	//     changed photos/2025/cat.txt
	//         - size: 5
	//         - etag: 4a91021d8abfcfb3
	//         + size: 6
	//         + etag: a4f19802367b378e
	//         content:
	//         @@ -1,1 +1,1 @@
	//         -meow
	//         +purrs
}

func ExampleGolden() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	snaptest.Golden(tb, st, "testdata/example.txtar") // go test -update writes it

	file, _ := os.ReadFile("testdata/example.txtar")
	fmt.Print(string(file))
	// Output:
	// bucket photos: 2 objects, 10 bytes
	// -- photos/2025/cat.txt --
	// size: 5
	// type: text/plain; charset=utf-8
	// etag: 4a91021d8abfcfb3
	//
	// meow
	// -- photos/2025/dog.txt --
	// size: 5
	// type: text/plain; charset=utf-8
	// etag: 5ac0cfba8ba514b0
	//
	// woof
}

func ExampleUpdating() {
	os.Setenv("SNAPTEST_UPDATE", "1")
	defer os.Unsetenv("SNAPTEST_UPDATE")
	fmt.Println(snaptest.Updating())
	// Output: true
}

// printGolden prints the golden file that Golden would write.
func printGolden(st storage.Storage, opts ...snaptest.Option) {
	dir, err := os.MkdirTemp("", "snaptest")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("SNAPTEST_UPDATE", "1")
	defer os.Unsetenv("SNAPTEST_UPDATE")
	path := filepath.Join(dir, "store.txtar")
	snaptest.Golden(quietTB{}, st, path, opts...)
	file, _ := os.ReadFile(path)
	fmt.Print(string(file))
}

type quietTB struct{ exampleTB }

func (quietTB) Logf(string, ...any) {}

func ExampleShow() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	printGolden(st, snaptest.Show(snaptest.Size))
	// Output:
	// bucket photos: 2 objects, 10 bytes
	// -- photos/2025/cat.txt --
	// size: 5
	// -- photos/2025/dog.txt --
	// size: 5
}

func ExampleBuckets() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	st.CreateBucket(ctx, "drafts", nil)
	printGolden(st, snaptest.Buckets("drafts"))
	// Output: bucket drafts: 0 objects, 0 bytes
}

func ExamplePrefixes() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	printGolden(st, snaptest.Prefixes("2025/d"), snaptest.Show(snaptest.Size))
	// Output:
	// bucket photos: 1 object, 5 bytes
	// -- photos/2025/dog.txt --
	// size: 5
}

func ExampleTimes() {
	start := time.Now()
	now := start
	st := snaptest.New(tb, memdriver.WithClock(func() time.Time { return now }))
	now = start.Add(time.Minute)
	upload(st, "2026/cat.txt", "purr\n")
	printGolden(st,
		snaptest.Show(snaptest.Updated),
		snaptest.Times(func(t time.Time) string { return t.Sub(start).String() }))
	// Output:
	// bucket photos: 1 object
	// -- photos/2026/cat.txt --
	// updated: 1m0s
}

func ExampleInlineUpTo() {
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	printGolden(st, snaptest.InlineUpTo(4), snaptest.Show(snaptest.Content), snaptest.Prefixes("2025/d"))
	// Output:
	// bucket photos: 1 object
	// -- photos/2025/dog.txt --
	// content sha256: 5cdedf26f2a5ae0b6f4c9ddee89855fc177ca4a1f655747b11388b81d780f1db
}

func ExampleExport() {
	dir, err := os.MkdirTemp("", "snaptest") // t.TempDir()
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	st := snaptest.Fork(tb, snaptest.Fixture(tb, gallery))
	upload(st, "2026/cat.txt", "purr\n")
	snaptest.Export(tb, st.Snapshot(), filepath.Join(dir, "out"))

	files, _ := fs.Glob(os.DirFS(dir), "out/photos/*/*")
	fmt.Println(files)
	// Output: [out/photos/2025/cat.txt out/photos/2025/dog.txt out/photos/2026/cat.txt]
}

func ExampleArchive() {
	archive := snaptest.Archive(tb, snaptest.Fixture(tb, gallery))
	fmt.Print(string(txtar.Format(archive)))
	// Output:
	// -- photos/2025/cat.txt --
	// meow
	// -- photos/2025/dog.txt --
	// woof
}

func ExampleAttr_String() {
	fmt.Println(snaptest.Size | snaptest.ETag)
	// Output: snaptest.Size | snaptest.ETag
}

func ExampleFail() {
	st := snaptest.Fail(tb, snaptest.New(tb), wrap.Fault{Op: "write", Nth: 2})
	_, err := storage.WriteAll(ctx, st.Bucket("photos"), "cat.txt", []byte("meow\n"), "text/plain", nil)
	fmt.Println(err)
	_, err = storage.WriteAll(ctx, st.Bucket("photos"), "dog.txt", []byte("woof\n"), "text/plain", nil)
	fmt.Println(err)
	// Output:
	// <nil>
	// storage: write bucket "photos" key "dog.txt": injected fault
}

func ExampleRecord() {
	st, calls := snaptest.Record(tb, snaptest.New(tb))
	upload(st, "cat.txt", "meow\n")
	fmt.Print(calls)
	// Output: write photos/cat.txt size=-1 type="text/plain; charset=utf-8"
}

// runTest runs f as a test, without the lines that -v prints, and reports whether
// it passes.
func runTest(f func(t *testing.T)) bool {
	verbose := flag.Lookup("test.v").Value.String()
	flag.Set("test.v", "false")
	defer flag.Set("test.v", verbose)
	all := func(_, _ string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{Name: "TestPublish", F: f}})
}

// A photo and its caption must be there both or not at all.
func ExampleEachFault() {
	TestPublish := func(t *testing.T) {
		publish := func(t *testing.T, st snapshot.Store) error {
			return st.Update(t.Context(), func(tx storage.Storage) error {
				for _, key := range []string{"cat.jpg", "cat.txt"} {
					if _, err := storage.WriteAll(t.Context(), tx.Bucket("photos"), key, nil, "", nil); err != nil {
						return err
					}
				}
				return nil
			})
		}
		whole := func(t *testing.T, st snapshot.Store, err error) {
			if st.Snapshot().Len() == 1 {
				t.Error("one is there without the other")
			}
		}
		snaptest.EachFault(t, snaptest.New(t), publish, whole)
	}
	fmt.Println(runTest(TestPublish))
	// Output: true
}
