package s3server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3err"
)

// controlPath begins the paths of the control API. No bucket has that name.
const controlPath = "/_/"

// handler returns the handler of all requests: the control API's, and the protocol
// layer's with the mends around it.
func (s *Server) handler(layer fasthttp.RequestHandler) fasthttp.RequestHandler {
	control := s.Control()
	return func(ctx *fasthttp.RequestCtx) {
		s.underway.RLock()
		defer s.underway.RUnlock()
		if s.closed {
			ctx.SetConnectionClose()
			return
		}
		start := time.Now()
		if isControl(ctx.Path()) {
			serveHTTP(ctx, control)
		} else {
			s.serveS3(ctx, layer)
		}
		if s.config.log != nil {
			fmt.Fprintf(s.config.log, "%s %s %s %d %s\n", start.UTC().Format(time.RFC3339), ctx.Method(), ctx.RequestURI(),
				ctx.Response.StatusCode(), time.Since(start).Round(time.Microsecond))
		}
	}
}

func isControl(path []byte) bool {
	return bytes.HasPrefix(path, []byte(controlPath)) || string(path)+"/" == controlPath
}

func (s *Server) serveS3(ctx *fasthttp.RequestCtx, layer fasthttp.RequestHandler) {
	var fault *Fault
	if f := s.config.intercept; f != nil {
		if fault = f(requestOf(ctx)); fault != nil && fault.answer(ctx) {
			return
		}
	}
	if tooLong(ctx) {
		refuse(ctx, s3err.GetEntityTooLargeErr(int64(ctx.Request.Header.ContentLength()), maxDocument))
		return
	}
	if s.config.anonymous {
		s.sign(ctx)
	}
	layer(ctx)
	s.keep(ctx)
	mendResponse(ctx)
	// The objects are of the origin that the console has, so a browser must not run
	// what is in them.
	ctx.Response.Header.Set("Content-Security-Policy", "sandbox")
	if fault != nil && fault.CutBody > 0 {
		fault.cut(ctx)
	}
}

// answer answers a request with an S3 error.
func answer(ctx *fasthttp.RequestCtx, err s3err.S3Error) {
	ctx.Response.Header.SetContentType("application/xml")
	ctx.SetStatusCode(err.StatusCode())
	ctx.SetBody(err.XMLBody("", ""))
}

// refuse answers with an S3 error a request whose body is not read.
func refuse(ctx *fasthttp.RequestCtx, err s3err.S3Error) {
	answer(ctx, err)
	ctx.SetConnectionClose()
}

// maxDocument is the length of the longest body that is not an object's or a part's,
// in bytes. The layer reads those into memory. The list of 10,000 parts with their
// checksums is shorter.
const maxDocument = 8 << 20

// tooLong reports whether a request has a body that is longer than it may be.
func tooLong(ctx *fasthttp.RequestCtx) bool {
	if ctx.Request.Header.ContentLength() <= maxDocument {
		return false
	}
	query := ctx.QueryArgs()
	_, key, _ := strings.Cut(strings.TrimPrefix(string(ctx.Path()), "/"), "/")
	switch string(ctx.Method()) {
	case http.MethodPut:
		return key == "" || query.Has("tagging") || query.Has("acl") || query.Has("retention") || query.Has("legal-hold")
	case http.MethodPost:
		return key != "" || query.Len() > 0
	}
	return true
}
