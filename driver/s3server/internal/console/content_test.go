package console_test

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// A picture is recognised by its content, not by its content type.
func TestPicture(t *testing.T) {
	srv := demo(t)
	r := get(t, srv, "/_/console/picture?bucket=photos&key=2026%2F11%2Fharbour.png")
	require.Equal(t, "image/png", r.header.Get("Content-Type"))
	require.Equal(t, picture(), r.body)
	require.Contains(t, r.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'")
	for _, content := range []string{"<html><script>1</script>", `<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`, "GIF", "%PDF-1.4"} {
		put(t, srv, "photos", "fake.png", content, func(in *s3.PutObjectInput) { in.ContentType = aws.String("image/png") })
		require.Equal(t, http.StatusBadRequest, ask(t, "GET", srv.URL()+"/_/console/picture?bucket=photos&key=fake.png").status, content)
		require.NotContains(t, get(t, srv, "/_/console/object?bucket=photos&key=fake.png").body, "<img", content)
	}
	put(t, srv, "photos", "really.txt", picture(), func(in *s3.PutObjectInput) { in.ContentType = aws.String("text/html") })
	require.Contains(t, get(t, srv, "/_/console/object?bucket=photos&key=really.txt").body, "<img")
}

// A preview of a long text ends at a whole character.
func TestLongText(t *testing.T) {
	srv := demo(t)
	put(t, srv, "photos", "long", "a"+strings.Repeat("é", 100_000))
	r := get(t, srv, "/_/console/object?bucket=photos&key=long")
	require.Contains(t, r.text(), "a"+strings.Repeat("é", 32767)+"\n")
	require.Contains(t, r.text(), "These are the first 64.0 KiB.")
	put(t, srv, "photos", "empty", "")
	require.Contains(t, get(t, srv, "/_/console/object?bucket=photos&key=empty").text(), "The object is empty.")
	require.Empty(t, get(t, srv, "/_/console/download?bucket=photos&key=empty").body)
}

// A long object is sent while it is read, to as many as ask, and its length first.
func TestDownload(t *testing.T) {
	srv := s3test.New(t)
	content := strings.Repeat("0123456789abcdef", 1<<20)
	writeObject(t, srv, "b", "dir/a \"b\"\r\n€.txt", content)
	path := "/_/console/download?bucket=b&key=" + url.QueryEscape("dir/a \"b\"\r\n€.txt")
	for range 3 {
		head := ask(t, "HEAD", srv.URL()+path)
		require.Equal(t, fmt.Sprint(len(content)), head.header.Get("Content-Length"))
		require.Empty(t, head.body)
		r := get(t, srv, path)
		require.True(t, r.body == content)
		_, params, err := mime.ParseMediaType(r.header.Get("Content-Disposition"))
		require.NoError(t, err)
		require.Equal(t, "a \"b\"\r\n€.txt", params["filename"])
	}
}

// A browser must not take an object for a page of the console's origin.
func TestObjectsAreSandboxed(t *testing.T) {
	srv := s3test.New(t, s3server.WithAnonymous())
	writeObject(t, srv, "pages", "a.html", "<script>1</script>")
	require.Equal(t, "sandbox", ask(t, "GET", srv.URL()+"/pages/a.html").header.Get("Content-Security-Policy"))
}
