package snapshot

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"open-lake.dev/lib/storage"
)

// algorithms are what OptChecksumAlgorithms and OptChecksum may ask for (O3).
var algorithms = map[string]func() hash.Hash{
	storage.HashMD5:    md5.New,
	storage.HashSHA1:   sha1.New,
	storage.HashSHA256: sha256.New,
	storage.HashCRC32C: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// digest computes what content is named and checked by, while it passes.
type digest struct {
	sum    xxhash.Digest // the ETag's
	hashes map[string]hash.Hash
	keep   []string          // algorithms to keep in Object.Hash
	want   map[string]string // digests the content must have
}

// start prepares the digests that opts ask for.
func (d *digest) start(opts storage.Options) error {
	d.sum.Reset()
	if len(opts) == 0 {
		return nil
	}
	d.keep = opts.Strings(storage.OptChecksumAlgorithms)
	d.want, _ = opts.StringMap(storage.OptChecksum)
	d.hashes = make(map[string]hash.Hash)
	for _, name := range d.keep {
		d.hashes[name] = nil
	}
	for name := range d.want {
		d.hashes[name] = nil
	}
	for name := range d.hashes {
		newHash, ok := algorithms[name]
		if !ok {
			return fmt.Errorf("%w: unknown checksum algorithm %q; use md5, sha1, sha256 or crc32c", storage.ErrInvalid, name)
		}
		d.hashes[name] = newHash()
	}
	return nil
}

func (d *digest) write(p []byte) {
	d.sum.Write(p)
	for _, h := range d.hashes {
		h.Write(p)
	}
}

// finish returns the digests to keep, nil if there are none, or ErrChecksum.
func (d *digest) finish() (storage.Hashes, error) {
	if len(d.hashes) == 0 {
		return nil, nil
	}
	sums := make(storage.Hashes, len(d.hashes))
	for name, h := range d.hashes {
		sums[name] = hex.EncodeToString(h.Sum(nil))
	}
	for name, want := range d.want {
		if !strings.EqualFold(sums[name], want) {
			return nil, fmt.Errorf("%w: %s is %s, not %s", storage.ErrChecksum, name, sums[name], want)
		}
	}
	if len(d.keep) == 0 {
		return nil, nil
	}
	kept := make(storage.Hashes, len(d.keep))
	for _, name := range d.keep {
		kept[name] = sums[name]
	}
	return kept, nil
}

// etag is an ETag: the xxhash64 of the content or, if parts > 0, of the parts'
// sums in order (O3).
type etag struct {
	sum   uint64
	parts int
}

// String returns 16 hexadecimal digits, then -N for an object of N parts.
func (e etag) String() string {
	var sum [8]byte
	binary.BigEndian.PutUint64(sum[:], e.sum)
	text := make([]byte, 0, 24)
	text = hex.AppendEncode(text, sum[:])
	if e.parts > 0 {
		text = append(text, '-')
		text = strconv.AppendInt(text, int64(e.parts), 10)
	}
	return string(text)
}
