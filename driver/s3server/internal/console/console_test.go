package console_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server"
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

func TestPages(t *testing.T) {
	srv := demo(t)
	for path, wants := range map[string][]string{
		"/_/":                             {"photos", "notes", "Enabled", "odd-names"},
		"/_/console/bucket?bucket=photos": {"2026/", "raw.bin", "900 B", "readme.txt", "text/plain"},
		"/_/console/bucket?bucket=photos&dir=2026%2F":                 {"10/", "11/"},
		"/_/console/bucket?bucket=photos&dir=2026%2F&find=11%2Fha":    {"harbour.png"},
		"/_/console/bucket?bucket=photos&find=zzz":                    {"No name here begins with zzz"},
		"/_/console/versions?bucket=notes":                            {"todo.md", "latest", "gone.md", "deleted"},
		"/_/console/uploads?bucket=photos":                            {"2026/11/film.mov"},
		"/_/console/object?bucket=photos&key=2026%2F11%2Fharbour.png": {"image/png", "taken-by", "Ada", "album", "harbour", "CRC64NVME"},
		"/_/console/object?bucket=photos&key=2026%2F10%2Findex.json":  {`"names": ["harbour", "quay"]`},
		"/_/console/object?bucket=photos&key=raw.bin":                 {"00 01 fe", "These are the first 512 B"},
		"/_/console/object?bucket=notes&key=todo.md":                  {"- 2 things", "latest"},
		"/_/console/object?bucket=notes&key=gone.md":                  {"The object was deleted", "5 B"},
		"/_/console/snapshots":                                        {"The current state", "start", "since start"},
		"/_/console/diff?from=start&to=current":                       {"created", "the bucket photos", "photos/raw.bin", "are not listed"},
		"/_/console/diff?from=start&to=start":                         {"No object differs"},
		"/_/console/forks":                                            {"There are no forks"},
	} {
		r := get(t, srv, path)
		for _, want := range wants {
			require.Contains(t, r.text(), want, path)
		}
		require.NotContains(t, r.body, ".s3", path)
		require.Equal(t, "DENY", r.header.Get("X-Frame-Options"))
		require.Equal(t, "nosniff", r.header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", r.header.Get("Cache-Control"))
		require.Contains(t, r.header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Contains(t, r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.NotContains(t, r.header.Get("Content-Security-Policy"), "unsafe")
	}
}

func TestMissing(t *testing.T) {
	srv := demo(t)
	for path, status := range map[string]int{
		"/_/?at=nothing":                                  http.StatusNotFound,
		"/_/console/":                                     http.StatusNotFound,
		"/_/console/bucket":                               http.StatusNotFound,
		"/_/console/bucket?bucket=nothing":                http.StatusNotFound,
		"/_/console/object?bucket=photos&key=nothing":     http.StatusNotFound,
		"/_/console/object?bucket=photos":                 http.StatusBadRequest,
		"/_/console/object?bucket=photos&key=a&version=x": http.StatusBadRequest,
		"/_/console/object?bucket=photos&key=%FF":         http.StatusBadRequest,
		"/_/console/upload?bucket=photos&key=a&id=b":      http.StatusNotFound,
		"/_/console/diff?from=start":                      http.StatusNotFound,
		"/_/console/picture?bucket=photos&key=readme.txt": http.StatusBadRequest,
		"/_/console/download?bucket=photos&key=nothing":   http.StatusNotFound,
	} {
		r := ask(t, "GET", srv.URL()+path)
		require.Equal(t, status, r.status, "%s: %s", path, r.text())
		require.Contains(t, r.body, "<main", path)
	}
}

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

// A picture is what looks like one, not what is said to be one.
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

// pageThrough follows the links to the next page and returns the addresses of all
// objects that the pages list.
func pageThrough(t *testing.T, srv *s3test.Server, path, kind, listed string) (all []string, pages int) {
	t.Helper()
	for path != "" {
		r := get(t, srv, path)
		all, pages = append(all, r.hrefs(listed)...), pages+1
		path = ""
		if m := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(r.body); m != nil {
			path = html.UnescapeString(m[1])
			require.Contains(t, path, kind)
		}
		require.Equal(t, pages > 1, strings.Contains(r.body, ">First<"), "page %d", pages)
	}
	return all, pages
}

func TestPaging(t *testing.T) {
	srv := s3test.New(t)
	require.NoError(t, srv.Store().Update(t.Context(), func(tx storage.Storage) error {
		for i := range 250 {
			for _, key := range []string{fmt.Sprintf("dir/%03d", i), fmt.Sprintf("%03d/x", i), fmt.Sprintf("%03d", i)} {
				if _, err := tx.Bucket("many").Write(context.Background(), key, strings.NewReader("x"), 1, "", nil); err != nil {
					return err
				}
			}
			if _, err := tx.CreateBucket(context.Background(), fmt.Sprintf("bucket-%03d", i), nil); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, test := range []struct {
		path, kind, listed string
		count, pages       int
	}{
		{"/_/console/bucket?bucket=many&dir=dir%2F", "bucket", "object", 250, 3},
		{"/_/console/bucket?bucket=many&dir=dir%2F&find=1", "bucket", "object", 100, 1},
		{"/_/console/bucket?bucket=many&find=dir%2F0", "bucket", "object", 100, 1},
		{"/_/console/bucket?bucket=many", "bucket", "object", 250, 6},
		{"/_/console/versions?bucket=many&dir=dir%2F", "versions", "object", 250, 3},
		{"/_/console/versions?bucket=many", "versions", "object", 250, 6},
	} {
		all, pages := pageThrough(t, srv, test.path, test.kind, test.listed)
		seen := make(map[string]bool)
		for _, href := range all {
			require.False(t, seen[href], "%s: %s comes twice", test.path, href)
			seen[href] = true
		}
		require.Len(t, all, test.count, test.path)
		require.Equal(t, test.pages, pages, test.path)
	}
	_, pages := pageThrough(t, srv, "/_/", "after", "bucket")
	require.Equal(t, 3, pages)
}

// The longest keys fit in the addresses of the pages that list them.
func TestLongKeysPage(t *testing.T) {
	srv := s3test.New(t)
	dir := strings.Repeat("é", 400) + "/"
	for i := range 101 {
		writeObject(t, srv, "long", fmt.Sprintf("%s%03d%s", dir, i, strings.Repeat("\u202E", 73)), "x")
	}
	all, pages := pageThrough(t, srv, "/_/console/bucket?bucket=long&dir="+url.QueryEscape(dir), "bucket", "object")
	require.Len(t, all, 101)
	require.Equal(t, 2, pages)
	for _, href := range all {
		get(t, srv, href)
	}
}

func TestVersionsOfAnObject(t *testing.T) {
	srv := s3test.New(t)
	createBucket(t, srv, "notes")
	put(t, srv, "notes", "a", "before versions")
	_, err := srv.Client().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("notes"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	for i := range 150 {
		put(t, srv, "notes", "a", fmt.Sprint("version ", i))
		put(t, srv, "notes", "ab", "another key")
	}
	page := get(t, srv, "/_/console/object?bucket=notes&key=a")
	require.Contains(t, page.text(), "version 149")
	all := page.hrefs("object")
	require.Len(t, all, 101, "100 versions, and the link to older ones")
	require.Contains(t, get(t, srv, all[1]).text(), "version 148")
	older := get(t, srv, all[100])
	rest := older.hrefs("object")
	require.Len(t, rest, 52, "51 versions, and the link to the newest")
	require.Contains(t, get(t, srv, rest[50]).text(), "before versions")
	require.Contains(t, get(t, srv, rest[50]).text(), "Show the latest")
}

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

// A long list of changes is cut, and counted.
func TestManyChanges(t *testing.T) {
	srv := s3test.New(t)
	require.NoError(t, srv.Store().Update(t.Context(), func(tx storage.Storage) error {
		for i := range 1500 {
			if _, err := tx.Bucket("many").Write(context.Background(), fmt.Sprint(i), strings.NewReader("x"), 1, "", nil); err != nil {
				return err
			}
		}
		return nil
	}))
	diff := get(t, srv, "/_/console/diff?from=start&to=current")
	require.Len(t, diff.hrefs("object"), 500)
	require.Contains(t, diff.text(), "1,500 created")
	require.Contains(t, diff.text(), "the first 500 of 1,500 objects")
	require.Contains(t, get(t, srv, "/_/console/snapshots").text(), "+1,000 created and more")
	for i := range 60 {
		post(t, srv, fmt.Sprintf("/_/console/take?name=s%d", i))
	}
	_, pages := pageThrough(t, srv, "/_/console/snapshots", "snapshots", "diff")
	require.Equal(t, 3, pages)
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

// Programs get JSON where browsers get the console.
func TestPrograms(t *testing.T) {
	srv := s3test.New(t)
	r := ask(t, "GET", srv.URL()+"/_/", "Accept", "*/*")
	require.Equal(t, "application/json", r.header.Get("Content-Type"))
	require.Equal(t, "Accept", r.header.Get("Vary"))
	require.Equal(t, http.StatusSeeOther, ask(t, "GET", srv.URL()+"/_").status)
}

// A page of another origin can neither act nor read.
func TestOtherOrigins(t *testing.T) {
	srv := s3test.New(t, s3server.WithToken("secret"))
	writeObject(t, srv, "b", "a", "1")
	host := strings.TrimPrefix(srv.URL(), "http://")
	_, port, _ := strings.Cut(host, ":")
	for name, headers := range map[string][]string{
		"another site":              {"Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"},
		"another site, old browser": {"Origin", "http://evil.example"},
		"a sandbox":                 {"Origin", "null"},
		"another port":              {"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"},
		"a form of another port":    {"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
		"a name that resolves here": {"Host", "evil.example:" + port, "Origin", "http://evil.example:" + port, "Sec-Fetch-Site", "same-origin"},
		"the host alone":            {"Host", "evil.example:" + port},
		"another token":             {"Host", "evil.example", "Authorization", "Basic OnNlY3Jl"},
	} {
		for _, act := range []string{"take", "restore", "delete", "fork", "stop"} {
			r := ask(t, "POST", srv.URL()+"/_/console/"+act+"?name=start", headers...)
			require.Equal(t, http.StatusForbidden, r.status, "%s: %s", name, act)
			require.Equal(t, "DENY", r.header.Get("X-Frame-Options"))
		}
		if name != "a form of another port" { // a link there may be followed
			r := ask(t, "GET", srv.URL()+"/_/console/bucket?bucket=b", headers...)
			require.Equal(t, http.StatusForbidden, r.status, name)
			require.Contains(t, r.body, "Open the page from here")
		}
	}
	require.Equal(t, 1, srv.Store().Snapshot().Len())
	for _, dest := range []string{"iframe", "embed", "object", "image", "script", "empty", ""} {
		r := ask(t, "GET", srv.URL()+"/_/", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", dest)
		require.Equal(t, http.StatusForbidden, r.status, dest)
	}
	// The way back from a refusal stays on this server.
	r := ask(t, "GET", srv.URL()+"////evil.example/../_/", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, r.status)
	require.NotContains(t, r.body, "evil.example")
}

// On an address that other machines reach, the browser asks for the token.
func TestToken(t *testing.T) {
	srv := s3test.New(t, s3server.WithAddr("0.0.0.0:0"), s3server.WithToken("secret"))
	r := ask(t, "GET", srv.URL()+"/_/")
	require.Equal(t, http.StatusUnauthorized, r.status)
	require.Contains(t, r.header.Get("WWW-Authenticate"), "Basic")
	const right, wrong = "Basic YW55b25lOnNlY3JldA==", "Basic YW55b25lOnNlY3Jl"
	require.Equal(t, http.StatusOK, ask(t, "GET", srv.URL()+"/_/", "Authorization", right).status)
	require.Equal(t, http.StatusUnauthorized, ask(t, "GET", srv.URL()+"/_/", "Authorization", wrong).status)
	require.Equal(t, http.StatusForbidden, ask(t, "POST", srv.URL()+"/_/console/take", "Authorization", right, "Origin", "http://evil.example").status, "a browser sends the password by itself")
	require.Equal(t, http.StatusForbidden, ask(t, "GET", srv.URL()+"/_/", "Sec-Fetch-Site", "cross-site").status, "no page elsewhere makes the browser ask")
	open := s3test.New(t, s3server.WithAddr("0.0.0.0:0"))
	require.Equal(t, http.StatusForbidden, ask(t, "GET", open.URL()+"/_/").status, "there is no token to ask for")
}

// A browser must not take an object for a page of the console's origin.
func TestObjectsAreSandboxed(t *testing.T) {
	srv := s3test.New(t, s3server.WithAnonymous())
	writeObject(t, srv, "pages", "a.html", "<script>1</script>")
	require.Equal(t, "sandbox", ask(t, "GET", srv.URL()+"/pages/a.html").header.Get("Content-Security-Policy"))
}
