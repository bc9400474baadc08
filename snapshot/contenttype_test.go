package snapshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot"
)

func TestGuessContentType(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n"
	for _, c := range []struct{ name, start, want string }{
		{"a.json", "", "application/json"},
		{"a.JPEG", png, "image/jpeg"},
		{"dir.pdf/a.b.Html", "", "text/html; charset=utf-8"},
		{"dir.pdf/a", "text", "text/plain; charset=utf-8"},
		{"a", png, "image/png"},
		{"a.unknown", png, "image/png"},
		{"a.", "\x00\x01", "application/octet-stream"},
		{".json", "", "application/json"},
		{"", "", "text/plain; charset=utf-8"},
	} {
		assert.Equal(t, c.want, snapshot.GuessContentType(c.name, []byte(c.start)), "%q %q", c.name, c.start)
	}
}

// TestFromFSContentTypes: an option replaces the guess, and sees the path of the
// file and the start of its content.
func TestFromFSContentTypes(t *testing.T) {
	files := fstest.MapFS{"b/d/a.json": {Data: []byte("{}")}, "b/long": {Data: []byte(strings.Repeat("x", 5000))}, "b/empty": {}}
	types := func(opts ...snapshot.FromFSOption) string {
		s, err := snapshot.FromFS("", files, opts...)
		require.NoError(t, err)
		text := ""
		for c := range snapshot.Diff(nil, s) {
			text += fmt.Sprintf("%s: %s\n", c.Key, c.New.ContentType)
		}
		return text
	}
	const guessed = "d/a.json: application/json\nempty: text/plain; charset=utf-8\nlong: text/plain; charset=utf-8\n"
	assert.Equal(t, guessed, types())
	assert.Equal(t, guessed, types(nil))
	assert.Equal(t, "d/a.json: \nempty: \nlong: \n", types(snapshot.WithContentTypes(nil)))
	assert.Equal(t, "d/a.json: b/d/a.json 2\nempty: b/empty 0\nlong: b/long 512\n",
		types(snapshot.WithContentTypes(func(name string, start []byte) string {
			n := len(start)
			clear(start) // which is not the content itself
			return fmt.Sprint(name, " ", n)
		})))
}

func ExampleGuessContentType() {
	fmt.Println(snapshot.GuessContentType("photos/cat.jpg", nil))
	fmt.Println(snapshot.GuessContentType("README", []byte("Read me first.")))
	// Output:
	// image/jpeg
	// text/plain; charset=utf-8
}

func ExampleWithContentTypes() {
	files := fstest.MapFS{"a.log": {Data: []byte("started")}, "a.json": {Data: []byte("{}")}}
	s, err := snapshot.FromFS("b", files, snapshot.WithContentTypes(func(name string, start []byte) string {
		if strings.HasSuffix(name, ".log") {
			return "text/x-log"
		}
		return snapshot.GuessContentType(name, start)
	}))
	if err != nil {
		panic(err)
	}
	for c := range snapshot.Diff(nil, s) {
		fmt.Println(c.Key, c.New.ContentType)
	}
	// Output:
	// a.json application/json
	// a.log text/x-log
}
