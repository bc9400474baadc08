package engine

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"strings"

	"open-lake.dev/lib/storage"
)

var algorithms = map[string]func() hash.Hash{
	storage.HashMD5:    md5.New,
	storage.HashSHA1:   sha1.New,
	storage.HashSHA256: sha256.New,
	storage.HashCRC32C: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// digests computes the digests of a body.
type digests map[string]hash.Hash

// newDigests returns those that opts name, and MD5 for the ETag.
func newDigests(opts storage.Options) (digests, error) {
	d := digests{storage.HashMD5: md5.New()}
	names := opts.Strings(storage.OptChecksumAlgorithms)
	want, _ := opts.StringMap(storage.OptChecksum)
	for name := range want {
		names = append(names, name)
	}
	for _, name := range names {
		if algorithms[name] == nil {
			return nil, fmt.Errorf("%w: unknown checksum algorithm %q", storage.ErrInvalid, name)
		}
		d[strings.Clone(name)] = algorithms[name]()
	}
	return d, nil
}

func (d digests) Write(p []byte) (int, error) {
	for _, h := range d {
		h.Write(p)
	}
	return len(p), nil
}

func (d digests) sum(name string) string { return hex.EncodeToString(d[name].Sum(nil)) }

// hashes verifies OptChecksum and returns what OptChecksumAlgorithms names.
func (d digests) hashes(opts storage.Options) (storage.Hashes, error) {
	want, _ := opts.StringMap(storage.OptChecksum)
	for name, sum := range want {
		if got := d.sum(name); !strings.EqualFold(got, sum) {
			return nil, fmt.Errorf("%w: %s of the content is %s, not %s", storage.ErrChecksum, name, got, sum)
		}
	}
	var hashes storage.Hashes
	for _, name := range opts.Strings(storage.OptChecksumAlgorithms) {
		if hashes == nil {
			hashes = make(storage.Hashes)
		}
		hashes[strings.Clone(name)] = d.sum(name)
	}
	return hashes, nil
}

// Body is the content of a blob, received whole.
type Body struct {
	spool
	md5    []byte
	hashes storage.Hashes
}

// Size returns the number of bytes.
func (b *Body) Size() int64 { return b.size }

// MD5 returns the digest of the content.
func (b *Body) MD5() []byte { return b.md5 }

// Reader returns a reader of the content from its start. It can seek, and any number
// of readers may be used at once.
func (b *Body) Reader() *io.SectionReader { return io.NewSectionReader(b, 0, b.size) }

// WriteTo implements [io.WriterTo]. What is in memory is one Write.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	if b.file == nil && b.lent == nil {
		return bytes.NewReader(b.memory.Bytes()).WriteTo(w)
	}
	return io.Copy(w, b.Reader())
}

// etag returns the ETag of a blob that has the content.
func (b *Body) etag() string { return hex.EncodeToString(b.md5) }

// receive reads the body of a Write: size bytes, or all if size < 0. The caller
// closes it.
func (s *store) receive(ctx context.Context, src io.Reader, size int64, opts storage.Options) (*Body, error) {
	d, err := newDigests(opts)
	if err != nil {
		return nil, err
	}
	b := &Body{spool: spool{create: s.spool, most: s.memory}}
	if err = b.fill(ctx, src, size, &hasher{d: d}); err == nil {
		b.md5 = d[storage.HashMD5].Sum(nil)
		b.hashes, err = d.hashes(opts)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// fill copies src to the body and to h.
func (b *Body) fill(ctx context.Context, src io.Reader, size int64, h *hasher) error {
	defer h.wait() // also if src panics
	return copyBody(ctx, io.MultiWriter(&b.spool, h), src, size)
}

// checkEnd returns the error that src finds at its end. An [io.PipeReader] is not
// asked, since it would wait for its writer.
func checkEnd(ctx context.Context, src io.Reader) error {
	if _, ok := src.(*io.PipeReader); ok {
		return nil
	}
	if _, err := read(ctx, src, nil); err != io.EOF {
		return err
	}
	return nil
}

// read calls src.Read unless ctx is done, and checks the count that it returns.
func read(ctx context.Context, src io.Reader, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := src.Read(p)
	if n < 0 || n > len(p) {
		return 0, errors.New("the reader returned an impossible count")
	}
	return n, err
}

// maxMemory is how much of a body is held in memory, in bytes, and maxSpooled how much
// of it if the engine is a [Spooler].
const (
	maxMemory  = 8 << 20
	maxSpooled = 1 << 20
)

// spool holds bytes, in memory or, beyond the most, in a temporary file.
type spool struct {
	create func() (TempFile, error)
	most   int64
	memory bytes.Buffer
	file   TempFile    // holds all bytes, if it is not nil
	lent   io.ReaderAt // the caller's memory with all bytes, if it is not nil
	size   int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.size+int64(len(p)) <= s.most {
		s.size += int64(len(p))
		return s.memory.Write(p)
	}
	if s.file == nil {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, err
}

// spill moves what is in memory to a file.
func (s *spool) spill() error {
	f, err := s.create()
	if err != nil {
		return err
	}
	s.file = f
	_, err = f.Write(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	return err
}

// ReadAt implements [io.ReaderAt].
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case s.file != nil:
		return s.file.ReadAt(p, off)
	case s.lent != nil:
		return s.lent.ReadAt(p, off)
	default:
		return bytes.NewReader(s.memory.Bytes()).ReadAt(p, off)
	}
}

// File returns the temporary file that holds the content, nil if it is in memory.
func (s *spool) File() TempFile { return s.file }

// Close releases the memory and removes the file.
func (s *spool) Close() error {
	s.memory = bytes.Buffer{}
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// osTemp is a [TempFile] of an engine that has none of its own.
type osTemp struct{ *os.File }

func newTemp() (TempFile, error) {
	f, err := os.CreateTemp("", "storage-*")
	return osTemp{f}, err
}

func (t osTemp) Close() error {
	return errors.Join(t.File.Close(), os.Remove(t.File.Name()))
}
