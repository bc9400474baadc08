package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

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
