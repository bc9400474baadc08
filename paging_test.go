package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func TestStartAfter(t *testing.T) {
	object, dir := &storage.Object{Key: "a/b"}, &storage.Object{Key: "a/b", IsDir: true}
	for _, c := range []struct {
		given        any
		after, orDir string
	}{
		{nil, "", ""},
		{"", "", ""},
		{"a/b", "a/b", "a/b/"}, // the Key of an object or of a directory
		{object.PageKey(), "a/b", ""},
		{dir.PageKey(), "a/b/", ""},
		{"/a//b", "a/b", "a/b/"},
		{`a\b\`, "a/b/", ""},
		{"a/.", "a/.", "a/./"},
	} {
		after, orDir, err := storage.Options{storage.OptStartAfter: c.given}.StartAfter(storage.CleanPrefix)
		assert.NoError(t, err)
		assert.Equal(t, c.after, after, "%q", c.given)
		assert.Equal(t, c.orDir, orDir, "%q", c.given)
	}
	for given, want := range map[string]error{"../a": storage.ErrPermission, "a\x00b": storage.ErrInvalid, "\xff": storage.ErrInvalid, "a\x00\x00": storage.ErrInvalid} {
		_, _, err := storage.Options{storage.OptStartAfter: given}.StartAfter(storage.CleanPrefix)
		assert.ErrorIs(t, err, want, "%q", given)
	}
}

// TestPaging pages through a listing in which an object and a directory have one
// name, by each kind of value.
func TestPaging(t *testing.T) {
	listing := []*storage.Object{
		{Key: "a"}, {Key: "a-b"}, {Key: "a", IsDir: true}, {Key: "ab"}, {Key: "b!"}, {Key: "b", IsDir: true}, {Key: "c"},
	}
	next := func(start string) *storage.Object {
		after, orDir, err := storage.Options{storage.OptStartAfter: start}.StartAfter(storage.CleanPrefix)
		require.NoError(t, err)
		if slices.ContainsFunc(listing, func(o *storage.Object) bool { return o.IsDir && o.PageKey() == orDir }) {
			after = orDir
		}
		for _, o := range listing {
			if name, _ := strings.CutSuffix(o.PageKey(), "\x00"); name > after {
				return o
			}
		}
		return nil
	}
	var seen []*storage.Object
	for o := next(""); o != nil && len(seen) < 20; o = next(o.PageKey()) {
		seen = append(seen, o)
	}
	assert.Equal(t, listing, seen, "PageKey gives every entry once")

	seen = nil
	for o := next(""); o != nil && len(seen) < 20; o = next(o.Key) {
		seen = append(seen, o)
	}
	assert.Equal(t, []string{"a", "ab", "b!", "b", "c"}, keysOf(seen), "Key ends, and misses what lies between an object and the directory of its name")
}

func keysOf(objects []*storage.Object) []string {
	var keys []string
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// ExampleObject_PageKey lists a bucket in pages of two entries.
func ExampleObject_PageKey() {
	ctx := context.Background()
	st, _ := storage.Open(ctx, "mem://")
	defer st.Close()
	b := st.Bucket("docs")
	for _, key := range []string{"a", "a/x", "a/y", "b/x", "c"} {
		b.Write(ctx, key, strings.NewReader(key), -1, "", nil)
	}
	opts := storage.Options{storage.OptRecursive: false}
	for page := 1; ; page++ {
		objects, err := b.List(ctx, "", 2, 0, opts)
		if err != nil {
			panic(err)
		}
		var last *storage.Object
		for obj := range storage.All(objects) {
			fmt.Println(page, obj.Key, obj.IsDir)
			last = obj
		}
		if last == nil {
			break
		}
		opts[storage.OptStartAfter] = last.PageKey()
	}
	// Output:
	// 1 a false
	// 1 a true
	// 2 b true
	// 2 c false
}

func ExampleOptions_StartAfter() {
	dir := &storage.Object{Key: "photos", IsDir: true}
	for _, value := range []string{dir.PageKey(), dir.Key} {
		after, orDir, err := storage.Options{storage.OptStartAfter: value}.StartAfter(storage.CleanPrefix)
		fmt.Printf("%q %q %v\n", after, orDir, err)
	}
	// Output:
	// "photos/" "" <nil>
	// "photos" "photos/" <nil>
}
