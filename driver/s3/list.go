package s3driver

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

// List implements [engine.Engine].
func (s *service) List(prefix string, o engine.ListOptions) engine.Lister {
	at := s.locate(prefix)
	in := &s3.ListObjectsV2Input{
		Bucket:       at.bucket,
		Prefix:       at.key,
		EncodingType: types.EncodingTypeUrl, // XML cannot hold every key
	}
	if o.Shallow {
		in.Delimiter = aws.String("/")
	}
	if o.After != "" {
		in.StartAfter = s.locate(o.After).key
	}
	return &pages{service: s, in: in}
}

// pages fetches a listing a page at a time.
type pages struct {
	service *service
	in      *s3.ListObjectsV2Input
	page    []*engine.Blob
	last    bool // page is the last one
}

// Next implements [engine.Lister].
func (l *pages) Next(ctx context.Context) (*engine.Blob, error) {
	for len(l.page) == 0 {
		if l.last {
			return nil, nil
		}
		if err := l.fetch(ctx); err != nil {
			return nil, err
		}
	}
	blob := l.page[0]
	l.page = l.page[1:]
	return blob, nil
}

// fetch fetches the next page.
func (l *pages) fetch(ctx context.Context) error {
	out, err := l.service.client.ListObjectsV2(ctx, l.in)
	if err != nil {
		return translate(err)
	}
	l.in.ContinuationToken = out.NextContinuationToken
	l.last = out.NextContinuationToken == nil
	var objects, dirs []*engine.Blob
	for _, o := range out.Contents {
		blob, err := l.object(o, out.EncodingType)
		if err != nil {
			return err
		}
		objects = append(objects, blob)
	}
	for _, p := range out.CommonPrefixes {
		key, err := l.service.keyOf(l.in.Bucket, p.Prefix, out.EncodingType)
		if err != nil {
			return err
		}
		dirs = append(dirs, &engine.Blob{Key: key, IsDir: true})
	}
	l.page = merge(objects, dirs)
	return nil
}

func (l *pages) object(o types.Object, encoding types.EncodingType) (*engine.Blob, error) {
	key, err := l.service.keyOf(l.in.Bucket, o.Key, encoding)
	return &engine.Blob{
		Key:     key,
		Size:    aws.ToInt64(o.Size),
		Version: unquote(o.ETag),
		Updated: aws.ToTime(o.LastModified),
	}, err
}

// decode returns a key of a listing, which not every service encodes when it is asked
// to.
func decode(key *string, encoding types.EncodingType) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return aws.ToString(key), nil
	}
	decoded, err := url.QueryUnescape(aws.ToString(key))
	if err != nil {
		return "", fmt.Errorf("the service listed a key that is not encoded: %w", err)
	}
	return decoded, nil
}

// keyOf returns the engine's key of one that is listed in a bucket.
func (s *service) keyOf(bucket, listed *string, encoding types.EncodingType) (string, error) {
	key, err := decode(listed, encoding)
	if err != nil {
		return "", err
	}
	key = strings.TrimPrefix(key, s.config.Prefix)
	if s.config.RealBuckets {
		key = *bucket + "/" + key
	}
	return key, nil
}

// merge merges blobs that are in order.
func merge(a, b []*engine.Blob) []*engine.Blob {
	merged := make([]*engine.Blob, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Key > b[0].Key {
			a, b = b, a
		}
		merged = append(merged, a[0])
		a = a[1:]
	}
	return append(append(merged, a...), b...)
}
