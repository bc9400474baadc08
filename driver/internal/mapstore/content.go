package mapstore

import (
	"bytes"
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
	"strings"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
)

// maxPiece is the most that is allocated for a claimed size before a byte has
// come (contract rule O1).
const maxPiece = 32 << 10

// readContent reads the body of a Write or UploadPart, verifies it and returns it
// with the digests that opts asks for.
func readContent(ctx context.Context, src io.Reader, size int64, opts storage.Options) ([]byte, storage.Hashes, error) {
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
	switch src := src.(type) {
	case nil:
		if size > 0 {
			return nil, fmt.Errorf("%w: no source for %d bytes", storage.ErrInvalid, size)
		}
		return nil, nil
	case *bytes.Reader:
		return readHeld(src, size)
	case *bytes.Buffer:
		return readHeld(src, size)
	case *strings.Reader:
		return readHeld(src, size)
	}
	return readPieces(ctx, src, size)
}

// readHeld is readBody for a reader of the standard library that holds its bytes.
func readHeld(src interface {
	io.Reader
	Len() int
}, size int64) ([]byte, error) {
	n := int64(src.Len())
	if n < size {
		return nil, io.ErrUnexpectedEOF
	}
	if size >= 0 {
		n = size
	}
	data := make([]byte, n)
	_, err := io.ReadFull(src, data)
	return data, err
}

// readPieces is readBody for any reader. The reader gets a buffer of its own, to
// which it may go on writing after Read returned (contract rule O8).
func readPieces(ctx context.Context, src io.Reader, size int64) ([]byte, error) {
	piece := make([]byte, maxPiece)
	var data []byte
	for empty := 0; size < 0 || int64(len(data)) < size; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		room := piece
		if size >= 0 {
			room = piece[:min(maxPiece, size-int64(len(data)))]
		}
		n, err := read(src, room)
		data = append(data, room[:n]...)
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case err == io.EOF && int64(len(data)) < size:
			return nil, io.ErrUnexpectedEOF
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		case empty == 100:
			return nil, io.ErrNoProgress
		}
	}
	return data, checkEnd(src)
}

// checkEnd returns the error that src finds at its end (contract rule O1). An
// [io.PipeReader] is not asked, since it would wait for its writer.
func checkEnd(src io.Reader) error {
	if _, ok := src.(*io.PipeReader); ok {
		return nil
	}
	if _, err := read(src, nil); err != io.EOF {
		return err
	}
	return nil
}

// read calls src.Read and checks the count that it returns.
func read(src io.Reader, p []byte) (int, error) {
	n, err := src.Read(p)
	if n < 0 || n > len(p) {
		return 0, errors.New("the reader returned an impossible count")
	}
	return n, err
}

// etag returns the ETag of content, 16 hexadecimal digits (contract rule O3).
func etag(data []byte) string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, xxhash.Sum64(data)))
}

var algorithms = map[string]func() hash.Hash{
	storage.HashMD5:    md5.New,
	storage.HashSHA1:   sha1.New,
	storage.HashSHA256: sha256.New,
	storage.HashCRC32C: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// checkAlgorithms returns ErrInvalid if opts names an unknown algorithm. It is
// called before the content is read.
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

// checksums verifies OptChecksum and returns the digests that
// OptChecksumAlgorithms names.
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
		sums[strings.Clone(name)] = digest(name, data)
	}
	return sums, nil
}

func digest(name string, data []byte) string {
	h := algorithms[name]()
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}
