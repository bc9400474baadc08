package s3server

import (
	"bytes"
	"context"
	"encoding/xml"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/s3response"
)

// This file is an optimisation: the rows of a listing are written here and added to
// the layer's answer, which has none. The layer takes most of a long listing's time to
// write them by reflection. BenchmarkList measures it.

// listContents is the key of the value of a request's context that has the rows.
const listContents = "s3server-list-contents"

// ListObjects implements [backend.Backend].
func (m mending) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	res, err := m.Backend.ListObjects(ctx, in)
	res.Contents = takeContents(ctx, res.Contents)
	return res, err
}

// ListObjectsV2 implements [backend.Backend].
func (m mending) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	res, err := m.Backend.ListObjectsV2(ctx, in)
	res.Contents = takeContents(ctx, res.Contents)
	return res, err
}

// takeContents writes rows for mendContents to add, and returns what the layer is to
// write.
func takeContents(ctx context.Context, rows []s3response.Object) []s3response.Object {
	r, ok := ctx.(*fasthttp.RequestCtx)
	if !ok || len(rows) == 0 {
		return rows
	}
	r.SetUserValue(listContents, appendContents(make([]byte, 0, 400*len(rows)), rows))
	return nil
}

// mendContents adds the rows at the end of a listing.
func mendContents(ctx *fasthttp.RequestCtx) {
	rows, ok := ctx.UserValue(listContents).([]byte)
	if !ok {
		return // Body would read the stream of an object's content
	}
	body := ctx.Response.Body()
	end := bytes.LastIndex(body, []byte("</"))
	if end < 0 {
		return
	}
	ctx.Response.SetBodyRaw(append(append(append(make([]byte, 0, len(body)+len(rows)), body[:end]...), rows...), body[end:]...))
}

// appendContents appends rows as encoding/xml does, but for quotes, which it encodes
// and clients then decode.
func appendContents(b []byte, rows []s3response.Object) []byte {
	for i := range rows {
		b = append(b, "<Contents>"...)
		b = appendContent(b, &rows[i])
		b = append(b, "</Contents>"...)
	}
	return b
}

func appendContent(b []byte, o *s3response.Object) []byte {
	if o.LastModified != nil {
		b = append(b, "<LastModified>"...)
		b = o.LastModified.UTC().AppendFormat(b, time.RFC3339)
		b = append(b, "</LastModified>"...)
	}
	for _, algorithm := range o.ChecksumAlgorithm {
		b = appendElement(b, "ChecksumAlgorithm", string(algorithm))
	}
	b = appendElement(b, "ChecksumType", string(o.ChecksumType))
	b = appendPointer(b, "ETag", o.ETag)
	b = appendPointer(b, "Key", o.Key)
	if o.Owner != nil {
		b = append(b, "<Owner>"...)
		b = appendPointer(b, "DisplayName", o.Owner.DisplayName)
		b = appendPointer(b, "ID", o.Owner.ID)
		b = append(b, "</Owner>"...)
	}
	if o.Size != nil {
		b = append(b, "<Size>"...)
		b = strconv.AppendInt(b, *o.Size, 10)
		b = append(b, "</Size>"...)
	}
	return appendElement(b, "StorageClass", string(o.StorageClass))
}

func appendPointer(b []byte, name string, text *string) []byte {
	if text == nil {
		return b
	}
	return appendElement(b, name, *text)
}

func appendElement(b []byte, name, text string) []byte {
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
