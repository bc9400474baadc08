package s3server

import (
	"bytes"
	"context"
	"encoding/xml"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3response"

	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
)

// This file is an optimisation: the rows of a listing are written here and added to
// the layer's answer, which has none. The layer takes most of a long listing's time to
// write them by reflection. BenchmarkCompareLists measures it.

// listRows is the key of the value of a request's context that writes the rows.
const listRows = "s3server-list-rows"

// ListObjects implements [backend.Backend].
func (m mending) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	res, err := m.Backend.ListObjects(ctx, in)
	res.Contents = takeObjects(ctx, res.Contents)
	return res, err
}

// ListObjectsV2 implements [backend.Backend].
func (m mending) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	res, err := m.Backend.ListObjectsV2(ctx, in)
	res.Contents = takeObjects(ctx, res.Contents)
	return res, err
}

// ListObjectVersions implements [backend.Backend]. Delete markers stand among the other
// versions, where the layer would put them apart.
func (m mending) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	res, err := m.Backend.ListObjectVersions(ctx, in)
	r, ok := ctx.(*fasthttp.RequestCtx)
	if !ok || err != nil {
		return res, err
	}
	order, _ := r.UserValue(gateway.VersionOrder).([]bool)
	versions, markers := res.Versions, res.DeleteMarkers
	res.Versions, res.DeleteMarkers = nil, nil
	leaveRows(r, len(order), func(b []byte, i int) []byte {
		if order[i] {
			b, markers = appendDeleteMarker(b, &markers[0]), markers[1:]
		} else {
			b, versions = appendRow(b, "Version", &versions[0]), versions[1:]
		}
		return b
	})
	return res, nil
}

// takeObjects leaves the rows of objects for mendRows to write, and returns what the
// layer is to write.
func takeObjects(ctx context.Context, objects []s3response.Object) []s3response.Object {
	r, ok := ctx.(*fasthttp.RequestCtx)
	if !ok || len(objects) == 0 {
		return objects
	}
	leaveRows(r, len(objects), func(b []byte, i int) []byte { return appendObject(b, &objects[i]) })
	return nil
}

// leaveRows leaves n rows for mendRows to write, each of which appendTo appends.
func leaveRows(ctx *fasthttp.RequestCtx, n int, appendTo func(b []byte, i int) []byte) {
	ctx.SetUserValue(listRows, rowWriter(func(resp *fasthttp.Response) {
		var b []byte
		for i := range n {
			b = appendTo(b[:0], i)
			resp.AppendBody(b)
		}
	}))
}

// rowWriter adds rows to the body of an answer. The buffers of bodies are pooled, so
// that a long listing allocates none.
type rowWriter func(*fasthttp.Response)

// mendRows adds the rows at the end of a listing.
func mendRows(ctx *fasthttp.RequestCtx) {
	writeRows, ok := ctx.UserValue(listRows).(rowWriter)
	if !ok {
		return // Body would read the stream of an object's content
	}
	body := bytes.Clone(ctx.Response.Body())
	end := bytes.LastIndex(body, []byte("</"))
	if end < 0 {
		return
	}
	ctx.Response.SetBody(body[:end])
	writeRows(&ctx.Response)
	ctx.Response.AppendBody(body[end:])
}

func appendObject(b []byte, o *s3response.Object) []byte {
	return appendRow(b, "Contents", &s3response.ObjectVersion{
		LastModified: o.LastModified, ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ETag: o.ETag,
		Key: o.Key, Owner: o.Owner, Size: o.Size, StorageClass: types.ObjectVersionStorageClass(o.StorageClass),
	})
}

func appendDeleteMarker(b []byte, m *types.DeleteMarkerEntry) []byte {
	return appendRow(b, "DeleteMarker", &s3response.ObjectVersion{
		LastModified: m.LastModified, IsLatest: m.IsLatest, Key: m.Key, Owner: m.Owner, VersionId: m.VersionId,
	})
}

// appendRow appends a row as encoding/xml does, but for quotes, which it encodes and
// clients then decode, and for elements without text.
func appendRow(b []byte, name string, v *s3response.ObjectVersion) []byte {
	b = append(append(append(b, '<'), name...), '>')
	if v.LastModified != nil {
		b = append(b, "<LastModified>"...)
		b = v.LastModified.UTC().AppendFormat(b, time.RFC3339)
		b = append(b, "</LastModified>"...)
	}
	for _, algorithm := range v.ChecksumAlgorithm {
		b = appendElement(b, "ChecksumAlgorithm", string(algorithm))
	}
	b = appendElement(b, "ChecksumType", string(v.ChecksumType))
	b = appendPointer(b, "ETag", v.ETag)
	if v.IsLatest != nil {
		b = appendElement(b, "IsLatest", strconv.FormatBool(*v.IsLatest))
	}
	b = appendPointer(b, "Key", v.Key)
	if v.Owner != nil {
		b = append(b, "<Owner>"...)
		b = appendPointer(b, "DisplayName", v.Owner.DisplayName)
		b = appendPointer(b, "ID", v.Owner.ID)
		b = append(b, "</Owner>"...)
	}
	if v.Size != nil {
		b = append(b, "<Size>"...)
		b = strconv.AppendInt(b, *v.Size, 10)
		b = append(b, "</Size>"...)
	}
	b = appendElement(b, "StorageClass", string(v.StorageClass))
	b = appendPointer(b, "VersionId", v.VersionId)
	return append(append(append(b, "</"...), name...), '>')
}

func appendPointer(b []byte, name string, text *string) []byte {
	if text == nil {
		return b
	}
	return appendElement(b, name, *text)
}

// appendElement appends an element, unless it has no text.
func appendElement(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, '<'), name...), '>')
	b = appendText(b, text)
	return append(append(append(b, "</"...), name...), '>')
}

// appendText appends text as XML has it.
func appendText(b []byte, text string) []byte {
	plain := 0
	for plain < len(text) && isPlain(text[plain]) {
		plain++
	}
	b = append(b, text[:plain]...)
	if plain == len(text) {
		return b
	}
	w := bytes.NewBuffer(b)
	xml.EscapeText(w, []byte(text[plain:])) // to memory
	return w.Bytes()
}

// isPlain reports whether a byte stands for itself in XML.
func isPlain(c byte) bool {
	return ' ' <= c && c < 0x7f && c != '<' && c != '>' && c != '&'
}
