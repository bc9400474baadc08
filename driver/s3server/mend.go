package s3server

import (
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// What the protocol layer (versitygw 1.8.0) does other than S3, and SDKs stumble
// over, is mended before and after it.

const objectAttributes = "X-Amz-Object-Attributes"

// mendRequest removes the blanks in a list of object attributes, which the
// JavaScript SDK sends and the layer refuses.
func mendRequest(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if list := h.Peek(objectAttributes); len(list) > 0 && strings.Contains(string(list), " ") {
		h.Set(objectAttributes, strings.ReplaceAll(string(list), " ", ""))
	}
}

// mendResponse writes the Last-Modified of GetObjectAttributes as HTTP wants it.
func mendResponse(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	modified := string(h.Peek("Last-Modified"))
	if modified == "" {
		return
	}
	if t, err := time.Parse(time.ANSIC, modified); err == nil {
		h.Set("Last-Modified", t.UTC().Format(http.TimeFormat))
	}
}
