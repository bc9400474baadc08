package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// serve returns a handler that serves the objects of a bucket. http.ServeContent
// does the ranges and the conditions; it needs a reader that can seek.
func serve(b storage.Bucket) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, obj, err := b.Open(r.Context(), r.URL.Path, 0, 0, nil)
		switch {
		case errors.Is(err, storage.ErrNotExist), errors.Is(err, storage.ErrInvalid), errors.Is(err, storage.ErrPermission):
			http.NotFound(w, r)
			return
		case err != nil:
			http.Error(w, "the store is out of order", http.StatusInternalServerError)
			return
		}
		defer body.Close()
		w.Header().Set("Content-Type", obj.ContentType)
		w.Header().Set("ETag", `"`+obj.ETag+`"`)
		http.ServeContent(w, r, "", obj.Updated, body.(io.ReadSeeker))
	})
}

// Objects can be served over HTTP with ranges, ETags and If-None-Match.
func Example_http() {
	b := memdriver.Open().Bucket("site")
	obj, err := storage.WriteAll(context.Background(), b, "hello.txt", []byte("hello, world\n"), "text/plain", nil)
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(serve(b))
	defer server.Close()

	get := func(path, header, value string) {
		req, _ := http.NewRequest("GET", server.URL+path, nil)
		if header != "" {
			req.Header.Set(header, value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		fmt.Printf("%s %s %q\n", res.Status, res.Header.Get("Content-Type"), body)
	}
	get("/hello.txt", "", "")
	get("/hello.txt", "Range", "bytes=7-11")
	get("/hello.txt", "If-None-Match", `"`+obj.ETag+`"`)
	get("/other.txt", "", "")
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// 200 OK text/plain "hello, world\n"
	// 206 Partial Content text/plain "world"
	// 304 Not Modified  ""
	// 404 Not Found text/plain; charset=utf-8 "404 page not found\n"
}
