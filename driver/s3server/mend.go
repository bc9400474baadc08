package s3server

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/valyala/fasthttp"

	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
)

// What the protocol layer (versitygw 1.8.0) does other than S3, and SDKs stumble
// over, is mended before and after it.

const objectAttributes = "X-Amz-Object-Attributes"

// mending is a back end that mends requests and the rows of listings. The protocol
// layer asks for the bucket's ACL once it has verified the signature, which covers what
// is mended, and before it reads the rest. A request with an encryption key of its own
// is refused there, too.
type mending struct{ gateway.Backend }

// GetBucketAcl implements [backend.Backend].
func (m mending) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	if err := gateway.CheckCustomerKey(ctx); err != nil {
		return nil, err
	}
	if r, ok := ctx.(*fasthttp.RequestCtx); ok {
		mendRequest(r)
		readDocument(r)
	}
	return m.Backend.GetBucketAcl(ctx, in)
}

// mendRequest removes the blanks in a list of object attributes, which the
// JavaScript SDK sends and the layer refuses.
func mendRequest(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if list := h.Peek(objectAttributes); len(list) > 0 && strings.Contains(string(list), " ") {
		h.Set(objectAttributes, strings.ReplaceAll(string(list), " ", ""))
	}
}

// mendResponse mends the answers to GetObjectAttributes, GetObjectAcl and listings.
func mendResponse(ctx *fasthttp.RequestCtx) {
	mendRows(ctx)
	mendLastModified(ctx)
	mendPartsCount(ctx)
	if acl, ok := ctx.UserValue(gateway.ObjectACL).(string); ok {
		ctx.SetBodyString(xml.Header + acl)
	}
}

// mendPartsCount adds the number of parts, which the layer leaves out.
func mendPartsCount(ctx *fasthttp.RequestCtx) {
	count, ok := ctx.UserValue(gateway.PartsCount).(int)
	if !ok {
		return
	}
	const parts = "<ObjectParts>"
	ctx.SetBody(bytes.Replace(ctx.Response.Body(), []byte(parts), fmt.Appendf(nil, parts+"<PartsCount>%d</PartsCount>", count), 1))
}

// mendLastModified writes the Last-Modified as HTTP wants it.
func mendLastModified(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	modified := string(h.Peek("Last-Modified"))
	if modified == "" {
		return
	}
	if t, err := time.Parse(time.ANSIC, modified); err == nil {
		h.Set("Last-Modified", t.UTC().Format(http.TimeFormat))
	}
}
