package gateway

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"
)

// encoder writes the keys of a listing as the request asks for: as they are or, if
// its encoding-type is url, so that XML can hold any.
type encoder struct{ url bool }

// encoderOf returns the encoder for a request.
func encoderOf(ctx context.Context) encoder {
	return encoder{argument(ctx, "encoding-type") == string(types.EncodingTypeUrl)}
}

// kind returns the encoding-type to answer with.
func (e encoder) kind() types.EncodingType {
	if e.url {
		return types.EncodingTypeUrl
	}
	return ""
}

// encode encodes the texts in place; nil is left alone.
func (e encoder) encode(texts ...*string) {
	if !e.url {
		return
	}
	for _, text := range texts {
		if text != nil {
			*text = encodedSlashes.Replace(url.QueryEscape(*text))
		}
	}
}

// encodedSlashes turns the encoding of a form into that of a URL's path.
var encodedSlashes = strings.NewReplacer("%2F", "/", "+", "%20")

func (e encoder) objects(rows []s3response.Object) []s3response.Object {
	for i := range rows {
		e.encode(rows[i].Key)
	}
	return rows
}

func (e encoder) prefixes(rows []types.CommonPrefix) []types.CommonPrefix {
	for i := range rows {
		e.encode(rows[i].Prefix)
	}
	return rows
}

// versions encodes a page of versions.
func (e encoder) versions(res *s3response.ListVersionsResult) {
	res.EncodingType = e.kind()
	for i := range res.Versions {
		e.encode(res.Versions[i].Key)
	}
	for i := range res.DeleteMarkers {
		e.encode(res.DeleteMarkers[i].Key)
	}
	e.prefixes(res.CommonPrefixes)
	e.encode(res.Prefix, res.Delimiter, res.KeyMarker, res.NextKeyMarker)
}

// uploads encodes a page of uploads.
func (e encoder) uploads(res *s3response.ListMultipartUploadsResult) {
	res.EncodingType = string(e.kind())
	for i := range res.Uploads {
		e.encode(&res.Uploads[i].Key)
	}
	for i := range res.CommonPrefixes {
		e.encode(&res.CommonPrefixes[i].Prefix)
	}
	e.encode(&res.Prefix, &res.Delimiter, &res.KeyMarker, &res.NextKeyMarker)
}
