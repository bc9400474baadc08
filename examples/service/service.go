// Package service shows how to serve objects over HTTP, and how to test that with
// a golden file and with faults. The tests are in service_test.go.
//
// The service keeps notes:
//
//	GET    /notes        lists the notes as JSON
//	GET    /notes/{key}  returns one, with Range, ETag and If-None-Match
//	PUT    /notes/{key}  stores one, under the condition of If-Match or If-None-Match
//	DELETE /notes/{key}  removes one
package service

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"open-lake.dev/lib/storage"
)

// New returns the service over a bucket.
func New(b storage.Bucket) http.Handler {
	s := service{b}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes", s.list)
	mux.HandleFunc("GET /notes/{key...}", s.get)
	mux.HandleFunc("PUT /notes/{key...}", s.put)
	mux.HandleFunc("DELETE /notes/{key...}", s.delete)
	return mux
}

type service struct{ notes storage.Bucket }

func (s service) list(w http.ResponseWriter, r *http.Request) {
	list, err := s.notes.List(r.Context(), "", 0, 0, nil)
	if err != nil {
		fail(w, err)
		return
	}
	keys := []string{}
	for note, err := range storage.All(list) {
		if err != nil {
			fail(w, err)
			return
		}
		keys = append(keys, note.Key)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(keys)
}

func (s service) get(w http.ResponseWriter, r *http.Request) {
	body, note, err := s.notes.Open(r.Context(), r.PathValue("key"), 0, 0, nil)
	if err != nil {
		fail(w, err)
		return
	}
	defer body.Close()
	w.Header().Set("Content-Type", note.ContentType)
	w.Header().Set("ETag", quoted(note.ETag))
	if body, ok := body.(io.ReadSeeker); ok {
		http.ServeContent(w, r, "", note.Updated, body)
		return
	}
	if _, err := io.Copy(w, body); err != nil {
		panic(http.ErrAbortHandler) // so that the client does not take it for the whole
	}
}

func (s service) put(w http.ResponseWriter, r *http.Request) {
	opts := storage.Options{}
	for header, option := range map[string]string{"If-Match": storage.OptIfMatch, "If-None-Match": storage.OptIfNoneMatch} {
		if value := r.Header.Get(header); value != "" {
			opts[option] = value
		}
	}
	note, err := s.notes.Write(r.Context(), r.PathValue("key"), r.Body, r.ContentLength, r.Header.Get("Content-Type"), opts)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("ETag", quoted(note.ETag))
	w.WriteHeader(http.StatusNoContent)
}

func (s service) delete(w http.ResponseWriter, r *http.Request) {
	if err := s.notes.Delete(r.Context(), r.PathValue("key"), nil); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func quoted(etag string) string { return `"` + etag + `"` }

// fail answers with the status of an error. What the client cannot help is logged
// and not told.
func fail(w http.ResponseWriter, err error) {
	status := statusOf(err)
	if status == http.StatusInternalServerError {
		slog.Error("the store failed", "err", err)
	}
	http.Error(w, http.StatusText(status), status)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, storage.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, storage.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, storage.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, storage.ErrPrecondition):
		return http.StatusPreconditionFailed
	case errors.Is(err, storage.ErrQuota):
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}
