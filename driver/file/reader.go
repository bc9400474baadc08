package filedriver

import (
	"io"
	"os"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// reader reads a range of a file. It belongs to one goroutine, but for ReadAt.
type reader struct {
	section *io.SectionReader // nil once closed
	file    *os.File
	from    int64
}

// newReader returns a reader of a file of the size that takes it over.
func newReader(f *os.File, size, offset, length int64) *reader {
	offset = min(max(offset, 0), size)
	if left := size - offset; length <= 0 || length > left {
		length = left
	}
	return &reader{section: io.NewSectionReader(f, offset, length), file: f, from: offset}
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	if r.section == nil {
		return 0, storage.ErrClosed
	}
	n, err := r.section.Read(p)
	if err == io.EOF && r.left() > 0 {
		err = io.ErrUnexpectedEOF // another program cut the file off
	}
	return n, err
}

// ReadAt implements [io.ReaderAt], within the range.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if r.section == nil {
		return 0, storage.ErrClosed
	}
	return r.section.ReadAt(p, off)
}

// Seek implements [io.Seeker], within the range.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	if r.section == nil {
		return 0, storage.ErrClosed
	}
	at, err := r.section.Seek(offset, whence)
	if err != nil {
		err = engine.Match(storage.ErrInvalid, err)
	}
	return at, err
}

// left returns how many bytes are left to be read.
func (r *reader) left() int64 {
	at, _ := r.section.Seek(0, io.SeekCurrent)
	return max(r.section.Size()-at, 0)
}

// WriteTo implements [io.WriterTo]. The system may copy from file to file, or to a
// connection.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	if r.section == nil {
		return 0, storage.ErrClosed
	}
	at, left := r.section.Size()-r.left(), r.left()
	if _, err := r.file.Seek(r.from+at, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.CopyBuffer(w, io.LimitReader(r.file, left), make([]byte, min(left, maxBuffer)+1))
	_, _ = r.section.Seek(at+n, io.SeekStart)
	if err == nil && n < left {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// maxBuffer is the length of the buffer of WriteTo, which large objects fill.
const maxBuffer = 1 << 20

// Close implements [io.Closer].
func (r *reader) Close() error {
	if r.section == nil {
		return nil
	}
	r.section = nil
	return r.file.Close()
}
