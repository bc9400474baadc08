package s3server

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/valyala/fasthttp"
)

// maxControl is the length of the longest body that the control API takes, in bytes.
const maxControl = 64 << 10

// serveHTTP answers a request by a handler of net/http. The request is a copy: the
// strings of ctx are parts of a buffer that the next request overwrites.
func serveHTTP(ctx *fasthttp.RequestCtx, h http.Handler) {
	w := &responseWriter{ctx: ctx, header: make(http.Header)}
	if n := ctx.Request.Header.ContentLength(); n > maxControl || n == -1 {
		failWith(w, http.StatusRequestEntityTooLarge, errors.New("the body is too long"))
		ctx.SetConnectionClose()
		return
	}
	r, err := http.NewRequestWithContext(ctx, string(ctx.Method()), string(ctx.RequestURI()), bytes.NewReader(bytes.Clone(ctx.PostBody())))
	if err != nil {
		failWith(w, http.StatusBadRequest, err)
		return
	}
	r.Host = string(ctx.Host())
	r.RemoteAddr = ctx.RemoteAddr().String()
	for key, value := range ctx.Request.Header.All() {
		r.Header.Add(string(key), string(value))
	}
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
}

// responseWriter is an [http.ResponseWriter] over a fasthttp response.
type responseWriter struct {
	ctx    *fasthttp.RequestCtx
	header http.Header
	wrote  bool
}

func (w *responseWriter) Header() http.Header { return w.header }

func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ctx.Write(p)
}

// Stream implements [console.Streamer].
func (w *responseWriter) Stream(body io.ReadCloser, size int64) {
	w.WriteHeader(http.StatusOK)
	w.ctx.SetBodyStream(body, int(size))
}

func (w *responseWriter) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	w.ctx.SetStatusCode(status)
	for key, values := range w.header {
		for _, value := range values {
			w.ctx.Response.Header.Add(key, value)
		}
	}
}
