package s3server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// call calls the control API and decodes the answer.
func call(t *testing.T, url, method, path string, into any) int {
	r, err := http.NewRequest(method, url+path, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if text, ok := into.(*string); ok {
		*text = string(body)
	} else if into != nil {
		require.NoError(t, json.Unmarshal(body, into), string(body))
	}
	return resp.StatusCode
}

func write(t testing.TB, st storage.Storage, key, content string) {
	_, err := st.Bucket("photos").Write(context.Background(), key, strings.NewReader(content), -1, "text/plain", nil)
	require.NoError(t, err)
}

func TestControl(t *testing.T) {
	srv := newTestServer(t)
	write(t, srv.Store(), "a", "1\n")
	var took taken
	require.Equal(t, http.StatusCreated, call(t, srv.URL(), "POST", "/_/snapshots?name=one", &took))
	require.Equal(t, 1, took.Objects)
	write(t, srv.Store(), "b", "2\n")
	write(t, srv.Store(), "a", "3\n")
	require.Equal(t, http.StatusCreated, call(t, srv.URL(), "POST", "/_/snapshots", &took))
	require.Equal(t, "1", took.Name)

	var list []taken
	require.Equal(t, http.StatusOK, call(t, srv.URL(), "GET", "/_/snapshots", &list))
	require.Len(t, list, 3)
	require.Equal(t, "start", list[0].Name)

	var diff changes
	require.Equal(t, http.StatusOK, call(t, srv.URL(), "GET", "/_/snapshots/one/diff", &diff))
	require.Equal(t, []change{{"changed", "photos", "a"}, {"created", "photos", "b"}}, diff.Changes)
	diff = changes{}
	require.Equal(t, http.StatusOK, call(t, srv.URL(), "GET", "/_/snapshots/one/diff?to=start&limit=1", &diff))
	require.Equal(t, []change{{"removed", "photos", "a"}}, diff.Changes)

	require.Equal(t, http.StatusNoContent, call(t, srv.URL(), "POST", "/_/snapshots/one/restore", nil))
	var golden string
	require.Equal(t, http.StatusOK, call(t, srv.URL(), "GET", "/_/snapshots/current/golden", &golden))
	require.Equal(t, "bucket photos: objects: 1, bytes: 2\n-- photos/a --\nsize: 2\ntype: text/plain\netag: b026324c6904b2a9cb4b88d6d61c81d1\n\n1\n", golden)

	var file string
	require.Equal(t, http.StatusOK, call(t, srv.URL(), "GET", "/_/snapshots/one/file", &file))
	loaded, err := snapshot.Load(strings.NewReader(file))
	require.NoError(t, err)
	require.Empty(t, diffOf(srv.Store().Snapshot(), loaded))

	require.Equal(t, http.StatusNoContent, call(t, srv.URL(), "DELETE", "/_/snapshots/one", nil))
	require.Equal(t, http.StatusNotFound, call(t, srv.URL(), "POST", "/_/snapshots/one/restore", nil))
	require.Equal(t, http.StatusBadRequest, call(t, srv.URL(), "POST", "/_/snapshots?name=current", nil))
	require.Equal(t, http.StatusNoContent, call(t, srv.URL(), "POST", "/_/snapshots/start/restore", nil))
	require.Zero(t, srv.Store().Snapshot().Len())
}

// diffOf returns the differences between two snapshots.
func diffOf(a, b *snapshot.Snapshot) []change { return diff(a, b, maxChanges).Changes }

func TestForks(t *testing.T) {
	srv := newTestServer(t)
	write(t, srv.Store(), "a", "1")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			var f forked
			if status := call(t, srv.URL(), "POST", "/_/forks", &f); status != http.StatusCreated {
				t.Errorf("status %d", status)
				return
			}
			var over overview
			call(t, f.URL, "GET", "/_/", &over)
			if over.Current.Objects != 1 || over.Endpoint != f.URL {
				t.Errorf("fork %d: %+v", i, over)
			}
			call(t, srv.URL(), "DELETE", "/_/forks/"+f.Name, nil)
		})
	}
	wg.Wait()
	var list []forked
	call(t, srv.URL(), "GET", "/_/forks", &list)
	require.Empty(t, list)
	fork, err := srv.Fork(nil)
	require.NoError(t, err)
	write(t, fork.Store(), "b", "2")
	require.Equal(t, 1, srv.Store().Snapshot().Len())
	require.NoError(t, srv.Close())
	_, err = http.Get(fork.URL())
	require.Error(t, err, "a fork ends with its server")
}

