package snapshot

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"github.com/cespare/xxhash/v2"
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
