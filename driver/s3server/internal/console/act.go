package console

import "net/http"

// maxForm is the length of the longest form, in bytes.
const maxForm = 64 << 10

// act returns a handler that does what a form asks for, and shows the page that do
// returns the address of. The name of what is acted on is in the query of the form's
// address, where a browser leaves it as it is: in a field it would change line ends.
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

// notice is what a page says of the action that led to it.
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
