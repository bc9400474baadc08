package console

import "net/http"

// maxForm is the length of the longest form, in bytes.
const maxForm = 64 << 10

// act returns a handler for a form. It runs do and redirects to the address that do
// returns. The name of a snapshot or a fork is in the query of the form's address,
// which a browser sends unchanged; in a field it would convert line breaks.
func act(do func(r *http.Request) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next, err := do(r)
		if err != nil {
			fail(w, r, err)
			return
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// notice reports the action that led to a page.
type notice struct {
	Done, Name string
	Undo       bool
}

// noticeOf returns the notice that a request asks for, nil if it asks for none.
func noticeOf(r *http.Request) *notice {
	q := r.URL.Query()
	switch done := q.Get("done"); done {
	case "taken", "restored", "deleted", "forked", "stopped":
		return &notice{done, q.Get("name"), done == "restored"}
	}
	return nil
}

func (c *console) take(r *http.Request) (string, error) {
	s, err := c.server.Take(r.FormValue("name"))
	return href("snapshots", "done", "taken", "name", s.Name), err
}

func (c *console) restore(r *http.Request) (string, error) {
	name := r.FormValue("name")
	return href("snapshots", "done", "restored", "name", name), c.server.Restore(name)
}

func (c *console) delete(r *http.Request) (string, error) {
	name := r.FormValue("name")
	return href("snapshots", "done", "deleted", "name", name), c.server.Delete(name)
}

func (c *console) fork(r *http.Request) (string, error) {
	f, err := c.server.Fork(r.FormValue("name"))
	return href("forks", "done", "forked", "name", f.Name), err
}

func (c *console) stop(r *http.Request) (string, error) {
	name := r.FormValue("name")
	return href("forks", "done", "stopped", "name", name), c.server.Stop(name)
}
