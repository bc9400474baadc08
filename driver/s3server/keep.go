package s3server

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"
)

// keptDocument is a document of a bucket that the protocol layer does not implement.
// It is kept and given back, and changes nothing else.
type keptDocument struct {
	root    string // its element
	missing string // what a bucket without one has: a document or else
	code    string // the error
}

// keptDocuments holds them by the argument of the query that names them.
var keptDocuments = map[string]keptDocument{
	"lifecycle":         {root: "LifecycleConfiguration", code: "NoSuchLifecycleConfiguration"},
	"replication":       {root: "ReplicationConfiguration", code: "ReplicationConfigurationNotFoundError"},
	"publicAccessBlock": {root: "PublicAccessBlockConfiguration", code: "NoSuchPublicAccessBlockConfiguration"},
	"encryption": {root: "ServerSideEncryptionConfiguration", missing: "<Rule><ApplyServerSideEncryptionByDefault>" +
		"<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"},
	"notification":   {root: "NotificationConfiguration"},
	"logging":        {root: "BucketLoggingStatus"},
	"accelerate":     {root: "AccelerateConfiguration"},
	"requestPayment": {root: "RequestPaymentConfiguration", missing: "<Payer>BucketOwner</Payer>"},
}

// keptOf returns the document that a request is for, and its name, which is empty if it
// is for none.
func keptOf(ctx *fasthttp.RequestCtx) (name string, kept keptDocument) {
	if ctx.QueryArgs().Len() == 0 {
		return "", kept
	}
	if _, key, _ := strings.Cut(strings.TrimPrefix(string(ctx.Path()), "/"), "/"); key != "" {
		return "", kept
	}
	for arg := range ctx.QueryArgs().All() {
		if kept, ok := keptDocuments[string(arg)]; ok {
			return string(arg), kept
		}
	}
	return "", kept
}

// readDocument reads the document that a request brings. The layer reads none, and
// discards it with its answer.
func readDocument(ctx *fasthttp.RequestCtx) {
	if name, _ := keptOf(ctx); name != "" && ctx.Request.Header.ContentLength() >= 0 {
		ctx.PostBody()
	}
}

// keep answers a request for such a document. The layer has answered NotImplemented,
// after it verified the signature and found the bucket.
func (s *Server) keep(ctx *fasthttp.RequestCtx) {
	if ctx.Response.StatusCode() != http.StatusNotImplemented {
		return
	}
	name, kept := keptOf(ctx)
	acl, ok := ctx.UserValue("parsed-acl").(auth.ACL)
	if name == "" || !ok {
		return
	}
	ctx.Response.ResetBody()
	bucket := strings.Trim(string(ctx.Path()), "/")
	if err := s.serveDocument(ctx, acl.Owner, bucket, name, kept); err != nil {
		answer(ctx, asAPIError(err))
	}
}

// serveDocument answers a request for a document by the bucket's owner.
func (s *Server) serveDocument(ctx *fasthttp.RequestCtx, owner, bucket, name string, kept keptDocument) error {
	account, _ := ctx.UserValue("account").(auth.Account)
	if account.Access == "" || account.Access != owner && account.Role != auth.RoleAdmin {
		return s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	switch string(ctx.Method()) {
	case http.MethodPut:
		doc := ctx.PostBody()
		if err := kept.check(string(doc)); err != nil {
			return err
		}
		ctx.SetStatusCode(http.StatusOK)
		return s.backend.SetDocument(ctx, bucket, name, doc)
	case http.MethodDelete:
		ctx.SetStatusCode(http.StatusNoContent)
		return s.backend.SetDocument(ctx, bucket, name, nil)
	}
	doc, err := s.backend.Document(ctx, bucket, name)
	if doc == nil && err == nil {
		doc, err = kept.none()
	}
	ctx.SetStatusCode(http.StatusOK)
	ctx.SetContentType("application/xml")
	ctx.SetBody(doc)
	return err
}

// none returns the document of a bucket that was given none.
func (k keptDocument) none() ([]byte, error) {
	if k.code != "" {
		return nil, s3err.APIError{Code: k.code, Description: "The bucket has no " + k.root + ".", HTTPStatusCode: http.StatusNotFound}
	}
	return []byte(xml.Header + "<" + k.root + ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + k.missing + "</" + k.root + ">"), nil
}

// maxDepth is how deep the elements of a document may lie.
const maxDepth = 32

// check returns the error of a text that is not XML with the document's element.
func (k keptDocument) check(text string) error {
	malformed := s3err.GetAPIError(s3err.ErrMalformedXML)
	d := xml.NewDecoder(strings.NewReader(text))
	for depth, roots := 0, 0; ; {
		token, err := d.Token()
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; depth > maxDepth || depth == 1 && (roots > 1 || t.Name.Local != k.root) {
				return malformed
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return malformed
		}
		if err == io.EOF && roots == 1 {
			return nil
		}
		if err != nil {
			return malformed
		}
	}
}

// asAPIError returns the S3 error that an error is, InternalError if it is none.
func asAPIError(err error) s3err.S3Error {
	var known s3err.S3Error
	if errors.As(err, &known) {
		return known
	}
	return s3err.GetAPIError(s3err.ErrInternalError)
}
