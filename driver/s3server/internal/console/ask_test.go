package console_test

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// response is an answer of the console.
type response struct {
	status int
	header http.Header
	body   string
}

// text returns the text of a page without its markup.
func (r response) text() string {
	_, main, _ := strings.Cut(r.body, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, ""))
}

// hrefs returns the addresses of the links of a page that lead to pages of a kind.
func (r response) hrefs(kind string) (all []string) {
	for _, m := range regexp.MustCompile(`href="(/_/console/`+kind+`\?[^"]*)"`).FindAllStringSubmatch(r.body, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	return all
}

// ask sends a request as a browser does, with more headers, and follows no redirect.
func ask(t *testing.T, method, url string, headers ...string) response {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/html,*/*")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return response{resp.StatusCode, resp.Header, string(body)}
}

// get returns a page that is there.
func get(t *testing.T, srv *s3test.Server, path string) response {
	t.Helper()
	r := ask(t, "GET", srv.URL()+path)
	require.Equal(t, http.StatusOK, r.status, "%s: %s", path, r.text())
	return r
}

// post does what a form of a page does, and returns the page that follows.
func post(t *testing.T, srv *s3test.Server, path string) response {
	t.Helper()
	r := ask(t, "POST", srv.URL()+path, "Origin", srv.URL(), "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusSeeOther, r.status, r.text())
	return get(t, srv, r.header.Get("Location"))
}

func writeObject(t *testing.T, srv *s3test.Server, bucket, key, content string) {
	t.Helper()
	_, err := srv.Store().Bucket(bucket).Write(t.Context(), key, strings.NewReader(content), -1, "text/plain", nil)
	require.NoError(t, err)
}

// read returns the content of an object as a Go program sees it.
func read(t *testing.T, srv *s3test.Server, bucket, key string) string {
	t.Helper()
	r, _, err := srv.Store().Bucket(bucket).Open(t.Context(), key, 0, 0, nil)
	require.NoError(t, err)
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	require.NoError(t, err)
	return b.String()
}
