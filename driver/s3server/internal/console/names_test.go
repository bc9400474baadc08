package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// What S3 clients do not see, the console does not show, however it is asked.
func TestHidden(t *testing.T) {
	srv := demo(t)
	for _, name := range []string{".s3", ".s3.notes", " .s3.notes", ".s3.notes ", ".s3.notes\t", ""} {
		for _, page := range []string{"bucket", "versions", "uploads", "object", "upload", "picture", "download"} {
			r := ask(t, "GET", srv.URL()+"/_/console/"+page+"?key=doc/versioning&bucket="+url.QueryEscape(name))
			require.Equal(t, http.StatusNotFound, r.status, "%s of %q", page, name)
		}
	}
	require.NotContains(t, get(t, srv, "/_/").body, ".s3")
}

// Every key that can be listed can be opened, whatever it is made of, and its name
// stands on the page as it is.
func TestEvilKeys(t *testing.T) {
	srv := demo(t)
	var open func(path string) int
	open = func(path string) (count int) {
		r := get(t, srv, path)
		requireEscaped(t, r)
		for _, dir := range r.hrefs("bucket") {
			if u, _ := url.Parse(dir); len(u.Query().Get("dir")) > len(dirOf(path)) {
				count += open(dir)
			}
		}
		for _, object := range r.hrefs("object") {
			page := get(t, srv, object)
			requireEscaped(t, page)
			require.Contains(t, page.text(), "<script>document.title='run'</script>", "the content")
			require.Contains(t, page.text(), "U+202Ereversed")
			count++
		}
		return count
	}
	require.Equal(t, len(evil), open("/_/console/bucket?bucket=odd-names"))
	for _, key := range evil {
		r := get(t, srv, "/_/console/download?bucket=odd-names&key="+url.QueryEscape(key))
		require.Equal(t, "application/octet-stream", r.header.Get("Content-Type"))
		require.True(t, strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment"), r.header.Get("Content-Disposition"))
		require.Contains(t, r.header.Get("Content-Security-Policy"), "sandbox")
		require.Equal(t, "<script>document.title='run'</script>\n\u202Ereversed\n", r.body)
	}
}

func dirOf(path string) string {
	u, _ := url.Parse(path)
	return u.Query().Get("dir")
}

// requireEscaped fails the test if a page has markup that is not its own, or a
// character that changes how others are read.
func requireEscaped(t *testing.T, r response) {
	t.Helper()
	require.Equal(t, 1, strings.Count(r.body, "<script>"), "only the console's own")
	require.NotContains(t, r.body, "<img src=x")
	require.NotContains(t, r.body, "\u202E")
	require.NotContains(t, r.body, `href="javascript:`)
}

func TestVisible(t *testing.T) {
	srv := s3test.New(t)
	createBucket(t, srv, "odd")
	for key, want := range map[string]string{
		"plain":      "plain",
		" a ":        "U+0020aU+0020",
		"a\r\nb":     "aU+000DU+000Ab",
		"zero\u200B": "zeroU+200B",
		"a\u2066b":   "aU+2066b",
		"nb\u00A0sp": "nbU+00A0sp",
		"👩\u200D💻":   "👩\u200D💻",
		"<b>&amp;":   "<b>&amp;",
	} {
		writeObject(t, srv, "odd", key, "x")
		require.Contains(t, get(t, srv, "/_/console/object?bucket=odd&key="+url.QueryEscape(key)).text(), "\n"+want+"\n", "%q", key)
	}
}
