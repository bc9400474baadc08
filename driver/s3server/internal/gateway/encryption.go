package gateway

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3err"
)

// The encryption that a request asks for is kept with the object and given back.
// Nothing is encrypted.

// The headers of encryption, of a request and its answer.
const (
	headerEncryption = "X-Amz-Server-Side-Encryption"
	headerKMSKey     = headerEncryption + "-Aws-Kms-Key-Id"
	headerBucketKey  = headerEncryption + "-Bucket-Key-Enabled"
)

// customerHeaders are the headers of a key that a request brings itself, for an object
// and for the source of a copy.
var customerHeaders = []string{
	headerEncryption + "-Customer-Algorithm",
	headerEncryption + "-Customer-Key",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key",
}

// encryptionKeys are the keys of the metadata that has the values of these headers.
var encryptionKeys = map[string]string{
	headerEncryption: metaEncryption,
	headerKMSKey:     metaKMSKey,
	headerBucketKey:  metaBucketKey,
}

// withEncryption adds the encryption that a request asks for to an object's metadata.
func withEncryption(ctx context.Context, metadata map[string]string) error {
	switch types.ServerSideEncryption(header(ctx, headerEncryption)) {
	case "", types.ServerSideEncryptionAes256:
		if header(ctx, headerKMSKey) != "" {
			return invalidEncryption("A KMS key requires the header " + headerEncryption + " to be aws:kms.")
		}
	case types.ServerSideEncryptionAwsKms, types.ServerSideEncryptionAwsKmsDsse:
	default:
		return invalidEncryption("The encryption method specified is not supported.")
	}
	for name, key := range encryptionKeys {
		if value := header(ctx, name); value != "" {
			metadata[key] = value
		}
	}
	return nil
}

func invalidEncryption(description string) error {
	return s3err.APIError{Code: "InvalidArgument", Description: description, HTTPStatusCode: http.StatusBadRequest}
}

// answerEncryption sets the headers of the answer that tell the encryption in the
// metadata of an object or an upload. The protocol layer has none of them.
func answerEncryption(ctx context.Context, metadata map[string]string) {
	r, ok := ctx.(*fasthttp.RequestCtx)
	if !ok {
		return
	}
	for name, key := range encryptionKeys {
		if value := metadata[key]; value != "" {
			r.Response.Header.Set(name, value)
		}
	}
}

// CheckCustomerKey returns NotImplemented for a request that brings a key of its own,
// whose object would otherwise be given to anyone who has none.
func CheckCustomerKey(ctx context.Context) error {
	for _, name := range customerHeaders {
		if header(ctx, name) != "" {
			return s3err.GetNotImplementedErr(name, "")
		}
	}
	return nil
}
