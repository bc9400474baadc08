package gateway

import (
	"context"
	"strings"

	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3api/utils"
)

// What the protocol layer does not pass on is read from the request, which is the
// context of a call. Calls with another context, those of tests, have none of it.

// header returns a header of the request, or the field of that name of a form, which
// stands for it; empty if there is none.
func header(ctx context.Context, name string) string {
	r, ok := ctx.(*fasthttp.RequestCtx)
	if !ok {
		return ""
	}
	if r.IsPost() {
		if form, ok := r.UserValue(string(utils.ContextKeyObjectPostResult)).(middlewares.PostObjectResult); ok {
			return strings.Clone(form.Fields[strings.ToLower(name)])
		}
	}
	return string(r.Request.Header.Peek(name))
}

// argument returns an argument of the request's query, empty if there is none.
func argument(ctx context.Context, name string) string {
	if r, ok := ctx.(*fasthttp.RequestCtx); ok {
		return string(r.QueryArgs().Peek(name))
	}
	return ""
}

// body returns the body of the request, empty if there is none.
func body(ctx context.Context) string {
	if r, ok := ctx.(*fasthttp.RequestCtx); ok {
		return string(r.PostBody())
	}
	return ""
}

// isForm reports whether the request is a POST, which writes an object by a form.
func isForm(ctx context.Context) bool {
	r, ok := ctx.(*fasthttp.RequestCtx)
	return ok && r.IsPost()
}

// condition returns the ETag in a header, nil if there is none.
func condition(ctx context.Context, name string) *string {
	etag := strings.Trim(header(ctx, name), `"`)
	if etag == "" {
		return nil
	}
	return &etag
}

// The keys of the values that the answer to a request is mended by.
const (
	// PartsCount is the number of an object's parts, an int. The layer's answer to
	// GetObjectAttributes has none.
	PartsCount = "s3server-parts-count"
	// ObjectACL is the ACL of an object, as XML. The layer's has other elements.
	ObjectACL = "s3server-object-acl"

	// VersionOrder is of ListObjectVersions, a []bool: which of the versions, in the
	// order of the listing, are delete markers. The layer keeps those apart.
	VersionOrder = "s3server-version-order"
)

// tell sets one of those values.
func tell(ctx context.Context, key string, value any) {
	if r, ok := ctx.(*fasthttp.RequestCtx); ok {
		r.SetUserValue(key, value)
	}
}
