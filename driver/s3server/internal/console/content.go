package console

import (
	_ "embed"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"open-lake.dev/lib/storage"
)

// contentPolicy is the policy for the content of objects: nothing in it runs, loads
// anything or belongs to the origin of the console, even if a browser is made to
// open it as a page.
const contentPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"

// picture serves an object that is a picture, for a page to show.
func (c *console) picture(w http.ResponseWriter, r *http.Request) {
	c.content(w, r, func(h http.Header, key string, head []byte) error {
		kind := pictureType(head)
		if kind == "" {
			return fmt.Errorf("%w: the object is not a picture", storage.ErrInvalid)
		}
		h.Set("Content-Type", kind)
		return nil
	})
}

// download serves an object to be kept as a file.
func (c *console) download(w http.ResponseWriter, r *http.Request) {
	c.content(w, r, func(h http.Header, key string, _ []byte) error {
		name := base(key)
		if name == "" {
			name = "object"
		}
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		return nil
	})
}

// content serves the version of an object that a request asks for, with the headers
// that describe sets.
func (c *console) content(w http.ResponseWriter, r *http.Request, describe func(h http.Header, key string, head []byte) error) {
	v, b, err := c.bucketOf(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	q := r.URL.Query()
	key, version := q.Get("key"), q.Get("version")
	body, size, err := v.open(b.Name(), key, version)
	if err != nil {
		fail(w, r, err)
		return
	}
	head, err := v.read(b.Name(), key, version, min(size, 512))
	if err == nil {
		err = describe(w.Header(), key, head)
	}
	if err != nil {
		body.Close()
		fail(w, r, err)
		return
	}
	Secure(w.Header(), contentPolicy)
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	send(w, body, size)
}

// Streamer is an [http.ResponseWriter] that sends a body of a known length after the
// handler has returned, and closes it.
type Streamer interface {
	Stream(body io.ReadCloser, size int64)
}

func send(w http.ResponseWriter, body io.ReadCloser, size int64) {
	if s, ok := w.(Streamer); ok {
		s.Stream(body, size)
		return
	}
	defer body.Close()
	io.Copy(w, body)
}

//go:embed static/icon.svg
var iconFile []byte

func icon(w http.ResponseWriter, r *http.Request) {
	Secure(w.Header(), contentPolicy)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Write(iconFile)
}
