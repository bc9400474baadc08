package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server"
)

// FuzzQuery requests pages with arbitrary queries: none causes a server error or gets
// markup onto a page.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"bucket=b&key=a%2Fb", "bucket=b&dir=a&find=%2F&after=%00", "bucket=b&in=%25zz&find=a", "bucket=b&offset=-1", "bucket=b&offset=99999999999999999999",
		"at=start&bucket=b", "from=start&to=current", "bucket=b&key=a%2Fb&version=null&after=x", "bucket=b&after=a&version=01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"bucket=.s3.b", "done=restored&name=<script>", "bucket=b&key=<script>", "%zz", "bucket=b&bucket=c", "bucket=b&find=\xff", "at=%00", "name=fork-1",
	} {
		f.Add(query)
	}
	store := s3server.NewStore()
	srv, err := s3server.New(store)
	require.NoError(f, err)
	f.Cleanup(func() { srv.Close(); store.Close() })
	_, err = store.Bucket("b").Write(f.Context(), "a/b", strings.NewReader("<img src=x>"), -1, "", nil)
	require.NoError(f, err)
	handler, host := srv.Control(), strings.TrimPrefix(srv.URL(), "http://")
	f.Fuzz(func(t *testing.T, query string) {
		for _, page := range []string{"", "console/bucket", "console/versions", "console/uploads", "console/upload", "console/object", "console/snapshots", "console/diff", "console/forks", "console/picture", "console/download"} {
			r := httptest.NewRequest("GET", "/_/"+page, nil)
			r.URL.RawQuery, r.Host = query, host
			r.Header.Set("Accept", "text/html")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Less(t, w.Code, http.StatusInternalServerError, "%s: %s", page, w.Body)
			if w.Header().Get("Content-Disposition") == "" {
				requireEscaped(t, response{body: w.Body.String()})
			}
		}
	})
}