func TestGuard(t *testing.T) {
	srv := newTestServer(t, WithToken("secret"))
	host := strings.TrimPrefix(srv.URL(), "http://")
	_, port, _ := strings.Cut(host, ":")
	for _, test := range []struct {
		name   string
		host   string
		header map[string]string
		status int
	}{
		{"no browser", host, nil, http.StatusOK},
		{"localhost", "localhost:" + port, nil, http.StatusOK},
		{"same origin", host, map[string]string{"Origin": "http://" + host, "Sec-Fetch-Site": "same-origin"}, http.StatusOK},
		{"typed", host, map[string]string{"Sec-Fetch-Site": "none"}, http.StatusOK},
		{"another origin", host, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		{"another port", host, map[string]string{"Origin": "http://127.0.0.1:1"}, http.StatusForbidden},
		{"no origin", host, map[string]string{"Origin": "null"}, http.StatusForbidden},
		{"another site", host, map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"same site", host, map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"a name that resolves here", "evil.example:" + port, nil, http.StatusForbidden},
		{"a name without port", "evil.example", nil, http.StatusForbidden},
		{"the token", "evil.example", map[string]string{"Authorization": "Bearer secret", "Origin": "http://evil.example"}, http.StatusOK},
		{"another token", "evil.example", map[string]string{"Authorization": "Bearer secre"}, http.StatusForbidden},
	} {
		r, err := http.NewRequest("GET", srv.URL()+"/_/snapshots", nil)
		require.NoError(t, err)
		r.Host = test.host
		for name, value := range test.header {
			r.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, test.status, resp.StatusCode, test.name)
	}
}

// On an address that other machines reach, a request without token is refused.
func TestGuardOutside(t *testing.T) {
	srv := newTestServer(t, WithAddr("0.0.0.0:0"), WithToken("secret"))
	require.Equal(t, http.StatusUnauthorized, call(t, srv.URL(), "GET", "/_/snapshots", nil))
	srv = newTestServer(t, WithAddr("0.0.0.0:0"))
	require.Equal(t, http.StatusForbidden, call(t, srv.URL(), "GET", "/_/snapshots", nil), "there is no token")
}

// TestControlErrors answers every error as JSON, and in a browser as a page.
func TestControlErrors(t *testing.T) {
	srv := newTestServer(t)
	for _, test := range []struct {
		method, path, accept string
		status               int
		contentType, text    string
	}{
		{"GET", "/_/snapshots/none", "", http.StatusNotFound, "application/json", `{"error":"file does not exist: no snapshot \"none\""}`},
		{"GET", "/_/none", "", http.StatusNotFound, "application/json", `{"error":"the control API has no GET /_/none"}`},
		{"PUT", "/_/snapshots", "", http.StatusMethodNotAllowed, "application/json", `{"error":"the control API has no PUT /_/snapshots"}`},
		{"GET", "/_/none", "text/html", http.StatusNotFound, "text/html; charset=utf-8", "the control API has no GET /_/none"},
	} {
		resp, text := plain(t, srv, test.method, test.path, "", map[string]string{"Accept": test.accept})
		require.Equal(t, test.status, resp.StatusCode, test.path)
		require.Equal(t, test.contentType, resp.Header.Get("Content-Type"), test.path)
		require.Contains(t, text, test.text)
		require.Equal(t, test.status == http.StatusMethodNotAllowed, resp.Header.Get("Allow") != "", test.path)
	}
	resp, text := plain(t, srv, "POST", "/_/snapshots", strings.Repeat("x", maxControl+1), nil)
	require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	require.Equal(t, `{"error":"the body is too long"}`+"\n", text)
	resp, _ = plain(t, srv, "GET", "/_//snapshots", "", nil)
	require.Equal(t, http.StatusOK, resp.StatusCode, "the mux redirects")
}

// Where no more snapshots may be kept, one can still be replaced.
func TestMaxSnapshots(t *testing.T) {
	srv := newTestServer(t, func(c *config) { c.maxSnapshots = 2 })
	require.Equal(t, http.StatusCreated, call(t, srv.URL(), "POST", "/_/snapshots?name=a", nil))
	require.Equal(t, http.StatusServiceUnavailable, call(t, srv.URL(), "POST", "/_/snapshots?name=b", nil))
	write(t, srv.Store(), "key", "1")
	var took taken
	require.Equal(t, http.StatusCreated, call(t, srv.URL(), "POST", "/_/snapshots?name=a", &took))
	require.Equal(t, 1, took.Objects)
}

func TestBadStore(t *testing.T) {
	_, err := New(nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
	srv := newTestServer(t)
	_, err = New(srv.Store(), WithCredentials("root", ""))
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = New(srv.Store(), WithAccounts(Account{AccessKey: "other"}))
	require.ErrorIs(t, err, storage.ErrInvalid)
	_, err = New(srv.Store(), WithAddr("127.0.0.1:99999"))
	require.Error(t, err)
	_, err = New(srv.Store(), WithAddr(fmt.Sprint(strings.TrimPrefix(srv.URL(), "http://"))))
	require.Error(t, err, "the port is taken")
}
