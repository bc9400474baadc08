package s3driver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"open-lake.dev/lib/storage"
)

// maxExpiry is the longest time for which S3 accepts a signed URL.
const maxExpiry = 7 * 24 * time.Hour

// Sign implements [engine.Signer].
func (s *service) Sign(ctx context.Context, key, method string, expires time.Duration) (string, error) {
	if expires <= 0 || expires > maxExpiry {
		return "", fmt.Errorf("%w: a signed URL expires after up to %v, not after %v", storage.ErrInvalid, maxExpiry, expires)
	}
	signed, err := s.presign(ctx, s.locate(key), method, expires)
	if err != nil {
		return "", translate(err)
	}
	return signed.URL, nil
}

func (s *service) presign(ctx context.Context, at location, method string, expires time.Duration) (*v4.PresignedHTTPRequest, error) {
	client := s3.NewPresignClient(s.client, s3.WithPresignExpires(expires), s3.WithPresignClientFromClientOptions(func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired // the content is not known
	}))
	switch method {
	case http.MethodGet:
		return client.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: at.bucket, Key: at.key})
	case http.MethodHead:
		return client.PresignHeadObject(ctx, &s3.HeadObjectInput{Bucket: at.bucket, Key: at.key})
	case http.MethodPut:
		return client.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: at.bucket, Key: at.key})
	case http.MethodDelete:
		return client.PresignDeleteObject(ctx, &s3.DeleteObjectInput{Bucket: at.bucket, Key: at.key})
	}
	return nil, fmt.Errorf("%w: no URL is signed for method %q, only for GET, HEAD, PUT and DELETE", storage.ErrInvalid, method)
}
