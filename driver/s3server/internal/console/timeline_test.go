package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// Snapshots are taken, compared, restored with a way back, and deleted.
func TestTimeline(t *testing.T) {
	srv := s3test.New(t)
	writeObject(t, srv, "b", "kept", "1")
	writeObject(t, srv, "b", "gone", "1")
	name := "<i>\nodd & \u202E"
	require.Contains(t, post(t, srv, "/_/console/take?name="+url.QueryEscape(name)).text(), "Took the snapshot <i>U+000Aodd & U+202E.")
	writeObject(t, srv, "b", "kept", "22")
	writeObject(t, srv, "b", "new", "1")
	require.NoError(t, srv.Store().Bucket("b").Delete(t.Context(), "gone", nil))

	diff := get(t, srv, "/_/console/diff?to=current&from="+url.QueryEscape(name))
	require.Contains(t, strings.Join(strings.Fields(diff.text()), " "), "1 created 1 changed 1 removed")
	require.Contains(t, diff.text(), "1 B → 2 B")
	require.Len(t, diff.hrefs("object"), 4, "the new, the gone, the changed and what it was")
	for _, href := range diff.hrefs("object") {
		get(t, srv, href)
	}

	page := post(t, srv, "/_/console/restore?name="+url.QueryEscape(name))
	require.Contains(t, page.text(), "Restored the snapshot")
	require.Equal(t, "1", read(t, srv, "b", "kept"))
	post(t, srv, "/_/console/restore?name=before+restore")
	require.Equal(t, "22", read(t, srv, "b", "kept"))
	post(t, srv, "/_/console/restore?name=before+restore")
	require.Equal(t, "1", read(t, srv, "b", "kept"), "undone twice")

	post(t, srv, "/_/console/delete?name="+url.QueryEscape(name))
	require.Equal(t, http.StatusNotFound, ask(t, "GET", srv.URL()+"/_/?at="+url.QueryEscape(name)).status)
	require.Equal(t, http.StatusNotFound, ask(t, "POST", srv.URL()+"/_/console/restore?name=nothing").status)
	require.Equal(t, http.StatusBadRequest, ask(t, "POST", srv.URL()+"/_/console/take?name=current").status)
}

// An object of a snapshot is shown as it was.
func TestPast(t *testing.T) {
	srv := s3test.New(t)
	writeObject(t, srv, "b", "a", "then")
	post(t, srv, "/_/console/take?name=one")
	require.NoError(t, srv.Store().DeleteBucket(t.Context(), "b", storage.Options{storage.OptForce: true}))
	path := "/_/?at=one"
	for _, kind := range []string{"bucket", "object", "download"} {
		page := get(t, srv, path)
		require.Contains(t, page.body, "It does not change.")
		path = page.hrefs(kind)[0]
	}
	require.Equal(t, "then", get(t, srv, path).body)
}

func TestForks(t *testing.T) {
	srv := s3test.New(t)
	writeObject(t, srv, "b", "a", "1")
	page := post(t, srv, "/_/console/fork?name=current")
	require.Contains(t, page.text(), "Started the fork fork-1.")
	fork := regexp.MustCompile(`<code>(http://127.0.0.1:\d+)</code>`).FindStringSubmatch(page.body)[1]
	require.Contains(t, page.body, `href="`+fork+`/_/"`)
	home := ask(t, "GET", fork+"/_/", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
	require.Equal(t, http.StatusOK, home.status, "the link may be followed")
	require.Len(t, home.hrefs("bucket"), 1)
	_, port, _ := strings.Cut(srv.URL(), "127.0.0.1:")
	there := ask(t, "GET", srv.URL()+"/_/console/forks", "Host", "localhost:"+port)
	require.Contains(t, there.body, "http://localhost:", "a fork is reached by the name that the server is reached by")
	require.Contains(t, post(t, srv, "/_/console/stop?name=fork-1").text(), "There are no forks")
	require.Equal(t, http.StatusNotFound, ask(t, "POST", srv.URL()+"/_/console/fork?name=nothing").status)
}
