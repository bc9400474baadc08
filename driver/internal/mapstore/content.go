package mapstore

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

// maxGuess limits what is allocated for a claimed size before a byte has come
// (contract rule O1).
const maxGuess = 64 << 10

// readContent reads the body of a Write or UploadPart, verifies it and returns
// the digests that opts asks for.
func readContent(ctx context.Context, src io.Reader, size int64, opts storage.Options) ([]byte, storage.Hashes, error) {
	if src == nil {
		return nil, nil, fmt.Errorf("%w: nil reader", storage.ErrInvalid)
	}
	if err := checkAlgorithms(opts); err != nil {
		return nil, nil, err
	}
	data, err := readBody(ctx, src, size)
	if err != nil {
		return nil, nil, err
	}
	sums, err := checksums(data, opts)
	return data, sums, err
}

// readBody reads size bytes, or all if size < 0.
func readBody(ctx context.Context, src io.Reader, size int64) ([]byte, error) {
	buf := make([]byte, 0, guess(src, size))
	for empty := 0; size < 0 || int64(len(buf)) < size; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		buf = slices.Grow(buf, 1)
		room := buf[len(buf):cap(buf)]
		if size >= 0 {
			room = room[:min(int64(len(room)), size-int64(len(buf)))]
		}
		n, err := src.Read(room)
		if n < 0 || n > len(room) {
			return nil, errors.New("reader returned an impossible count")
		}
		buf = buf[:len(buf)+n]
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case int64(len(buf)) == size:
		case err == io.EOF && size >= 0:
			return nil, io.ErrUnexpectedEOF
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return nil, err
		case empty == 100:
			return nil, io.ErrNoProgress
		}
	}
	return buf, nil
}

// guess returns how much to allocate for a body at first: all of it if the
// reader says that it holds it.
func guess(src io.Reader, size int64) int64 {
	held := int64(maxGuess)
	if src, ok := src.(interface{ Len() int }); ok {
		held = int64(src.Len()) + 1 // room to be told io.EOF
	}
	if size < 0 {
		return held
	}
	return min(size, held)
}

// etag names content: 16 hex digits of its hash (contract rule O3).
func etag(data []byte) string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, xxhash.Sum64(data)))
}

var algorithms = map[string]func() hash.Hash{
	storage.HashMD5:    md5.New,
	storage.HashSHA1:   sha1.New,
	storage.HashSHA256: sha256.New,
	storage.HashCRC32C: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// checkAlgorithms is checked before the content is read.
func checkAlgorithms(opts storage.Options) error {
	names := opts.Strings(storage.OptChecksumAlgorithms)
	want, _ := opts.StringMap(storage.OptChecksum)
	for name := range want {
		names = append(names, name)
	}
	for _, name := range names {
		if algorithms[name] == nil {
			return fmt.Errorf("%w: unknown checksum algorithm %q", storage.ErrInvalid, name)
		}
	}
	return nil
}

// checksums verifies the digests that opts holds and returns those it asks for.
func checksums(data []byte, opts storage.Options) (storage.Hashes, error) {
	want, _ := opts.StringMap(storage.OptChecksum)
	for name, sum := range want {
		if got := digest(name, data); !strings.EqualFold(got, sum) {
			return nil, fmt.Errorf("%w: %s of the content is %s, not %s", storage.ErrChecksum, name, got, sum)
		}
	}
	var sums storage.Hashes
	for _, name := range opts.Strings(storage.OptChecksumAlgorithms) {
		if sums == nil {
			sums = make(storage.Hashes)
		}
		sums[name] = digest(name, data)
	}
	return sums, nil
}

func digest(name string, data []byte) string {
	h := algorithms[name]()
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// check judges the conditions in opts (contract rule O7); obj is nil if there is
// none.
func check(obj *storage.Object, opts storage.Options) error {
	if len(opts) == 0 {
		return nil
	}
	if tag, ok := opts.String(storage.OptIfMatch); ok && !matches(obj, tag) {
		return fmt.Errorf("%w: %s", storage.ErrPrecondition, storage.OptIfMatch)
	}
	if tag, ok := opts.String(storage.OptIfNoneMatch); ok && matches(obj, tag) {
		return fmt.Errorf("%w: %s", storage.ErrPrecondition, storage.OptIfNoneMatch)
	}
	if t, ok := opts.Time(storage.OptIfModifiedSince); ok && obj != nil && !obj.Updated.After(t) {
		return fmt.Errorf("%w: %s", storage.ErrPrecondition, storage.OptIfModifiedSince)
	}
	if t, ok := opts.Time(storage.OptIfUnmodifiedSince); ok && obj != nil && obj.Updated.After(t) {
		return fmt.Errorf("%w: %s", storage.ErrPrecondition, storage.OptIfUnmodifiedSince)
	}
	return nil
}

func matches(obj *storage.Object, tag string) bool {
	return obj != nil && (tag == "*" || tag == obj.ETag)
}
