package s3server

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/valyala/fasthttp"
)

const (
	contentHash     = "X-Amz-Content-Sha256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// sign signs a request that is not signed as the root account would.
func (s *Server) sign(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if len(h.Peek("Authorization")) > 0 || ctx.QueryArgs().Has("X-Amz-Signature") || isForm(ctx) {
		return
	}
	hash := string(h.Peek(contentHash))
	if hash == "" {
		hash = unsignedPayload
	}
	r, err := http.NewRequest(string(ctx.Method()), "http://"+string(ctx.Host())+string(ctx.RequestURI()), nil)
	if err != nil {
		return
	}
	r.Header.Set(contentHash, hash)
	for key, value := range h.All() {
		if name := http.CanonicalHeaderKey(string(key)); len(name) > 6 && name[:6] == "X-Amz-" {
			r.Header.Set(name, string(value))
		}
	}
	creds := aws.Credentials{AccessKeyID: s.config.accessKey, SecretAccessKey: s.config.secretKey}
	err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
		SignHTTP(context.Background(), creds, r, hash, "s3", s.config.region, time.Now())
	if err != nil {
		return
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", contentHash} {
		h.Set(name, r.Header.Get(name))
	}
}

// isForm reports whether a request is a POST form, which is signed by its policy.
func isForm(ctx *fasthttp.RequestCtx) bool {
	return ctx.IsPost() && len(ctx.Request.Header.MultipartFormBoundary()) > 0
}
