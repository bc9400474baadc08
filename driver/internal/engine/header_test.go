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
		encoded, metadata := headerOf(o).Encode()
		assert.Equal(t, "value", metadata["plain"])
		assert.NotEmpty(t, encoded)
		for key, value := range metadata {
			assert.Regexp(t, `^[a-z][a-z0-9_]*$`, key)
			assert.Regexp(t, `^[!-~]([ -~]*[!-~])?$`, value)
		}
		assert.Equal(t, o, objectOf("b", "k", &Blob{Header: Decode(encoded, metadata)}))
	}
}

func TestForeignHeader(t *testing.T) {
	for _, text := range []string{"", "no base64", "bm8ganNvbg"} {
		b := &Blob{Header: Decode("text/plain", map[string]string{extraKey: text, "a": "b"}), Version: "v"}
		o := objectOf("b", "k", b)
		assert.Equal(t, "text/plain", o.ContentType)
		assert.Equal(t, map[string]string{"a": "b"}, o.Metadata)
		assert.Equal(t, "v", o.ETag)
		b.ETag = "01"
		assert.Equal(t, "01", objectOf("b", "k", b).ETag)
	}
	_, metadata := Header{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}}.Encode()
	assert.Equal(t, map[string]string{"a": "b"}, metadata, "a plain header needs no entry more")
}
