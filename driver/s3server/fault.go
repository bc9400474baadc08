package s3server

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3err"
)

// Request is an S3 request, as [WithIntercept] sees it.
type Request struct {
	Method, Bucket, Key string
	Header              http.Header
	Query               map[string]string
}

func requestOf(ctx *fasthttp.RequestCtx) *Request {
	r := &Request{Method: string(ctx.Method()), Header: make(http.Header), Query: make(map[string]string)}
	r.Bucket, r.Key, _ = strings.Cut(strings.TrimPrefix(string(ctx.Path()), "/"), "/")
	for key, value := range ctx.Request.Header.All() {
		r.Header.Add(string(key), string(value))
	}
	for key, value := range ctx.QueryArgs().All() {
		r.Query[string(key)] = string(value)
	}
	return r
}

// Fault is what befalls a request.
type Fault struct {
	Delay  time.Duration // before anything else
	Status int           // of the answer, such as 503; 0 lets the request through
	Code   string        // of the error, such as "SlowDown"
	Cut    bool          // breaks the connection off instead of an answer

	// CutBody, if positive, breaks the connection off after that many bytes of the
	// answer's body, if it is longer.
	CutBody int64
}

// answer does what the fault says and reports whether the request is answered.
func (f *Fault) answer(ctx *fasthttp.RequestCtx) bool {
	time.Sleep(f.Delay)
	if f.Cut {
		ctx.HijackSetNoResponse(true)
		ctx.Hijack(func(c net.Conn) { c.Close() })
		return true
	}
	if f.Status == 0 {
		return false
	}
	refuse(ctx, s3err.APIError{Code: f.Code, Description: "A fault on demand.", HTTPStatusCode: f.Status})
	return true
}

// cut answers with the beginning of a response's body and breaks off.
func (f *Fault) cut(ctx *fasthttp.RequestCtx) {
	r := &ctx.Response
	length := int64(r.Header.ContentLength())
	body := r.BodyStream()
	if body == nil {
		body, length = bytes.NewReader(r.Body()), int64(len(r.Body()))
	}
	if length <= f.CutBody {
		return
	}
	r.Header.SetContentLength(int(length))
	answer := bytes.NewBuffer(bytes.Clone(r.Header.Header()))
	io.CopyN(answer, body, f.CutBody)
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(c net.Conn) {
		c.Write(answer.Bytes())
		c.Close()
	})
}
