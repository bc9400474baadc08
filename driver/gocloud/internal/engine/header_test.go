package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

// TestHeader checks that every object comes back from its header, which is fit for
// HTTP, and that plain entries are readable by other programs.
func TestHeader(t *testing.T) {
	for _, contentType := range []string{"", "text/plain", "text/plain; charset=utf-8", "Text/HTML", "no type", "a/b;c", "téxt", "\x00"} {
		o := &storage.Object{
			Bucket: "b", Key: "k", ContentType: contentType, ETag: "0123", Hash: storage.Hashes{"sha1": "45"},
			Metadata: map[string]string{
				"plain": "value", "Upper": "value", "": "empty key", "empty": "", "blank": " x ", "é": "ü", "nul": "\x00",
				"line": "a\nb", "hyphen-ated": "x", extraKey: "user's own",
			},
		}
		h := headerOf(o)
		assert.Equal(t, "value", h.Metadata["plain"])
		assert.NotEmpty(t, h.ContentType)
		for key, value := range h.Metadata {
			assert.Regexp(t, `^[a-z][a-z0-9_]*$`, key)
			assert.Regexp(t, `^[!-~]([ -~]*[!-~])?$`, value)
		}
		assert.Equal(t, o, objectOf("b", "k", &Blob{Header: h}))
	}
}

func TestForeignHeader(t *testing.T) {
	for _, text := range []string{"", "no base64", "bm8ganNvbg"} {
		b := &Blob{Header: Header{ContentType: "text/plain", Metadata: map[string]string{extraKey: text, "a": "b"}}, Version: "v", MD5: []byte{1}}
		o := objectOf("b", "k", b)
		assert.Equal(t, "text/plain", o.ContentType)
		assert.Equal(t, "01", o.ETag)
		assert.Equal(t, map[string]string{"a": "b"}, o.Metadata)
		b.MD5 = nil
		assert.Equal(t, "v", objectOf("b", "k", b).ETag)
	}
}
