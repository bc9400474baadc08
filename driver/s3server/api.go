package s3server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"open-lake.dev/lib/storage/driver/s3server/internal/console"
	"open-lake.dev/lib/storage/snapshot"
)

// Control returns the handler of the control API, which the server has at /_/:
//
//	GET    /_/                          what there is; in a browser, the console
//	POST   /_/snapshots[?name=n]        take a snapshot, under a name or a number
//	GET    /_/snapshots                 list the snapshots, the oldest first
//	GET    /_/snapshots/N               one of them
//	DELETE /_/snapshots/N
//	POST   /_/snapshots/N/restore       make it the current state
//	GET    /_/snapshots/N/diff[?to=M]   what changed from N to M; to is current by default
//	GET    /_/snapshots/N/golden        the snapshot as text
//	GET    /_/snapshots/N/file          the snapshot as a file, which snapshot.Load reads
//	POST   /_/forks[?from=N]            start a fork from a snapshot; from is current by default
//	GET    /_/forks                     list the forks
//	DELETE /_/forks/F                   stop one
//
// N is a name, "start" for the state when the server started, or "current". Answers
// are JSON, those with an error too; a golden is text, and a file is not. A request must
// come from the same origin or bear the server's token, and from another machine it must
// bear the token; see [WithToken].
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	c := s.control
	handle := func(pattern string, status int, do func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { reply(w, status, do, r) })
	}
	pages := console.New(steering{c})
	mux.Handle(console.Path, pages)
	mux.Handle("GET /_", http.RedirectHandler(console.Home, http.StatusSeeOther))
	mux.HandleFunc("GET /_/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		if wantsPage(r) {
			pages.ServeHTTP(w, r)
			return
		}
		reply(w, http.StatusOK, func(*http.Request) (any, error) { return c.overview(), nil }, r)
	})
	handle("POST /_/snapshots", http.StatusCreated, func(r *http.Request) (any, error) { return c.take(r.FormValue("name")) })
	handle("GET /_/snapshots", http.StatusOK, func(*http.Request) (any, error) { return c.list(), nil })
	handle("GET /_/snapshots/{name}", http.StatusOK, func(r *http.Request) (any, error) { return c.find(r.PathValue("name")) })
	handle("DELETE /_/snapshots/{name}", http.StatusNoContent, func(r *http.Request) (any, error) { return nil, c.delete(r.PathValue("name")) })
	handle("POST /_/snapshots/{name}/restore", http.StatusNoContent, func(r *http.Request) (any, error) { return nil, c.restore(r.PathValue("name")) })
	handle("GET /_/snapshots/{name}/diff", http.StatusOK, c.diff)
	handle("POST /_/forks", http.StatusCreated, func(r *http.Request) (any, error) { return c.forkFrom(orCurrent(r.FormValue("from"))) })
	handle("GET /_/forks", http.StatusOK, func(*http.Request) (any, error) { return c.listForks(), nil })
	handle("DELETE /_/forks/{name}", http.StatusNoContent, func(r *http.Request) (any, error) { return nil, c.closeFork(r.PathValue("name")) })
	mux.HandleFunc("GET /_/snapshots/{name}/golden", c.golden)
	mux.HandleFunc("GET /_/snapshots/{name}/file", c.file)
	return s.guard(withErrors(mux))
}

// withErrors serves a mux and puts errors of the control API in place of those that the
// mux answers by itself, as text, where it has no pattern for a request.
func withErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			w = &errorWriter{ResponseWriter: w, r: r}
		}
		mux.ServeHTTP(w, r)
	})
}

// errorWriter replaces the answer to a request if it is an error.
type errorWriter struct {
	http.ResponseWriter
	r      *http.Request
	failed bool
}

func (w *errorWriter) WriteHeader(status int) {
	if w.failed = status >= http.StatusBadRequest; w.failed {
		failFor(w.ResponseWriter, w.r, status, fmt.Errorf("the control API has no %s %s", w.r.Method, w.r.URL.Path))
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *errorWriter) Write(p []byte) (int, error) {
	if w.failed {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// reply answers a request with what do returns.
func reply(w http.ResponseWriter, status int, do func(*http.Request) (any, error), r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	v, err := do(r)
	if err != nil {
		fail(w, err)
		return
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) { failWith(w, console.Status(err), err) }

// failFor answers with an error: a page for people, or else JSON.
func failFor(w http.ResponseWriter, r *http.Request, status int, err error) {
	if wantsPage(r) {
		console.Fail(w, r, status, err)
		return
	}
	failWith(w, status, err)
}

func failWith(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// overview is what the control API says of a server.
type overview struct {
	Endpoint  string    `json:"endpoint"`
	Region    string    `json:"region"`
	Current   *taken    `json:"current"`
	Snapshots []*taken  `json:"snapshots"`
	Forks     []*forked `json:"forks"`
}

func (c *control) overview() overview {
	now, _ := c.find(current)
	return overview{c.s.URL(), c.s.config.region, now, c.list(), c.listForks()}
}

func orCurrent(name string) string {
	if name == "" {
		return current
	}
	return name
}

func (c *control) forkFrom(name string) (*forked, error) {
	t, err := c.find(name)
	if err != nil {
		return nil, err
	}
	return c.fork(t.snap)
}

// change is an object that differs between two snapshots.
type change struct {
	Change string `json:"change"` // created, changed or removed
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// changes is a list of them, the first of all.
type changes struct {
	Changes   []change `json:"changes"`
	Truncated bool     `json:"truncated,omitempty"`
}

// maxChanges is the most changes that one answer has, unless it is asked for more.
const maxChanges = 1000

func (c *control) diff(r *http.Request) (any, error) {
	from, err := c.find(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	to, err := c.find(orCurrent(r.FormValue("to")))
	if err != nil {
		return nil, err
	}
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit <= 0 {
		limit = maxChanges
	}
	return diff(from.snap, to.snap, limit), nil
}

// diff returns the changes from one snapshot to another that S3 clients see.
func diff(from, to *snapshot.Snapshot, limit int) changes {
	list := changes{Changes: []change{}}
	for d := range snapshot.Diff(from, to) {
		if IsHidden(d.Bucket) {
			continue
		}
		if len(list.Changes) == limit {
			list.Truncated = true
			break
		}
		what := "changed"
		switch {
		case d.Old == nil:
			what = "created"
		case d.New == nil:
			what = "removed"
		}
		list.Changes = append(list.Changes, change{what, d.Bucket, d.Key})
	}
	return list
}

func (c *control) golden(w http.ResponseWriter, r *http.Request) {
	t, err := c.find(r.PathValue("name"))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(golden(r.Context(), Visible(t.snap)))
}

func (c *control) file(w http.ResponseWriter, r *http.Request) {
	t, err := c.find(r.PathValue("name"))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="snapshot"`)
	t.snap.Save(w)
}
