package service

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// do makes a request, and returns the answer with its body.
func do(t *testing.T, st storage.Storage, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "text/markdown")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	New(st.Bucket("notes")).ServeHTTP(w, req)
	res := w.Result()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(data)
}

// TestService compares what requests leave in the store with a golden file, and the
// calls that they make with another.
func TestService(t *testing.T) {
	inner := snaptest.New(t)
	st, calls := snaptest.Record(t, inner)
	put, _ := do(t, st, "PUT", "/notes/shopping/monday.md", "# Monday\n- milk\n")
	require.Equal(t, http.StatusNoContent, put.StatusCode)
	do(t, st, "PUT", "/notes/todo.md", "# To do\n")
	do(t, st, "PUT", "/notes/old.md", "")
	do(t, st, "DELETE", "/notes/old.md", "")

	etag := put.Header.Get("ETag")
	res, body := do(t, st, "GET", "/notes/shopping/monday.md", "", "Range", "bytes=2-7")
	require.Equal(t, http.StatusPartialContent, res.StatusCode)
	require.Equal(t, "Monday", body)
	require.Equal(t, etag, res.Header.Get("ETag"))
	res, body = do(t, st, "GET", "/notes/shopping/monday.md", "", "If-None-Match", etag)
	require.Equal(t, http.StatusNotModified, res.StatusCode)
	require.Empty(t, body)
	_, body = do(t, st, "GET", "/notes", "")
	require.JSONEq(t, `["shopping/monday.md", "todo.md"]`, body)

	res, _ = do(t, st, "PUT", "/notes/todo.md", "# Nothing\n", "If-Match", etag)
	require.Equal(t, http.StatusPreconditionFailed, res.StatusCode)
	for path, status := range map[string]int{"/notes/none.md": http.StatusNotFound, "/notes/": http.StatusBadRequest} {
		res, _ = do(t, st, "GET", path, "")
		require.Equal(t, status, res.StatusCode, path)
	}
	snaptest.Golden(t, inner, "testdata/notes.txtar")
	require.Contains(t, calls.String(), fmt.Sprintf("write notes/todo.md size=10 type=text/markdown if_match=%q → precondition failed", etag))
}

// TestEveryFault: a request that fails leaves the old note or the new one, and the
// answer to success is no lie.
func TestEveryFault(t *testing.T) {
	st := snaptest.New(t)
	do(t, st, "PUT", "/notes/todo.md", "old")
	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		if res, body := do(t, st, "PUT", "/notes/todo.md", "new"); res.StatusCode != http.StatusNoContent {
			return fmt.Errorf("%s", body)
		}
		return nil
	}, func(t *testing.T, st snapshot.Store, err error) {
		_, body := do(t, st, "GET", "/notes/todo.md", "")
		require.Contains(t, []string{"old", "new"}, body)
		if err == nil {
			require.Equal(t, "new", body)
		}
	})
}

// TestFaults: the client learns that the store failed, and nothing about it.
func TestFaults(t *testing.T) {
	for op, req := range map[string][2]string{
		"write": {"PUT", "/notes/todo.md"}, "open": {"GET", "/notes/todo.md"}, "delete": {"DELETE", "/notes/todo.md"},
		"list": {"GET", "/notes"}, "list.next": {"GET", "/notes"},
	} {
		st := snaptest.New(t)
		do(t, st, "PUT", "/notes/todo.md", "old")
		before := st.Snapshot()
		res, body := do(t, snaptest.Fail(t, st, wrap.Fault{Op: op}), req[0], req[1], "")
		require.Equal(t, http.StatusInternalServerError, res.StatusCode, op)
		require.Equal(t, "Internal Server Error\n", body)
		snaptest.AssertUnchanged(t, before, st.Snapshot())
	}
}

// A note that breaks off is not taken for the whole.
func TestBodyBreaksOff(t *testing.T) {
	st := snaptest.New(t)
	do(t, st, "PUT", "/notes/todo.md", "a long note")
	torn := snaptest.Fail(t, st, wrap.Fault{Op: "open", Cut: 4})
	server := httptest.NewServer(New(torn.Bucket("notes")))
	defer server.Close()
	res, err := http.Get(server.URL + "/notes/todo.md")
	if err == nil {
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
	}
	require.Error(t, err)
}
