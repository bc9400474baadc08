package snapshot

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

// etag is an ETag: the sum of the content or, if parts > 0, of the sums of the
// parts in order (O3). The sum is an xxhash64, or an MD5 as on S3.
type etag struct {
	sum   [md5.Size]byte
	size  int // bytes of sum
	parts int
}

// etagOf returns the ETag of content.
func etagOf(content []byte, md5ETags bool) (e etag) {
	if md5ETags {
		return etag{sum: md5.Sum(content), size: md5.Size}
	}
	return xxhashETag(xxhash.Sum64(content))
}

func xxhashETag(sum uint64) (e etag) {
	binary.BigEndian.PutUint64(e.sum[:], sum)
	e.size = 8
	return e
}

func (e *etag) bytes() []byte { return e.sum[:e.size] }

// String returns the sum in hexadecimal, then -N for an object of N parts.
func (e etag) String() string {
	text := make([]byte, 0, 2*md5.Size+len("-10000"))
	text = hex.AppendEncode(text, e.bytes())
	if e.parts > 0 {
		text = append(text, '-')
		text = strconv.AppendInt(text, int64(e.parts), 10)
	}
	return string(text)
}

// parseETag is the inverse of String.
func parseETag(text string) (e etag, err error) {
	sum, parts, isMultipart := strings.Cut(text, "-")
	if len(sum) == 2*8 || len(sum) == 2*md5.Size {
		e.size, _ = hex.Decode(e.sum[:], []byte(sum))
	}
	if isMultipart {
		e.parts, _ = strconv.Atoi(parts)
	}
	if e.size == 0 || e.String() != text {
		return etag{}, fmt.Errorf("%w: the ETag %q", storage.ErrInvalid, text)
	}
	return e, nil
}
