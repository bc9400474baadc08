package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

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

// A value may be empty, which is no fault of a name.
func TestEmptyValues(t *testing.T) {
	srv := s3test.New(t)
	_, err := srv.Store().Bucket("b").Write(t.Context(), "a", strings.NewReader("x"), 1, "", storage.Options{storage.OptMetadata: map[string]string{"note": ""}})
	require.NoError(t, err)
	require.NotContains(t, get(t, srv, "/_/console/bucket?bucket=b").text(), "empty name")
	page := get(t, srv, "/_/console/object?bucket=b&key=a")
	require.Contains(t, page.text(), "note")
	require.NotContains(t, page.text(), "empty name")
}

// Programs get JSON where browsers get the console.
func TestPrograms(t *testing.T) {
	srv := s3test.New(t)
	r := ask(t, "GET", srv.URL()+"/_/", "Accept", "*/*")
	require.Equal(t, "application/json", r.header.Get("Content-Type"))
	require.Equal(t, "Accept", r.header.Get("Vary"))
	require.Equal(t, http.StatusSeeOther, ask(t, "GET", srv.URL()+"/_").status)
}
