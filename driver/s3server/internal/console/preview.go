package console

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The limits of a preview, in bytes.
const (
	maxText    = 64 << 10
	maxHex     = 512
	maxPicture = 16 << 20
)

// preview is the part of an object's content that a page shows: a picture, text or,
// for other content, bytes in hexadecimal.
type preview struct {
	Picture string // the address of one
	Text    string
	Hex     string
	Shown   int64 // bytes
	Whole   bool
}

// pictures are the types of content that are shown as pictures. None of them can hold
// a script; SVG can, so it is shown as text.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/x-icon"}

// pictureType returns the type of content that begins with head, empty if it is not a
// picture. It depends on the content alone, not on the object's content type.
func pictureType(head []byte) string {
	if kind := http.DetectContentType(head); slices.Contains(pictures, kind) {
		return kind
	}
	return ""
}

func (v *view) preview(bucket, key, version string, size int64) (preview, error) {
	if size == 0 {
		return preview{Whole: true}, nil
	}
	head, err := v.read(bucket, key, version, min(size, maxText))
	if err != nil {
		return preview{}, err
	}
	if pictureType(head) != "" && size <= maxPicture {
		return preview{Picture: href("picture", "at", v.at(), "bucket", bucket, "key", key, "version", version), Shown: size, Whole: true}, nil
	}
	if text := head[:len(head)-partialRune(head)]; isText(text) && len(text) > 0 {
		return preview{Text: string(text), Shown: int64(len(text)), Whole: int64(len(text)) == size}, nil
	}
	head = head[:min(len(head), maxHex)]
	return preview{Hex: hex.Dump(head), Shown: int64(len(head)), Whole: int64(len(head)) == size}, nil
}

// read returns the first n bytes of a version of an object that has as many.
func (v *view) read(bucket, key, version string, n int64) ([]byte, error) {
	body, _, err := v.open(bucket, key, version)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	head := make([]byte, n)
	_, err = io.ReadFull(body, head)
	return head, err
}

// open returns the content of a version of an object, and its size.
func (v *view) open(bucket, key, version string) (io.ReadCloser, int64, error) {
	out, err := v.api.GetObject(background, &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: &version})
	switch {
	case err != nil:
		return nil, 0, err
	case out.Body == nil: // empty
		return io.NopCloser(strings.NewReader("")), 0, nil
	}
	return out.Body, *out.ContentLength, nil
}

// isText reports whether content is text: UTF-8 without the control characters that
// text files do not have.
func isText(content []byte) bool {
	return utf8.Valid(content) && !bytes.ContainsFunc(content, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != '\x1b'
	})
}

// partialRune returns the number of bytes of a rune that content ends in the middle
// of.
func partialRune(content []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(content); n++ {
		if tail := content[len(content)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
